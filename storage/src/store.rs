//! [`IdbStore`]: the browser's implementation of `zhicha_core::store::Store`.

use crate::{
    canary, copy,
    identity::{HEAD, IDENTITY, PUSH},
    open::{Connection, Gone},
    profile::Profile,
};
use js_sys::Uint8Array;
use std::rc::Rc;
use zhicha_core::{
    answer::AnswerKey,
    event::EventHash,
    id::{BlobId, EvidenceId, RecordId},
    inspection::{Draft, DraftAnswer, EvidenceRow},
    store::{
        Append, ChecklistRow, EventRow, Fence, Head, PulledEvent, PushState, ReceiptRow, Store,
        StoreError,
    },
    sync::wire::{Identity, PullPage, Site, Stream},
};

/// One person's database. Clones share the connection; it is closed when the last of them is dropped.
#[derive(Clone)]
pub struct IdbStore {
    connection: Rc<Connection>,
    profile: Profile,
}

impl IdbStore {
    /// Opens the database of `profile`, making or upgrading it first.
    ///
    /// # Errors
    /// `TooNew` when a newer version of the app has written it (it is left untouched), `Blocked` when another tab
    /// keeps it from being upgraded (within a few seconds; try again when that tab is closed), `Unavailable` when
    /// the browser does not let the app store anything.
    pub async fn open(profile: &Profile) -> Result<Self, StoreError> {
        let connection = Connection::open(&profile.database_name()).await?;
        Ok(Self {
            connection: Rc::new(connection),
            profile: *profile,
        })
    }

    /// Calls `listener` once, when the connection is closed under us; every call fails from then on.
    pub fn on_gone(&self, listener: impl Fn(Gone) + 'static) {
        self.connection.on_gone(Box::new(listener));
    }

    /// Whose database this is.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Store for IdbStore {
    async fn identity(&self) -> Result<Option<Identity>, StoreError> {
        self.meta(IDENTITY).await
    }

    async fn put_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        self.enrol(identity, false).await?;
        canary::refresh(self).await;
        Ok(())
    }

    async fn replace_identity(&self, identity: &Identity) -> Result<(), StoreError> {
        // What has a receipt leaves the copy while it still says whose it is.
        copy::is_kept(self).await;
        self.enrol(identity, true).await?;
        canary::refresh(self).await;
        Ok(())
    }

    async fn unconfirmed(&self) -> Result<Vec<EventHash>, StoreError> {
        self.never_confirmed().await
    }

    async fn drafts(&self) -> Result<Vec<Draft>, StoreError> {
        self.all_drafts().await
    }

    async fn draft(&self, id: RecordId) -> Result<Option<Draft>, StoreError> {
        self.one_draft(id).await
    }

    async fn take_fence(&self, id: RecordId) -> Result<Fence, StoreError> {
        self.raise_fence(id).await
    }

    async fn put_draft(&self, draft: &Draft, fence: Fence) -> Result<u64, StoreError> {
        self.save_draft(draft, fence).await
    }

    async fn delete_draft(&self, id: RecordId, fence: Fence) -> Result<(), StoreError> {
        self.remove_draft(id, fence).await
    }

    async fn answers(&self, id: RecordId) -> Result<Vec<DraftAnswer>, StoreError> {
        self.answers_of(id).await
    }

    async fn put_answer(
        &self,
        id: RecordId,
        answer: &DraftAnswer,
        fence: Fence,
    ) -> Result<u64, StoreError> {
        self.save_answer(id, answer, fence).await
    }

    async fn delete_answer(
        &self,
        id: RecordId,
        key: &AnswerKey,
        fence: Fence,
    ) -> Result<u64, StoreError> {
        self.remove_answer(id, key, fence).await
    }

    async fn put_chunk(&self, blob: BlobId, n: u32, bytes: &[u8]) -> Result<(), StoreError> {
        self.put_stretch(blob, n, Uint8Array::from(bytes)).await
    }

    async fn chunk(&self, blob: BlobId, n: u32) -> Result<Option<Vec<u8>>, StoreError> {
        self.stretch(blob, n).await
    }

    async fn drop_chunks(&self, blob: BlobId) -> Result<(), StoreError> {
        self.delete_stretches(blob).await
    }

    async fn put_evidence(&self, row: &EvidenceRow, fence: Fence) -> Result<u64, StoreError> {
        self.save_evidence(row, fence).await
    }

    async fn delete_evidence(
        &self,
        record: RecordId,
        id: EvidenceId,
        fence: Fence,
    ) -> Result<u64, StoreError> {
        self.remove_evidence(record, id, fence).await
    }

    async fn evidence_of(&self, record: RecordId) -> Result<Vec<EvidenceRow>, StoreError> {
        self.all_evidence_of(record).await
    }

    async fn waiting_evidence(&self, limit: usize) -> Result<Vec<EvidenceRow>, StoreError> {
        self.first_waiting(limit).await
    }

    async fn waiting_count(&self) -> Result<usize, StoreError> {
        self.count_waiting().await
    }

    async fn settle_evidence(&self, rows: &[EvidenceRow]) -> Result<(), StoreError> {
        self.change_evidence(rows).await
    }

    async fn head(&self) -> Result<Option<Head>, StoreError> {
        self.meta(HEAD).await
    }

    async fn append(&self, append: &Append) -> Result<(), StoreError> {
        self.add_event(append).await
    }

    async fn events_after(&self, after: u64, limit: usize) -> Result<Vec<EventRow>, StoreError> {
        self.own_events_after(after, limit).await
    }

    async fn events_of(&self, id: RecordId) -> Result<Vec<EventRow>, StoreError> {
        self.own_events_of(id).await
    }

    async fn records(&self, limit: usize) -> Result<Vec<RecordId>, StoreError> {
        self.newest_records(limit).await
    }

    async fn push_state(&self) -> Result<PushState, StoreError> {
        Ok(self.meta(PUSH).await?.unwrap_or_default())
    }

    async fn put_receipts(
        &self,
        receipts: &[ReceiptRow],
        change: &dyn Fn(&mut PushState),
    ) -> Result<(), StoreError> {
        self.add_receipts(receipts, change).await
    }

    async fn receipt(&self, hash: &EventHash) -> Result<Option<ReceiptRow>, StoreError> {
        self.receipt_for(hash).await
    }

    async fn troubled(&self) -> Result<Vec<ReceiptRow>, StoreError> {
        self.troubled_receipts().await
    }

    async fn cursor(&self, stream: Stream) -> Result<Option<String>, StoreError> {
        self.cursor_of(stream).await
    }

    async fn apply_page(&self, page: &PullPage, pulled: &[PulledEvent]) -> Result<(), StoreError> {
        self.apply(page, pulled).await
    }

    async fn archive(&self, events: &[PulledEvent]) -> Result<(), StoreError> {
        self.archive_pulled(events).await
    }

    async fn pulled_of(&self, id: RecordId) -> Result<Vec<PulledEvent>, StoreError> {
        self.pulled_events_of(id).await
    }

    async fn sites(&self) -> Result<Vec<Site>, StoreError> {
        self.all_sites().await
    }

    async fn checklists(&self) -> Result<Vec<ChecklistRow>, StoreError> {
        self.all_checklists().await
    }

    async fn note(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.meta(&format!("note:{name}")).await
    }

    async fn put_note(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.write_meta(&format!("note:{name}"), &value).await
    }
}
