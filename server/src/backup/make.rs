//! Making a backup, also beside a running server.

use super::{
    DATABASE, FILES, FORMAT, INDEX, Log, MANIFEST, Manifest, Named, SEAL, Said, Seal, Stored,
    finding, key::Public, private_folder, set::Set, target::Target, write,
};
use crate::{
    Config,
    blob::{Blobs, known},
    cli::fsck::{self, Finding},
    ids,
    keys::ServerKey,
    store::{self, Store, backups, blobs, open, settings, tenants},
};
use anyhow::Context as _;
use std::{
    fs::File,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use time::{OffsetDateTime, macros::format_description};
use zhicha_core::{
    checklist::{Digest, digest::hex},
    event::BlobReceipt,
    time::Timestamp,
};

const WORK: &str = "backup-work-";
const LOCK: &str = "backup-in-use";
// Folders of the data folder that belong to a backup beside database, key and bytes: certificates that phones trust.
const ALONG: [&str; 2] = ["tls", "acme"];

/// What is to be done.
pub struct Wanted<'a> {
    /// The server whose data is saved.
    pub config: &'a Config,
    /// Folder of the backups.
    pub to: &'a Path,
    /// How many backups stay, with the new one; all without it.
    pub keep: Option<usize>,
    /// Whether bytes that the server itself has lost may be absent from a backup that counts.
    pub accept_missing: bool,
}

/// A backup that was written and read again.
#[derive(Debug)]
pub struct Made {
    /// Its folder.
    pub path: PathBuf,
    /// How many files of bytes belong to it.
    pub blobs: usize,
    /// How many of them are new.
    pub new: usize,
    /// How many bytes were written.
    pub written: u64,
    /// What was wrong with the data folder.
    pub found: Vec<Finding>,
    /// Whether it counts: devices may forget what is in it.
    pub counts: bool,
}

/// Makes a backup.
///
/// # Errors
/// When it could not be written or does not read as it was written; it does not count then, and those before it are as
/// they were.
pub async fn make(wanted: &Wanted<'_>) -> anyhow::Result<Made> {
    let config = wanted.config;
    let database = config.database()?;
    anyhow::ensure!(
        database.exists() && ServerKey::exists(&config.data_dir),
        "{} is not the data folder of a server",
        config.data_dir.display()
    );
    let _lock = lock(&config.data_dir)?;
    outside(&config.data_dir, wanted.to)?;
    let store = Store::open_existing(&database).await?;
    known::agree(&mut *store.reader().await?, config).await?;
    let key = ServerKey::open(&config.data_dir)?;
    let recipient = settings::get(&mut *store.reader().await?, settings::BACKUP_RECIPIENT).await?;
    let to = Public::parse(&recipient.context(
        "there is no key for backups yet: make one with `zhicha backup key --out FILE`, and keep that file elsewhere",
    )?)?;
    let mut writing = Writing {
        wanted,
        target: Target::open(wanted.to, &key, to.clone())?,
        key,
        to,
        new: 0,
        written: 0,
    };
    let (made, manifest) = writing.write(&database).await?;
    if made.counts {
        let logs: Vec<_> = manifest
            .logs
            .iter()
            .map(|log| (log.tenant, log.size))
            .collect();
        let name = made.path.file_name().unwrap_or_default();
        let mut tx = store.begin().await?;
        backups::add(&mut tx, &name.to_string_lossy(), manifest.made_at, &logs).await?;
        store::commit(tx).await?;
        if let Some(keep) = wanted.keep {
            writing.target.thin(keep.max(1), &name.to_string_lossy())?;
        }
    }
    store.close().await;
    Ok(made)
}

// One backup at a time: the next one would count on what this one has not finished.
fn lock(data_dir: &Path) -> anyhow::Result<File> {
    let path = data_dir.join(LOCK);
    let file =
        File::create(&path).with_context(|| format!("could not write {}", path.display()))?;
    file.try_lock()
        .map_err(|_| anyhow::anyhow!("another backup of {} is running", data_dir.display()))?;
    Ok(file)
}

fn outside(data_dir: &Path, to: &Path) -> anyhow::Result<()> {
    let data_dir = std::path::absolute(data_dir)?;
    anyhow::ensure!(
        !std::path::absolute(to)?.starts_with(&data_dir),
        "a backup inside the data folder {} is lost together with it; choose another disk",
        data_dir.display()
    );
    Ok(())
}

struct Writing<'a> {
    wanted: &'a Wanted<'a>,
    key: ServerKey,
    to: Public,
    target: Target,
    new: usize,
    written: u64,
}

impl Writing<'_> {
    async fn write(&mut self, database: &Path) -> anyhow::Result<(Made, Manifest)> {
        let work = work(&self.wanted.config.data_dir)?;
        let copy = work.path().join(DATABASE);
        // All that came before this moment is in the copy.
        let made_at = self.wanted.config.clock.now();
        open::snapshot(database, &copy).await?;
        let store = Store::open_existing(&copy).await?;
        let mut found = fsck::check_database(&store, &self.key).await?;
        let sound = found.is_empty();
        let logs = logs(&store).await?;
        let rows = rows(&store).await?;
        // Folds the copy into one file.
        store.close().await;

        let name = name(made_at)?;
        let part = self.wanted.to.join(format!(".{name}.part"));
        let files = self.files(&copy, &part)?;
        drop(work);
        let lost = self.bytes(&rows, &part).await?;
        let counts = sound && (lost.is_empty() || self.wanted.accept_missing);
        found.extend(lost);
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            made_at,
            zhicha: env!("CARGO_PKG_VERSION").to_owned(),
            form: open::form(),
            server_key: self.key.public().thumbprint(),
            recipient: self.to.to_string(),
            logs,
            files,
            index: write::stored(&part.join(INDEX))?,
            found: found.iter().map(Said::from).collect(),
        };
        let path = self.close(&manifest, &part, &name)?;
        let made = Made {
            path,
            blobs: rows.len(),
            new: self.new,
            written: self.written,
            found,
            counts,
        };
        Ok((made, manifest))
    }

    // Database, key and what else the data folder holds, each encrypted.
    fn files(&mut self, copy: &Path, part: &Path) -> anyhow::Result<Vec<Named>> {
        let data_dir = &self.wanted.config.data_dir;
        let key = ServerKey::file(data_dir);
        let mut files = vec![(DATABASE.to_owned(), copy.to_owned())];
        files.push((file_name(&key), key));
        for folder in ALONG {
            along(&data_dir.join(folder), folder, &mut files)?;
        }
        let mut named = Vec::new();
        for (name, from) in files {
            let mut plain =
                File::open(&from).with_context(|| format!("could not read {}", from.display()))?;
            let path = part.join(FILES).join(format!("{name}.age"));
            let stored = write::sealed(&self.to, &mut plain, &path)?;
            self.written += stored.len;
            named.push(Named { name, stored });
        }
        Ok(named)
    }

    // The bytes that the rows of the copy name; those that an earlier backup has are not written again. Gives what the
    // server itself has lost.
    async fn bytes(&mut self, rows: &[BlobReceipt], part: &Path) -> anyhow::Result<Vec<Finding>> {
        let blobs = Blobs::existing(self.wanted.config).context("where photos and files are kept");
        let (mut index, mut lost) = (String::new(), Vec::new());
        for row in rows {
            let name = self.key.backup_name(row.tenant, &row.sha256);
            let named = match self.target.holds(&name) {
                Some(held) => held,
                None => {
                    let blobs = match &blobs {
                        Ok(blobs) => blobs,
                        Err(error) => anyhow::bail!("{error:#}"),
                    };
                    let read = blobs.read(row.tenant, &row.sha256).await.context(
                        "照片存放处不通：没有做成备份，以前的备份不变；通了再备份 / the place of photos does not answer: there is no new backup, those before are as they were; back up again when it does",
                    )?;
                    match read.filter(|bytes| Digest::of(bytes) == row.sha256) {
                        Some(bytes) => self.add(&name, &bytes)?,
                        None => {
                            lost.push(missing(row));
                            continue;
                        }
                    }
                }
            };
            index += &serde_json::to_string(&named)?;
            index.push('\n');
        }
        write::plain(index.as_bytes(), &part.join(INDEX))?;
        self.target.settle()?;
        Ok(lost)
    }

    fn add(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<Named> {
        let named = self.target.add(name, bytes)?;
        self.new += 1;
        self.written += named.stored.len;
        Ok(named)
    }

    // Signs the list of what is there, gives the folder its name, and reads all of it once more by that name.
    fn close(&self, manifest: &Manifest, part: &Path, name: &str) -> anyhow::Result<PathBuf> {
        let text = serde_json::to_vec_pretty(manifest)?;
        write::plain(&text, &part.join(MANIFEST))?;
        let seal = Seal {
            format: FORMAT.to_owned(),
            made_at: manifest.made_at,
            manifest: Digest::of(&text),
        };
        write::plain(self.key.backup(&seal).as_bytes(), &part.join(SEAL))?;
        for folder in folders(&part.join(FILES))? {
            write::settled(&folder)?;
        }
        write::settled(part)?;
        let path = self.wanted.to.join(name);
        std::fs::rename(part, &path)
            .with_context(|| format!("could not name the backup {}", path.display()))?;
        write::settled(self.wanted.to)?;
        let set = Set::open(&path)?;
        let wrong = set.check_files();
        anyhow::ensure!(
            wrong.is_empty() && set.is_sealed_by(self.key.public()),
            "the backup {} was written and does not read as it was: the disk or the network drive is not sound; it does not count",
            path.display()
        );
        Ok(path)
    }
}

fn missing(row: &BlobReceipt) -> Finding {
    finding(
        format!("blob {}", row.sha256),
        "blob_missing",
        "the server has lost these bytes or they were altered, so they are in no new backup; `zhicha fsck` says more",
    )
}

// For the copy before it is encrypted. What a broken-off backup left goes.
fn work(data_dir: &Path) -> anyhow::Result<TempDir> {
    for entry in std::fs::read_dir(data_dir)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(WORK) {
            std::fs::remove_dir_all(entry.path())?;
        }
    }
    private_folder(WORK, data_dir)
}

async fn logs(store: &Store) -> store::Result<Vec<Log>> {
    let mut conn = store.reader().await?;
    let mut logs = Vec::new();
    for tenant in tenants::all(&mut conn).await? {
        let seen = tenants::log(&mut conn, tenant.tenant).await?;
        logs.push(Log {
            tenant: tenant.tenant,
            epoch: seen.epoch,
            size: seen.size,
        });
    }
    Ok(logs)
}

/// The bytes that the rows of all tenants name.
pub(super) async fn rows(store: &Store) -> store::Result<Vec<BlobReceipt>> {
    let mut conn = store.reader().await?;
    let mut rows = Vec::new();
    for tenant in tenants::all(&mut conn).await? {
        rows.extend(blobs::all(&mut conn, tenant.tenant).await?);
    }
    Ok(rows)
}

fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

// The files of a folder and the folders in it.
fn along(folder: &Path, name: &str, files: &mut Vec<(String, PathBuf)>) -> anyhow::Result<()> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        read => read.with_context(|| format!("could not read {}", folder.display()))?,
    };
    for entry in entries {
        let entry = entry?;
        let own = entry.file_name().to_string_lossy().into_owned();
        // What is being written has a name like this until it is whole.
        if own.starts_with('.') {
            continue;
        }
        let name = format!("{name}/{own}");
        if entry.file_type()?.is_dir() {
            along(&entry.path(), &name, files)?;
        } else if entry.path().is_file() {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}

fn folders(of: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut all = vec![of.to_owned()];
    for entry in std::fs::read_dir(of)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            all.extend(folders(&entry.path())?);
        }
    }
    Ok(all)
}

// Names sort by time, and work on every file system.
fn name(at: Timestamp) -> anyhow::Result<String> {
    let form =
        format_description!("[year]-[month]-[day]T[hour][minute][second][subsecond digits:3]Z");
    let at = OffsetDateTime::from_unix_timestamp_nanos(i128::from(at.0) * 1_000_000)?;
    let own = hex(&ids::random::<4>());
    Ok(format!("{}-{own}", at.format(&form)?))
}

/// Whether a file fits what a list says of it.
pub(super) fn fits(path: &Path, stored: &Stored) -> Result<(), &'static str> {
    match write::stored(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err("is not there"),
        Err(_) => Err("cannot be read"),
        Ok(there) if there.len < stored.len => Err("was cut short"),
        Ok(there) if there != *stored => Err("was altered"),
        Ok(_) => Ok(()),
    }
}
