//! A scripted server for bytes.

use super::NOW;
use crate::{
    checklist::Digest,
    client::{
        Failure,
        evidence::{Follower, Stand, Upload, Uploads},
    },
    event::{BlobReceipt, EventHash, Typ},
    id::{EpochId, Uuid},
    inspection::evidence::PartRow,
    sync::wire::{BlobReceipts, Problem},
    testing::{NativeKey, identity},
    time::Timestamp,
};
use std::{cell::RefCell, collections::BTreeMap};

/// Keeps bytes by their digest, and fails as told.
#[derive(Default)]
pub struct Shelf {
    pub bytes: RefCell<BTreeMap<String, Vec<u8>>>,
    pub added: RefCell<usize>,
    pub fail_add: RefCell<Vec<Failure>>,
    pub fail_along: RefCell<Vec<Failure>>,
    pub unnamed: Option<Digest>,
    pub signer: u8,
    pub false_len: u64,
    pub begun: RefCell<usize>,
    /// Gives its receipt with the last bytes.
    pub says_at_once: bool,
    /// What the server fails at.
    pub faulty: Option<Digest>,
    /// The connection has begun to cost.
    pub costs: bool,
    /// The device writes down each as it comes.
    pub each: bool,
}

impl Follower for Shelf {
    fn told(&self) {}

    fn is_due(&self) -> bool {
        self.each
    }

    fn may_send_originals(&self) -> bool {
        !self.costs
    }
}

pub fn problem(status: u16, code: &str) -> Failure {
    Failure::Problem {
        problem: Problem {
            status,
            code: code.to_owned(),
            ..Problem::default()
        },
        retry_after_s: None,
    }
}

impl Uploads for Shelf {
    async fn begin(
        &self,
        _: &EventHash,
        part: &PartRow,
        whole: Option<Vec<u8>>,
    ) -> Result<Upload, Failure> {
        // The other lanes go on meanwhile.
        tokio::task::yield_now().await;
        let sha256 = &part.sha256;
        *self.begun.borrow_mut() += 1;
        if self.faulty.as_ref() == Some(sha256) {
            return Err(problem(500, "internal"));
        }
        if self.unnamed.as_ref() == Some(sha256) {
            return Err(problem(409, "blob_unnamed"));
        }
        let failed = whole
            .as_ref()
            .and_then(|_| self.fail_along.borrow_mut().pop());
        if let Some(failure) = failed {
            return Err(failure);
        }
        let mut bytes = self.bytes.borrow_mut();
        let here = bytes.entry(sha256.0.clone()).or_default();
        if let Some(whole) = whole.filter(|_| here.is_empty()) {
            *self.added.borrow_mut() += whole.len();
            here.extend(whole);
        }
        Ok(Upload {
            path: sha256.0.clone(),
            stand: self.stand(here),
        })
    }

    async fn add(&self, upload: &Upload, bytes: Vec<u8>) -> Result<Stand, Failure> {
        tokio::task::yield_now().await;
        if let Some(failure) = self.fail_add.borrow_mut().pop() {
            return Err(failure);
        }
        let mut all = self.bytes.borrow_mut();
        let here = all.get_mut(&upload.path).expect("begun");
        assert_eq!(here.len() as u64, upload.stand.at);
        *self.added.borrow_mut() += bytes.len();
        here.extend(bytes);
        Ok(self.stand(here))
    }

    async fn receipts(&self, _: &EventHash) -> Result<BlobReceipts, Failure> {
        let bytes = self.bytes.borrow();
        let whole = bytes
            .iter()
            .filter(|(sha256, b)| Digest::of(b).0 == **sha256);
        Ok(BlobReceipts {
            receipts: whole.map(|(_, bytes)| self.receipt(bytes)).collect(),
        })
    }
}

impl Shelf {
    fn receipt(&self, bytes: &[u8]) -> String {
        let key = NativeKey::number(if self.signer == 0 { 200 } else { self.signer });
        let receipt = BlobReceipt {
            tenant: identity(1).tenant,
            epoch: EpochId(Uuid::from_u128(5)),
            sha256: Digest::of(bytes),
            len: bytes.len() as u64 + self.false_len,
            received_at: Timestamp(NOW),
        };
        key.sign_text(Typ::BlobReceipt, &receipt)
    }

    fn stand(&self, here: &[u8]) -> Stand {
        Stand {
            at: here.len() as u64,
            receipt: self.says_at_once.then(|| self.receipt(here)),
        }
    }
}
