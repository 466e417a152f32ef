//! Tells the compiler which built app to embed: `ZHICHA_DIST`, or `dist/` of the workspace. A folder that does not
//! exist is fine; the server then answers with a page that says so.

use std::{env, path::PathBuf};

fn main() {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let workspace = manifest
        .parent()
        .expect("the crate lies in the workspace")
        .to_owned();
    let dist = env::var_os("ZHICHA_DIST").map_or_else(|| workspace.join("dist"), PathBuf::from);
    let dist = if dist.is_absolute() {
        dist
    } else {
        workspace.join(dist)
    };
    let checklists = workspace.join("checklists");
    println!("cargo:rerun-if-env-changed=ZHICHA_DIST");
    println!("cargo:rerun-if-changed=migrations");
    for folder in [&dist, &checklists] {
        println!("cargo:rerun-if-changed={}", folder.display());
    }
    println!("cargo:rustc-env=ZHICHA_EMBED_DIST={}", dist.display());
    println!(
        "cargo:rustc-env=ZHICHA_EMBED_CHECKLISTS={}",
        checklists.display()
    );
}
