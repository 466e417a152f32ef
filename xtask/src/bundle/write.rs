//! Writes the bundle's files. A file that is already there unchanged is not touched, so that the
//! server, which embeds them, is not built again for nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{File, compress};
use crate::wasm::Effort;

/// Makes `out` hold exactly `files` and their compressed forms.
pub fn replace(out: &Path, files: &[File], effort: Effort) -> Result<()> {
    let mut kept = BTreeSet::new();
    for file in files {
        let path = out.join(file.disk_path());
        let compressed = compress::compressible(&file.disk_path());
        let forms = [beside(&path, "br"), beside(&path, "gz")];
        kept.insert(path.clone());
        if compressed {
            kept.extend(forms.clone());
        }
        if unchanged(&path, &file.bytes) && (!compressed || forms.iter().all(|f| f.exists())) {
            continue;
        }
        if compressed {
            let [br, gz] = forms;
            save(&br, &compress::brotli(&file.bytes, effort)?)?;
            save(&gz, &compress::gzip(&file.bytes, effort)?)?;
        }
        // Last, so that an interrupted run is seen as changed by the next one.
        save(&path, &file.bytes)?;
    }
    remove_others(out, &kept)
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    PathBuf::from(name)
}

fn unchanged(path: &Path, bytes: &[u8]) -> bool {
    fs::read(path).is_ok_and(|old| old == bytes)
}

fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, bytes).with_context(|| format!("could not write {}", path.display()))
}

fn remove_others(folder: &Path, kept: &BTreeSet<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_others(&path, kept)?;
        } else if !kept.contains(&path) {
            fs::remove_file(&path)?;
        }
    }
    if fs::read_dir(folder)?.next().is_none() {
        fs::remove_dir(folder)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_holds_the_files_and_nothing_older() {
        let out = std::env::temp_dir().join(format!("xtask-write-{}", std::process::id()));
        let first = [
            File::at("/old/app.js", "1"),
            File::at("/", "<p>"),
            File::at("/icons/a.png", "x"),
        ];
        replace(&out, &first, Effort::Quick).expect("a temporary folder");
        assert!(out.join("old/app.js.br").exists());
        assert!(!out.join("icons/a.png.gz").exists());

        replace(&out, &first[1..], Effort::Quick).expect("a temporary folder");
        assert!(!out.join("old").exists());
        assert_eq!(
            fs::read(out.join("index.html")).expect("kept"),
            b"<p>".to_vec()
        );
        fs::remove_dir_all(&out).expect("a temporary folder");
    }
}
