//! `cargo xtask serve [-- ARGS]`: both apps as quickly as possible, in a server that embeds them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::bundle;
use crate::toolchain::WASM_TARGET;
use crate::wasm::{self, Effort};
use crate::workspace::{cargo, command, execute, target_dir};

/// Builds everything without Node.js and runs `zhicha serve` with `args`.
pub fn run(args: &[String]) -> Result<()> {
    let out = target_dir().join("web/serve");
    let built = wasm::build(Effort::Quick).with_context(|| {
        format!("could not build the apps for {WASM_TARGET}; the server was not started")
    })?;
    bundle::assemble(&built, &out, Effort::Quick)?;
    let zhicha = build_server(&out)?;
    let args = args.iter().skip_while(|arg| *arg == "--");
    execute(command(zhicha).arg("serve").args(args))
}

/// Builds the server with the bundle in `dist` inside it; returns its binary.
fn build_server(dist: &Path) -> Result<PathBuf> {
    execute(
        cargo()
            .args(["build", "--package", "zhicha-server", "--bin", "zhicha"])
            .env("ZHICHA_DIST", dist),
    )?;
    Ok(binary())
}

/// Builds the server as it is released, with the bundle in `dist` inside it; returns its binary.
pub fn optimised(dist: &Path) -> Result<PathBuf> {
    let build = ["build", "--release", "--package", "zhicha-server"];
    execute(
        cargo()
            .args(build)
            .args(["--bin", "zhicha"])
            .env("ZHICHA_DIST", dist),
    )?;
    Ok(in_target("release"))
}

/// Where cargo puts the server.
pub fn binary() -> PathBuf {
    in_target("debug")
}

fn in_target(profile: &str) -> PathBuf {
    let name = format!("zhicha{}", std::env::consts::EXE_SUFFIX);
    target_dir().join(profile).join(name)
}
