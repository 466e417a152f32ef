//! Reading a backup: is it whole, does it open, and whose is it.

use super::{
    Damaged, FILES, INDEX, MANIFEST, Manifest, Named, SEAL, Seal, Stored, finding,
    key::{Private, Unopened},
    make::fits,
    stays_inside, target,
};
use crate::{cli::fsck::Finding, keys::ServerKey};
use anyhow::Context as _;
use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
};
use zhicha_core::{
    checklist::Digest,
    event::{Jwk, Jws, Typ, jws::native},
    id::TenantId,
};

/// One backup.
pub struct Set {
    folder: PathBuf,
    path: PathBuf,
    manifest: Manifest,
    manifest_digest: Digest,
    // By name: with the number of its own, so that each backup sees the bytes that it wrote or found.
    index: BTreeMap<String, Stored>,
}

/// The names of the backups in a folder, in no order.
pub fn names(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in
        std::fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?
    {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // 2026-11-23T021500123Z-1f2e3d4c
        if name.len() == 30 && name.starts_with(|c: char| c.is_ascii_digit()) {
            names.push(name);
        }
    }
    Ok(names)
}

impl Set {
    /// Opens the backup at `from`, or the newest one in the folder `from`.
    ///
    /// # Errors
    /// When there is none; [`Damaged`] when its lists cannot be read or do not fit.
    pub fn open(from: &Path) -> anyhow::Result<Self> {
        let path = if target::owner(from)?.is_some() {
            let names = names(from)?;
            let newest = names.into_iter().max();
            let newest = newest
                .with_context(|| format!("there is no finished backup in {}", from.display()))?;
            from.join(newest)
        } else {
            from.to_owned()
        };
        anyhow::ensure!(
            path.is_dir() && path.join(FILES).is_dir(),
            "{} is no backup: give the folder of the backups, or one of the folders in it",
            from.display()
        );
        let folder = std::path::absolute(&path)?;
        let folder = folder.parent().context("a backup has a folder")?.to_owned();
        let text = std::fs::read(path.join(MANIFEST)).unwrap_or_default();
        let manifest: Manifest = serde_json::from_slice(&text)
            .map_err(|error| torn(MANIFEST, format!("it cannot be read: {error}")))?;
        anyhow::ensure!(
            manifest.format == super::FORMAT,
            "the backup is of the form {}, this version knows {}",
            manifest.format,
            super::FORMAT
        );
        if let Some(file) = manifest.files.iter().find(|file| !stays_inside(&file.name)) {
            return Err(torn(MANIFEST, format!("“{}” is no name of a file", file.name)).into());
        }
        fits(&path.join(INDEX), &manifest.index).map_err(|why| torn(INDEX, why.to_owned()))?;
        let index = std::fs::read_to_string(path.join(INDEX)).ok();
        let index = index
            .and_then(|text| target::listed(&text))
            .ok_or_else(|| torn(INDEX, "it cannot be read".to_owned()))?;
        Ok(Self {
            folder,
            path,
            manifest,
            manifest_digest: Digest::of(&text),
            index,
        })
    }

    /// What belongs to it.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Its own folder's name.
    pub fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// How many files of bytes belong to it.
    pub fn blobs(&self) -> usize {
        self.index.len()
    }

    /// Reads database, key and other files and compares them with the list.
    pub fn check_files(&self) -> Vec<Finding> {
        let wrong = |file: &Named| {
            let why = fits(&self.file(&file.name), &file.stored).err()?;
            let item = format!("files/{}.age", file.name);
            Some(finding(item, "backup_file", format!("the file {why}")))
        };
        self.manifest.files.iter().filter_map(wrong).collect()
    }

    /// Reads all bytes and compares them with the list; needs no key.
    pub fn check_blobs(&self) -> Vec<Finding> {
        let wrong = |(name, stored): (&String, &Stored)| {
            let why = fits(&target::blob_path(&self.folder, name), stored).err()?;
            let words = format!("the file {why}; the next backup writes it anew");
            Some(finding(format!("blobs/{name}"), "backup_blob", words))
        };
        self.index.iter().filter_map(wrong).collect()
    }

    /// Whether the server with this key made it as it is.
    pub fn is_sealed_by(&self, key: &Jwk) -> bool {
        let sealed = || {
            let text = std::fs::read_to_string(self.path.join(SEAL)).ok()?;
            let jws = Jws::parse(&text, Typ::Backup).ok()?;
            native::verify(&jws, key).ok()?;
            let seal: Seal = serde_json::from_value(jws.payload).ok()?;
            Some(seal.manifest)
        };
        sealed().as_ref() == Some(&self.manifest_digest)
            && key.thumbprint() == self.manifest.server_key
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path.join(FILES).join(format!("{name}.age"))
    }

    /// Opens database, key and other files into `folder`.
    ///
    /// # Errors
    /// When the key is another one or the folder cannot be written; [`Damaged`] when a file does not open.
    pub fn unpack(&self, key: &Private, folder: &Path) -> anyhow::Result<()> {
        for file in &self.manifest.files {
            let path = folder.join(&file.name);
            let within = path.parent().context("a file has a folder")?;
            private_folders(within)?;
            let mut out = private(&path)?;
            let opened = key.open(&self.file(&file.name));
            opened
                .and_then(|mut plain| Ok(std::io::copy(&mut plain, &mut out)?))
                .map_err(|why| self.unopened(key, &format!("files/{}.age", file.name), why))?;
            out.sync_all()?;
        }
        Ok(())
    }

    /// The bytes that a row names; nothing when the backup does not list them.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn bytes(
        &self,
        key: &Private,
        server: &ServerKey,
        tenant: TenantId,
        sha256: &Digest,
    ) -> Result<Option<Vec<u8>>, Finding> {
        let name = server.backup_name(tenant, sha256);
        let mut listed = self.index.range(name.clone()..);
        let Some((full, _)) = listed.next().filter(|(full, _)| full.starts_with(&name)) else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        let opened = key.open(&target::blob_path(&self.folder, full));
        let read = opened.and_then(|mut plain| Ok(plain.read_to_end(&mut bytes)?));
        let wrong = |why: String| finding(format!("blob {sha256}"), "backup_blob", why);
        read.map_err(|why| wrong(format!("blobs/{full} does not open: {why}")))?;
        if Digest::of(&bytes) != *sha256 {
            return Err(wrong(format!(
                "blobs/{full} holds other bytes than its name says"
            )));
        }
        Ok(Some(bytes))
    }

    fn unopened(&self, key: &Private, item: &str, why: Unopened) -> anyhow::Error {
        match why {
            Unopened::WrongKey => anyhow::anyhow!(
                "this is not the key of the backup: it is encrypted to {}, the key file is for {}",
                self.manifest.recipient,
                key.public()
            ),
            Unopened::Damaged(why) => Damaged(vec![finding(item, "backup_file", why)]).into(),
            // The library says by an error of reading that a block was altered.
            Unopened::Io(error) if error.kind() == std::io::ErrorKind::InvalidData => {
                Damaged(vec![finding(item, "backup_file", "the file was altered")]).into()
            }
            Unopened::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
                Damaged(vec![finding(item, "backup_file", "the file was cut short")]).into()
            }
            Unopened::Io(error) => anyhow::Error::new(error).context(item.to_owned()),
        }
    }
}

fn torn(item: &str, why: String) -> Damaged {
    Damaged(vec![finding(item, "backup_list", why)])
}

// For its owner only: database and key are in the clear here.
fn private(path: &Path) -> anyhow::Result<File> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
        .open(path)
        .with_context(|| format!("could not write {}", path.display()))
}

// Folders of keys are for their owner only as well.
fn private_folders(path: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}
