//! Reading an export's files, with limits: an export may come from anywhere.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
};
use zip::ZipArchive;

const MOST_FILES: usize = 200_000;
const MOST_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// Files by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// Reads a ZIP.
///
/// # Errors
/// In words, when it is no ZIP, holds a path twice, or is larger than any export.
pub fn unpack(bytes: &[u8]) -> Result<Files, String> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| format!("not a ZIP: {e}"))?;
    if zip.len() > MOST_FILES {
        return Err(format!("more than {MOST_FILES} files"));
    }
    let mut files = Files::new();
    let mut left = MOST_BYTES;
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).map_err(|e| e.to_string())?;
        let name = entry.name().to_owned();
        if entry.is_dir() {
            continue;
        }
        let mut content = Vec::new();
        // The announced size is a claim; what counts is what comes out.
        let read = entry
            .by_ref()
            .take(left + 1)
            .read_to_end(&mut content)
            .map_err(|e| format!("{name}: {e}"))?;
        left = left
            .checked_sub(read as u64)
            .ok_or("larger than any export")?;
        if files.insert(name.clone(), content).is_some() {
            return Err(format!("{name} is there twice"));
        }
    }
    Ok(files)
}
