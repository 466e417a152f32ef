//! `cargo xtask build`: the optimised bundle in `dist/`.

use std::path::PathBuf;

use anyhow::Result;

use crate::bundle;
use crate::wasm::{self, Effort};
use crate::workspace::dist_dir;

/// Builds both apps for keeps; returns the folder.
pub fn run() -> Result<PathBuf> {
    let out = dist_dir();
    let built = wasm::build(Effort::Optimised)?;
    let build = bundle::assemble(&built, &out, Effort::Optimised)?;
    println!("dist/ holds build {build}");
    Ok(out)
}
