//! Tells the compiler which built app to embed: `ZHICHA_DIST`, or `dist/` of the workspace. A folder that does not
//! exist is fine; the server then answers with a page that says so. A debug build reads the folder when it is asked for a file,
//! so that the tests need not compile the server again once the apps are built.

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
    println!("cargo:rerun-if-changed={}", checklists.display());
    if env::var_os("PROFILE").is_some_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed={}", dist.display());
    }
    println!("cargo:rustc-env=ZHICHA_EMBED_DIST={}", dist.display());
    println!(
        "cargo:rustc-env=ZHICHA_EMBED_CHECKLISTS={}",
        checklists.display()
    );
}
