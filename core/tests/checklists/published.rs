//! What is published: the committed bytes, the lock file, and that publishing never changes either.

use super::{file, folder, tree};
use proptest::prelude::*;
use std::fs;
use zhicha_core::checklist::{
    Digest, Loaded,
    author::{self, LockEntry, SourceFile, compile_tree, lint_tree, read, to_bytes},
};

const SMALL: &str = r#"
id = "demo"
version = 1
title = { zh = "示例", en = "Example" }
summary = { zh = "示例检查表。", en = "An example." }
status_date = "2026-01-02"

[documents.old]
title = { zh = "虚构标准", en = "Invented standard" }
number = "XX 1-2000"
effective_from = "2000-01-01"
effective_to = "2020-12-31"
successor = "new"

[documents.new]
title = { zh = "虚构标准", en = "Invented standard" }
number = "XX 1-2020"
effective_from = "2021-01-01"

[[sections]]
id = "rooms"
title = { zh = "房间", en = "Rooms" }
gate = { id = "has-rooms", text = { zh = "有房间吗？", en = "Are there rooms?" } }
repeat = { noun = { zh = "房间", en = "room" }, max = 5 }

[[sections.items]]
id = "kind"
source = "XX-01"
text = { zh = "哪一种？", en = "Which kind?" }
answer = { kind = "single", options = [
  { id = "a", text = { zh = "甲", en = "A" } },
  { id = "b", text = { zh = "乙", en = "B" } },
] }

[[sections.items]]
id = "door"
source = "XX-02"
text = { zh = "门能打开。", en = "The door opens." }
answer = { kind = "check" }
visible_if = { any = [
  { compare = { item = "kind", op = "eq", value = "a" } },
  { not = { count = { at_least = 1, of = [{ compare = { item = "kind", op = "ne", value = "b" } }] } } },
] }
bases = [{ document = "old", clause = "1.2", certainty = "verified" }]
severity = "major"
severity_bases = [{ document = "new", certainty = "recalled", scope = { zh = "大房间", en = "large rooms" } }]
suggestion = { zh = "修理", en = "Repair" }
photo_on_fail = true

[[sections.items]]
id = "width"
source = "XX-02"
text = { zh = "净宽", en = "Clear width" }
answer = { kind = "number", unit = "m", min = "0", max = "9.50", decimals = 2 }
required = false
"#;

#[test]
fn every_file_lints_clean() {
    let report = lint_tree(tree());
    let shown: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
    assert!(report.is_clean(), "{}", shown.join("\n"));
    assert!(report.checklists >= 3);
}

#[test]
fn committed_bytes_are_those_of_the_lock_file() {
    let compiled = compile_tree(tree(), false);
    assert!(compiled.writes.is_empty(), "run `cargo xtask checklists`");
    assert_eq!(
        compiled.unpublished,
        [],
        "run `cargo xtask checklists --publish`"
    );
    let lock = fs::read_to_string(folder().join("lock.json")).unwrap();
    let lock: Vec<LockEntry> = serde_json::from_str(&lock).unwrap();
    assert!(lock.len() >= 3);
    for entry in lock {
        let path = folder().join(format!("{}/{}.json", entry.id, entry.version));
        let bytes = fs::read(path).unwrap();
        assert_eq!(bytes.len(), entry.bytes);
        let loaded = Loaded::expect(&bytes, &entry.digest).unwrap();
        assert_eq!(loaded.checklist.id, entry.id);
        assert_eq!(to_bytes(&loaded.checklist).as_bytes(), bytes);
    }
}

#[test]
fn compiled_form_is_frozen() {
    let checklist = read(&file(SMALL), &[]).unwrap();
    insta::assert_json_snapshot!("compiled", checklist);
    insta::assert_snapshot!("compiled_bytes", to_bytes(&checklist));
}

#[test]
fn schema_is_the_committed_one() {
    let committed = fs::read_to_string(folder().join(author::SCHEMA_FILE)).unwrap();
    assert_eq!(committed, author::schema(), "run `cargo xtask checklists`");
}

#[test]
fn overview_is_the_committed_one_and_counts_what_is_there() {
    let made = compile_tree(tree(), false).overview;
    let committed = fs::read_to_string(folder().join("../docs/checklists.md")).unwrap();
    assert!(committed == made, "run `cargo xtask checklists`");
    assert!(made.contains("不要手工修改"));
    let small = author::overview(&[read(&file(SMALL), &[]).unwrap()]);
    let rows: Vec<&str> = small.lines().filter(|l| l.starts_with("| 示例")).collect();
    let counts = "| 示例 · Example | `demo` | 1 | 2026-01-02 | 3 | 0 | 0 | 0 | 1 | 0 | 0 | 1 | 1 |  | 都用 · Any | XX-01–XX-02 |";
    assert_eq!(rows, [counts]);
    let documents: Vec<&str> = small
        .lines()
        .filter(|l| l.starts_with("| 虚构标准"))
        .collect();
    let title = "| 虚构标准 · Invented standard |";
    let new = format!("{title} XX 1-2020 | 2021-01-01– | 0 | 0 | 1 |");
    let old = format!("{title} XX 1-2000 | 2000-01-01–2020-12-31 | 1 | 0 | 0 |");
    assert_eq!(documents, [new, old]);
}

// A tree after its first publishing, with `edit` applied to its files.
fn published(edit: impl FnOnce(&mut Vec<SourceFile>)) -> (Vec<SourceFile>, author::Compiled) {
    let mut files = vec![file(SMALL)];
    let first = compile_tree(&files, true);
    assert!(first.report.is_clean());
    assert_eq!(first.locked.len(), 1);
    files.extend(first.writes);
    edit(&mut files);
    let again = compile_tree(&files, true);
    (files, again)
}

fn codes(compiled: &author::Compiled) -> Vec<&str> {
    let findings = compiled.report.findings.iter();
    findings.map(|f| f.code.as_str()).collect()
}

#[test]
fn publishing_writes_once_and_then_nothing() {
    let (files, again) = published(|_| {});
    assert_eq!(again.writes, []);
    let json = files.iter().find(|f| f.path == "checklists/demo/1.json");
    let digest = Digest::of(json.unwrap().text.as_bytes());
    assert_eq!(again.locked[0].digest, digest);
    assert!(files.iter().any(|f| f.path == "checklists/lock.json"));
}

#[test]
fn without_publishing_a_new_version_is_only_named() {
    let compiled = compile_tree(&[file(SMALL)], false);
    assert_eq!(compiled.unpublished, [("demo".to_owned(), 1)]);
    assert_eq!(compiled.locked, []);
    assert!(!compiled.writes.iter().any(|f| f.path.ends_with("1.json")));
}

#[test]
fn a_published_version_never_changes() {
    let (_, again) = published(|files| files[0].text = SMALL.replace("修理", "更换"));
    assert_eq!(codes(&again), ["published-changed"]);
    assert_eq!(again.writes, []);
    let finding = &again.report.findings[0];
    assert!(finding.remedy_en.contains("version 2") && finding.remedy_zh.contains("2.toml"));
    assert!(!lint_tree(&published(|f| f[0].text = SMALL.replace("修理", "更换")).0).is_clean());
}

#[test]
fn comments_may_change() {
    let (_, again) = published(|files| files[0].text.push_str("# a remark\n"));
    assert!(again.report.is_clean() && again.writes.is_empty());
}

#[test]
fn edited_or_lost_published_files_are_found() {
    let json = |files: &mut Vec<SourceFile>| files.iter().position(|f| f.path.ends_with("1.json"));
    let (_, edited) = published(|files| {
        let at = json(files).unwrap();
        files[at].text.push(' ');
    });
    assert_eq!(codes(&edited), ["published-damaged"]);
    let (_, lost) = published(|files| {
        files.remove(0);
    });
    assert_eq!(codes(&lost), ["published-lost"]);
    let (_, restored) = published(|files| {
        let at = json(files).unwrap();
        files.remove(at);
    });
    assert!(restored.report.is_clean());
    assert_eq!(
        restored.writes[0].text,
        to_bytes(&read(&file(SMALL), &[]).unwrap())
    );
    let (_, broken) = published(|files| {
        let lock = files.iter_mut().find(|f| f.path.ends_with("lock.json"));
        lock.unwrap().text = "[{]".into();
    });
    assert_eq!(codes(&broken), ["lock-form"]);
}

#[test]
fn the_next_version_is_published_beside_the_first() {
    let (_, again) = published(|files| {
        let text = SMALL
            .replace("version = 1", "version = 2")
            .replace("修理", "更换");
        let path = "checklists/demo/2.toml".into();
        files.push(SourceFile { path, text });
    });
    let versions: Vec<u32> = again.locked.iter().map(|e| e.version).collect();
    assert_eq!(versions, [1, 2]);
    assert!(again.writes.iter().all(|f| !f.path.ends_with("1.json")));
}

#[test]
fn other_bytes_than_the_cited_ones_are_refused() {
    let bytes = to_bytes(&read(&file(SMALL), &[]).unwrap());
    let digest = Digest::of(bytes.as_bytes());
    assert!(Loaded::expect(bytes.as_bytes(), &digest).is_ok());
    let other = bytes.replace("修理", "更换");
    assert!(Loaded::expect(other.as_bytes(), &digest).is_err());
    assert!(Loaded::from_bytes(b"<html>").is_err());
    let deep = format!(r#"{{"id":{}{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(Loaded::from_bytes(deep.as_bytes()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn compiling_is_deterministic_and_round_trips(zh in "[^\\p{C}]{1,40}", en in "[a-zA-Z \"\\\\]{1,40}x", max in 1_u16..200) {
        let quoted = |s: &str| serde_json::to_string(s).unwrap();
        prop_assume!(!zh.trim().is_empty() && !zh.trim_end().ends_with(['?', '？']));
        let text = SMALL
            .replace("\"门能打开。\"", &quoted(&zh))
            .replace("\"The door opens.\"", &quoted(&en))
            .replace("max = 5", &format!("max = {max}"));
        let one = read(&file(text.clone()), &[]).unwrap();
        let bytes = to_bytes(&one);
        prop_assert_eq!(&bytes, &to_bytes(&read(&file(text), &[]).unwrap()));
        let loaded = Loaded::from_bytes(bytes.as_bytes()).unwrap();
        prop_assert_eq!(loaded.checklist, one);
    }
}
