//! The lock file: which versions are published, with the digest of their bytes.
//!
//! Publishing writes a version once. From then on its TOML must compile to the same bytes and its JSON must be those
//! bytes; nothing here ever changes either.

use super::{
    Finding, LOCK_FILE, Report, SCHEMA_FILE, SourceFile, Survey, checklists, finding, name,
    overview, schema, sorted, to_bytes,
};
use crate::checklist::{Digest, lint::Words};
use serde::{Deserialize, Serialize};

/// A published version.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LockEntry {
    /// Checklist id.
    pub id: String,
    /// Version.
    pub version: u32,
    /// SHA-256 of the published bytes.
    pub digest: Digest,
    /// How many bytes they are.
    pub bytes: usize,
}

/// What compiling a tree gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compiled {
    /// Mistakes; when there are any, `writes` is empty.
    pub report: Report,
    /// Files to write: new versions, the lock file, the schema, and published JSON that was lost.
    pub writes: Vec<SourceFile>,
    /// All published versions, those of this run included.
    pub locked: Vec<LockEntry>,
    /// Versions that are written but not published; `publish` would publish them.
    pub unpublished: Vec<(String, u32)>,
    /// The overview that people read; empty when there are mistakes.
    pub overview: String,
}

/// Lints and compiles the checklists of a tree. With `publish`, versions that are not in the lock file are added to
/// it; without, they are only named. Paths of `files` start with the root of the tree, if anything.
pub fn compile_tree(files: &[SourceFile], publish: bool) -> Compiled {
    compile(files, Survey::of(files), publish)
}

pub(super) fn compile(files: &[SourceFile], survey: Survey<'_>, publish: bool) -> Compiled {
    let mut tree = Tree::new(files);
    tree.out.report.checklists = survey.report.checklists;
    tree.out.report.findings.extend(survey.report.findings);
    for (file, list) in survey.files.into_iter().zip(&survey.lists) {
        tree.place(file, &list.id, list.version, to_bytes(list), publish);
    }
    let mut compiled = tree.finish();
    if compiled.report.is_clean() {
        compiled.overview = overview(&survey.lists);
    }
    compiled
}

struct Tree<'a> {
    files: &'a [SourceFile],
    root: String,
    lock_before: Option<&'a SourceFile>,
    before: Vec<LockEntry>,
    met: Vec<LockEntry>,
    out: Compiled,
}

impl<'a> Tree<'a> {
    fn new(files: &'a [SourceFile]) -> Self {
        let lock_before = files.iter().find(|f| name(&f.path) == LOCK_FILE);
        let mut out = Compiled::default();
        let before: Vec<LockEntry> = match lock_before.map(|f| serde_json::from_str(&f.text)) {
            None => Vec::new(),
            Some(Ok(entries)) => entries,
            Some(Err(error)) => {
                let lock = lock_before.map(|f| unreadable(f, &error.to_string(), error.line()));
                out.report.findings.extend(lock);
                Vec::new()
            }
        };
        Self {
            files,
            root: root_of(files),
            lock_before,
            out,
            met: Vec::new(),
            before,
        }
    }

    fn place(&mut self, file: &SourceFile, id: &str, version: u32, bytes: String, publish: bool) {
        let made = LockEntry {
            id: id.to_owned(),
            version,
            digest: Digest::of(bytes.as_bytes()),
            bytes: bytes.len(),
        };
        let same = |e: &&LockEntry| e.id == made.id && e.version == made.version;
        let path = format!("{}{id}/{version}.json", self.root);
        let stored = self.files.iter().find(|f| f.path == path);
        if self.met.iter().any(|e| same(&e)) {
            let found = finding(file, 1, None, twice(id, version));
            self.out.report.findings.push(found);
            return;
        }
        let text = bytes;
        match self.before.iter().find(same) {
            Some(locked) if locked.digest != made.digest => {
                let found = finding(file, 1, None, changed(id, version));
                self.out.report.findings.push(found);
            }
            Some(_) => match stored {
                Some(json) if json.text != text => {
                    let found = finding(json, 1, None, damaged(id, version));
                    self.out.report.findings.push(found);
                }
                Some(_) => {}
                None => self.out.writes.push(SourceFile { path, text }),
            },
            None if publish => {
                self.out.writes.push(SourceFile { path, text });
                self.out.locked.push(made.clone());
            }
            None => self.out.unpublished.push((made.id.clone(), version)),
        }
        self.met.push(made);
    }

    fn finish(mut self) -> Compiled {
        if let Some(lock) = self.lock_before {
            for entry in &self.before {
                let met = |e: &LockEntry| e.id == entry.id && e.version == entry.version;
                let toml = format!("{}{}/{}.toml", self.root, entry.id, entry.version);
                if !self.met.iter().any(met) && !self.files.iter().any(|f| f.path == toml) {
                    let words = lost(&entry.id, entry.version);
                    let found = finding(lock, 1, Some(entry.id.clone()), words);
                    self.out.report.findings.push(found);
                }
            }
        }
        self.out.report.findings = sorted(std::mem::take(&mut self.out.report.findings));
        self.out.locked.append(&mut self.before);
        self.out.locked.sort();
        if !self.out.report.is_clean() {
            self.out.writes.clear();
            return self.out;
        }
        let lock = lock_text(&self.out.locked);
        self.rewrite(LOCK_FILE, lock);
        self.rewrite(SCHEMA_FILE, schema());
        self.out
    }

    fn rewrite(&mut self, file: &str, text: String) {
        let path = format!("{}{file}", self.root);
        let same = |f: &SourceFile| f.path == path && f.text == text;
        if !self.files.iter().any(same) {
            self.out.writes.push(SourceFile { path, text });
        }
    }
}

fn lock_text(locked: &[LockEntry]) -> String {
    let mut text = serde_json::to_string_pretty(locked).unwrap_or_default();
    text.push('\n');
    text
}

// Everything before `<id>/<version>.toml`.
fn root_of(files: &[SourceFile]) -> String {
    let lock = files.iter().find(|f| name(&f.path) == LOCK_FILE);
    if let Some(lock) = lock {
        return lock.path.strip_suffix(LOCK_FILE).unwrap_or("").to_owned();
    }
    let first = checklists(files).next().map_or("", |f| f.path.as_str());
    let parts: Vec<&str> = first.rsplitn(3, '/').collect();
    parts
        .get(2)
        .map_or(String::new(), |root| format!("{root}/"))
}

fn unreadable(lock: &SourceFile, said: &str, line: usize) -> Finding {
    let words = Words {
        code: "lock-form",
        zh: format!("锁定文件读不出来：{said}。"),
        en: format!("The lock file cannot be read: {said}."),
        remedy_zh: "从版本库恢复 lock.json。".into(),
        remedy_en: "Restore lock.json from version control.".into(),
    };
    finding(lock, line.max(1), None, words)
}

fn changed(id: &str, version: u32) -> Words {
    let next = version.saturating_add(1);
    Words {
        code: "published-changed",
        zh: format!("{id} 第 {version} 版已发布，已发布的版本不再改变。"),
        en: format!("{id} version {version} is published; published versions never change."),
        remedy_zh: format!("恢复 {version}.toml，把修改写进新的 {next}.toml。"),
        remedy_en: format!("Restore {version}.toml and make version {next} with the change."),
    }
}

fn damaged(id: &str, version: u32) -> Words {
    Words {
        code: "published-damaged",
        zh: format!("{id}/{version}.json 不是发布时的字节。"),
        en: format!("{id}/{version}.json is not the bytes that were published."),
        remedy_zh: "从版本库恢复这个文件，不要手工编辑。".into(),
        remedy_en: "Restore the file from version control; it is never edited by hand.".into(),
    }
}

fn lost(id: &str, version: u32) -> Words {
    Words {
        code: "published-lost",
        zh: format!("已发布的 {id} 第 {version} 版的 TOML 不见了。"),
        en: format!("The TOML of published {id} version {version} is gone."),
        remedy_zh: "从版本库恢复；已有记录引用着它。".into(),
        remedy_en: "Restore it from version control; records cite it.".into(),
    }
}

fn twice(id: &str, version: u32) -> Words {
    Words {
        code: "duplicate-version",
        zh: format!("{id} 第 {version} 版有两个文件。"),
        en: format!("There are two files for {id} version {version}."),
        remedy_zh: "删去一个，或改版本号。".into(),
        remedy_en: "Remove one, or change its version.".into(),
    }
}
