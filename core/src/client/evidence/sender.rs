//! One round of sending: rows in a queue, a few lanes that take from it, and one hand that writes down what has come.

use super::{Ended, Follower, LOST, NO_RECEIPT, Server, UNREADABLE, Uploads};
use crate::{
    checklist::Digest,
    client::{Failure, Verifier, refill::keep_blob_receipt},
    event::{BlobReceipt, Disposition, EventHash},
    id::BlobId,
    inspection::{
        EvidenceRow,
        evidence::{PartRow, Role},
    },
    store::{STRETCH, Store, StoreError},
    sync::backoff::retryable,
};
use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet, VecDeque},
    future::poll_fn,
    task::Poll,
};

// A server that never agrees with us about the offset is left alone.
const TRIES: u32 = 5;
// So many rows may fail at a server that answers; then the round is broken off.
const FAILURES: u32 = 3;
// What the server says of bytes that no event names which it has.
const UNNAMED: &str = "blob_unnamed";

/// One round.
pub(super) struct Sender<'a, S, U, V, F> {
    store: &'a S,
    uploads: &'a U,
    verifier: &'a V,
    server: Server<'a>,
    follower: &'a F,
    // Something may have come before, whose answer was lost: what the server has is not sent again.
    asks_first: bool,
    // Rows that wait, in the order of their events.
    queue: RefCell<VecDeque<EvidenceRow>>,
    // Bytes on their way: nobody else sends the same meanwhile.
    underway: RefCell<BTreeSet<Digest>>,
    // A lane could not read or write the store.
    stopped: Cell<bool>,
    failures: Cell<u32>,
    // Somebody is writing down what has come.
    settling: Cell<bool>,
    // Events that the server is known to have, or not.
    taken: RefCell<BTreeMap<EventHash, bool>>,
    // Events that the server was asked about.
    asked: RefCell<BTreeSet<EventHash>>,
    // What the server signed about bytes in this round: others may be the same.
    signed: RefCell<BTreeMap<Digest, String>>,
    // Rows of which something has come and is not written down yet.
    settled: RefCell<Vec<EvidenceRow>>,
    ended: RefCell<Ended>,
}

enum Came {
    // All bytes are at the server, which signed this about them.
    There(Option<String>),
    Refused(String),
    Failed(Failure),
}

impl<'a, S: Store, U: Uploads, V: Verifier, F: Follower> Sender<'a, S, U, V, F> {
    /// Before its first pass.
    pub(super) fn new(
        store: &'a S,
        uploads: &'a U,
        verifier: &'a V,
        server: Server<'a>,
        follower: &'a F,
        asks_first: bool,
    ) -> Self {
        Self {
            store,
            uploads,
            verifier,
            server,
            follower,
            asks_first,
            queue: RefCell::default(),
            underway: RefCell::default(),
            stopped: Cell::new(false),
            failures: Cell::new(0),
            settling: Cell::new(false),
            taken: RefCell::default(),
            asked: RefCell::default(),
            signed: RefCell::default(),
            settled: RefCell::default(),
            ended: RefCell::default(),
        }
    }

    /// Sends what is due of these rows, so many at a time. What has come is written down at the end in any case.
    pub(super) async fn pass(
        &self,
        rows: Vec<EvidenceRow>,
        lanes: usize,
        due: &impl Fn(&EvidenceRow, &PartRow) -> bool,
    ) -> Result<(), StoreError> {
        self.queue.replace(rows.into());
        let sent = all((0..lanes).map(|_| self.lane(due)).collect()).await;
        sent.and(self.settle().await)
    }

    /// Whether the round is broken off: without a network nothing goes, and a server that fails again and again is left alone.
    pub(super) fn is_broken(&self) -> bool {
        let ended = self.ended.borrow();
        let answers = matches!(ended.failure, None | Some(Failure::Problem { .. }));
        !answers || self.failures.get() >= FAILURES
    }

    fn fails(&self, failure: Failure) {
        self.failures.set(self.failures.get() + 1);
        // That there is no network says more than what one of them was answered.
        let mut ended = self.ended.borrow_mut();
        match (&ended.failure, &failure) {
            (Some(Failure::Problem { .. }), Failure::Network | Failure::NotOurs) | (None, _) => {
                ended.failure = Some(failure);
            }
            _ => {}
        }
    }

    /// How it ended.
    pub(super) fn ended(self) -> Ended {
        self.ended.into_inner()
    }

    /// Sends one row after the other until none is left or the round has failed.
    async fn lane(&self, due: &impl Fn(&EvidenceRow, &PartRow) -> bool) -> Result<(), StoreError> {
        while let Some(row) = self.next() {
            let digests: Vec<Digest> = row.parts.iter().map(|part| part.sha256.clone()).collect();
            let sent = self.send_row(row, due).await;
            self.landed(&digests);
            // The last ones do not wait for a lane that still has much to send.
            let last = self.queue.borrow().is_empty();
            let settled = match last || self.follower.is_due() {
                true => self.settle().await,
                false => Ok(()),
            };
            if let Err(error) = sent.and(settled) {
                self.stopped.set(true);
                return Err(error);
            }
        }
        Ok(())
    }

    fn landed(&self, digests: &[Digest]) {
        let mut underway = self.underway.borrow_mut();
        underway.retain(|sha256| !digests.contains(sha256));
    }

    async fn send_row(
        &self,
        mut row: EvidenceRow,
        due: &impl Fn(&EvidenceRow, &PartRow) -> bool,
    ) -> Result<(), StoreError> {
        let Some((event, _)) = row.sealed.clone() else {
            return Ok(());
        };
        // The server knows the bytes by their event, so that goes first.
        if !self.is_taken(&event).await? {
            self.ended.borrow_mut().early += 1;
        } else if self.asked(&event).await && self.send(&event, &mut row, due).await {
            self.settled.borrow_mut().push(row);
        }
        Ok(())
    }

    // The next row of which nothing is on its way; what waits for such goes with the lane that sends it.
    fn next(&self) -> Option<EvidenceRow> {
        if self.stopped.get() || self.is_broken() {
            return None;
        }
        let (mut queue, mut underway) = (self.queue.borrow_mut(), self.underway.borrow_mut());
        let free = |row: &EvidenceRow| !row.parts.iter().any(|p| underway.contains(&p.sha256));
        let at = queue.iter().position(free)?;
        let row = queue.remove(at)?;
        underway.extend(row.parts.iter().map(|part| part.sha256.clone()));
        Some(row)
    }

    async fn is_applied(&self, event: &EventHash) -> bool {
        let receipt = self.store.receipt(event).await;
        receipt
            .ok()
            .flatten()
            .is_some_and(|row| row.disposition == Disposition::Applied)
    }

    async fn is_taken(&self, event: &EventHash) -> Result<bool, StoreError> {
        if let Some(known) = self.taken.borrow().get(event) {
            return Ok(*known);
        }
        let taken = self.store.receipt(event).await?.is_some();
        self.taken.borrow_mut().insert(event.clone(), taken);
        Ok(taken)
    }

    // Asks once for each event what the server has of it; false when there is no answer.
    async fn asked(&self, event: &EventHash) -> bool {
        if !self.asks_first || !self.asked.borrow_mut().insert(event.clone()) {
            return true;
        }
        match self.uploads.receipts(event).await {
            Ok(reply) => {
                let read = |text: String| Some((BlobReceipt::parse(&text).ok()?.0.sha256, text));
                self.signed
                    .borrow_mut()
                    .extend(reply.receipts.into_iter().filter_map(read));
                true
            }
            Err(failure) => {
                self.fails(failure);
                false
            }
        }
    }

    /// Sends what is due of a row; tells whether anything about it has changed.
    async fn send(
        &self,
        event: &EventHash,
        row: &mut EvidenceRow,
        due: &impl Fn(&EvidenceRow, &PartRow) -> bool,
    ) -> bool {
        let wanted: Vec<bool> = row.parts.iter().map(|part| due(row, part)).collect();
        let (mut changed, mut unsure) = (false, BTreeSet::new());
        let has_copy = row.has_copy();
        for (part, _) in row.parts.iter_mut().zip(wanted).filter(|(_, due)| *due) {
            let known = match self.known(part) {
                Some(text) if self.about(&text, part).await => Some(text),
                _ => None,
            };
            let waits = part.role == Role::Original && has_copy;
            if waits && known.is_none() && !self.follower.may_send_originals() {
                continue;
            }
            let came = match known {
                Some(text) => Came::There(Some(text)),
                // What cannot be read now is told, and tried at another start or when a person asks.
                None => self
                    .bring(event, part)
                    .await
                    .unwrap_or_else(|_| Came::Refused(UNREADABLE.to_owned())),
            };
            match came {
                Came::There(receipt) => match receipt {
                    Some(text) if self.about(&text, part).await => {
                        self.delivered(part, text);
                        changed = true;
                    }
                    _ => {
                        unsure.insert(part.blob);
                    }
                },
                // It has applied the event, and does not know it any more: it was restored, and the event goes again.
                Came::Refused(code) if code == UNNAMED && self.is_applied(event).await => {
                    self.ended.borrow_mut().early += 1;
                    break;
                }
                Came::Refused(code) => {
                    part.refused = Some(code);
                    self.ended.borrow_mut().refused += 1;
                    changed = true;
                }
                Came::Failed(failure) => {
                    self.fails(failure);
                    break;
                }
            }
        }
        if !unsure.is_empty() {
            changed |= self.take_receipts(event, row, &unsure).await;
        }
        changed
    }

    fn delivered(&self, part: &mut PartRow, receipt: String) {
        let mut signed = self.signed.borrow_mut();
        signed.insert(part.sha256.clone(), receipt.clone());
        part.receipt = Some(receipt);
        part.refused = None;
        self.ended.borrow_mut().delivered += 1;
    }

    /// What the server said in this round about the same bytes.
    fn known(&self, part: &PartRow) -> Option<String> {
        self.signed.borrow().get(&part.sha256).cloned()
    }

    /// Brings the bytes of a part to the server, from where it says they end.
    async fn bring(&self, event: &EventHash, part: &PartRow) -> Result<Came, StoreError> {
        let mut tries = 0;
        let mut last = None;
        // Few bytes go along at once. Should they not arrive as they should, the second try is as for many. Of what is not here
        // any more the server may have all the same.
        let mut whole = match part.len <= STRETCH as u64 {
            true => self.stretch(part, 0).await?,
            false => None,
        };
        while tries < TRIES {
            tries += 1;
            let mut upload = match self.uploads.begin(event, part, whole.take()).await {
                Ok(upload) => upload,
                // Damaged on its way.
                Err(failure) if status_of(&failure) == Some(460) => {
                    last = code_of(failure);
                    continue;
                }
                Err(failure) => return Ok(came(failure)),
            };
            loop {
                if upload.stand.at >= part.len {
                    return Ok(Came::There(upload.stand.receipt));
                }
                let Some(bytes) = self.stretch(part, upload.stand.at).await? else {
                    return Ok(Came::Refused(LOST.to_owned()));
                };
                match self.uploads.add(&upload, bytes).await {
                    Ok(stand) if stand.at > upload.stand.at => {
                        upload.stand = stand;
                        tries = 0;
                    }
                    Ok(_) => break,
                    // Somebody else sent meanwhile, the upload is gone, or bits changed on the way: ask where it stands.
                    Err(failure) if matches!(status_of(&failure), Some(404 | 409 | 460)) => {
                        last = code_of(failure);
                        break;
                    }
                    Err(failure) => return Ok(came(failure)),
                }
            }
        }
        Ok(Came::Refused(last.unwrap_or_else(|| NO_RECEIPT.to_owned())))
    }

    async fn stretch(&self, part: &PartRow, at: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let size = STRETCH as u64;
        let n = u32::try_from(at / size).unwrap_or(u32::MAX);
        let from = usize::try_from(at % size).unwrap_or(STRETCH);
        let stored = self.store.chunk(part.blob, n).await?;
        Ok(stored.and_then(|mut bytes| {
            let rest = (bytes.len() > from).then(|| bytes.split_off(from));
            rest.filter(|rest| !rest.is_empty())
        }))
    }

    /// Asks what the server signed about the parts that it has, and believes that; tells whether anything has changed.
    async fn take_receipts(
        &self,
        event: &EventHash,
        row: &mut EvidenceRow,
        sent: &BTreeSet<BlobId>,
    ) -> bool {
        let texts = match self.uploads.receipts(event).await {
            Ok(reply) => reply.receipts,
            Err(failure) => {
                self.fails(failure);
                return false;
            }
        };
        for part in row.parts.iter_mut().filter(|part| part.receipt.is_none()) {
            for text in &texts {
                if self.about(text, part).await {
                    self.delivered(part, text.clone());
                    break;
                }
            }
            if part.receipt.is_none() && sent.contains(&part.blob) {
                part.refused = Some(NO_RECEIPT.to_owned());
                self.ended.borrow_mut().refused += 1;
            }
        }
        true
    }

    async fn about(&self, text: &str, part: &PartRow) -> bool {
        let Ok((receipt, jws)) = BlobReceipt::parse(text) else {
            return false;
        };
        let fits = receipt.tenant == self.server.tenant
            && receipt.sha256 == part.sha256
            && receipt.len == part.len;
        let mut keys = self.server.keys.iter();
        match keys.find(|key| fits && key.thumbprint() == jws.kid) {
            Some(key) => self.verifier.verify(&jws, key).await,
            None => false,
        }
    }

    /// Writes down what has come, and lets go of originals that have a smaller copy. One lane writes for all: what comes meanwhile
    /// goes together with the next.
    async fn settle(&self) -> Result<(), StoreError> {
        if self.settling.replace(true) {
            return Ok(());
        }
        let written = self.write_down().await;
        self.settling.set(false);
        written
    }

    async fn write_down(&self) -> Result<(), StoreError> {
        loop {
            let mut rows = self.settled.take();
            if rows.is_empty() {
                return Ok(());
            }
            let gone: Vec<BlobId> = rows.iter_mut().flat_map(let_go).collect();
            keep_blob_receipt(self.store, &rows).await?;
            // The rows first: bytes that they do not name any more are swept, should this be cut off.
            self.store.settle_evidence(&rows).await?;
            for blob in gone {
                self.store.drop_chunks(blob).await?;
            }
            self.follower.told();
        }
    }
}

/// Waits until all are done; the first error, if there was one.
pub(crate) async fn all(
    lanes: Vec<impl Future<Output = Result<(), StoreError>>>,
) -> Result<(), StoreError> {
    let mut lanes: Vec<_> = lanes.into_iter().map(|lane| Some(Box::pin(lane))).collect();
    let mut all = Ok(());
    poll_fn(|cx| {
        for lane in &mut lanes {
            if let Some(Poll::Ready(ended)) = lane.as_mut().map(|lane| lane.as_mut().poll(cx)) {
                *lane = None;
                all = all.clone().and(ended);
            }
        }
        match lanes.iter().any(Option::is_some) {
            true => Poll::Pending,
            false => Poll::Ready(all.clone()),
        }
    })
    .await
}

// Marks the originals of a row that may leave the device.
fn let_go(row: &mut EvidenceRow) -> Vec<BlobId> {
    if row.parts.iter().all(|part| part.role == Role::Original) {
        return Vec::new();
    }
    let may_go = |part: &&mut PartRow| {
        part.role == Role::Original && part.receipt.is_some() && !part.dropped
    };
    let gone = row.parts.iter_mut().filter(may_go);
    gone.map(|part| {
        part.dropped = true;
        part.blob
    })
    .collect()
}

fn status_of(failure: &Failure) -> Option<u16> {
    match failure {
        Failure::Problem { problem, .. } => Some(problem.status),
        _ => None,
    }
}

fn code_of(failure: Failure) -> Option<String> {
    match failure {
        Failure::Problem { problem, .. } => Some(problem.code),
        _ => None,
    }
}

fn came(failure: Failure) -> Came {
    match failure {
        // 423: another connection writes the same upload; 401: somebody signs in again.
        Failure::Problem { problem, .. }
            if !retryable(problem.status) && !matches!(problem.status, 401 | 423) =>
        {
            Came::Refused(problem.code)
        }
        failure => Came::Failed(failure),
    }
}
