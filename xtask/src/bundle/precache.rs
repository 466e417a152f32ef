//! The precache list of an app: every file that it needs to start and work without a network.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::File;
use crate::wasm::App;

/// The place in `sw.js` where the lists go.
const PLACE: &str = "/*{{builds}}*/";

/// One file of a precache list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Absolute path as served.
    pub path: String,
    /// Lower-case hex SHA-256 of the uncompressed content.
    pub sha256: String,
    /// Length of the uncompressed content.
    pub bytes: u64,
}

/// The list over `files`, sorted by path.
pub fn list(files: &[File]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = files
        .iter()
        .map(|file| Entry {
            path: file.path.clone(),
            sha256: file.sha256(),
            bytes: file.bytes.len() as u64,
        })
        .collect();
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

/// The text over which a build hash is taken: a path and a hash a line.
pub fn lines(files: &[File]) -> String {
    list(files)
        .iter()
        .map(|entry| format!("{} {}\n", entry.sha256, entry.path))
        .collect()
}

/// `precache.json`: one entry a line, so that two builds can be compared by eye.
pub fn to_json(list: &[Entry]) -> String {
    let rows: Vec<String> = list
        .iter()
        .map(|entry| serde_json::to_string(entry).expect("strings and a number serialise"))
        .collect();
    format!("[\n{}\n]\n", rows.join(",\n"))
}

/// `sw.js` with the build hash and the list of each scope in it.
pub fn inject(worker: &str, build: &str, lists: &[(App, Vec<Entry>)]) -> Result<String> {
    if worker.matches(PLACE).count() != 1 {
        bail!("sw.js must hold {PLACE} exactly once");
    }
    let scopes: Vec<String> = lists
        .iter()
        .map(|(app, list)| format!("{:?}: {}", app.scope(), to_json(list).trim_end()))
        .collect();
    Ok(worker.replace(
        PLACE,
        &format!(
            "{{ build: {build:?}, scopes: {{\n{}\n}} }}",
            scopes.join(",\n")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Vec<File> {
        vec![File::at("/b.js", "1"), File::at("/", "<p>")]
    }

    #[test]
    fn the_list_is_sorted_and_holds_hash_and_length() {
        let list = list(&files());
        assert_eq!(list[0].path, "/");
        assert_eq!(list[0].bytes, 3);
        assert_eq!(list[1].sha256, File::at("", "1").sha256());
    }

    #[test]
    fn the_json_is_a_list_that_reads_back() {
        let list = list(&files());
        let back: Vec<Entry> = serde_json::from_str(&to_json(&list)).expect("valid JSON");
        assert_eq!(back, list);
    }

    #[test]
    fn the_order_of_files_does_not_change_the_hashed_text() {
        let mut turned = files();
        turned.reverse();
        assert_eq!(lines(&files()), lines(&turned));
    }

    #[test]
    fn the_worker_gets_build_and_both_lists() {
        let lists = [(App::Field, list(&files())), (App::Office, Vec::new())];
        let worker = inject("const B = /*{{builds}}*/;", "ab12", &lists).expect("one place");
        assert!(worker.starts_with("const B = { build: \"ab12\", scopes: {"));
        assert!(worker.contains("\"/office/\": ["));
        assert!(!worker.contains(PLACE));
    }

    #[test]
    fn a_worker_without_the_place_is_refused() {
        assert!(inject("const B = 1;", "ab12", &[]).is_err());
    }
}
