//! Reading an export's files, with limits: an export may come from anywhere. Texts are kept, blobs only summed up.

use super::{
    directory,
    format::BLOBS,
    seen::{Passing, Seen, pieces},
};
use std::{
    collections::BTreeMap,
    io::{self, Read, Seek},
};
use zip::{
    ZipArchive,
    read::{ArchiveOffset, Config},
};

/// Files by path.
pub type Files = BTreeMap<String, Vec<u8>>;

/// What a ZIP holds.
#[derive(Debug, Default)]
pub struct Unpacked {
    /// Everything but blobs.
    pub files: Files,
    /// What is under `blobs/`, by path.
    pub blobs: BTreeMap<String, Seen>,
    /// Paths whose bytes are not those that were packed, and what the ZIP says to that.
    pub damaged: Vec<(String, String)>,
}

/// Reads a ZIP.
///
/// # Errors
/// In words, when it is no ZIP, holds a path twice, announces something else than it holds, or is larger than any export.
pub fn unpack<R: Read + Seek>(mut from: R) -> Result<Unpacked, String> {
    let listed = directory::read(&mut from)?;
    let config = Config {
        archive_offset: ArchiveOffset::Known(0),
    };
    let mut zip = ZipArchive::with_config(config, from).map_err(|e| format!("not a ZIP: {e}"))?;
    if zip.len() != listed.len() {
        return Err("the directory can be read in two ways".to_owned());
    }
    let mut found = Unpacked::default();
    for (index, directory::Entry { name, len }) in listed.into_iter().enumerate() {
        if name.ends_with('/') {
            continue;
        }
        let mut entry = zip.by_index(index).map_err(|e| format!("{name}: {e}"))?;
        if entry.name() != name || entry.size() != len {
            return Err("the directory can be read in two ways".to_owned());
        }
        if name.starts_with(BLOBS) {
            let mut passing = Passing::default();
            let damage = exactly(&name, len, &mut entry, |piece| passing.add(piece))?;
            found.damaged.extend(damage.map(|why| (name.clone(), why)));
            found.blobs.insert(name, passing.end());
        } else {
            let mut content = Vec::new();
            let damage = exactly(&name, len, &mut entry, |piece| content.extend(piece))?;
            found.damaged.extend(damage.map(|why| (name.clone(), why)));
            found.files.insert(name, content);
        }
    }
    Ok(found)
}

// Reads as many bytes as were announced; gives what is wrong with them.
fn exactly(
    name: &str,
    len: u64,
    entry: &mut impl Read,
    mut to: impl FnMut(&[u8]),
) -> Result<Option<String>, String> {
    let mut left = Some(len);
    // One more than announced is enough to know.
    let read = pieces(&mut entry.take(len.saturating_add(1)), |piece| {
        left = left.and_then(|left| left.checked_sub(piece.len() as u64));
        to(piece);
        Ok::<(), io::Error>(())
    });
    match (read, left) {
        (_, None) => Err(format!("{name} is longer than the ZIP says")),
        (Err(error), _) => Ok(Some(error.to_string())),
        (Ok(()), Some(0)) => Ok(None),
        (Ok(()), Some(_)) => Err(format!("{name} is shorter than the ZIP says")),
    }
}
