//! One step of sending: take a batch, post it, verify what comes back, write it down.

use super::{Failure, Signer, Transport, Verifier};
use crate::{
    event::{Disposition, EventHash, Jwk, Receipt},
    store::{EventRow, Halt, PushState, ReceiptRow, Store, StoreError},
    sync::{
        push::{Input, batch, consequence},
        wire::{Identity, MAX_PUSH_EVENTS, PROTOCOL, PushReply, PushRequest, PushResult},
    },
    time::Timestamp,
};

/// What one step brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushStep {
    /// Input for `sync::push::State::step`.
    pub input: Input,
    /// Receipts that were written.
    pub receipts: usize,
}

/// Sends at most `limit` events and writes the receipts. `now` is read before and after the request to measure the
/// offset to the server's clock.
///
/// # Errors
/// When the store cannot be read or written; nothing counts as delivered then, and the same events go again.
pub async fn push_once<S: Store, T: Transport, V: Verifier>(
    store: &S,
    transport: &T,
    verifier: &V,
    limit: usize,
    now: &impl Fn() -> Timestamp,
) -> Result<PushStep, StoreError> {
    let done = |input| Ok(PushStep { input, receipts: 0 });
    let Some(identity) = store.identity().await? else {
        return done(Input::Nothing);
    };
    let mut state = store.push_state().await?;
    let events = store
        .events_after(state.acked, limit.clamp(1, MAX_PUSH_EVENTS))
        .await?;
    let count = batch(&events, limit);
    let Some(first) = events.first() else {
        return done(Input::Nothing);
    };
    let head = store.head().await?.map_or(0, |head| head.seq);
    let sent = &events[..count];
    let request = request(&identity, &state, first.seq, sent, head);
    let before = now();
    let reply = match transport.push(&request).await {
        Ok(reply) => reply,
        Err(Failure::Problem { problem, .. }) if problem.code == "expected_seq" => {
            return rewind(store, state, problem.expected_seq, head).await;
        }
        Err(failure) => return done(Input::Failed(failure)),
    };
    measure(&mut state, &reply, before, now());
    take_receipts(store, verifier, &identity, state, sent, &reply, head).await
}

fn request(
    identity: &Identity,
    state: &PushState,
    first_seq: u64,
    sent: &[EventRow],
    head: u64,
) -> PushRequest {
    PushRequest {
        protocol: PROTOCOL,
        certificate: identity.certificate.clone(),
        first_seq,
        events: sent.iter().map(|event| event.text.clone()).collect(),
        seen: state.seen.clone(),
        unsent: head.saturating_sub(state.acked),
    }
}

// The server lacks events that were acknowledged before (it was restored), or already has some: go on where it
// stands, as long as this device still holds that number.
async fn rewind<S: Store>(
    store: &S,
    mut state: PushState,
    expected: Option<u64>,
    head: u64,
) -> Result<PushStep, StoreError> {
    let Some(expected) =
        expected.filter(|seq| (1..=head + 1).contains(seq) && *seq != state.acked + 1)
    else {
        return Ok(PushStep {
            input: Input::Stop(Halt::Gap),
            receipts: 0,
        });
    };
    if expected <= head
        && store
            .events_after(expected - 1, 1)
            .await?
            .first()
            .is_none_or(|e| e.seq != expected)
    {
        return Ok(PushStep {
            input: Input::Stop(Halt::Gap),
            receipts: 0,
        });
    }
    state.acked = expected - 1;
    store.put_receipts(&[], &state).await?;
    Ok(PushStep {
        input: Input::Receipts { more: true },
        receipts: 0,
    })
}

// Cristian's estimate: the server's clock was read somewhere between our two readings.
fn measure(state: &mut PushState, reply: &PushReply, before: Timestamp, after: Timestamp) {
    let round_trip = (after.0 - before.0).max(0);
    state.offset = Some((
        reply.now.0 - (before.0 + round_trip / 2),
        round_trip / 2 + 1,
    ));
    state.seen = Some(reply.log.clone());
}

async fn take_receipts<S: Store, V: Verifier>(
    store: &S,
    verifier: &V,
    identity: &Identity,
    mut state: PushState,
    sent: &[EventRow],
    reply: &PushReply,
    head: u64,
) -> Result<PushStep, StoreError> {
    let mut rows = Vec::new();
    let mut stop = None;
    for (event, result) in sent.iter().zip(&reply.results) {
        match believe(verifier, identity, event, result).await {
            Ok(row) => {
                stop = stop.or(consequence(result.outcome));
                state.acked = event.seq;
                rows.push(row);
            }
            Err(halt) => {
                stop = Some(halt);
                break;
            }
        }
    }
    let more = state.acked < head;
    state.halted = stop;
    store.put_receipts(&rows, &state).await?;
    let input = match stop {
        // A frozen device deposits the rest first.
        Some(Halt::Frozen) if more && !rows.is_empty() => Input::Receipts { more },
        Some(halt) => Input::Stop(halt),
        // An answer without a single result would be asked for again at once, for ever.
        None if rows.is_empty() => Input::Failed(Failure::NotOurs),
        None => Input::Receipts { more },
    };
    Ok(PushStep {
        input,
        receipts: rows.len(),
    })
}

/// A receipt row, if the server's word can be believed: right kind, a known server key, a fitting signature, and
/// about exactly this event.
async fn believe<V: Verifier>(
    verifier: &V,
    identity: &Identity,
    event: &EventRow,
    result: &PushResult,
) -> Result<ReceiptRow, Halt> {
    let verified = verified_receipt(verifier, &identity.server_keys, &result.receipt).await;
    let (receipt, row) = verified.ok_or(Halt::UnknownServerKey)?;
    let about_this = receipt.tenant == identity.tenant
        && receipt.device_id == identity.device_id
        && receipt.device_seq == event.seq
        && receipt.event_hash == filed_hash(event);
    if !about_this {
        return Err(Halt::Refused);
    }
    Ok(ReceiptRow {
        hash: event.hash.clone(),
        reason: result
            .reason
            .filter(|_| receipt.disposition != Disposition::Applied),
        ..row
    })
}

// What was altered on the device's disk has another hash than the row says; the server files it under the text's.
fn filed_hash(event: &EventRow) -> EventHash {
    EventHash::of_text(&event.text)
}

/// Parses and verifies a receipt text under the known server keys.
pub async fn verified_receipt<V: Verifier>(
    verifier: &V,
    keys: &[Jwk],
    text: &str,
) -> Option<(Receipt, ReceiptRow)> {
    let (receipt, jws) = Receipt::parse(text).ok()?;
    let key = keys.iter().find(|key| key.thumbprint() == jws.kid)?;
    if !verifier.verify(&jws, key).await {
        return None;
    }
    let row = ReceiptRow {
        v: 1,
        hash: receipt.event_hash.clone(),
        disposition: receipt.disposition,
        reason: None,
        tenant_seq: receipt.tenant_seq,
        received_at: receipt.received_at,
        text: text.to_owned(),
    };
    Some((receipt, row))
}

/// Whether a signer's key is the one that the identity was enrolled with.
pub fn same_key(identity: &Identity, signer: &impl Signer) -> bool {
    identity.kid == signer.kid()
}
