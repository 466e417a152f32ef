//! A phone's storage as it really is: every write may be refused, and the page may die before or after any step.

use crate::{phone::key, plant::Bug};
use std::{
    cell::{Cell, RefCell},
    future::pending,
    rc::Rc,
};
use tokio::sync::Notify;
use zhicha_core::{
    answer::AnswerKey,
    event::EventHash,
    id::{BlobId, EvidenceId, RecordId},
    inspection::{Draft, DraftAnswer, EvidenceRow},
    store::{
        Append, ChecklistRow, EventRow, Fence, Head, PulledEvent, PushState, ReceiptRow, Store,
        StoreError, memory::MemoryStore,
    },
    sync::wire::{Identity, PullPage, Site, Stream},
};

/// When the page dies and what the disk refuses. Shared by storage and network of one phone, since both are steps of one page.
#[derive(Default)]
pub struct Fate {
    left: Cell<Option<u32>>,
    after: Cell<bool>,
    refuse: Cell<u32>,
    random: Cell<u64>,
    died: Notify,
    /// Writes that were refused.
    pub refused: Cell<u64>,
    /// Deaths before and after a step.
    pub deaths: Cell<(u64, u64)>,
}

impl Fate {
    /// The page dies at the `steps`-th step from now, after it (`true`) or before it.
    pub fn dies_in(&self, death: Option<(u32, bool)>) {
        self.left.set(death.map(|(steps, _)| steps));
        self.after.set(death.is_some_and(|(_, after)| after));
    }

    /// So many of a thousand writes are refused from now on.
    pub fn refuses(&self, of_thousand: u32, seed: u64) {
        self.refuse.set(of_thousand);
        self.random.set(seed);
    }

    /// Runs a task of the page until it ends or the page dies (nothing).
    pub async fn run<R>(&self, task: impl Future<Output = R>) -> Option<R> {
        let ended = tokio::select! {
            biased;
            () = self.died.notified() => None,
            ended = task => Some(ended),
        };
        self.dies_in(None);
        ended
    }

    /// Before a step.
    pub async fn before(&self) {
        let Some(left) = self.left.get() else { return };
        if left > 0 {
            self.left.set(Some(left - 1));
        } else if !self.after.get() {
            self.die().await;
        }
    }

    /// After a step.
    pub async fn behind(&self) {
        if self.left.get() == Some(0) && self.after.get() {
            self.die().await;
        }
    }

    async fn die(&self) {
        let (before, after) = self.deaths.get();
        self.deaths.set(match self.after.get() {
            true => (before, after + 1),
            false => (before + 1, after),
        });
        self.left.set(None);
        self.died.notify_one();
        pending::<()>().await;
    }

    fn refuses_this(&self) -> Option<StoreError> {
        // splitmix64, one step.
        let mut z = self.random.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        self.random.set(z);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let refused = (z >> 11) % 1000 < u64::from(self.refuse.get());
        if refused {
            self.refused.set(self.refused.get() + 1);
        }
        refused.then(|| match z % 3 {
            0 => StoreError::Quota,
            _ => StoreError::Aborted("planted".to_owned()),
        })
    }
}

/// The disk of a phone behind its fate. What is written outlives the page.
pub struct Disk {
    /// What is really on it.
    pub memory: MemoryStore,
    /// Shared with the network.
    pub fate: Rc<Fate>,
    /// What is wrong with it on purpose.
    pub bug: Option<Bug>,
    before: RefCell<Option<MemoryStore>>,
}

impl Disk {
    /// A disk with this on it.
    pub fn of(memory: MemoryStore, fate: &Rc<Fate>, bug: Option<Bug>) -> Self {
        Self {
            memory,
            fate: Rc::clone(fate),
            bug,
            before: RefCell::default(),
        }
    }

    /// The page that wrote on it is gone.
    pub fn page_died(&self) {
        if let Some(before) = self.before.take() {
            self.memory.take(&before);
        }
    }

    fn has(&self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    async fn reads<R>(
        &self,
        read: impl Future<Output = Result<R, StoreError>>,
    ) -> Result<R, StoreError> {
        self.fate.before().await;
        let found = read.await;
        self.fate.behind().await;
        found
    }

    async fn writes<R>(
        &self,
        write: impl Future<Output = Result<R, StoreError>>,
    ) -> Result<R, StoreError> {
        self.fate.before().await;
        if self.has(Bug::LastWriteLost) {
            self.before.replace(Some(self.memory.copy()));
        }
        let done = match self.fate.refuses_this() {
            Some(error) => Err(error),
            None => write.await,
        };
        self.fate.behind().await;
        done
    }
}

// As the trait says, but for what a planted mistake changes.
macro_rules! passes_on {
    ({ $($own:item)* } $($way:ident $name:ident($($arg:ident: $kind:ty),*) -> $what:ty;)*) => {
        impl Store for Disk {
            $($own)*
            $(async fn $name(&self, $($arg: $kind),*) -> Result<$what, StoreError> {
                self.$way(self.memory.$name($($arg),*)).await
            })*
        }
    };
}

passes_on! {
    {
        async fn put_answer(&self, id: RecordId, answer: &DraftAnswer, fence: Fence) -> Result<u64, StoreError> {
            let mut answer = answer.clone();
            match self.bug {
                Some(Bug::AnswerNotWritten) => return Ok(0),
                Some(Bug::AnswerOfAnotherItem) => answer.key = key(1),
                _ => {}
            }
            self.writes(self.memory.put_answer(id, &answer, fence)).await
        }

        async fn put_chunk(&self, blob: BlobId, n: u32, bytes: &[u8]) -> Result<(), StoreError> {
            match self.bug {
                Some(Bug::RowWithoutBytes) => Ok(()),
                _ => self.writes(self.memory.put_chunk(blob, n, bytes)).await,
            }
        }

        async fn chunk(&self, blob: BlobId, n: u32) -> Result<Option<Vec<u8>>, StoreError> {
            let mut found = self.reads(self.memory.chunk(blob, n)).await?;
            if let Some(byte) = found.as_mut().and_then(|bytes| bytes.first_mut()).filter(|_| self.has(Bug::BytesRot)) {
                *byte ^= 1;
            }
            Ok(found)
        }

        async fn waiting_evidence(&self, limit: usize) -> Result<Vec<EvidenceRow>, StoreError> {
            let limit = if self.has(Bug::PhotosForgotten) { 0 } else { limit };
            let mut rows = self.reads(self.memory.waiting_evidence(limit)).await?;
            if self.has(Bug::PhotosCalledDelivered) {
                let parts = rows.iter_mut().flat_map(|row| &mut row.parts);
                parts.for_each(|part| part.receipt = Some("yes".to_owned()));
                self.memory.settle_evidence(&rows).await?;
                rows.clear();
            }
            Ok(rows)
        }

        async fn append(&self, append: &Append) -> Result<(), StoreError> {
            let mut append = append.clone();
            match (self.bug, append.closes) {
                (Some(Bug::SealLeavesDraft), _) => append.closes = None,
                (Some(Bug::SealLosesEvent), Some((id, _, fence))) => return self.memory.delete_draft(id, fence).await,
                _ => {}
            }
            self.writes(self.memory.append(&append)).await
        }

        async fn events_after(&self, after: u64, limit: usize) -> Result<Vec<EventRow>, StoreError> {
            let after = if self.has(Bug::QueueSkipsOne) && after == 3 { 4 } else { after };
            self.reads(self.memory.events_after(after, limit)).await
        }

        async fn put_receipts(&self, receipts: &[ReceiptRow], change: &dyn Fn(&mut PushState)) -> Result<(), StoreError> {
            let kept = if self.has(Bug::ReceiptsNotWritten) { &[] } else { receipts };
            self.writes(self.memory.put_receipts(kept, change)).await?;
            if self.has(Bug::ForgetsWhatIsAcknowledged) {
                self.memory.forget(self.memory.push_state().await?.acked);
            }
            Ok(())
        }

        async fn troubled(&self) -> Result<Vec<ReceiptRow>, StoreError> {
            match self.bug {
                Some(Bug::TroubleIsHidden) => Ok(Vec::new()),
                _ => self.reads(self.memory.troubled()).await,
            }
        }

        async fn apply_page(&self, page: &PullPage, pulled: &[PulledEvent]) -> Result<(), StoreError> {
            let empty = PullPage { rows: Vec::new(), ..page.clone() };
            match self.bug {
                Some(Bug::CursorWithoutPage) => self.writes(self.memory.apply_page(&empty, &[])).await,
                _ => self.writes(self.memory.apply_page(page, pulled)).await,
            }
        }
    }
    reads identity() -> Option<Identity>;
    writes put_identity(identity: &Identity) -> ();
    writes replace_identity(identity: &Identity) -> ();
    reads unconfirmed() -> Vec<EventHash>;
    reads drafts() -> Vec<Draft>;
    reads draft(id: RecordId) -> Option<Draft>;
    writes take_fence(id: RecordId) -> Fence;
    writes put_draft(draft: &Draft, fence: Fence) -> u64;
    writes delete_draft(id: RecordId, fence: Fence) -> ();
    reads answers(id: RecordId) -> Vec<DraftAnswer>;
    writes delete_answer(id: RecordId, key: &AnswerKey, fence: Fence) -> u64;
    writes drop_chunks(blob: BlobId) -> ();
    writes put_evidence(row: &EvidenceRow, fence: Fence) -> u64;
    writes delete_evidence(record: RecordId, id: EvidenceId, fence: Fence) -> u64;
    reads evidence_of(record: RecordId) -> Vec<EvidenceRow>;
    reads waiting_count() -> usize;
    writes settle_evidence(rows: &[EvidenceRow]) -> ();
    reads head() -> Option<Head>;
    reads events_of(id: RecordId) -> Vec<EventRow>;
    reads records(limit: usize) -> Vec<RecordId>;
    reads push_state() -> PushState;
    reads receipt(hash: &EventHash) -> Option<ReceiptRow>;
    reads cursor(stream: Stream) -> Option<String>;
    writes archive(events: &[PulledEvent]) -> ();
    reads pulled_of(id: RecordId) -> Vec<PulledEvent>;
    reads sites() -> Vec<Site>;
    reads checklists() -> Vec<ChecklistRow>;
    reads note(name: &str) -> Option<String>;
    writes put_note(name: &str, value: &str) -> ();
}
