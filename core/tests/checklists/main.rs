//! The checklists of this repository and the author's tools, against the fact tables and against mistakes.
#![cfg(feature = "author")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod conditions;
mod determination;
mod determined;
mod facts;
mod feeds;
mod mistakes;
mod parts;
mod published;
mod references;
mod taken_over;
mod visibility;

use std::{fs, path::PathBuf, sync::LazyLock};
use zhicha_core::checklist::{
    Checklist,
    author::{self, DETERMINATION_FILE, Determinations, SourceFile},
};

/// The folder `checklists/` of the workspace.
fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../checklists")
}

/// Every TOML and JSON file of the tree, by its path inside it.
fn tree() -> &'static [SourceFile] {
    static TREE: LazyLock<Vec<SourceFile>> = LazyLock::new(|| {
        let mut found = Vec::new();
        let mut open = vec![String::new()];
        while let Some(inside) = open.pop() {
            for entry in fs::read_dir(folder().join(&inside)).unwrap() {
                let entry = entry.unwrap();
                let path = format!("{inside}{}", entry.file_name().to_str().unwrap());
                if path == "facts" {
                    continue;
                } else if entry.file_type().unwrap().is_dir() {
                    open.push(format!("{path}/"));
                } else if path.ends_with(".toml") || path.ends_with(".json") {
                    let text = fs::read_to_string(entry.path()).unwrap();
                    found.push(SourceFile { path, text });
                }
            }
        }
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    });
    &TREE
}

/// Every checklist that is written. Read once: reading all of them takes longer than most tests.
fn checklists() -> &'static [Checklist] {
    static LISTS: LazyLock<Vec<Checklist>> = LazyLock::new(|| {
        let toml = tree().iter().filter(|f| f.path.ends_with(".toml"));
        let lists = toml.filter(|f| f.path != DETERMINATION_FILE);
        lists.map(|f| author::read(f, tree()).unwrap()).collect()
    });
    &LISTS
}

/// The determination data.
fn determinations() -> &'static Determinations {
    static DATA: LazyLock<Determinations> = LazyLock::new(|| {
        let mut files = tree().iter();
        let file = files.find(|f| f.path == DETERMINATION_FILE).unwrap();
        author::determination(file, checklists()).unwrap()
    });
    &DATA
}

/// A small checklist in the given file body, at an address that fits it.
fn file(text: impl Into<String>) -> SourceFile {
    let path = "checklists/demo/1.toml".into();
    let text = text.into();
    SourceFile { path, text }
}
