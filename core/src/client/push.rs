//! One step of sending: take a batch, post it, verify what comes back, write it down.

use super::{
    Failure, Signer, Transport, Verifier,
    gap::report_of,
    refill::{asking, keep_checkpoint},
};
use crate::{
    event::{Disposition, EventHash, Jwk, Receipt},
    store::{EventRow, Halt, PushState, ReceiptRow, Store, StoreError},
    sync::{
        epoch::{Change, Seen},
        push::{Input, batch, consequence},
        wire::{Identity, MAX_PUSH_EVENTS, PushReply, PushRequest, PushResult},
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
    /// The server's log is not the one that this device knew: `client::refill` is due.
    pub restored: bool,
}

impl PushStep {
    fn of(input: Input) -> Self {
        Self {
            input,
            receipts: 0,
            restored: false,
        }
    }
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
    let done = |input| Ok(PushStep::of(input));
    let Some(identity) = store.identity().await? else {
        return done(Input::Nothing);
    };
    let state = store.push_state().await?;
    let events = store
        .events_after(state.acked, limit.clamp(1, MAX_PUSH_EVENTS))
        .await?;
    let count = batch(&events, limit);
    if count == 0 {
        return done(Input::Nothing);
    }
    let round = Round {
        store,
        transport,
        verifier,
        identity: &identity,
        head: store.head().await?.map_or(0, |head| head.seq),
        now,
    };
    match round.send(state.clone(), &events[..count], true).await? {
        Ok(step) => Ok(step),
        Err(Failure::Problem { problem, .. }) if problem.code == "expected_seq" => {
            round.go_on(state, problem.expected_seq).await
        }
        Err(failure) => done(Input::Failed(failure)),
    }
}

// What one step works with.
struct Round<'a, S, T, V, N> {
    store: &'a S,
    transport: &'a T,
    verifier: &'a V,
    identity: &'a Identity,
    head: u64,
    now: &'a N,
}

impl<S: Store, T: Transport, V: Verifier, N: Fn() -> Timestamp> Round<'_, S, T, V, N> {
    // One request. A report of lost numbers that goes before what it names does not move what is acknowledged.
    async fn send(
        &self,
        mut state: PushState,
        sent: &[EventRow],
        moves: bool,
    ) -> Result<Result<PushStep, Failure>, StoreError> {
        let first = sent.first().map_or(0, |event| event.seq);
        let request = PushRequest {
            events: sent.iter().map(|event| event.text.clone()).collect(),
            ..asking(self.store, self.identity, &state, first, self.head).await?
        };
        let before = (self.now)();
        let reply = match self.transport.push(&request).await {
            Ok(reply) => reply,
            Err(failure) => return Ok(Err(failure)),
        };
        measure(&mut state, &reply, before, (self.now)());
        // The new log counts as seen once everything is under way that it lacks.
        let restored = Seen::compare(state.seen.as_ref(), &reply.log) == Change::Restored;
        if !restored {
            state.seen = Some(reply.log.clone());
        }
        let step = self.take_receipts(state, sent, &reply, moves).await?;
        if !restored {
            keep_checkpoint(self.store, &reply).await?;
        }
        Ok(Ok(PushStep { restored, ..step }))
    }

    // The server lacks events that were acknowledged before (it was restored), or already has some: go on where it
    // stands. Where this device does not have that number any more, a report of the loss goes first.
    async fn go_on(
        &self,
        mut state: PushState,
        expected: Option<u64>,
    ) -> Result<PushStep, StoreError> {
        let gap = Ok(PushStep::of(Input::Stop(Halt::Gap)));
        let Some(expected) = expected.filter(|seq| (1..=self.head + 1).contains(seq)) else {
            return gap;
        };
        let stood_there = expected == state.acked + 1;
        let before = expected - 1;
        let next = self.store.events_after(before, 1).await?;
        let is_here = expected > self.head || next.first().is_some_and(|e| e.seq == expected);
        if is_here && stood_there {
            return gap;
        }
        let change = |state: &mut PushState| state.acked = before;
        self.store.put_receipts(&[], &change).await?;
        state.acked = before;
        if is_here {
            return Ok(PushStep::of(Input::Receipts { more: true }));
        }
        let Some(report) = report_of(self.store, expected).await? else {
            return gap;
        };
        match self.send(state, &[report], false).await? {
            Ok(step) => Ok(step),
            Err(Failure::Problem { problem, .. }) if problem.code == "expected_seq" => gap,
            Err(failure) => Ok(PushStep::of(Input::Failed(failure))),
        }
    }

    async fn take_receipts(
        &self,
        mut state: PushState,
        sent: &[EventRow],
        reply: &PushReply,
        moves: bool,
    ) -> Result<PushStep, StoreError> {
        let mut rows = Vec::new();
        let mut stop = None;
        for (event, result) in sent.iter().zip(&reply.results) {
            match believe(self.verifier, self.identity, event, result).await {
                Ok(row) => {
                    stop = stop.or(consequence(result.outcome));
                    if moves {
                        state.acked = event.seq;
                    }
                    rows.push(row);
                }
                Err(halt) => {
                    stop = Some(halt);
                    break;
                }
            }
        }
        let more = state.acked < self.head;
        let change = |now: &mut PushState| {
            now.acked = state.acked;
            now.seen.clone_from(&state.seen);
            now.offset = state.offset;
            now.halted = stop;
        };
        self.store.put_receipts(&rows, &change).await?;
        let input = match stop {
            // A frozen device deposits the rest first.
            Some(Halt::Frozen) if more && !rows.is_empty() => Input::Receipts { more },
            Some(halt) => Input::Stop(halt),
            // An answer without a single result would be asked for again at once, for ever.
            None if rows.is_empty() => Input::Failed(Failure::NotOurs),
            None => Input::Receipts { more },
        };
        Ok(PushStep {
            receipts: rows.len(),
            ..PushStep::of(input)
        })
    }
}

// Cristian's estimate: the server's clock was read somewhere between our two readings.
fn measure(state: &mut PushState, reply: &PushReply, before: Timestamp, after: Timestamp) {
    let round_trip = (after.0 - before.0).max(0);
    state.offset = Some((
        reply.now.0 - (before.0 + round_trip / 2),
        round_trip / 2 + 1,
    ));
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
