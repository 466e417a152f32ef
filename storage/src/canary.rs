//! The canary: what the database must hold at least, kept outside of it, so that a loss is noticed.
//!
//! After every append and every receipt the last number and the count of unsent events are mirrored in
//! localStorage and in a small file. A database that is empty or behind at the next start has lost records; the loss
//! is remembered until a person has seen it.

use crate::{
    IdbStore,
    global::local_storage,
    identity::{self, HEAD, IDENTITY, PUSH},
    opfs,
    schema::META,
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

/// To be called right after opening and before any enrolment: compares the database with the canary and returns
/// the losses that nobody has accepted yet.
///
/// # Errors
/// When the database cannot be read.
pub async fn check(store: &IdbStore, page_session: PageSession) -> Result<Vec<Loss>, StoreError> {
    PAGE_SESSION.set(Some(page_session));
    let mut canary = read(store).await;
    let now = last(store).await?;
    if let Some(loss) = canary
        .last
        .as_ref()
        .and_then(|then| loss(then, now.as_ref()))
    {
        canary.losses.push(loss);
        // The same loss is not to be found again at the next start.
        canary.last = None;
    }
    canary.last = now.or(canary.last);
    write(store, &canary);
    Ok(canary.losses)
}

/// The person has seen a loss (and it has been reported, where that is possible).
pub async fn accept(store: &IdbStore, loss: &Loss) {
    let mut canary = read(store).await;
    canary.losses.retain(|other| other != loss);
    write(store, &canary);
}

/// Brings the canary up to date after a write. A failure here never fails the write: the data is safe.
pub(crate) async fn refresh(store: &IdbStore) {
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

async fn last(store: &IdbStore) -> Result<Option<Last>, StoreError> {
    let (identity, head, push): (Option<Identity>, Option<Head>, Option<PushState>) = store
        .connection()
        .read(&[META], async |tx| {
            Ok((
                identity::read(tx, IDENTITY).await?,
                identity::read(tx, HEAD).await?,
                identity::read(tx, PUSH).await?,
            ))
        })
        .await?;
    let (Some(identity), Some(head)) = (identity, head) else {
        return Ok(None);
    };
    let acked = push.unwrap_or_default().acked;
    Ok(Some(Last {
        device_id: identity.device_id,
        device_seq: head.seq,
        unsent: head.seq.saturating_sub(acked),
        page_session: PAGE_SESSION.get(),
    }))
}

fn name(store: &IdbStore) -> String {
    let profile = store.profile();
    format!("zhicha.canary.{}.{}", profile.tenant, profile.user)
}

fn read_local(store: &IdbStore) -> Option<Canary> {
    let text = local_storage()?.get_item(&name(store)).ok()??;
    zhicha_core::json::from_str(&text).ok()
}

async fn read(store: &IdbStore) -> Canary {
    if let Some(canary) = read_local(store) {
        return canary;
    }
    let text = opfs::read(&name(store)).await;
    text.and_then(|text| zhicha_core::json::from_str(&text).ok())
        .unwrap_or_default()
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
    opfs::write_later(name, text);
}
