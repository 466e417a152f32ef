//! The bytes that events name: in a staging file while they come, then for good under tenant and digest. The rows that
//! belong to them are in `store::uploads` and `store::blobs`.

pub mod known;
mod place;

pub use place::Place;
pub(crate) use place::clear_unfinished;

use crate::config::Config;
use anyhow::Context as _;
use axum::body::Bytes;
use object_store::{Error, ObjectStore, ObjectStoreExt as _, path::Path as Key};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    io::ErrorKind,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{
    fs::{File, OpenOptions},
    io::AsyncSeekExt as _,
    sync::{Notify, OwnedMutexGuard, Semaphore},
};
use tokio_stream::{Stream, StreamExt as _};
use zhicha_core::{
    checklist::{Digest, digest::hex},
    event::BlobReceipt,
    id::TenantId,
};

// How long a request waits for an earlier one that writes the same upload.
const TAKE_OVER: Duration = Duration::from_secs(10);
// How long a connection may say nothing while another request waits for its upload.
const QUIET: Duration = Duration::from_secs(2);
// Whole blobs that may be in memory on their way to their place.
const PROMOTIONS: usize = 2;
// How long the place may take to say what is in it, and an upload may wait for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

/// What kept bytes from their place, or us from them. Nothing was lost: a staging file stays until its bytes are in place.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The place where blobs are kept does not answer.
    #[error("blobs: {0}")]
    Store(#[from] Error),
    /// The staging folder does not.
    #[error("staging: {0}")]
    Staging(#[from] std::io::Error),
    /// The place takes too long.
    #[error("blobs: no answer in time")]
    Slow,
}

// An answer of the place, in time.
async fn soon<T>(answer: impl Future<Output = Result<T, Error>>) -> Result<T, BlobError> {
    let answer = tokio::time::timeout(PATIENCE, answer).await;
    Ok(answer.map_err(|_| BlobError::Slow)??)
}

// Nothing where the place says that there is nothing.
fn found<T>(answer: Result<T, BlobError>) -> Result<Option<T>, BlobError> {
    match answer {
        Ok(found) => Ok(Some(found)),
        Err(BlobError::Store(Error::NotFound { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Bytes as they are read from their place.
pub type BoxStream<T> = Pin<Box<dyn Stream<Item = Result<T, Error>> + Send>>;

/// Where the bytes are.
pub struct Blobs {
    store: Arc<dyn ObjectStore>,
    staging: PathBuf,
    slots: Mutex<HashMap<String, Arc<Slot>>>,
    promotions: Semaphore,
}

#[derive(Default)]
struct Slot {
    writing: Arc<tokio::sync::Mutex<()>>,
    // How many requests wait for the right.
    waiting: AtomicUsize,
    stop: Notify,
}

struct Waiting<'a>(&'a Slot);

impl<'a> Waiting<'a> {
    fn on(slot: &'a Slot) -> Self {
        slot.waiting.fetch_add(1, Ordering::SeqCst);
        slot.stop.notify_waiters();
        Self(slot)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The right to write an upload. A holder that has gone silent gives it to whoever comes next.
pub struct Writing {
    slot: Arc<Slot>,
    _guard: OwnedMutexGuard<()>,
}

impl Writing {
    /// Ends when another request has waited for the same upload for a while. Whoever sends calls this anew after each
    /// piece: only a connection that has gone silent gives way.
    pub async fn unwanted(&self) {
        let told = self.slot.stop.notified();
        tokio::pin!(told);
        // Heard from here on; who waits already has spoken before.
        told.as_mut().enable();
        if self.slot.waiting.load(Ordering::SeqCst) == 0 {
            told.await;
        }
        tokio::time::sleep(QUIET).await;
    }
}

impl Blobs {
    /// Opens the folders of a server, making what is missing.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let staging = config.staging();
        std::fs::create_dir_all(&staging)
            .with_context(|| format!("could not make {}", staging.display()))?;
        config.blobs()?.make()?;
        Self::existing(config)
    }

    /// Opens what a server made; changes nothing.
    ///
    /// # Errors
    /// When there is no such folder, or the settings of a bucket do not fit.
    pub fn existing(config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            store: config.blobs()?.open()?,
            staging: config.staging(),
            slots: Mutex::default(),
            promotions: Semaphore::new(PROMOTIONS),
        })
    }

    /// The right to write an upload; nothing when its holder does not end in time.
    pub async fn write(&self, id: &str) -> Option<Writing> {
        let slot = {
            let mut slots = self.slots.lock().unwrap_or_else(|e| e.into_inner());
            slots.retain(|_, slot| Arc::strong_count(slot) > 1);
            Arc::clone(slots.entry(id.to_owned()).or_default())
        };
        let guard = {
            let _waiting = Waiting::on(&slot);
            let lock = Arc::clone(&slot.writing).lock_owned();
            tokio::time::timeout(TAKE_OVER, lock).await.ok()?
        };
        Some(Writing {
            slot,
            _guard: guard,
        })
    }

    fn staged(&self, id: &str) -> PathBuf {
        self.staging.join(id)
    }

    /// The staging file of an upload, cut or found at `at`. Gives the place to go on from, which is less when the file is
    /// shorter than was noted.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub async fn stage(&self, id: &str, at: u64) -> Result<(File, u64), BlobError> {
        let path = self.staged(id);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(&path)
            .await?;
        let at = file.metadata().await?.len().min(at);
        file.set_len(at).await?;
        file.seek(std::io::SeekFrom::Start(at)).await?;
        Ok((file, at))
    }

    /// How many bytes of an upload are on disk; 0 without a file.
    ///
    /// # Errors
    /// When the staging folder does not answer.
    pub async fn on_disk(&self, id: &str) -> Result<u64, BlobError> {
        match tokio::fs::metadata(self.staged(id)).await {
            Ok(meta) => Ok(meta.len()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error.into()),
        }
    }

    /// Forgets a staging file.
    ///
    /// # Errors
    /// When it stays.
    pub async fn unstage(&self, id: &str) -> Result<(), BlobError> {
        match tokio::fs::remove_file(self.staged(id)).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Brings staged bytes to their place, durably, if they are what `sha256` says; tells whether they were. The staging
    /// file stays. Nothing when there is no such file: another request has been here.
    ///
    /// # Errors
    /// When the place does not answer.
    pub async fn promote(
        &self,
        tenant: TenantId,
        id: &str,
        sha256: &Digest,
    ) -> Result<Option<bool>, BlobError> {
        let turn = tokio::time::timeout(PATIENCE, self.promotions.acquire()).await;
        let _turn = turn.map_err(|_| BlobError::Slow)?;
        let bytes = match tokio::fs::read(self.staged(id)).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            read => read?,
        };
        let fits = Digest::of(&bytes) == *sha256;
        if fits {
            failpoint!(PromoteBegins);
            self.put(tenant, sha256, bytes.into()).await?;
            failpoint!(Promoted);
        }
        Ok(Some(fits))
    }

    /// Whether the bytes of a row are in their place, by their length: `zhicha fsck` hashes them.
    ///
    /// # Errors
    /// When the place does not answer.
    pub async fn holds(&self, blob: &BlobReceipt) -> Result<bool, BlobError> {
        let place = key(blob.tenant, &blob.sha256);
        let meta = found(soon(self.store.head(&place)).await)?;
        Ok(meta.is_some_and(|meta| meta.size == blob.len))
    }

    /// The bytes in the place of `sha256`; nothing when there are none.
    ///
    /// # Errors
    /// When the place does not answer.
    pub async fn read(
        &self,
        tenant: TenantId,
        sha256: &Digest,
    ) -> Result<Option<Bytes>, BlobError> {
        match found(soon(self.store.get(&key(tenant, sha256))).await)? {
            Some(found) => Ok(Some(found.bytes().await?)),
            None => Ok(None),
        }
    }

    /// The same, as they are read.
    ///
    /// # Errors
    /// When the place does not answer.
    pub async fn stream(
        &self,
        tenant: TenantId,
        sha256: &Digest,
    ) -> Result<Option<BoxStream<Bytes>>, BlobError> {
        let found = found(soon(self.store.get(&key(tenant, sha256))).await)?;
        Ok(found.map(|found| found.into_stream() as _))
    }

    /// The first bytes in the place of a row, at most `most`; nothing when the bytes are not in their place.
    ///
    /// # Errors
    /// When the place does not answer.
    pub async fn begin(&self, blob: &BlobReceipt, most: u64) -> Result<Option<Bytes>, BlobError> {
        if !self.holds(blob).await? {
            return Ok(None);
        }
        let place = key(blob.tenant, &blob.sha256);
        let range = 0..most.min(blob.len);
        Ok(Some(soon(self.store.get_range(&place, range)).await?))
    }

    /// The bytes of a row as they are read, hashed before the first one is given; nothing when what is in their place is
    /// not what the row says.
    ///
    /// # Errors
    /// When the place does not answer.
    pub async fn checked(&self, blob: &BlobReceipt) -> Result<Option<BoxStream<Bytes>>, BlobError> {
        let (tenant, sha256) = (blob.tenant, &blob.sha256);
        let Some(mut bytes) = self.stream(tenant, sha256).await? else {
            return Ok(None);
        };
        let (mut hash, mut len) = (Sha256::new(), 0);
        while let Some(some) = bytes.next().await {
            let some = some?;
            len += some.len() as u64;
            hash.update(&some);
        }
        if len != blob.len || hex(&hash.finalize()) != sha256.0 {
            return Ok(None);
        }
        self.stream(tenant, sha256).await
    }

    /// A file without a name beside the staging files: its room is free again once nobody holds it, whatever happens.
    ///
    /// # Errors
    /// When the staging folder does not answer.
    pub fn unnamed(&self) -> Result<std::fs::File, BlobError> {
        Ok(tempfile::tempfile_in(&self.staging)?)
    }

    /// Writes bytes to their place, durably.
    ///
    /// # Errors
    /// When the place does not answer.
    pub async fn put(
        &self,
        tenant: TenantId,
        sha256: &Digest,
        bytes: Bytes,
    ) -> Result<(), BlobError> {
        self.store.put(&key(tenant, sha256), bytes.into()).await?;
        Ok(())
    }

    /// Whether place and staging folder answer.
    ///
    /// # Errors
    /// When one of them does not.
    pub async fn answers(&self) -> Result<(), BlobError> {
        self.place_answers().await?;
        tokio::fs::metadata(&self.staging).await?;
        Ok(())
    }

    /// Whether the place answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn place_answers(&self) -> Result<(), BlobError> {
        soon(self.store.list_with_delimiter(None)).await?;
        Ok(())
    }

    /// The digests of a tenant's bytes that have a place, in no order.
    ///
    /// # Errors
    /// When the place does not answer.
    pub async fn places(&self, tenant: TenantId) -> Result<Vec<Digest>, BlobError> {
        let mut places = Vec::new();
        let root = Key::from(tenant.to_string());
        let mut files = self.store.list(Some(&root));
        loop {
            let next = tokio::time::timeout(PATIENCE, files.next()).await;
            let Some(file) = next.map_err(|_| BlobError::Slow)? else {
                return Ok(places);
            };
            let place = file?.location;
            let sha256 = place.filename().and_then(Digest::parse);
            places.extend(sha256.filter(|sha256| key(tenant, sha256) == place));
        }
    }

    /// The names of all staging files.
    ///
    /// # Errors
    /// When the staging folder does not answer.
    pub async fn staging_files(&self) -> Result<Vec<String>, BlobError> {
        let mut names = Vec::new();
        let mut folder = tokio::fs::read_dir(&self.staging).await?;
        while let Some(entry) = folder.next_entry().await? {
            names.extend(entry.file_name().into_string());
        }
        Ok(names)
    }
}

/// The place of bytes: `tenant/aa/bb/sha256`.
pub(crate) fn key(tenant: TenantId, sha256: &Digest) -> Key {
    let (text, short) = (sha256.0.as_str(), |range| {
        sha256.0.get(range).unwrap_or("00")
    });
    Key::from(format!("{tenant}/{}/{}/{text}", short(0..2), short(2..4)))
}
