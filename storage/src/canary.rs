//! The canary: what the database must hold at least, kept outside of it, so that a loss is noticed.
//!
//! After every append and every receipt the last number and the count of unsent events are mirrored in
//! localStorage and (by [`crate::copy`]) in a small file. A database that is empty or behind at the next start has lost records: what the copy
//! beside it holds is put back, and the rest is a loss. Both are remembered until a person has seen them.

use crate::{
    IdbStore, Restored, copy,
    global::local_storage,
    identity::{self, HEAD, IDENTITY, PUSH},
    opfs, restore,
    schema::{EVENT, META},
};
use serde::{Deserialize, Serialize};
use std::cell::Cell;
use zhicha_core::{
    id::{DeviceId, PageSession},
    store::{Head, PushState, StoreError},
    sync::wire::Identity,
};

/// Numbers that are no longer on this device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loss {
    /// The enrolment they belong to.
    pub device_id: DeviceId,
    /// First lost number.
    pub from: u64,
    /// Last lost number.
    pub to: u64,
    /// How many of them, the last ones, had no receipt: these exist nowhere any more.
    pub unsent: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Canary {
    last: Option<Last>,
    losses: Vec<Loss>,
    #[serde(default)]
    restored: Option<Restored>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Last {
    device_id: DeviceId,
    device_seq: u64,
    unsent: u64,
    page_session: Option<PageSession>,
}

thread_local! {
    static PAGE_SESSION: Cell<Option<PageSession>> = const { Cell::new(None) };
}

/// To be called right after opening: whether the database has all that the canary knows of, and nothing is to be told.
/// Otherwise [`check`] comes next.
///
/// # Errors
/// When the database cannot be read.
pub async fn fits(store: &IdbStore, page_session: PageSession) -> Result<bool, StoreError> {
    PAGE_SESSION.set(Some(page_session));
    let canary = later_of(store).await;
    let now = last(store).await?;
    Ok(canary.losses.is_empty()
        && canary.restored.is_none()
        && !lacks(store, canary.last.as_ref(), now.as_ref()).await?)
}

/// Whether nothing is known of this person here, neither in the database nor beside it. Where something is, [`check`] comes
/// before any enrolment.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_new(store: &IdbStore, page_session: PageSession) -> Result<bool, StoreError> {
    PAGE_SESSION.set(Some(page_session));
    let (identity, ..) = standing(store).await?;
    Ok(identity.is_none()
        && read(store).await == Canary::default()
        && restore::text(store).await.trim().is_empty())
}

/// Compares the database with the canary, puts back what the copy has, and returns the losses that nobody has accepted
/// yet.
///
/// # Errors
/// When the database cannot be read, or not take what is put back.
pub async fn check(store: &IdbStore, page_session: PageSession) -> Result<Vec<Loss>, StoreError> {
    PAGE_SESSION.set(Some(page_session));
    let mut canary = later_of(store).await;
    let mut now = last(store).await?;
    if lacks(store, canary.last.as_ref(), now.as_ref()).await?
        && let Some(restored) = restore::from_copy(store).await?
    {
        canary.restored = Some(restored);
        now = last(store).await?;
    }
    if let Some(loss) = canary
        .last
        .as_ref()
        .and_then(|then| loss(then, now.as_ref()))
        && !canary.losses.contains(&loss)
    {
        canary.losses.push(loss);
        // The same loss is not to be found again at the next start.
        canary.last = None;
    }
    canary.last = now.or(canary.last);
    write(store, &canary);
    Ok(canary.losses)
}

/// What was put back and nobody has seen yet.
pub async fn restored(store: &IdbStore) -> Option<Restored> {
    read(store).await.restored
}

/// The person has seen what was put back.
pub async fn accept_restored(store: &IdbStore) {
    let mut canary = read(store).await;
    canary.restored = None;
    write(store, &canary);
}

// Whether the database may lack events: it knows nobody, is behind the canary, or has not all that waits.
async fn lacks(
    store: &IdbStore,
    then: Option<&Last>,
    now: Option<&Last>,
) -> Result<bool, StoreError> {
    let Some(now) = now else { return Ok(true) };
    if then.is_some_and(|then| then.device_id == now.device_id && then.device_seq > now.device_seq)
    {
        return Ok(true);
    }
    let above = now.device_seq.saturating_sub(now.unsent);
    let there = store
        .connection()
        .read(&[EVENT], async |tx| tx.count_above(EVENT, above).await)
        .await?;
    Ok(u64::from(there) < now.unsent)
}

/// The person has seen a loss (and it has been reported, where that is possible).
pub async fn accept(store: &IdbStore, loss: &Loss) {
    let mut canary = read(store).await;
    canary.losses.retain(|other| other != loss);
    write(store, &canary);
}

/// Brings the canary up to date after a write. A failure here never fails the write: the data is safe.
pub async fn refresh(store: &IdbStore) {
    if let Ok(Some(now)) = last(store).await {
        let mut canary = read(store).await;
        canary.last = Some(now);
        write(store, &canary);
    }
}

fn loss(then: &Last, now: Option<&Last>) -> Option<Loss> {
    let here = match now {
        Some(now) if now.device_id != then.device_id => return None,
        Some(now) => now.device_seq,
        None => 0,
    };
    (here < then.device_seq).then(|| Loss {
        device_id: then.device_id,
        from: here + 1,
        to: then.device_seq,
        unsent: then.unsent.min(then.device_seq - here),
    })
}

/// Who is enrolled, where the chain ends, and where sending stands, at one moment.
pub(crate) async fn standing(
    store: &IdbStore,
) -> Result<(Option<Identity>, Option<Head>, PushState), StoreError> {
    store
        .connection()
        .read(&[META], async |tx| {
            let push: Option<PushState> = identity::read(tx, PUSH).await?;
            Ok((
                identity::read(tx, IDENTITY).await?,
                identity::read(tx, HEAD).await?,
                push.unwrap_or_default(),
            ))
        })
        .await
}

async fn last(store: &IdbStore) -> Result<Option<Last>, StoreError> {
    let (Some(identity), Some(head), push) = standing(store).await? else {
        return Ok(None);
    };
    Ok(Some(Last {
        device_id: identity.device_id,
        device_seq: head.seq,
        unsent: head.seq.saturating_sub(push.acked),
        page_session: PAGE_SESSION.get(),
    }))
}

/// Name of the canary, in localStorage and as a file.
pub(crate) fn name(store: &IdbStore) -> String {
    let profile = store.profile();
    format!("zhicha.canary.{}.{}", profile.tenant, profile.user)
}

fn read_local(store: &IdbStore) -> Option<Canary> {
    let text = local_storage()?.get_item(&name(store)).ok()??;
    zhicha_core::json::from_str(&text).ok()
}

async fn read_file(store: &IdbStore) -> Option<Canary> {
    zhicha_core::json::from_str(&opfs::read(&name(store)).await?).ok()
}

async fn read(store: &IdbStore) -> Canary {
    match read_local(store) {
        Some(canary) => canary,
        None => read_file(store).await.unwrap_or_default(),
    }
}

// Browsers write localStorage seconds later, so after a sudden death the file may know of more.
async fn later_of(store: &IdbStore) -> Canary {
    let mut canary = read(store).await;
    if let Some(last) = &mut canary.last
        && let Some(other) = read_file(store).await.and_then(|file| file.last)
        && other.device_id == last.device_id
        && other.device_seq > last.device_seq
    {
        *last = other;
    }
    canary
}

fn write(store: &IdbStore, canary: &Canary) {
    let Ok(text) = serde_json::to_string(canary) else {
        return;
    };
    let name = name(store);
    if let Some(storage) = local_storage() {
        // A full localStorage leaves the file.
        let _ = storage.set_item(&name, &text);
    }
    copy::update_later(store, text);
}
