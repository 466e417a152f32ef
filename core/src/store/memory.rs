//! A store in memory, for native tests and the simulation. Same contract as IndexedDB, no durability.

mod data;

use self::data::{Data, row_key};
use super::{
    Append, ChecklistRow, EventRow, Fence, Head, PulledEvent, PushState, ReceiptRow, Store,
    StoreError,
};
use crate::{
    answer::AnswerKey,
    event::EventHash,
    id::{BlobId, EvidenceId, RecordId},
    inspection::{Draft, DraftAnswer, EvidenceRow},
    sync::wire::{Identity, PullPage, Site, Stream},
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
};

/// See the module.
#[derive(Default)]
pub struct MemoryStore {
    data: RefCell<Data>,
    fails: RefCell<Option<StoreError>>,
    unreadable: Cell<Option<BlobId>>,
}

impl MemoryStore {
    /// Makes the next write fail with `error`, after which writes work again.
    pub fn fail_next_write(&self, error: StoreError) {
        *self.fails.borrow_mut() = Some(error);
    }

    /// A copy of all that is in it, as when a profile is copied.
    #[must_use]
    pub fn copy(&self) -> Self {
        Self {
            data: RefCell::new(self.data.borrow().clone()),
            ..Self::default()
        }
    }

    /// Takes what the other one has, and forgets its own.
    pub fn take(&self, other: &Self) {
        *self.data.borrow_mut() = other.data.borrow().clone();
    }

    /// Loses an event behind the back of the app.
    pub fn forget(&self, seq: u64) {
        self.data.borrow_mut().events.remove(&seq);
    }

    /// Changes the text of an event behind the back of the app.
    pub fn alter(&self, seq: u64, text: &str) {
        if let Some(event) = self.data.borrow_mut().events.get_mut(&seq) {
            text.clone_into(&mut event.text);
        }
    }

    /// Makes reading these bytes fail, until it is called again.
    pub fn fail_reads_of(&self, blob: Option<BlobId>) {
        self.unreadable.set(blob);
    }

    /// Runs a write as a transaction: on an error nothing of it stays.
    fn write<R>(
        &self,
        change: impl FnOnce(&mut Data) -> Result<R, StoreError>,
    ) -> Result<R, StoreError> {
        let mut copy = self.data.borrow().clone();
        let result = change(&mut copy)?;
        if let Some(error) = self.fails.borrow_mut().take() {
            return Err(error);
        }
        *self.data.borrow_mut() = copy;
        Ok(result)
    }
}

impl Store for MemoryStore {
    async fn identity(&self) -> Result<Option<Identity>, StoreError> {
        Ok(self.data.borrow().identity.clone())
    }

    async fn put_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        self.write(|d| d.enrol(identity, false))
    }

    async fn replace_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        self.write(|d| d.enrol(identity, true))
    }

    async fn unconfirmed(&self) -> Result<Vec<EventHash>, StoreError> {
        let data = self.data.borrow();
        let lacking = data.pulled.values().filter(|row| row.receipt.is_none());
        Ok(lacking.map(|row| row.hash.clone()).collect())
    }

    async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        Ok(self.data.borrow().drafts.values().cloned().collect())
    }

    async fn draft(&self, id: RecordId) -> Result<Option<Draft>, StoreError> {
        Ok(self.data.borrow().drafts.get(&id).cloned())
    }

    async fn take_fence(&self, id: RecordId) -> Result<Fence, StoreError> {
        self.write(|d| {
            let fence = d.fences.entry(id).or_insert(Fence(0));
            fence.0 += 1;
            Ok(*fence)
        })
    }

    async fn put_draft(&self, draft: &Draft, fence: Fence) -> Result<u64, StoreError> {
        self.write(|d| {
            d.check_fence(draft.id, fence)?;
            let stored = d.drafts.get(&draft.id).map_or(0, |old| old.rev);
            if stored != draft.rev {
                return Err(StoreError::Changed);
            }
            let rev = stored + 1;
            d.drafts.insert(
                draft.id,
                Draft {
                    rev,
                    ..draft.clone()
                },
            );
            Ok(rev)
        })
    }

    async fn delete_draft(&self, id: RecordId, fence: Fence) -> Result<(), StoreError> {
        self.write(|d| {
            d.check_fence(id, fence)?;
            d.remove_draft(id);
            let captured = d.evidence.values().filter(|row| row.record == id);
            let ids: Vec<_> = captured.map(|row| row.id).collect();
            ids.into_iter().for_each(|id| d.remove_evidence(id));
            Ok(())
        })
    }

    async fn answers(&self, id: RecordId) -> Result<Vec<DraftAnswer>, StoreError> {
        let data = self.data.borrow();
        Ok(data
            .answers
            .iter()
            .filter(|((draft, _), _)| *draft == id)
            .map(|(_, a)| a.clone())
            .collect())
    }

    async fn put_answer(
        &self,
        id: RecordId,
        answer: &DraftAnswer,
        fence: Fence,
    ) -> Result<u64, StoreError> {
        self.write(|d| {
            let draft = d.touch(id, fence)?;
            draft.changed = answer.at;
            draft.position = Some(answer.key.clone());
            let rev = draft.rev;
            d.answers.insert((id, answer.key.clone()), answer.clone());
            Ok(rev)
        })
    }

    async fn delete_answer(
        &self,
        id: RecordId,
        key: &AnswerKey,
        fence: Fence,
    ) -> Result<u64, StoreError> {
        self.write(|d| {
            let rev = d.touch(id, fence)?.rev;
            d.answers.remove(&(id, key.clone()));
            Ok(rev)
        })
    }

    async fn put_chunk(&self, blob: BlobId, n: u32, bytes: &[u8]) -> Result<(), StoreError> {
        self.write(|d| {
            d.chunks.insert((blob, n), bytes.to_vec());
            Ok(())
        })
    }

    async fn chunk(&self, blob: BlobId, n: u32) -> Result<Option<Vec<u8>>, StoreError> {
        if self.unreadable.get() == Some(blob) {
            return Err(StoreError::Aborted("planted".to_owned()));
        }
        Ok(self.data.borrow().chunks.get(&(blob, n)).cloned())
    }

    async fn drop_chunks(&self, blob: BlobId) -> Result<(), StoreError> {
        self.write(|d| {
            d.chunks.retain(|(of, _), _| *of != blob);
            Ok(())
        })
    }

    async fn put_evidence(&self, row: &EvidenceRow, fence: Fence) -> Result<u64, StoreError> {
        self.write(|d| {
            let rev = d.touch(row.record, fence)?.rev;
            d.evidence.insert(row.id, row.clone());
            Ok(rev)
        })
    }

    async fn delete_evidence(
        &self,
        record: RecordId,
        id: EvidenceId,
        fence: Fence,
    ) -> Result<u64, StoreError> {
        self.write(|d| {
            let rev = d.touch(record, fence)?.rev;
            d.remove_evidence(id);
            Ok(rev)
        })
    }

    async fn evidence_of(&self, record: RecordId) -> Result<Vec<EvidenceRow>, StoreError> {
        let data = self.data.borrow();
        let rows = data.evidence.values().filter(|row| row.record == record);
        Ok(rows.cloned().collect())
    }

    async fn waiting_evidence(&self, limit: usize) -> Result<Vec<EvidenceRow>, StoreError> {
        let mut rows = self.data.borrow().waiting();
        rows.truncate(limit);
        Ok(rows)
    }

    async fn waiting_count(&self) -> Result<usize, StoreError> {
        Ok(self.data.borrow().waiting().len())
    }

    async fn settle_evidence(&self, rows: &[EvidenceRow]) -> Result<(), StoreError> {
        self.write(|d| {
            let rows = rows.iter().map(|row| (row.id, row.clone()));
            d.evidence.extend(rows);
            Ok(())
        })
    }

    async fn head(&self) -> Result<Option<Head>, StoreError> {
        Ok(self.data.borrow().head.clone())
    }

    async fn append(&self, append: &Append) -> Result<(), StoreError> {
        self.write(|d| {
            if d.head.as_ref() != Some(&append.expect) {
                return Err(StoreError::Changed);
            }
            if let Some((id, rev, fence)) = append.closes {
                d.check_fence(id, fence)?;
                if d.drafts.get(&id).is_none_or(|draft| draft.rev != rev) {
                    return Err(StoreError::Changed);
                }
                d.remove_draft(id);
            }
            let event = &append.event;
            let named = append.captured.rows().iter();
            let named = named.map(|row| (row.id, row.named_by(&event.hash, event.seq)));
            d.evidence.extend(named);
            d.head = Some(Head {
                seq: append.event.seq,
                hash: append.event.hash.clone(),
            });
            d.events.insert(append.event.seq, append.event.clone());
            Ok(())
        })
    }

    async fn events_after(&self, after: u64, limit: usize) -> Result<Vec<EventRow>, StoreError> {
        let data = self.data.borrow();
        Ok(data
            .events
            .range(after.saturating_add(1)..)
            .take(limit)
            .map(|(_, e)| e.clone())
            .collect())
    }

    async fn events_of(&self, id: RecordId) -> Result<Vec<EventRow>, StoreError> {
        Ok(self
            .data
            .borrow()
            .events
            .values()
            .filter(|e| e.record_id == id)
            .cloned()
            .collect())
    }

    async fn records(&self, limit: usize) -> Result<Vec<RecordId>, StoreError> {
        let data = self.data.borrow();
        let own = data.events.values().map(|e| e.record_id);
        let all: BTreeSet<RecordId> = own
            .chain(data.pulled.values().map(|p| p.record_id))
            .collect();
        Ok(all.into_iter().rev().take(limit).collect())
    }

    async fn push_state(&self) -> Result<PushState, StoreError> {
        Ok(self.data.borrow().push.clone())
    }

    async fn put_receipts(
        &self,
        receipts: &[ReceiptRow],
        change: &dyn Fn(&mut PushState),
    ) -> Result<(), StoreError> {
        self.write(|d| {
            d.receipts
                .extend(receipts.iter().map(|r| (r.hash.clone(), r.clone())));
            change(&mut d.push);
            Ok(())
        })
    }

    async fn receipt(&self, hash: &EventHash) -> Result<Option<ReceiptRow>, StoreError> {
        Ok(self.data.borrow().receipts.get(hash).cloned())
    }

    async fn troubled(&self) -> Result<Vec<ReceiptRow>, StoreError> {
        use crate::event::Disposition;
        let data = self.data.borrow();
        Ok(data
            .receipts
            .values()
            .filter(|r| r.disposition != Disposition::Applied)
            .cloned()
            .collect())
    }

    async fn cursor(&self, stream: Stream) -> Result<Option<String>, StoreError> {
        Ok(self.data.borrow().cursors.get(&stream).cloned())
    }

    async fn apply_page(&self, page: &PullPage, pulled: &[PulledEvent]) -> Result<(), StoreError> {
        self.write(|d| {
            if page.snapshot {
                d.snapshot.insert(page.stream, BTreeSet::new());
            }
            page.rows.iter().try_for_each(|row| d.put_row(row))?;
            for row in pulled {
                d.archived.remove(&row.hash);
                d.pulled.insert(row.hash.clone(), row.clone());
            }
            if let Some(named) = d.snapshot.get_mut(&page.stream) {
                named.extend(page.rows.iter().filter_map(row_key));
            }
            if !page.more {
                d.sweep(page.stream);
            }
            d.cursors.insert(page.stream, page.cursor.clone());
            Ok(())
        })
    }

    async fn archive(&self, events: &[PulledEvent]) -> Result<(), StoreError> {
        self.write(|d| {
            for event in events {
                d.archived.insert(event.hash.clone());
                d.pulled.insert(event.hash.clone(), event.clone());
            }
            Ok(())
        })
    }

    async fn pulled_of(&self, id: RecordId) -> Result<Vec<PulledEvent>, StoreError> {
        Ok(self
            .data
            .borrow()
            .pulled
            .values()
            .filter(|p| p.record_id == id)
            .cloned()
            .collect())
    }

    async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        let mut sites: Vec<Site> = self.data.borrow().sites.values().cloned().collect();
        sites.sort_by(|a, b| (&a.name, a.site_id).cmp(&(&b.name, b.site_id)));
        Ok(sites)
    }

    async fn checklists(&self) -> Result<Vec<ChecklistRow>, StoreError> {
        Ok(self.data.borrow().checklists.values().cloned().collect())
    }

    async fn note(&self, name: &str) -> Result<Option<String>, StoreError> {
        Ok(self.data.borrow().notes.get(name).cloned())
    }

    async fn put_note(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.write(|d| {
            d.notes.insert(name.to_owned(), value.to_owned());
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    crate::store_contract!(tokio::test, async { super::MemoryStore::default() });
}
