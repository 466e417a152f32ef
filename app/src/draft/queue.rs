//! What is still to be written: one write at a time, the newest of each row, nothing forgotten when one fails.
//!
//! Plain data; the writing itself is in `state::draft`. "Saved" is said only when nothing waits, runs or has failed.

use std::{collections::VecDeque, fmt, pin::Pin, rc::Rc};
use zhicha_core::{
    answer::AnswerKey,
    id::Uuid,
    inspection::{Draft, DraftAnswer},
    store::{Fence, StoreError},
};

/// A row that is to be written.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// An answer, given or changed.
    Answer(Box<DraftAnswer>),
    /// An answer that was taken back.
    Clear(AnswerKey),
    /// The draft's own row; its `rev` is filled in when it is written.
    Draft(Box<Draft>),
    /// What the first file of the program knows nothing of: evidence.
    Apart(Apart),
}

/// A write that says itself how it is done.
#[derive(Clone)]
pub struct Apart {
    /// What names its row.
    pub row: Uuid,
    /// Does it under a fence, and returns the draft's new revision.
    pub act: Rc<dyn Fn(Fence) -> Acting>,
}

/// The new revision of the draft, later.
pub type Acting = Pin<Box<dyn Future<Output = Result<u64, StoreError>>>>;

impl PartialEq for Apart {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.act, &other.act)
    }
}

impl fmt::Debug for Apart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.row.fmt(f)
    }
}

/// The row that a write goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// An answer's.
    Answer(AnswerKey),
    /// The draft's.
    Draft,
    /// Another one's.
    Apart(Uuid),
}

impl Write {
    /// Where it goes.
    pub fn row(&self) -> Row {
        match self {
            Self::Answer(answer) => Row::Answer(answer.key.clone()),
            Self::Clear(key) => Row::Answer(key.clone()),
            Self::Draft(_) => Row::Draft,
            Self::Apart(apart) => Row::Apart(apart.row),
        }
    }
}

/// How a row, or all of them, stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Saving {
    /// On disk.
    #[default]
    Saved,
    /// Waiting, being typed or being written.
    Saving,
    /// Not on disk, and this is why; still on screen.
    Failed(StoreError),
}

/// The writes of one open draft.
#[derive(Debug, Default)]
pub struct Queue {
    typed: Vec<Write>,
    waiting: VecDeque<Write>,
    running: Option<Write>,
    failed: Vec<(Write, StoreError)>,
}

impl Queue {
    /// Adds a write; an earlier one of the same row that has not begun is replaced.
    pub fn push(&mut self, write: Write) {
        self.forget(&write.row());
        self.waiting.push_back(write);
    }

    /// Adds a write that waits for a pause in typing, see [`Self::flush`].
    pub fn push_typed(&mut self, write: Write) {
        self.forget(&write.row());
        self.typed.push(write);
    }

    /// Typing paused, or the page may go away: all that was typed is due now.
    pub fn flush(&mut self) {
        self.waiting.extend(self.typed.drain(..));
    }

    /// Begins the next write, if none is running.
    pub fn start(&mut self) -> Option<Write> {
        if self.running.is_some() {
            return None;
        }
        self.running = self.waiting.pop_front();
        self.running.clone()
    }

    /// The running write ended. A failed one is kept for [`Self::retry`], unless a newer one of its row waits.
    pub fn done(&mut self, result: Result<(), StoreError>) -> Option<Row> {
        let write = self.running.take()?;
        let row = write.row();
        if let Err(error) = result
            && !self.pending(&row)
        {
            self.failed.push((write, error));
        }
        Some(row)
    }

    /// Everything that failed is due again; returns whether there was anything.
    pub fn retry(&mut self) -> bool {
        let any = !self.failed.is_empty();
        self.waiting
            .extend(self.failed.drain(..).map(|(write, _)| write));
        any
    }

    /// How one row stands.
    pub fn row(&self, row: &Row) -> Saving {
        if self.pending(row) || self.running.as_ref().is_some_and(|w| &w.row() == row) {
            return Saving::Saving;
        }
        let failed = self.failed.iter().find(|(w, _)| &w.row() == row);
        failed.map_or(Saving::Saved, |(_, error)| Saving::Failed(error.clone()))
    }

    /// How all rows stand: a failure outweighs what is still being written.
    pub fn all(&self) -> Saving {
        match self.failed.first() {
            Some((_, error)) => Saving::Failed(error.clone()),
            None if self.idle() => Saving::Saved,
            None => Saving::Saving,
        }
    }

    /// Whether nothing is typed, waiting or running.
    pub fn idle(&self) -> bool {
        self.typed.is_empty() && self.waiting.is_empty() && self.running.is_none()
    }

    /// Everything that is not on disk, the newest of each row.
    pub fn unsaved(&self) -> Vec<Write> {
        let failed = self.failed.iter().map(|(write, _)| write);
        let running = self.running.iter().filter(|w| !self.pending(&w.row()));
        failed
            .chain(running)
            .chain(&self.waiting)
            .chain(&self.typed)
            .cloned()
            .collect()
    }

    fn pending(&self, row: &Row) -> bool {
        self.waiting
            .iter()
            .chain(&self.typed)
            .any(|w| &w.row() == row)
    }

    fn forget(&mut self, row: &Row) {
        self.typed.retain(|w| &w.row() != row);
        self.waiting.retain(|w| &w.row() != row);
        self.failed.retain(|(w, _)| &w.row() != row);
    }
}

#[cfg(test)]
#[path = "queue_tests.rs"]
mod tests;
