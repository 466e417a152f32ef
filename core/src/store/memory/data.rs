//! What the store in memory holds, and what changes together.

use crate::{
    answer::AnswerKey,
    checklist::{Digest, Loaded},
    event::{Certificate, EventHash},
    id::{BlobId, EvidenceId, RecordId, SiteId},
    inspection::{Draft, DraftAnswer, EvidenceRow},
    store::{ChecklistRow, EventRow, Fence, Head, PulledEvent, PushState, ReceiptRow, StoreError},
    sync::wire::{Identity, PullRow, Site, Stream},
};
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Default)]
pub(super) struct Data {
    pub(super) identity: Option<Identity>,
    pub(super) head: Option<Head>,
    pub(super) drafts: BTreeMap<RecordId, Draft>,
    pub(super) fences: BTreeMap<RecordId, Fence>,
    pub(super) answers: BTreeMap<(RecordId, AnswerKey), DraftAnswer>,
    pub(super) evidence: BTreeMap<EvidenceId, EvidenceRow>,
    pub(super) chunks: BTreeMap<(BlobId, u32), Vec<u8>>,
    pub(super) events: BTreeMap<u64, EventRow>,
    pub(super) receipts: BTreeMap<EventHash, ReceiptRow>,
    pub(super) push: PushState,
    pub(super) cursors: BTreeMap<Stream, String>,
    pub(super) snapshot: BTreeMap<Stream, BTreeSet<String>>,
    pub(super) pulled: BTreeMap<EventHash, PulledEvent>,
    pub(super) archived: BTreeSet<EventHash>,
    pub(super) sites: BTreeMap<SiteId, Site>,
    pub(super) checklists: BTreeMap<Digest, ChecklistRow>,
    pub(super) notes: BTreeMap<String, String>,
}

impl Data {
    pub(super) fn check_fence(&self, id: RecordId, fence: Fence) -> Result<(), StoreError> {
        if self.fences.get(&id).copied().unwrap_or(Fence(0)) == fence {
            Ok(())
        } else {
            Err(StoreError::Fenced)
        }
    }

    pub(super) fn touch(&mut self, id: RecordId, fence: Fence) -> Result<&mut Draft, StoreError> {
        self.check_fence(id, fence)?;
        let draft = self.drafts.get_mut(&id).ok_or(StoreError::Changed)?;
        draft.rev += 1;
        Ok(draft)
    }

    // Events of an earlier enrolment stay readable, but belong to another chain.
    pub(super) fn archive(&mut self, unsent_too: bool) -> Result<(), StoreError> {
        let unsent = self
            .events
            .values()
            .filter(|e| !self.receipts.contains_key(&e.hash))
            .count();
        if unsent > 0 && !unsent_too {
            return Err(StoreError::Unsent(unsent as u64));
        }
        for event in std::mem::take(&mut self.events).into_values() {
            let row = PulledEvent {
                v: 1,
                hash: event.hash.clone(),
                record_id: event.record_id,
                text: event.text,
                receipt: self.receipts.get(&event.hash).cloned(),
            };
            self.archived.insert(event.hash.clone());
            self.pulled.insert(event.hash, row);
        }
        Ok(())
    }

    pub(super) fn enrol(
        &mut self,
        identity: &Identity,
        unsent_too: bool,
    ) -> Result<(), StoreError> {
        let new_device = self
            .identity
            .as_ref()
            .is_none_or(|old| old.device_id != identity.device_id);
        if new_device {
            self.archive(unsent_too)?;
            self.head = Some(Head {
                seq: 0,
                hash: Certificate::hash(&identity.certificate),
            });
            self.push = PushState::default();
        }
        self.identity = Some(identity.clone());
        Ok(())
    }

    pub(super) fn remove_draft(&mut self, id: RecordId) {
        self.drafts.remove(&id);
        self.answers.retain(|(draft, _), _| *draft != id);
    }

    pub(super) fn remove_evidence(&mut self, id: EvidenceId) {
        if let Some(row) = self.evidence.remove(&id) {
            let named: BTreeSet<BlobId> = row.blobs().collect();
            self.chunks.retain(|(blob, _), _| !named.contains(blob));
        }
    }

    pub(super) fn waiting(&self) -> Vec<EvidenceRow> {
        let waiting = self.evidence.values().filter(|row| row.is_waiting());
        let mut rows: Vec<_> = waiting.cloned().collect();
        rows.sort_by_key(|row| (row.sealed.as_ref().map(|(_, seq)| *seq), row.id));
        rows
    }

    pub(super) fn put_row(&mut self, row: &PullRow) -> Result<(), StoreError> {
        match row {
            PullRow::Site { site } => {
                self.sites.insert(site.site_id, site.clone());
            }
            PullRow::Checklist { digest, json } => {
                let loaded = Loaded::expect(json.as_bytes(), digest)
                    .map_err(|e| StoreError::Corrupt(e.to_string()))?;
                let (id, version) = (loaded.checklist.id, loaded.checklist.version);
                let row = ChecklistRow {
                    v: 1,
                    digest: digest.clone(),
                    id,
                    version,
                    json: json.clone(),
                };
                self.checklists.insert(digest.clone(), row);
            }
            PullRow::Drop { key } => self.drop_key(key),
            PullRow::Event { .. } => {}
        }
        Ok(())
    }

    pub(super) fn drop_key(&mut self, key: &str) {
        self.sites.retain(|id, _| id.to_string() != key);
        self.checklists.retain(|digest, _| digest.0 != key);
        self.pulled.retain(|hash, _| hash.as_str() != key);
    }

    // At the last page of a snapshot, whatever it did not name has left the reader's scope.
    pub(super) fn sweep(&mut self, stream: Stream) {
        let Some(named) = self.snapshot.remove(&stream) else {
            return;
        };
        match stream {
            Stream::Sites => self.sites.retain(|id, _| named.contains(&id.to_string())),
            Stream::Checklists => self
                .checklists
                .retain(|digest, _| named.contains(&digest.0)),
            Stream::Records => {
                let archived = &self.archived;
                self.pulled
                    .retain(|hash, _| named.contains(hash.as_str()) || archived.contains(hash));
            }
        }
    }
}

pub(super) fn row_key(row: &PullRow) -> Option<String> {
    match row {
        PullRow::Site { site } => Some(site.site_id.to_string()),
        PullRow::Checklist { digest, .. } => Some(digest.0.clone()),
        PullRow::Event { event, .. } => Some(EventHash::of_text(event).as_str().to_owned()),
        PullRow::Drop { .. } => None,
    }
}
