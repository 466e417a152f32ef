//! `cargo xtask test [--all]`: sets up what the tests need and runs every suite, stopping at the
//! first that fails. What it prints last are the runners' own summaries.

use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::aside::Aside;
use crate::toolchain::{
    Browser, WASM_TARGET, ensure_browser, ensure_neighbours, ensure_npm, ensure_wasm_target,
};
use crate::workspace::{cargo, command, dist_dir, execute, execute_noting, root};
use crate::{checklists, deps, faults, fuzz, locales, schemathesis, serve, size, sources, supply};

/// The packages with native tests, in one command: alone, each would have its dependencies compiled with other features.
const PACKAGES: [&str; 9] = [
    "--package",
    "zhicha-core",
    "--package",
    "zhicha-app",
    "--package",
    "zhicha-server",
    "--package",
    "zhicha-sim",
    "--all-features",
];

/// Runs everything; `--all` adds the suites that take long.
pub fn run(args: &[String]) -> Result<()> {
    let all = match args {
        [] => false,
        [flag] if flag == "--all" => true,
        _ => bail!("test takes no argument but --all"),
    };
    for log in ["native", "wasm", "browser"].map(faults::log) {
        if log.exists() {
            std::fs::remove_file(log)?;
        }
    }
    let browser = step("set-up", || set_up(all))?;
    step("rules, checklists, texts", || {
        checklists::check()?;
        deps::run()?;
        sources::run()?;
        supply::check()?;
        locales::run()
    })?;
    // Its long links use one core; compiling the tests meanwhile uses the other.
    let optimised = Aside::start("build")?;
    step("native tests", || native(all))?;
    if all {
        step(
            "native tests that take long or need other programs",
            native_slow,
        )?;
        step("system calls that fail", system_calls)?;
        step("fuzzing", || fuzz::run(fuzz::SECONDS))?;
    }
    step("wasm tests", || wasm(&browser))?;
    step("optimised build, begun beside the tests", || {
        optimised.finish()
    })?;
    step("size", size::run)?;
    step("browser tests", || {
        execute(
            command("npx")
                .args(["tsc", "--noEmit"])
                .current_dir(root().join("tests/e2e")),
        )?;
        let mut playwright = command("npx");
        playwright
            .args(["playwright", "test"])
            .current_dir(root().join("tests/e2e"))
            .env("ZHICHA_BIN", serve::binary())
            .env("ZHICHA_DIST", dist_dir())
            .env("ZHICHA_TEST_ALL", if all { "1" } else { "" });
        if let Some(chromium) = &browser.chromium {
            playwright.env("CHROMIUM", chromium);
        }
        execute_noting(&mut playwright, &faults::log("browser"))
    })?;
    faults::check(all)
}

fn step<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("\n== {name}");
    let start = Instant::now();
    let result = work().with_context(|| format!("step \"{name}\""))?;
    println!("== {name}: {} s", start.elapsed().as_secs());
    Ok(result)
}

fn set_up(all: bool) -> Result<Browser> {
    ensure_wasm_target()?;
    if all {
        ensure_neighbours()?;
        schemathesis::ensure()?;
    }
    let browser = ensure_browser()?;
    ensure_npm("tests/e2e")?;
    if browser.chromium.is_none() {
        execute(
            command("npx")
                .args(["playwright", "install", "chromium"])
                .current_dir(root().join("tests/e2e")),
        )?;
    }
    Ok(browser)
}

fn native(all: bool) -> Result<()> {
    // Without its features first: what the app sees of core must stand alone, on both targets.
    let bare = ["check", "--package", "zhicha-core", "--no-default-features"];
    execute(cargo().args(bare))?;
    execute(cargo().args(bare).args(["--target", WASM_TARGET]))?;
    // The server of the browser tests too: it reads the apps from `dist/` once they are there.
    let log = faults::log("native");
    execute_noting(
        cargo()
            .arg("test")
            .args(PACKAGES)
            .env("ZHICHA_TEST_ALL", if all { "1" } else { "" })
            .env("ZHICHA_DIST", dist_dir()),
        &log,
    )?;
    execute_noting(
        cargo().args(["test", "--package", "xtask", "--package", "zhicha-codes"]),
        &log,
    )
}

/// One at a time: each looks at the system calls of a server that is to have the machine for itself.
fn system_calls() -> Result<()> {
    let mut tests = cargo();
    tests
        .arg("test")
        .args(PACKAGES)
        .args(["--test", "long", "--", "--test-threads=1"])
        .env("ZHICHA_DIST", dist_dir());
    execute_noting(&mut tests, &faults::log("native"))
}

/// What `#[ignore]` leaves out of the quick run, with the reason there.
fn native_slow() -> Result<()> {
    execute_noting(
        cargo()
            .arg("test")
            .args(PACKAGES)
            .args(["--tests", "--", "--ignored"])
            .env("ZHICHA_DIST", dist_dir())
            .env("SCHEMATHESIS", schemathesis::ensure()?),
        &faults::log("native"),
    )
}

/// Both suites in one command, so that what they share is compiled once; without the two programs, which the optimised
/// build makes.
fn wasm(browser: &Browser) -> Result<()> {
    let runner = std::env::current_exe().context("where this program is")?;
    let mut tests: Command = cargo();
    tests
        .args(["test", "--package", "zhicha-storage", "--test", "browser"])
        .args(["--package", "zhicha-app", "--test", "view"])
        .arg("--no-default-features")
        .args([
            "--features",
            "zhicha-app/panic-words,zhicha-storage/testing",
        ])
        .args(["--target", WASM_TARGET])
        .env("CHROMEDRIVER", &browser.chromedriver);
    // Saves a nested cargo; a path with a blank cannot be told from arguments in this variable.
    if let Some(runner) = runner.to_str().filter(|path| !path.contains(' ')) {
        tests.env(
            "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER",
            format!("{runner} wasm-test-runner"),
        );
    }
    execute_noting(&mut tests, &faults::log("wasm"))
}
