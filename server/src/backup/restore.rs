//! Bringing a backup back, and trying out whether it could be.

use super::{DATABASE, Damaged, finding, key::Private, make, private_folder, set::Set};
use crate::{
    Config,
    blob::{Blobs, known},
    cli::fsck::{self, Finding},
    keys::ServerKey,
    recovery::{self, Why},
    store::{self, Store, tenants},
};
use anyhow::Context as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zhicha_core::{id::TenantId, sync::epoch::Seen};

/// What is to be brought back.
pub struct Wanted<'a> {
    /// A backup, or a folder of them.
    pub from: &'a Path,
    /// The new data folder and, with its `blob_url`, the place of the bytes.
    pub config: &'a Config,
    /// The private key.
    pub key: &'a Private,
    /// Thumbprint of the server that the backup must be of.
    pub server: Option<&'a str>,
    /// Whether to go on although something was found.
    pub accept_findings: bool,
}

/// What was brought back.
#[derive(Debug)]
pub struct Restored {
    /// Name of the backup.
    pub name: String,
    /// Thumbprint of its server.
    pub server_key: String,
    /// The new life of each tenant's log.
    pub lives: Vec<(TenantId, Seen)>,
    /// How many files of bytes.
    pub blobs: usize,
    /// Where the server kept them before, if not in its data folder, as `--blob-url` named it.
    pub blobs_before: Option<String>,
    /// What was found and accepted.
    pub found: Vec<Finding>,
}

/// Opens a backup with its key and checks everything in it: hashes, signatures, chains, projections, bytes. Needs room for the
/// database in the folder of temporary files.
///
/// # Errors
/// When it cannot be read or the key is another one; [`Damaged`] when it is not whole.
pub async fn verify(set: &Set, key: &Private) -> anyhow::Result<Vec<Finding>> {
    stop_at(set.check_files())?;
    let mut found = Vec::new();
    let work = private_folder("zhicha-verify-", &std::env::temp_dir())?;
    let server = unpack(set, key, work.path(), None)?;
    let store = Store::open(&work.path().join(DATABASE)).await?;
    found.extend(fsck::check_database(&store, &server).await?);
    for row in make::rows(&store).await? {
        match set.bytes(key, &server, row.tenant, &row.sha256) {
            Ok(Some(_)) => {}
            Ok(None) => found.push(unlisted(&row.sha256.0)),
            Err(wrong) => found.push(wrong),
        }
    }
    store.close().await;
    Ok(found)
}

/// Brings a backup back into a new data folder, in which the log of each tenant begins a new life. The folder is there with
/// everything in it or not at all.
///
/// # Errors
/// When the folder is not empty, the key is another one or something cannot be written; [`Damaged`] when the backup is not whole.
pub async fn restore(wanted: &Wanted<'_>) -> anyhow::Result<Restored> {
    let folder = std::path::absolute(&wanted.config.data_dir)?;
    let parent = empty(&folder)?;
    let set = Set::open(wanted.from)?;
    stop_at(set.check_files())?;
    let part = private_folder(".zhicha-restore-", &parent)?;
    let server = unpack(&set, wanted.key, part.path(), wanted.server)?;
    let config = Config {
        data_dir: part.path().to_owned(),
        database_url: None,
        ..wanted.config.clone()
    };
    let store = Store::open(&config.database()?).await?;
    let before = known::get(&mut *store.reader().await?).await?;
    let mut found = bytes(&set, wanted, &store, &server, &config).await?;
    let blobs = Blobs::existing(&config).ok();
    let unsound = fsck::check(&store, &server, blobs.as_ref()).await?;
    found.extend(known(unsound, &found));
    if !wanted.accept_findings {
        stop_at(std::mem::take(&mut found))?;
    }
    let lives = begin(&store, &set, &config).await?;
    let after = fsck::check_database(&store, &server).await?;
    if !wanted.accept_findings {
        stop_at(after)?;
    }
    store.close().await;
    put(part, &folder, &parent)?;
    Ok(Restored {
        name: set.name(),
        server_key: server.public().thumbprint(),
        lives,
        blobs: set.blobs(),
        blobs_before: before.filter(|url| !url.is_empty()),
        found,
    })
}

fn stop_at(found: Vec<Finding>) -> Result<(), Damaged> {
    if found.is_empty() {
        Ok(())
    } else {
        Err(Damaged(found))
    }
}

// What is said twice of the same thing is said once.
fn known(unsound: Vec<Finding>, found: &[Finding]) -> Vec<Finding> {
    let new = |finding: &Finding| !found.iter().any(|known| known.item == finding.item);
    unsound.into_iter().filter(new).collect()
}

fn unlisted(sha256: &str) -> Finding {
    finding(
        format!("blob {sha256}"),
        "backup_blob",
        "the server had lost these bytes when the backup was made",
    )
}

// The folder above, when there is nothing at `folder` yet.
fn empty(folder: &Path) -> anyhow::Result<PathBuf> {
    let shown = folder.display();
    if let Ok(mut entries) = std::fs::read_dir(folder) {
        anyhow::ensure!(
            entries.next().is_none(),
            "{shown} is not empty; a backup is brought back into a new folder only, nothing was changed"
        );
    } else {
        anyhow::ensure!(!folder.exists(), "{shown} is no folder");
    }
    let parent = folder.parent().context("the root is no data folder")?;
    std::fs::create_dir_all(parent)
        .with_context(|| format!("could not make {}", parent.display()))?;
    #[cfg(unix)]
    if folder.exists() {
        use std::os::unix::fs::MetadataExt as _;
        anyhow::ensure!(
            std::fs::metadata(folder)?.dev() == std::fs::metadata(parent)?.dev(),
            "{shown} is a disk of its own, which cannot get another name; name a new folder inside of it"
        );
    }
    Ok(parent.to_owned())
}

// Opens what is encrypted and makes sure whose it is.
fn unpack(
    set: &Set,
    key: &Private,
    folder: &Path,
    server: Option<&str>,
) -> anyhow::Result<ServerKey> {
    set.unpack(key, folder)?;
    anyhow::ensure!(
        ServerKey::exists(folder) && folder.join(DATABASE).exists(),
        "the backup has no database or no server key"
    );
    let own = ServerKey::open(folder)?;
    if !set.is_sealed_by(own.public()) {
        let words = "the list of the backup is not signed by the server whose key is in it: files of different servers were mixed, \
                     or it was altered";
        return Err(Damaged(vec![finding("manifest.jws", "backup_seal", words)]).into());
    }
    let thumbprint = own.public().thumbprint();
    anyhow::ensure!(
        server.is_none_or(|wanted| wanted == thumbprint),
        "the backup is of another server: its key is {thumbprint}"
    );
    Ok(own)
}

// Brings all bytes to their place that the rows name; gives what could not be.
async fn bytes(
    set: &Set,
    wanted: &Wanted<'_>,
    store: &Store,
    server: &ServerKey,
    config: &Config,
) -> anyhow::Result<Vec<Finding>> {
    let blobs = Blobs::open(config)?;
    let mut found = Vec::new();
    for row in make::rows(store).await? {
        match set.bytes(wanted.key, server, row.tenant, &row.sha256) {
            Ok(Some(bytes)) => blobs.put(row.tenant, &row.sha256, bytes.into()).await?,
            Ok(None) => found.push(unlisted(&row.sha256.0)),
            Err(wrong) => found.push(wrong),
        }
    }
    Ok(found)
}

// Whoever saw more of the log than the backup has must not take the numbers that come now for those.
async fn begin(store: &Store, set: &Set, config: &Config) -> anyhow::Result<Vec<(TenantId, Seen)>> {
    let mut tx = store.begin().await?;
    let mut lives = Vec::new();
    for tenant in tenants::all(&mut tx).await? {
        let name = set.name();
        let why = Why::Restored(&name);
        let life = recovery::begin(&mut tx, &config.clock, tenant.tenant, why).await?;
        lives.push((tenant.tenant, life));
    }
    known::note(&mut tx, config).await?;
    store::commit(tx).await?;
    Ok(lives)
}

fn put(part: TempDir, folder: &Path, parent: &Path) -> anyhow::Result<()> {
    sync(part.path())?;
    // It is empty, or it stays and the next step fails.
    let _ = std::fs::remove_dir(folder);
    std::fs::rename(part.path(), folder)
        .with_context(|| format!("could not name the folder {}", folder.display()))?;
    // It has another name now.
    let _ = part.keep();
    std::fs::File::open(parent)?.sync_all()?;
    Ok(())
}

// Names are on the disk before the folder gets its own.
fn sync(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.path())?;
        }
    }
    std::fs::File::open(folder)?.sync_all()
}
