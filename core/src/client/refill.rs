//! When the server's log is not the one that this device knew: it was restored from a backup or has fallen back. Nothing is
//! deleted here; what the server lacks goes again, the same texts under the same numbers.

use super::{Failure, Transport, gap::loss_of, pull::certificate_note};
use crate::{
    event::{BlobReceipt, Disposition, EventHash, Payload},
    id::{DeviceId, RecordId},
    inspection::EvidenceRow,
    store::{PushState, ReceiptRow, Store, StoreError},
    sync::{
        epoch::{Change, Seen},
        push::fitting,
        wire::{Identity, MAX_PUSH_EVENTS, PROTOCOL, PushReply, PushRequest},
    },
};
use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
};

/// The note that holds the server's newest signed word about its log.
const CHECKPOINT: &str = "checkpoint";
/// The note that holds the newest receipt for bytes.
const BLOB_RECEIPT: &str = "blob-receipt";

/// What a contact found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contact {
    /// The log is the one that this device knows.
    Known,
    /// It is another one: [`refill`] is due.
    Restored,
}

/// Looks whether the server's log is the one that this device knows; what was lost there is found out also by who has nothing to
/// send. It takes no session. Receipts of events that the server had to defer and could take since are written down too.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn contact<S: Store, T: Transport>(
    store: &S,
    transport: &T,
) -> Result<Result<Contact, Failure>, StoreError> {
    let Some(identity) = store.identity().await? else {
        return Ok(Ok(Contact::Known));
    };
    // What was seen before the question: what others answer meanwhile may be newer.
    let before = store.push_state().await?.seen;
    let reply = match ask(store, transport, &identity).await? {
        Ok(reply) => reply,
        Err(failure) => return Ok(Err(failure)),
    };
    if Seen::compare(before.as_ref(), &reply.log) == Change::Restored {
        return Ok(Ok(Contact::Restored));
    }
    let settled = settled(store).await?;
    let moved = Cell::new(false);
    let change = |state: &mut PushState| {
        if state.seen == before {
            state.seen = Some(reply.log.clone());
            moved.set(true);
        }
    };
    store.put_receipts(&settled, &change).await?;
    if moved.get() {
        keep_checkpoint(store, &reply).await?;
    }
    Ok(Ok(Contact::Known))
}

// What the server says by now about own events that it had to defer: it comes down with the person's records.
async fn settled<S: Store>(store: &S) -> Result<Vec<ReceiptRow>, StoreError> {
    let waits = |row: &ReceiptRow| row.disposition == Disposition::Deferred;
    let mut waiting: BTreeSet<EventHash> = BTreeSet::new();
    waiting.extend(
        store
            .troubled()
            .await?
            .into_iter()
            .filter(waits)
            .map(|row| row.hash),
    );
    let mut settled = Vec::new();
    if waiting.is_empty() {
        return Ok(settled);
    }
    for record in store.records(usize::MAX).await? {
        let said = store
            .pulled_of(record)
            .await?
            .into_iter()
            .filter_map(|event| event.receipt);
        settled.extend(said.filter(|row| waiting.contains(&row.hash) && !waits(row)));
    }
    Ok(settled)
}

/// Finds out what the server has and sees to it that the rest goes again: own events by the next pushes, bytes by the next
/// round of evidence, events of the person's other devices after the next pull ([`relay`]). Only then does the device know the new log,
/// and pulls go on. When the network breaks it off, the next contact begins it anew.
///
/// Nothing else may send from this device meanwhile: a round of evidence writes whole rows back.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn refill<S: Store, T: Transport>(
    store: &S,
    transport: &T,
) -> Result<Result<(), Failure>, StoreError> {
    let Some(identity) = store.identity().await? else {
        return Ok(Ok(()));
    };
    let reply = match ask(store, transport, &identity).await? {
        Ok(reply) => reply,
        Err(failure) => return Ok(Err(failure)),
    };
    let reported = before_reported(store, reply.next_seq).await?;
    let there = reply.next_seq.saturating_sub(1).min(reported);
    let again = |state: &mut PushState| state.acked = state.acked.min(there);
    store.put_receipts(&[], &again).await?;
    for record in store.records(usize::MAX).await? {
        doubt_evidence(store, record).await?;
        keep_pulled(store, record).await?;
    }
    let known = |state: &mut PushState| state.seen = Some(reply.log.clone());
    store.put_receipts(&[], &known).await?;
    keep_checkpoint(store, &reply).await?;
    Ok(Ok(()))
}

// Where the server's chain stands says nothing about what came after a report that gave it up, under a number before the report's:
// such a server may have the report and lack the rest. The last number before the first such report that names what is here.
async fn before_reported<S: Store>(store: &S, next_seq: u64) -> Result<u64, StoreError> {
    let mut here = BTreeSet::new();
    let mut last = 0;
    loop {
        let events = store.events_after(last, MAX_PUSH_EVENTS).await?;
        let Some(newest) = events.last().map(|event| event.seq) else {
            return Ok(u64::MAX);
        };
        for event in events.iter().filter(|event| event.seq < next_seq) {
            if let Some(loss) = loss_of(event)
                && here.range(loss.from..=loss.to).next().is_some()
            {
                return Ok(loss.from.saturating_sub(1));
            }
            here.insert(event.seq);
        }
        last = newest;
    }
}

// A push without events is answered by where the device's chain stands.
async fn ask<S: Store, T: Transport>(
    store: &S,
    transport: &T,
    identity: &Identity,
) -> Result<Result<PushReply, Failure>, StoreError> {
    let state = store.push_state().await?;
    let head = store.head().await?.map_or(0, |head| head.seq);
    let request = asking(store, identity, &state, state.acked + 1, head).await?;
    Ok(transport.push(&request).await)
}

/// A push without events yet, with all that the device knows of the server.
pub(super) async fn asking<S: Store>(
    store: &S,
    identity: &Identity,
    state: &PushState,
    first_seq: u64,
    head: u64,
) -> Result<PushRequest, StoreError> {
    Ok(PushRequest {
        seen: state.seen.clone(),
        checkpoint: store.note(CHECKPOINT).await?,
        blob_receipt: store.note(BLOB_RECEIPT).await?,
        unsent: head.saturating_sub(state.acked),
        ..bare(&identity.certificate, first_seq)
    })
}

fn bare(certificate: &str, first_seq: u64) -> PushRequest {
    PushRequest {
        protocol: PROTOCOL,
        certificate: certificate.to_owned(),
        first_seq,
        events: Vec::new(),
        seen: None,
        checkpoint: None,
        blob_receipt: None,
        relayed: false,
        unsent: 0,
    }
}

/// Keeps the newest receipt for bytes, before anything counts as delivered by it: a server that has lost just these bytes knows its
/// own word again.
pub(super) async fn keep_blob_receipt<S: Store>(
    store: &S,
    rows: &[EvidenceRow],
) -> Result<(), StoreError> {
    let at = |text: &str| Some(BlobReceipt::parse(text).ok()?.0.received_at);
    let texts = rows.iter().flat_map(|row| &row.parts);
    let texts = texts.filter_map(|part| part.receipt.as_deref());
    let Some(newest) = texts.max_by_key(|text| at(text)) else {
        return Ok(());
    };
    let before = store.note(BLOB_RECEIPT).await?;
    if before.and_then(|text| at(&text)) < at(newest) {
        store.put_note(BLOB_RECEIPT, newest).await?;
    }
    Ok(())
}

/// Keeps the server's signed word about its log.
pub(super) async fn keep_checkpoint<S: Store>(
    store: &S,
    reply: &PushReply,
) -> Result<(), StoreError> {
    match &reply.checkpoint {
        Some(text) => store.put_note(CHECKPOINT, text).await,
        None => Ok(()),
    }
}

// No receipt for bytes holds any more until the server has said it again: they wait, and each round asks before it sends. What has
// left this device and is not there either is told.
async fn doubt_evidence<S: Store>(store: &S, record: RecordId) -> Result<(), StoreError> {
    let mut rows = store.evidence_of(record).await?;
    rows.retain(|row| row.sealed.is_some() && row.parts.iter().any(|p| p.receipt.is_some()));
    for part in rows.iter_mut().flat_map(|row| &mut row.parts) {
        part.receipt = None;
    }
    match rows.is_empty() {
        true => Ok(()),
        false => store.settle_evidence(&rows).await,
    }
}

// What the server does not bring again stays here, without a receipt, and is told: this may be the last place that has it.
async fn keep_pulled<S: Store>(store: &S, record: RecordId) -> Result<(), StoreError> {
    let own = store.events_of(record).await?;
    let mut rows = store.pulled_of(record).await?;
    rows.retain(|row| row.receipt.is_some() && !own.iter().any(|event| event.hash == row.hash));
    for row in &mut rows {
        row.receipt = None;
    }
    match rows.is_empty() {
        true => Ok(()),
        false => store.archive(&rows).await,
    }
}

/// Sends for the person's other devices what this one has pulled of them and the server did not bring again: they may be gone.
/// To be called once all records are pulled. Receipts come with the next pull; what is not taken stays here and is told.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn relay<S: Store, T: Transport>(
    store: &S,
    transport: &T,
) -> Result<Result<(), Failure>, StoreError> {
    // What has its receipt by now is not listed any more.
    store.archive(&[]).await?;
    let lacking: BTreeSet<EventHash> = store.unconfirmed().await?.into_iter().collect();
    if lacking.is_empty() {
        return Ok(Ok(()));
    }
    for (device, places) in places(store, &lacking).await? {
        let Some(certificate) = store.note(&certificate_note(device)).await? else {
            continue;
        };
        if let Err(failure) = of_device(store, transport, &certificate, places).await? {
            return Ok(Err(failure));
        }
    }
    Ok(Ok(()))
}

// By the numbers of a device: in which record a text is found.
type Places = BTreeMap<u64, RecordId>;

async fn places<S: Store>(
    store: &S,
    lacking: &BTreeSet<EventHash>,
) -> Result<BTreeMap<DeviceId, Places>, StoreError> {
    let mut devices: BTreeMap<DeviceId, Places> = BTreeMap::new();
    for record in store.records(usize::MAX).await? {
        for event in store.pulled_of(record).await? {
            if lacking.contains(&event.hash)
                && let Ok((payload, _)) = Payload::parse(&event.text)
            {
                let places = devices.entry(payload.device_id).or_default();
                places.insert(payload.device_seq, record);
            }
        }
    }
    Ok(devices)
}

// One run of numbers after the other. What the server does not take from this device ends it; only without a network is it tried
// again.
async fn of_device<S: Store, T: Transport>(
    store: &S,
    transport: &T,
    certificate: &str,
    mut places: Places,
) -> Result<Result<(), Failure>, StoreError> {
    while let Some(first) = places.keys().next().copied() {
        let events = texts(store, &places, first).await?;
        let request = PushRequest {
            relayed: true,
            events,
            ..bare(certificate, first)
        };
        let taken = match transport.push(&request).await {
            Ok(reply) => reply.results.len() as u64,
            Err(Failure::Problem { .. }) => 0,
            Err(failure) => return Ok(Err(failure)),
        };
        if taken == 0 {
            return Ok(Ok(()));
        }
        places = places.split_off(&(first + taken));
    }
    Ok(Ok(()))
}

// The texts from a number on that fit one request.
async fn texts<S: Store>(
    store: &S,
    places: &Places,
    first: u64,
) -> Result<Vec<String>, StoreError> {
    let mut texts: Vec<String> = Vec::new();
    for seq in first.. {
        let Some(record) = places.get(&seq) else {
            break;
        };
        let of_seq = |text: &str| Payload::parse(text).is_ok_and(|(p, _)| p.device_seq == seq);
        let rows = store.pulled_of(*record).await?;
        let Some(row) = rows.into_iter().find(|row| of_seq(&row.text)) else {
            break;
        };
        texts.push(row.text);
        if fitting(texts.iter().map(String::len)) < texts.len() {
            texts.pop();
            break;
        }
    }
    Ok(texts)
}
