//! Writing files that are read again before they count.

use super::{Stored, key::Public};
use anyhow::Context as _;
use sha2::{Digest as _, Sha256};
use std::{
    fs::File,
    io::{self, BufReader, Read, Write},
    path::{Path, PathBuf},
};
use zhicha_core::checklist::{Digest, digest::hex};

struct Hashing<W> {
    out: W,
    hash: Sha256,
    len: u64,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.hash.update(&bytes[..count]);
        self.len += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W> Hashing<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            hash: Sha256::new(),
            len: 0,
        }
    }

    fn stored(self) -> Stored {
        Stored {
            sha256: Digest(hex(&self.hash.finalize())),
            len: self.len,
        }
    }
}

/// What lies at `path`.
pub fn stored(path: &Path) -> io::Result<Stored> {
    let mut hashing = Hashing::new(io::sink());
    io::copy(&mut BufReader::new(File::open(path)?), &mut hashing)?;
    Ok(hashing.stored())
}

/// Encrypts `plain` to the new file `path` and reads that again; it has its name only when the disk gives back what was written.
pub fn sealed(to: &Public, plain: &mut impl Read, path: &Path) -> anyhow::Result<Stored> {
    whole(path, |out| {
        let mut writer = to.writer(out)?;
        io::copy(plain, &mut writer)?;
        writer.finish()?;
        Ok(())
    })
}

/// Writes bytes to the new file `path` and reads it again.
pub fn plain(bytes: &[u8], path: &Path) -> anyhow::Result<Stored> {
    whole(path, |out| Ok(out.write_all(bytes)?))
}

fn whole(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<Stored> {
    let failed = || format!("could not write {}", path.display());
    let folder = path.parent().context("a file has a folder")?;
    std::fs::create_dir_all(folder).with_context(failed)?;
    let part = part_of(path);
    let mut out = Hashing::new(File::create(&part).with_context(failed)?);
    write(&mut out).with_context(failed)?;
    out.out.sync_all().with_context(failed)?;
    let wanted = out.stored();
    let there = stored(&part).with_context(failed)?;
    anyhow::ensure!(
        there == wanted,
        "{} was written and reads otherwise: the disk or the network drive is not sound",
        path.display()
    );
    std::fs::rename(&part, path).with_context(failed)?;
    Ok(there)
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// Makes the names in a folder durable. Network drives that cannot are let off: what counts is read again by name.
pub fn settled(folder: &Path) -> anyhow::Result<()> {
    let synced = File::open(folder).and_then(|folder| folder.sync_all());
    match synced {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::InvalidInput
                    | io::ErrorKind::Unsupported
                    | io::ErrorKind::PermissionDenied
            ) =>
        {
            Err(error).with_context(|| format!("could not write {}", folder.display()))
        }
        _ => Ok(()),
    }
}
