//! The checklists of this repository and the author's tools, against the fact tables and against mistakes.
#![cfg(feature = "author")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod conditions;
mod facts;
mod mistakes;
mod parts;
mod published;
mod references;
mod visibility;

use std::{fs, path::PathBuf};
use zhicha_core::checklist::{Checklist, author, author::SourceFile};

/// The folder `checklists/` of the workspace.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../checklists")
}

/// Every TOML and JSON file of the tree, by its path inside it.
fn tree() -> Vec<SourceFile> {
    let mut found = Vec::new();
    let mut open = vec![String::new()];
    while let Some(inside) = open.pop() {
        for entry in fs::read_dir(folder().join(&inside)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{inside}{}", entry.file_name().to_str().unwrap());
            if entry.file_type().unwrap().is_dir() {
                open.push(format!("{path}/"));
            } else if path.ends_with(".toml") || path.ends_with(".json") {
                let text = fs::read_to_string(entry.path()).unwrap();
                found.push(SourceFile { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// The newest version of each of the three checklists.
fn checklists() -> Vec<Checklist> {
    let all = tree();
    let toml = all.iter().filter(|f| f.path.ends_with(".toml"));
    toml.map(|f| author::read(f).unwrap()).collect()
}

/// A small checklist in the given file body, at an address that fits it.
fn file(text: impl Into<String>) -> SourceFile {
    let path = "checklists/demo/1.toml".into();
    let text = text.into();
    SourceFile { path, text }
}
