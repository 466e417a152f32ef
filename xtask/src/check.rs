//! `cargo xtask check`: what a person runs before a commit.

use anyhow::Result;

use crate::toolchain::{WASM_TARGET, ensure_wasm_target};
use crate::workspace::{cargo, dist_dir, execute};
use crate::{checklists, deps, locales, size, sources, supply};

/// Format, lints on both targets, the rules, the texts, and the size of the last build.
pub fn run() -> Result<()> {
    execute(cargo().args(["fmt", "--all", "--check"]))?;
    ensure_wasm_target()?;
    clippy(&[
        "--package",
        "zhicha-core",
        "--package",
        "zhicha-server",
        "--package",
        "zhicha-codes",
        "--package",
        "zhicha-load",
        "--package",
        "zhicha-sim",
        "--package",
        "xtask",
        "--package",
        "zhicha-view-macro",
        "--all-features",
        "--all-targets",
    ])?;
    // Its tests need features, so the library alone.
    clippy(&["--package", "zhicha-core", "--no-default-features", "--lib"])?;
    clippy(&[
        "--package",
        "zhicha-storage",
        "--package",
        "zhicha-app",
        "--package",
        "zhicha-seed",
        "--features",
        "zhicha-storage/testing",
        "--target",
        WASM_TARGET,
        "--all-targets",
    ])?;
    deps::run()?;
    sources::run()?;
    supply::check()?;
    checklists::check()?;
    locales::run()?;
    if dist_dir().exists() {
        size::run()?;
    } else {
        println!("size: no dist/ yet, `cargo xtask build` makes it");
    }
    Ok(())
}

fn clippy(args: &[&str]) -> Result<()> {
    execute(
        cargo()
            .arg("clippy")
            .args(args)
            .args(["--", "-D", "warnings"]),
    )
}
