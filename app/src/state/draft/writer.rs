//! Brings the writes of one draft to the disk: one after the other, each its own strict transaction.
//!
//! It outlives the page that opened the draft: what was given is written to the end, then the lock is let go.

use super::{OpenDraft, Standing};
use crate::{
    draft::{Queue, Row, Saving, Write},
    platform::timer::Timeout,
    state::save::SaveStatus,
};
use leptos::task::spawn_local;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use zhicha_core::{
    answer::AnswerKey,
    id::RecordId,
    store::{Fence, Store, StoreError},
};
use zhicha_storage::{IdbStore, locks::Held};

/// The longest time that typed text waits: the loss budget of a sudden death.
const TYPING_MS: u32 = 250;

pub(super) struct Writer {
    id: RecordId,
    store: Rc<IdbStore>,
    queue: RefCell<Queue>,
    pub(super) rev: Cell<u64>,
    pub(super) fence: Cell<Option<Fence>>,
    pub(super) lock: RefCell<Option<Held>>,
    timer: RefCell<Option<Timeout>>,
    status: SaveStatus,
    told: Cell<Told>,
}

// What the badge of the app was last told about this draft.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Told {
    Saved,
    Saving,
    Failed,
}

impl Writer {
    pub(super) fn new(id: RecordId, store: Rc<IdbStore>, rev: u64, status: SaveStatus) -> Self {
        Self {
            id,
            store,
            queue: RefCell::default(),
            rev: Cell::new(rev),
            fence: Cell::new(None),
            lock: RefCell::new(None),
            timer: RefCell::new(None),
            status,
            told: Cell::new(Told::Saved),
        }
    }

    pub(super) fn row(&self, key: &AnswerKey) -> Saving {
        self.queue.borrow().row(&Row::Answer(key.clone()))
    }

    pub(super) fn all(&self) -> Saving {
        self.queue.borrow().all()
    }

    pub(super) fn is_idle(&self) -> bool {
        self.queue.borrow().idle()
    }

    pub(super) fn unsaved(&self) -> usize {
        self.queue.borrow().unsaved().len()
    }

    pub(super) fn leftovers(&self) -> Vec<Write> {
        self.queue.borrow().unsaved()
    }

    pub(super) fn push(self: &Rc<Self>, draft: OpenDraft, write: Write, typed: bool) {
        let row = write.row();
        if typed {
            self.queue.borrow_mut().push_typed(write);
            self.arm(draft);
        } else {
            self.queue.borrow_mut().push(write);
        }
        self.tell(draft, Some(&row));
        if !typed {
            self.run(draft);
        }
    }

    pub(super) fn flush(self: &Rc<Self>, draft: OpenDraft) {
        self.timer.replace(None);
        self.queue.borrow_mut().flush();
        self.run(draft);
    }

    pub(super) fn retry(self: &Rc<Self>, draft: OpenDraft) {
        if self.queue.borrow_mut().retry() {
            self.run(draft);
        }
        let waiting: Vec<Row> = self
            .queue
            .borrow()
            .unsaved()
            .iter()
            .map(Write::row)
            .collect();
        waiting.iter().for_each(|row| self.tell(draft, Some(row)));
    }

    // A running timer is left alone: text that never stops coming is still written every TYPING_MS.
    fn arm(self: &Rc<Self>, draft: OpenDraft) {
        if self.timer.borrow().is_none() {
            let writer = Rc::clone(self);
            self.timer
                .replace(Some(Timeout::new(TYPING_MS, move || writer.flush(draft))));
        }
    }

    fn run(self: &Rc<Self>, draft: OpenDraft) {
        let Some(first) = self.queue.borrow_mut().start() else {
            return;
        };
        let writer = Rc::clone(self);
        spawn_local(async move {
            let mut next = Some(first);
            while let Some(write) = next {
                let result = writer.write(write).await;
                if result == Err(StoreError::Fenced) {
                    draft.standing.try_set(Standing::Taken);
                }
                let row = writer.queue.borrow_mut().done(result);
                writer.tell(draft, row.as_ref());
                next = writer.queue.borrow_mut().start();
            }
        });
    }

    async fn write(&self, write: Write) -> Result<(), StoreError> {
        let fence = self.fence.get().ok_or(StoreError::Fenced)?;
        let rev = match write {
            Write::Answer(answer) => self.store.put_answer(self.id, &answer, fence).await?,
            Write::Clear(key) => self.store.delete_answer(self.id, &key, fence).await?,
            Write::Draft(mut draft) => {
                draft.rev = self.rev.get();
                self.store.put_draft(&draft, fence).await?
            }
            Write::Apart(apart) => (apart.act)(fence).await?,
        };
        self.rev.set(rev);
        Ok(())
    }

    // The badge of the app counts beginnings and ends, so it hears of changes only.
    fn tell(&self, draft: OpenDraft, row: Option<&Row>) {
        let all = self.all();
        let now = match &all {
            Saving::Saved => Told::Saved,
            Saving::Saving => Told::Saving,
            Saving::Failed(_) => Told::Failed,
        };
        let before = self.told.replace(now);
        if before != now {
            if now == Told::Saving {
                self.status.begin();
            }
            match (before, all) {
                (Told::Saving, Saving::Failed(error)) => self.status.done(Err(error)),
                (Told::Saving, _) => self.status.done(Ok(())),
                (Told::Failed, _) => self.status.recovered(),
                (Told::Saved, Saving::Failed(error)) => {
                    self.status.begin();
                    self.status.done(Err(error));
                }
                (Told::Saved, _) => {}
            }
        }
        let key = match row {
            Some(Row::Answer(key)) => Some(key),
            _ => None,
        };
        draft.show_saving(key);
    }
}
