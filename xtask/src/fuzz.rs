//! `cargo xtask fuzz [SECONDS]`: runs the targets of `tests/fuzz`, each for so long. They are built with coverage, and without a
//! sanitizer, which our crates (no unsafe code) do not need: so the pinned toolchain does, and nothing is to be installed.
//! With cargo-fuzz installed, `cargo fuzz run --fuzz-dir tests/fuzz --sanitizer none TARGET` does the same for as long as it is let.

use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::faults;
use crate::workspace::{self, cargo, execute, execute_noting, output, root, target_dir};

/// How long at each target, where nobody says it.
pub const SECONDS: u32 = 20;
/// What cargo-fuzz gives rustc (`--sanitizer none`).
const FLAGS: &str = "--cfg=fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Cdebug-assertions -Ccodegen-units=1";

struct Target {
    name: &'static str,
    /// Most bytes of an input.
    longest: u32,
    /// Most MiB that one request for memory may ask for.
    memory: u32,
}

const fn target(name: &'static str, longest: u32, memory: u32) -> Target {
    Target {
        name,
        longest,
        memory,
    }
}

/// A picture of 50 megapixels, the largest that is shown, takes more than anything else.
const TARGETS: [Target; 7] = [
    target("push", 16_384, 64),
    target("jws", 8_192, 64),
    target("tus", 1_024, 64),
    target("cursor", 512, 64),
    target("export", 16_384, 64),
    target("picture", 16_384, 256),
    target("checklist", 8_192, 64),
];

/// The command.
pub fn command(args: &[String]) -> Result<()> {
    match args {
        [] => run(SECONDS),
        [seconds] => run(seconds.parse().context("so many seconds")?),
        _ => bail!("fuzz takes a number of seconds at most"),
    }
}

/// Builds and runs all targets.
pub fn run(seconds: u32) -> Result<()> {
    let version = output(workspace::command("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc names its host")?;
    // With the target named, the flags are for it alone and not for build scripts.
    execute(
        cargo()
            .args(["build", "--package", "zhicha-fuzz", "--target", host])
            .env("RUSTFLAGS", FLAGS),
    )?;
    let programs = target_dir().join(host).join("debug");
    for target in &TARGETS {
        one(target, &programs.join(target.name), seconds)?;
    }
    Ok(())
}

fn one(target: &Target, program: &Path, seconds: u32) -> Result<()> {
    let found = target_dir().join("fuzz").join(target.name);
    std::fs::create_dir_all(&found)?;
    let seeds = root().join("tests/fuzz/seeds").join(target.name);
    execute(
        workspace::command(program)
            .arg(&found)
            .arg(&seeds)
            .arg(format!("-max_total_time={seconds}"))
            .arg(format!("-max_len={}", target.longest))
            .arg(format!("-malloc_limit_mb={}", target.memory))
            .args([
                "-rss_limit_mb=1024",
                "-timeout=10",
                "-verbosity=0",
                "-print_final_stats=1",
            ])
            .arg(format!("-artifact_prefix={}/", found.display())),
    )
    .with_context(|| format!("the input lies in {}", found.display()))?;
    // For the table of faults, in the words of the other runners.
    execute_noting(
        workspace::command("echo").arg(format!("test fuzz::{} ... ok", target.name)),
        &faults::log("native"),
    )
}
