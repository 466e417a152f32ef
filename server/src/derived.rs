//! Small pictures, made once and kept in a folder of their own. All of it can be made anew: whoever deletes the folder
//! loses nothing, and no backup needs it.

use crate::{
    blob::{BlobError, clear_unfinished, key},
    config::Config,
    picture::{self, Shown, Size, Unshown},
};
use anyhow::Context as _;
use axum::body::Bytes;
use object_store::{Error, ObjectStoreExt as _, local::LocalFileSystem, path::Path as Key};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use zhicha_core::{checklist::Digest, id::TenantId};

// A change of how they are made makes new ones.
const FORM: &str = "1";
// One at a time, so that a hostile picture costs the memory of one.
const DECODERS: usize = 1;

/// The small pictures of a server.
pub struct Derived {
    store: LocalFileSystem,
    decoders: Arc<Semaphore>,
}

/// The right to decode a picture, given up only when the decoder has ended: whoever asked may be gone by then.
pub struct Turn(OwnedSemaphorePermit);

impl Derived {
    /// Opens the folder of a server, making it if need be, and clears away what a crash left half written.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub fn open(config: &Config) -> anyhow::Result<Self> {
        let folder = config.derived().join(FORM);
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("could not make {}", folder.display()))?;
        clear_unfinished(&folder)?;
        Ok(Self {
            // A file gets its name only once its bytes are on the disk, so that none is cut.
            store: LocalFileSystem::new_with_prefix(folder)?.with_fsync(true),
            decoders: Arc::new(Semaphore::new(DECODERS)),
        })
    }

    /// What was made of these bytes before; nothing when nobody has asked for them yet.
    ///
    /// # Errors
    /// When the folder does not answer.
    pub async fn find(
        &self,
        tenant: TenantId,
        sha256: &Digest,
        size: Size,
    ) -> Result<Option<Result<Bytes, Unshown>>, BlobError> {
        let bytes = match self.store.get(&place(tenant, sha256, size)).await {
            Err(Error::NotFound { .. }) => return Ok(None),
            found => found?.bytes().await?,
        };
        // An empty file says that there is nothing to show.
        let shown = Some(bytes).filter(|bytes| !bytes.is_empty());
        Ok(Some(shown.ok_or(Unshown::Damaged)))
    }

    /// Waits until a picture may be decoded.
    ///
    /// # Errors
    /// When the server ends.
    pub async fn turn(&self) -> Result<Turn, BlobError> {
        let permit = Arc::clone(&self.decoders).acquire_owned().await;
        permit.map(Turn).map_err(|_| ended())
    }

    /// Makes the small pictures of `bytes` and keeps them, or keeps that there are none. A decoder that panics stops
    /// nothing but itself.
    ///
    /// # Errors
    /// When the server ends. Bytes that cannot be shown are no error of ours.
    pub async fn make(
        &self,
        turn: Turn,
        tenant: TenantId,
        sha256: &Digest,
        bytes: Bytes,
    ) -> Result<Result<Shown, Unshown>, BlobError> {
        let shown = decoded(turn, move || picture::show(&bytes)).await?;
        let files = match &shown {
            Ok(shown) => shown.clone(),
            Err(why) => {
                tracing::warn!(%sha256, %why, "a picture cannot be shown");
                Shown::default()
            }
        };
        for (bytes, size) in files.into_iter().zip(Size::ALL) {
            let place = place(tenant, sha256, size);
            if let Err(error) = self.store.put(&place, bytes.into()).await {
                tracing::warn!(%error, "a small picture could not be kept; it is made anew next time");
            }
        }
        Ok(shown)
    }
}

async fn decoded<T: Send + 'static>(
    turn: Turn,
    decode: impl FnOnce() -> Result<T, Unshown> + Send + 'static,
) -> Result<Result<T, Unshown>, BlobError> {
    let work = tokio::task::spawn_blocking(move || {
        let Turn(_permit) = turn;
        decode()
    });
    match work.await {
        Ok(decoded) => Ok(decoded),
        Err(error) if error.is_panic() => Ok(Err(Unshown::Damaged)),
        Err(_) => Err(ended()),
    }
}

fn ended() -> BlobError {
    BlobError::Staging(std::io::Error::other("the server ends"))
}

fn place(tenant: TenantId, sha256: &Digest, size: Size) -> Key {
    Key::from(format!("{}.{}.jpg", key(tenant, sha256), size.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicha_core::id::Uuid;

    #[tokio::test]
    async fn a_decoder_that_panics_is_an_answer_and_the_next_one_has_its_turn() {
        let dir = tempfile::tempdir().unwrap();
        let derived = Derived::open(&Config::in_folder(dir.path().to_owned())).unwrap();
        let bad = || -> Result<(), Unshown> { panic!("as on bytes that nobody foresaw") };
        for _ in 0..3 {
            let turn = derived.turn().await.unwrap();
            assert_eq!(decoded(turn, bad).await.unwrap(), Err(Unshown::Damaged));
        }
    }

    #[tokio::test]
    async fn what_cannot_be_shown_is_found_out_once() {
        let dir = tempfile::tempdir().unwrap();
        let derived = Derived::open(&Config::in_folder(dir.path().to_owned())).unwrap();
        let (tenant, bytes) = (TenantId(Uuid::nil()), Bytes::from_static(b"\xff\xd8\xff"));
        let sha256 = Digest::of(&bytes);
        let find = async || derived.find(tenant, &sha256, Size::View).await.unwrap();
        assert_eq!(find().await, None);
        let turn = derived.turn().await.unwrap();
        let made = derived.make(turn, tenant, &sha256, bytes).await.unwrap();
        assert_eq!(made, Err(Unshown::Damaged));
        assert_eq!(find().await, Some(Err(Unshown::Damaged)));
    }
}
