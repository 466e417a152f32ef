//! Appending an event: the only way anything becomes an event (`docs/formats.md`, "Appending").
//!
//! The caller holds the lock `append`. A crash anywhere before the last step leaves nothing behind: number and draft
//! are used again, and the dropped signature never left memory.

use super::{Clock, Signer};
use crate::{
    checklist::Digest,
    event::{BuildError, EventHash, Payload, Unsigned, body::Written, envelope::SCHEMA},
    id::{EventId, IdSource, RecordId},
    inspection::{Draft, evidence::Captured},
    store::{Append, EventRow, Fence, Store, StoreError},
    time::CivilDate,
};

/// What every event of this page load has in common.
pub struct Context<'a, S, K, C> {
    /// The device's storage.
    pub store: &'a S,
    /// The device key.
    pub signer: &'a K,
    /// The device's clocks.
    pub clock: &'a C,
    /// Build hash of the app.
    pub app_build: &'a str,
}

/// An event to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct NewEvent {
    /// Its record.
    pub record_id: RecordId,
    /// Heads of the record that the author saw.
    pub parents: Vec<EventHash>,
    /// Digests of the checklists it rests on.
    pub checklists: Vec<Digest>,
    /// What it says.
    pub body: Written,
    /// What was captured and is named by `body`; the event takes its bytes by their digests, and from then on they wait to
    /// be sent.
    pub captured: Captured,
    /// For a seal: the draft as it was read (its revision is compared), and the fence held.
    pub closes: Option<(Draft, Fence)>,
}

/// Why an event was not written. Nothing was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AppendError {
    /// Nobody is enrolled on this device.
    #[error("nobody is signed in on this device")]
    NotEnrolled,
    /// It cannot be built; too large, most likely.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The key would not sign.
    #[error("the device key cannot sign: {0}")]
    Sign(String),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How often the head may move under us before we give up; with the lock held it does not move at all.
const TRIES: u32 = 3;

/// Builds, signs and writes one event; returns it once it is on disk.
pub async fn append<S: Store, K: Signer, C: Clock>(
    cx: &Context<'_, S, K, C>,
    ids: &mut impl IdSource,
    new: &NewEvent,
) -> Result<EventRow, AppendError> {
    let mut tries = 0;
    loop {
        tries += 1;
        match try_append(cx, ids, new).await {
            // A moved head is read again; a moved draft is for the person to look at, so it is not.
            Err(AppendError::Store(StoreError::Changed))
                if tries < TRIES && new.closes.is_none() => {}
            done => return done,
        }
    }
}

async fn try_append<S: Store, K: Signer, C: Clock>(
    cx: &Context<'_, S, K, C>,
    ids: &mut impl IdSource,
    new: &NewEvent,
) -> Result<EventRow, AppendError> {
    let identity = cx.store.identity().await?.ok_or(AppendError::NotEnrolled)?;
    let head = cx.store.head().await?.ok_or(AppendError::NotEnrolled)?;
    let offset = cx.store.push_state().await?.offset;
    let testimony = cx.clock.testimony(offset);
    let payload = Payload {
        tenant: identity.tenant,
        event_id: EventId::new(ids),
        kind: new.body.kind.as_str().to_owned(),
        record_type: new.body.kind.record_type().to_owned(),
        record_id: new.record_id,
        parents: new.parents.clone(),
        device_id: identity.device_id,
        device_seq: new.body.own_seq(identity.device_id).unwrap_or(head.seq + 1),
        prev: head.hash.clone(),
        actor: identity.user,
        role: identity.role,
        checklists: new.checklists.clone(),
        app_build: cx.app_build.to_owned(),
        schema: SCHEMA,
        t: testimony,
        inspection_date: CivilDate::of(testimony.best(), identity.zone),
        body: new.body.value.clone().map_err(BuildError::Form)?,
        blobs: new.captured.blobs(),
    };
    let seq = payload.device_seq;
    let unsigned = Unsigned::build(payload, cx.signer.kid())?;
    // No transaction is open here: signing may take its time.
    let signature = cx
        .signer
        .sign(unsigned.signing_input.as_bytes())
        .await
        .map_err(AppendError::Sign)?;
    let event = EventRow {
        v: 1,
        seq,
        hash: unsigned.hash.clone(),
        record_id: new.record_id,
        kind: unsigned.payload.kind.clone(),
        at: testimony.wall,
        text: unsigned.signed(&signature),
    };
    let closes = new
        .closes
        .as_ref()
        .map(|(draft, fence)| (draft.id, draft.rev, *fence));
    cx.store
        .append(&Append {
            expect: head,
            event: event.clone(),
            captured: new.captured.clone(),
            closes,
        })
        .await?;
    Ok(event)
}
