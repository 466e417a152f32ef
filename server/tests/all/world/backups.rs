//! A server with a record and its files, and its backups, made and brought back by the program itself.

use super::{
    captured::{Sample, sample},
    program::{code, said, zhicha},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Output,
};
use tempfile::TempDir;

/// A running server with a key for backups, and a folder for them.
pub struct Saved {
    pub sample: Sample,
    pub other: TempDir,
}

/// Text of a path.
pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl Saved {
    /// With a record, its files, and the key.
    pub async fn new() -> Self {
        let sample = sample().await;
        sample.upload().await;
        let other = TempDir::new().unwrap();
        let saved = Self { sample, other };
        let key = saved.key();
        let made = zhicha(&[
            "backup",
            "key",
            "--data-dir",
            text(saved.sample.world.folder()),
            "--out",
            text(&key),
        ]);
        assert_eq!(code(&made), 0, "{}", said(&made));
        saved
    }

    /// The file of the private key.
    pub fn key(&self) -> PathBuf {
        self.other.path().join("backup.key")
    }

    /// The folder of the backups.
    pub fn to(&self) -> PathBuf {
        self.other.path().join("backups")
    }

    /// A folder that is not there.
    pub fn new_folder(&self, name: &str) -> PathBuf {
        self.other.path().join(name)
    }

    /// Makes a backup beside the running server.
    pub fn back_up(&self, more: &[&str]) -> Output {
        let to = self.to();
        let folder = text(self.sample.world.folder()).to_owned();
        let args = ["backup", "--data-dir", &folder, "--to", text(&to)];
        zhicha(&[&args[..], more].concat())
    }

    /// Makes one that counts.
    pub fn backed_up(&self) -> PathBuf {
        let before = sets(&self.to());
        let made = self.back_up(&[]);
        assert_eq!(code(&made), 0, "{}", said(&made));
        let mut new = sets(&self.to());
        new.retain(|set| !before.contains(set));
        assert_eq!(new.len(), 1);
        new.remove(0)
    }

    /// Brings one back.
    pub fn restore(&self, from: &Path, folder: &Path, more: &[&str]) -> Output {
        let key = self.key();
        let args = ["restore", text(from), "--key", text(&key), "--json"];
        zhicha(&[&args[..], &["--data-dir", text(folder)], more].concat())
    }

    /// Opens and checks one.
    pub fn verify(&self, from: &Path) -> Output {
        let key = self.key();
        zhicha(&[
            "backup",
            "verify",
            text(from),
            "--key",
            text(&key),
            "--json",
        ])
    }
}

/// The finished backups in a folder, oldest first.
pub fn sets(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut sets: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("manifest.json").exists() && !hidden(path))
        .collect();
    sets.sort();
    sets
}

fn hidden(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with('.')
}

/// All files under a folder with their bytes.
pub fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(files(&path));
        } else {
            all.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    all
}

/// The codes of the findings that a program listed.
pub fn codes(output: &Output) -> Vec<String> {
    let lines = super::program::lines(output);
    let code = |line: &Value| line["code"].as_str().unwrap().to_owned();
    lines.iter().map(code).collect()
}
