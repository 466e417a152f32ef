//! Tests of the server that need `strace` (<https://strace.io>), for `cargo xtask test --all` alone: what the system calls are,
//! and what happens when one of them fails.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]
#![allow(
    dead_code,
    unused_imports,
    reason = "the helpers are those of the other tests, and not all are used here"
)]

#[path = "../all/world/mod.rs"]
mod world;

mod disk;
mod io_errors;
mod power_loss;
mod recording;
mod strace;
mod synced;
