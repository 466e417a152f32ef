//! The directory of a ZIP, read strictly: every file once, under a plain name, in a place of its own, and nothing between
//! or behind them. What passes is the same for every tool that reads it.

use super::format::BLOBS;
use crate::config::MAX_FILE_MIB;
use std::{
    collections::BTreeSet,
    io::{Read, Seek, SeekFrom},
};

const MOST_FILES: u64 = 200_000;
const MOST_DIRECTORY: u64 = 64 * 1024 * 1024;
// All that is kept in memory: everything but blobs.
const MOST_TEXTS: u64 = 512 * 1024 * 1024;
// All blobs that are not simply stored; what is stored is no larger than the ZIP.
const MOST_INFLATED: u64 = 4 * 1024 * 1024 * 1024;

const END: u32 = 0x0605_4b50;
const END_64: u32 = 0x0606_4b50;
const LOCATOR_64: u32 = 0x0706_4b50;
const CENTRAL: u32 = 0x0201_4b50;
const LOCAL: u32 = 0x0403_4b50;
const IN_EXTRA: u32 = u32::MAX;
// What may stand behind a file: sizes and checksum once more.
const DESCRIPTOR: u64 = 24;
const ENCRYPTED: u16 = 1;
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// A file as the directory announces it.
#[derive(Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path.
    pub name: String,
    /// How many bytes it has.
    pub len: u64,
}

struct Central {
    entry: Entry,
    method: u16,
    packed: u64,
    at: u64,
}

/// Reads the directory of a ZIP.
///
/// # Errors
/// In words, when it is no ZIP, or none that an export would be.
pub fn read<R: Read + Seek>(zip: &mut R) -> Result<Vec<Entry>, String> {
    let (count, start, size) = end(zip)?;
    if count > MOST_FILES {
        return Err(format!("more than {MOST_FILES} files"));
    }
    if size > MOST_DIRECTORY {
        return Err("the directory is larger than any export's".to_owned());
    }
    let directory = bytes(zip, start, size)?;
    let mut fields = Fields(&directory);
    let mut files = Vec::new();
    for _ in 0..count {
        files.push(central(&mut fields)?);
    }
    if !fields.0.is_empty() {
        return Err("the directory has more entries than it says".to_owned());
    }
    limits(&files)?;
    places(zip, &files, start)?;
    Ok(files.into_iter().map(|file| file.entry).collect())
}

// Number of entries, start and size of the directory.
fn end<R: Read + Seek>(zip: &mut R) -> Result<(u64, u64, u64), String> {
    let no_zip = || "not a ZIP, or not all of it".to_owned();
    let len = zip.seek(SeekFrom::End(0)).map_err(|e| e.to_string())?;
    let at = len.checked_sub(22).ok_or_else(no_zip)?;
    let record = bytes(zip, at, 22)?;
    let mut fields = Fields(&record);
    if fields.u32()? != END {
        return Err(no_zip());
    }
    fields.take(6)?;
    let count = fields.u16()?;
    let (size, start) = (fields.u32()?, fields.u32()?);
    let large = count == u16::MAX || size == IN_EXTRA || start == IN_EXTRA;
    let found = match at.checked_sub(20).filter(|_| large) {
        Some(locator) => end_64(zip, locator)?,
        None => None,
    };
    let (place, found) = found.unwrap_or((at, (count.into(), start.into(), size.into())));
    if found.1.checked_add(found.2) != Some(place) {
        return Err("the directory is not where the ZIP says".to_owned());
    }
    Ok(found)
}

type End = (u64, u64, u64);

fn end_64<R: Read + Seek>(zip: &mut R, locator: u64) -> Result<Option<(u64, End)>, String> {
    let record = bytes(zip, locator, 20)?;
    let mut fields = Fields(&record);
    if fields.u32()? != LOCATOR_64 {
        return Ok(None);
    }
    fields.take(4)?;
    let place = fields.u64()?;
    let record = bytes(zip, place, 56)?;
    let mut fields = Fields(&record);
    if fields.u32()? != END_64 || place.checked_add(56) != Some(locator) {
        return Err("the ZIP has no sound end".to_owned());
    }
    fields.take(28)?;
    let (count, size, start) = (fields.u64()?, fields.u64()?, fields.u64()?);
    Ok(Some((place, (count, start, size))))
}

fn central(fields: &mut Fields) -> Result<Central, String> {
    if fields.u32()? != CENTRAL {
        return Err("the directory has fewer entries than it says".to_owned());
    }
    fields.take(4)?;
    let (flags, method) = (fields.u16()?, fields.u16()?);
    fields.take(8)?;
    let (packed, len) = (fields.u32()?, fields.u32()?);
    let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
    fields.take(4)?;
    let (mode, at) = (fields.u32()? >> 16, fields.u32()?);
    let name = sound(fields.take(name.into())?)?;
    let mut extra = Extra::of(fields.take(extra.into())?)?;
    fields.take(comment.into())?;
    if flags & ENCRYPTED != 0 {
        return Err(format!("{name} is encrypted"));
    }
    if ![STORED, DEFLATED].contains(&method) {
        return Err(format!("{name} is packed in a way that no export uses"));
    }
    if mode & 0o170_000 == 0o120_000 {
        return Err(format!("{name} is a link"));
    }
    let len = extra.or(len)?;
    Ok(Central {
        entry: Entry { name, len },
        method,
        packed: extra.or(packed)?,
        at: extra.or(at)?,
    })
}

// Names of exports are plain: nothing that leads out of a folder, and nothing that two tools read in two ways.
fn sound(name: &[u8]) -> Result<String, String> {
    let parts = name
        .strip_suffix(b"/")
        .unwrap_or(name)
        .split(|b| *b == b'/');
    let plain = |part: &[u8]| {
        let known = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
        !part.is_empty() && part.iter().all(known) && !part.iter().all(|b| *b == b'.')
    };
    let text = String::from_utf8_lossy(name);
    if parts.into_iter().all(plain) {
        Ok(text.into_owned())
    } else {
        Err(format!(
            "“{}” is no name of an export's file",
            text.escape_debug()
        ))
    }
}

fn limits(files: &[Central]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    let (mut texts, mut inflated) = (0_u64, 0_u64);
    for Central { entry, method, .. } in files {
        let Entry { name, len } = entry;
        if !names.insert(name.to_ascii_lowercase()) {
            return Err(format!("{name} is there twice"));
        }
        if name.ends_with('/') && *len > 0 {
            return Err(format!("{name} is a folder with content"));
        }
        let blob = name.starts_with(BLOBS);
        if blob && *len > MAX_FILE_MIB * 1024 * 1024 {
            return Err(format!("{name} is larger than any file of evidence"));
        }
        if !blob {
            texts = texts.saturating_add(*len);
        } else if *method == DEFLATED {
            inflated = inflated.saturating_add(*len);
        }
    }
    if texts > MOST_TEXTS || inflated > MOST_INFLATED {
        return Err("larger than any export".to_owned());
    }
    Ok(())
}

// Each file begins with the name that the directory gives it, no two share bytes, and there are no others.
fn places<R: Read + Seek>(zip: &mut R, files: &[Central], end: u64) -> Result<(), String> {
    let mut taken = Vec::new();
    for Central {
        entry, packed, at, ..
    } in files
    {
        let name = &entry.name;
        let head = bytes(zip, *at, 30)?;
        let mut fields = Fields(&head);
        let local = fields.u32()?;
        fields.take(22)?;
        let (named, extra) = (fields.u16()?, fields.u16()?);
        let begins = at.saturating_add(30);
        if local != LOCAL || bytes(zip, begins, named.into())? != name.as_bytes() {
            return Err(format!("{name} is not where the directory says"));
        }
        let content = begins + u64::from(named) + u64::from(extra);
        let behind = content.checked_add(*packed).filter(|behind| *behind <= end);
        let behind = behind.ok_or_else(|| format!("{name} goes beyond the end"))?;
        taken.push((*at, behind, name));
    }
    taken.sort_unstable();
    let mut reached = 0;
    for (at, behind, name) in taken {
        if at < reached {
            return Err(format!("{name} shares bytes with another file"));
        }
        if at - reached > DESCRIPTOR {
            return Err(format!("bytes before {name} belong to no file"));
        }
        reached = behind;
    }
    if end.saturating_sub(reached) > DESCRIPTOR {
        return Err("bytes before the directory belong to no file".to_owned());
    }
    Ok(())
}

fn bytes<R: Read + Seek>(zip: &mut R, at: u64, len: u64) -> Result<Vec<u8>, String> {
    zip.seek(SeekFrom::Start(at)).map_err(|e| e.to_string())?;
    let mut found = Vec::new();
    let read = zip.by_ref().take(len).read_to_end(&mut found);
    match read {
        Ok(read) if read as u64 == len => Ok(found),
        Ok(_) => Err("the ZIP ends too early".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

// Numbers one after another, the lowest byte first.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, len: usize) -> Result<&'a [u8], String> {
        let (taken, rest) = self
            .0
            .split_at_checked(len)
            .ok_or("the directory ends too early")?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, len: usize) -> Result<u64, String> {
        let bytes = self.take(len)?.iter().rev();
        Ok(bytes.fold(0, |n, byte| n << 8 | u64::from(*byte)))
    }

    fn u16(&mut self) -> Result<u16, String> {
        Ok(self.number(2)? as u16)
    }

    fn u32(&mut self) -> Result<u32, String> {
        Ok(self.number(4)? as u32)
    }

    fn u64(&mut self) -> Result<u64, String> {
        self.number(8)
    }
}

// The numbers that were too large for their field, in order.
struct Extra<'a>(Fields<'a>);

impl<'a> Extra<'a> {
    const ZIP_64: u16 = 1;

    fn of(bytes: &'a [u8]) -> Result<Self, String> {
        let mut fields = Fields(bytes);
        while fields.0.len() >= 4 {
            let (kind, len) = (fields.u16()?, fields.u16()?);
            let content = fields.take(len.into())?;
            if kind == Self::ZIP_64 {
                return Ok(Self(Fields(content)));
            }
        }
        Ok(Self(Fields(&[])))
    }

    fn or(&mut self, field: u32) -> Result<u64, String> {
        match field {
            IN_EXTRA => self.0.u64(),
            field => Ok(field.into()),
        }
    }
}
