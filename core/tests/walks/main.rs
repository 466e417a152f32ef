//! Every published checklist, walked by generated inspections through the real engine and the seal.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod alone;
#[path = "../filled/mod.rs"]
#[allow(dead_code, reason = "what other tests fill in")]
mod filled;
mod inspection;
mod plan;
mod together;

use std::{collections::BTreeMap, fs, path::PathBuf, sync::LazyLock};
use zhicha_core::checklist::{Index, Item, Loaded, Section};

/// A checklist as published, with its index: both made once, since every inspection needs them.
struct Known {
    loaded: Loaded,
    index: Index,
}

impl Known {
    fn id(&self) -> &str {
        &self.loaded.checklist.id
    }

    fn sections(&self) -> &[Section] {
        &self.loaded.checklist.sections
    }

    fn items(&self) -> impl Iterator<Item = (&Section, &Item)> {
        let sections = self.sections().iter();
        sections.flat_map(|s| s.items.iter().map(move |item| (s, item)))
    }

    fn item(&self, id: &str) -> Option<&Item> {
        self.items().map(|(_, item)| item).find(|i| i.id == id)
    }
}

/// The newest published version of each checklist.
static LISTS: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../checklists");
    let mut newest: BTreeMap<String, Loaded> = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if !entry.file_type().unwrap().is_dir() {
            continue;
        }
        for file in fs::read_dir(entry.path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|e| e != "json") {
                continue;
            }
            let loaded = Loaded::from_bytes(&fs::read(&path).unwrap()).unwrap();
            let before = newest.get(&loaded.checklist.id);
            if before.is_none_or(|b| b.checklist.version < loaded.checklist.version) {
                newest.insert(loaded.checklist.id.clone(), loaded);
            }
        }
    }
    let known = newest.into_values().map(|loaded| {
        let index = Index::new(&loaded.checklist);
        Known { loaded, index }
    });
    known.collect()
});

#[test]
fn there_are_checklists_to_walk() {
    assert!(LISTS.len() >= 21, "{}", LISTS.len());
}
