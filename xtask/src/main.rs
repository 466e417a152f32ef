//! The one entry point for building, trying out and testing the workspace: `cargo xtask …`.
//!
//! Each subcommand has a module of its own. Nothing here installs a tool through `cargo install`;
//! `serve` needs rustup's Rust alone, `build` and `test` also Node.js.

mod aside;
mod bench;
mod build;
mod bundle;
mod check;
mod checklists;
mod deps;
mod faults;
mod fuzz;
mod glue;
mod locales;
mod order;
mod release;
mod sbom;
mod schemathesis;
mod serve;
mod size;
mod sources;
mod split;
mod supply;
mod test;
mod toolchain;
mod tried;
mod wasm;
mod wasm_test_runner;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
cargo xtask <command>

  serve [-- ARGS]     build both apps without optimising, then run `zhicha serve ARGS`
  build               the optimised build, into dist/
  release [--target TARGET …] [--apps-as-they-are]
                      the server for each kind of machine, bills of materials and hashes, into target/release-files/
  size                the table of what the field app loads; fails above its budget
  test [--all]        everything: checklists, rules, native, wasm, size, browser
  bench [NAME]        measures against floor and peers; without a name writes docs/benchmarks.md
  check               what to run before a commit: fmt, clippy, rules, texts, size
  check-deps          the rules of ARCHITECTURE.md on crates and sources
  checklists [--publish]  lint and compile checklists/; publish the new versions
  fuzz [SECONDS]      looks for input that makes a reader panic or take much memory, so long at each
  faults              writes docs/faults.md from the last run of the tests
  locales             texts: same keys and placeholders in every language, none unused
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<()> {
    let Some((command, rest)) = args.split_first() else {
        bail!("which command?\n\n{USAGE}");
    };
    match command.as_str() {
        "serve" => serve::run(rest),
        "build" => build::run().map(drop),
        "release" => release::run(rest),
        "size" => size::run(),
        "test" => test::run(rest),
        "bench" => bench::run(rest),
        "check" => check::run(),
        "check-deps" => deps::run()
            .and_then(|()| sources::run())
            .and_then(|()| supply::check()),
        "checklists" => checklists::run(rest),
        "fuzz" => fuzz::command(rest),
        "faults" => faults::write(),
        "locales" => locales::run(),
        "wasm-test-runner" => wasm_test_runner::run(rest),
        "help" | "--help" | "-h" => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("unknown command `{other}`\n\n{USAGE}"),
    }
}
