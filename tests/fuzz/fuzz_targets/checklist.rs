//! Checklists: as their authors write them, and as devices get them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhicha_core::checklist::{
    Loaded,
    author::{SourceFile, read, to_bytes},
};

fuzz_target!(|text: &str| {
    let _ = Loaded::from_bytes(text.as_bytes());
    let file = SourceFile {
        path: "draft.toml".to_owned(),
        text: text.to_owned(),
    };
    if let Ok(checklist) = read(&file, std::slice::from_ref(&file)) {
        // What was taken is published as something that devices read as the same.
        let published = Loaded::from_bytes(to_bytes(&checklist).as_bytes());
        assert_eq!(published.expect("readable").checklist, checklist);
    }
});
