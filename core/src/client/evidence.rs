//! Sending the bytes of sealed evidence, after the events that name them: by tus 1.0 (<https://tus.io/protocols/resumable-upload>),
//! stretch by stretch, so that one stretch at a time is in memory. Bytes count as delivered with the server's receipt alone.

use super::{Failure, Verifier};
use crate::{
    checklist::Digest,
    event::{BlobReceipt, EventHash, Jwk},
    id::{BlobId, TenantId},
    inspection::{
        EvidenceRow,
        evidence::{PartRow, Role},
    },
    store::{STRETCH, Store, StoreError},
    sync::{backoff::retryable, wire::BlobReceipts},
};
use std::collections::BTreeSet;

/// Where an upload lies at the server, and how many of its bytes are there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its path.
    pub path: String,
    /// How many bytes are there; the server's word holds.
    pub at: u64,
}

/// The way of bytes to the server.
#[expect(
    async_fn_in_trait,
    reason = "both users are single-threaded; no Send bound is wanted"
)]
pub trait Uploads {
    /// Begins an upload, or finds the one that was begun before.
    async fn begin(&self, event: &EventHash, sha256: &Digest, len: u64) -> Result<Upload, Failure>;
    /// Adds bytes behind the first `upload.at`; returns how many are there then.
    async fn add(&self, upload: &Upload, bytes: Vec<u8>) -> Result<u64, Failure>;
    /// What the server says it holds of an event's bytes.
    async fn receipts(&self, event: &EventHash) -> Result<BlobReceipts, Failure>;
}

/// What the device knows of the server that it sends to.
#[derive(Clone, Copy, Debug)]
pub struct Server<'a> {
    /// Tenant.
    pub tenant: TenantId,
    /// Its keys.
    pub keys: &'a [Jwk],
}

/// What one round may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// Originals too: nobody pays for each byte, or a person asks.
    pub originals: bool,
    /// What the server refused before too: a person asks.
    pub refused: bool,
}

/// How a round ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ended {
    /// Parts that got their receipt.
    pub delivered: usize,
    /// Parts that the server does not take, or that are not on the device any more.
    pub refused: usize,
    /// What broke the round off; the rest waits.
    pub failure: Option<Failure>,
}

/// `refused` of bytes that are not on the device any more, as the row says they are.
pub const LOST: &str = "lost_on_device";
/// `refused` of bytes that the server calls complete and gives no receipt for that can be believed.
pub const NO_RECEIPT: &str = "no_receipt";

// Receipts are fetched for so many parts of an event at once.
const AT_ONCE: usize = 8;
// A server that never agrees with us about the offset is left alone.
const TRIES: u32 = 5;

/// Sends what waits: first what is looked at (working copies and all else), then originals. `told` hears after every
/// stretch of receipts.
///
/// # Errors
/// When the store cannot be read or written. Nothing counts as delivered then; the server knows the bytes again.
pub async fn send_evidence<S: Store, U: Uploads, V: Verifier>(
    store: &S,
    uploads: &U,
    verifier: &V,
    server: Server<'_>,
    round: Round,
    told: &impl Fn(),
) -> Result<Ended, StoreError> {
    let mut sender = Sender {
        store,
        uploads,
        verifier,
        server,
        ended: Ended::default(),
    };
    let passes = if round.originals { 2 } else { 1 };
    for pass in 0..passes {
        let mut waiting = store.waiting_evidence(usize::MAX).await?;
        // What has no smaller copy of the same goes with the first.
        let due = |row: &EvidenceRow, part: &PartRow| {
            part.receipt.is_none()
                && (round.refused || part.refused.is_none())
                && (pass == 1 || part.role != Role::Original || !row.has_copy())
        };
        waiting.retain(|row| row.parts.iter().any(|part| due(row, part)));
        for event in waiting.chunk_by_mut(|a, b| a.sealed == b.sealed) {
            for rows in event.chunks_mut(AT_ONCE) {
                if !sender.send(rows, &due).await? {
                    return Ok(sender.ended);
                }
                told();
            }
        }
    }
    Ok(sender.ended)
}

struct Sender<'a, S, U, V> {
    store: &'a S,
    uploads: &'a U,
    verifier: &'a V,
    server: Server<'a>,
    ended: Ended,
}

enum Came {
    There,
    Refused(String),
    Failed(Failure),
}

impl<S: Store, U: Uploads, V: Verifier> Sender<'_, S, U, V> {
    /// Sends parts of evidence that one event names, and takes the receipts; false when the round is over.
    async fn send(
        &mut self,
        rows: &mut [EvidenceRow],
        due: &impl Fn(&EvidenceRow, &PartRow) -> bool,
    ) -> Result<bool, StoreError> {
        let Some((event, _)) = rows.first().and_then(|row| row.sealed.clone()) else {
            return Ok(true);
        };
        // The server knows the bytes by their event, so that goes first.
        if self.store.receipt(&event).await?.is_none() {
            return Ok(true);
        }
        let mut sent = BTreeSet::new();
        for row in rows.iter_mut() {
            let wanted: Vec<bool> = row.parts.iter().map(|part| due(row, part)).collect();
            let mut refusals = 0;
            for (part, _) in row.parts.iter_mut().zip(wanted).filter(|(_, due)| *due) {
                match self.bring(&event, part).await? {
                    Came::There => {
                        part.refused = None;
                        sent.insert(part.blob);
                    }
                    Came::Refused(code) => {
                        refusals += 1;
                        part.refused = Some(code);
                    }
                    Came::Failed(failure) => self.ended.failure = Some(failure),
                }
                if self.ended.failure.is_some() {
                    break;
                }
            }
            if refusals > 0 {
                self.ended.refused += refusals;
                self.store.settle_evidence(row).await?;
            }
            if self.ended.failure.is_some() {
                break;
            }
        }
        if !sent.is_empty() {
            self.take_receipts(&event, rows, &sent).await?;
        }
        Ok(self.ended.failure.is_none())
    }

    /// Brings the bytes of a part to the server, from where it says they end.
    async fn bring(&self, event: &EventHash, part: &PartRow) -> Result<Came, StoreError> {
        let mut tries = 0;
        let mut last = None;
        while tries < TRIES {
            tries += 1;
            let mut upload = match self.uploads.begin(event, &part.sha256, part.len).await {
                Ok(upload) => upload,
                Err(failure) => return Ok(came(failure)),
            };
            loop {
                if upload.at >= part.len {
                    return Ok(Came::There);
                }
                let Some(bytes) = self.stretch(part, upload.at).await? else {
                    return Ok(Came::Refused(LOST.to_owned()));
                };
                match self.uploads.add(&upload, bytes).await {
                    Ok(at) if at > upload.at => {
                        upload.at = at;
                        tries = 0;
                    }
                    Ok(_) => break,
                    // Somebody else sent meanwhile, the upload is gone, or bits changed on the way: ask where it stands.
                    Err(Failure::Problem { problem, .. })
                        if matches!(problem.status, 404 | 409 | 460) =>
                    {
                        last = Some(problem.code);
                        break;
                    }
                    Err(failure) => return Ok(came(failure)),
                }
            }
        }
        Ok(last.map_or(Came::Failed(Failure::NotOurs), Came::Refused))
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

    /// Believes what the server signs about the parts, writes it down, and lets go of originals that have a smaller copy.
    async fn take_receipts(
        &mut self,
        event: &EventHash,
        rows: &mut [EvidenceRow],
        sent: &BTreeSet<BlobId>,
    ) -> Result<(), StoreError> {
        let texts = match self.uploads.receipts(event).await {
            Ok(reply) => reply.receipts,
            Err(failure) => {
                self.ended.failure.get_or_insert(failure);
                return Ok(());
            }
        };
        for row in rows {
            let before = (self.ended.delivered, self.ended.refused);
            for part in row.parts.iter_mut().filter(|part| part.receipt.is_none()) {
                for text in &texts {
                    if self.about(text, part).await {
                        part.receipt = Some(text.clone());
                        part.refused = None;
                        self.ended.delivered += 1;
                        break;
                    }
                }
                if part.receipt.is_none() && sent.contains(&part.blob) {
                    part.refused = Some(NO_RECEIPT.to_owned());
                    self.ended.refused += 1;
                }
            }
            if (self.ended.delivered, self.ended.refused) != before {
                self.store.settle_evidence(row).await?;
                self.let_go(row).await?;
            }
        }
        Ok(())
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

    async fn let_go(&self, row: &mut EvidenceRow) -> Result<(), StoreError> {
        if row.parts.iter().all(|part| part.role == Role::Original) {
            return Ok(());
        }
        let mut gone = Vec::new();
        for part in &mut row.parts {
            if part.role == Role::Original && part.receipt.is_some() && !part.dropped {
                part.dropped = true;
                gone.push(part.blob);
            }
        }
        if gone.is_empty() {
            return Ok(());
        }
        // The row first: bytes that it does not name any more are swept, should this be cut off.
        self.store.settle_evidence(row).await?;
        for blob in gone {
            self.store.drop_chunks(blob).await?;
        }
        Ok(())
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
