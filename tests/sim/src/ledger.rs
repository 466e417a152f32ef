//! The oracle's own book: what a phone has shown as saved, and what must therefore be found. It believes neither side.

use crate::phone::{ITEMS, Phone, key};
use std::collections::{BTreeMap, BTreeSet};
use zhicha_core::{
    answer::AnswerValue,
    event::{EventHash, Payload},
    id::{EvidenceId, RecordId},
    store::{EventRow, Store},
};

/// An event that a phone has shown as saved.
#[derive(Clone)]
pub struct Saved {
    /// Its number.
    pub seq: u64,
    /// Its hash.
    pub hash: EventHash,
    /// Its text.
    pub text: String,
    /// Altered on the disk since, behind the app's back.
    pub altered: bool,
}

// An answer of an open draft: the last that was shown as saved, and what was tried since without a word.
#[derive(Clone, Debug, Default)]
struct Tried {
    saved: Option<AnswerValue>,
    since: Vec<AnswerValue>,
}

/// What is known of one phone.
#[derive(Clone, Default)]
pub struct Ledger {
    /// Events, by number.
    pub events: BTreeMap<u64, Saved>,
    answers: BTreeMap<(RecordId, usize), Tried>,
    /// Photos of open drafts that were shown as saved.
    photos: BTreeMap<RecordId, BTreeSet<EvidenceId>>,
    /// Open drafts, in the order of their beginning.
    pub open: Vec<RecordId>,
    /// Events that went with a lost disk.
    pub lost: Vec<Saved>,
    /// Numbers between others that went from its disk before they were sent.
    pub gone: BTreeSet<u64>,
    /// Whether its disk was ever that of an earlier moment.
    pub fell_back: bool,
    /// Sealed records with the hash of the seal.
    pub sealed: Vec<(RecordId, EventHash)>,
}

impl Ledger {
    /// An answer is being written; nobody was told yet.
    pub fn tries(&mut self, record: RecordId, item: usize, value: &AnswerValue) {
        let answer = self.answers.entry((record, item)).or_default();
        answer.since.push(value.clone());
    }

    /// An event was shown as saved.
    pub fn written(&mut self, row: &EventRow) {
        self.events.insert(
            row.seq,
            Saved {
                seq: row.seq,
                hash: row.hash.clone(),
                text: row.text.clone(),
                altered: false,
            },
        );
    }

    /// A photo was shown as saved.
    pub fn photographed(&mut self, record: RecordId, id: EvidenceId) {
        self.photos.entry(record).or_default().insert(id);
    }

    /// An answer was shown as saved.
    pub fn answered(&mut self, record: RecordId, item: usize, value: &AnswerValue) {
        let answer = self.answers.entry((record, item)).or_default();
        (answer.saved, answer.since) = (Some(value.clone()), Vec::new());
    }

    /// An event is gone from the disk, and later ones are there.
    pub fn forgets(&mut self, seq: u64) {
        self.lost.extend(self.events.remove(&seq));
        self.gone.insert(seq);
    }

    /// The disk is that of an earlier moment: what came since is lost with the page, and the canary alone knows of it. Returns the
    /// numbers that are gone.
    pub async fn falls_back(&mut self, phone: &Phone) -> Result<Option<(u64, u64)>, String> {
        let head = phone.disk.memory.head().await.map_err(|e| e.to_string())?;
        let head = head.map_or(0, |head| head.seq);
        let known = self.events.last_key_value().map_or(0, |(seq, _)| *seq);
        self.lost
            .extend(self.events.split_off(&(head + 1)).into_values());
        self.fell_back = true;
        self.open.clear();
        self.sealed.clear();
        self.answers.clear();
        self.photos.clear();
        let memory = &phone.disk.memory;
        for draft in memory.drafts().await.map_err(|e| e.to_string())? {
            let answers = memory.answers(draft.id).await.map_err(|e| e.to_string())?;
            for item in 0..ITEMS {
                if let Some(there) = answers.iter().find(|a| a.key == key(item)) {
                    self.answered(draft.id, item, &there.value);
                }
            }
        }
        Ok((known > head).then_some((head + 1, known)))
    }

    /// Compares the phone's disk with the book, and takes in what is there without a word (the page died before it could say so).
    ///
    /// # Errors
    /// What is wrong, in words.
    pub async fn compare(&mut self, phone: &Phone) -> Result<(), String> {
        self.events_of(phone).await?;
        self.drafts_of(phone).await
    }

    async fn events_of(&mut self, phone: &Phone) -> Result<(), String> {
        let memory = &phone.disk.memory;
        let rows = memory
            .events_after(0, usize::MAX)
            .await
            .map_err(|e| e.to_string())?;
        let mut seals = BTreeSet::new();
        let mut last = 0;
        for row in &rows {
            let n = (last + 1..=row.seq).find(|n| !self.gone.contains(n));
            let n = n.unwrap_or(row.seq);
            // A report of a loss stands behind the numbers that it names.
            if row.seq != n && !(row.seq > n && row.kind == "device_loss") {
                return Err(format!(
                    "I5: number {n} is missing, {} stands there",
                    row.seq
                ));
            }
            last = row.seq;
            let saved = self.events.entry(row.seq).or_insert_with(|| Saved {
                seq: row.seq,
                hash: row.hash.clone(),
                text: row.text.clone(),
                altered: false,
            });
            if saved.text != row.text || saved.hash != row.hash {
                return Err(format!("I3: event {n} has another text than was saved"));
            }
            if row.kind == "sealed" && !seals.insert(row.record_id) {
                return Err(format!("I2: event {n} seals a record that is sealed"));
            }
            if row.kind == "sealed" && !self.sealed.iter().any(|(id, _)| *id == row.record_id) {
                self.open.retain(|id| *id != row.record_id);
                self.sealed.push((row.record_id, row.hash.clone()));
            }
        }
        match self.events.len() == rows.len() {
            true => Ok(()),
            false => Err(format!(
                "I1: {} events were saved, {} are there",
                self.events.len(),
                rows.len()
            )),
        }
    }

    async fn drafts_of(&mut self, phone: &Phone) -> Result<(), String> {
        let memory = &phone.disk.memory;
        let drafts = memory.drafts().await.map_err(|e| e.to_string())?;
        for id in &self.open {
            if !drafts.iter().any(|draft| draft.id == *id) {
                return Err(format!("I1: draft {id} is gone and not sealed"));
            }
        }
        for draft in drafts {
            if self.sealed.iter().any(|(id, _)| *id == draft.id) {
                return Err(format!("I2: {} is sealed and a draft at once", draft.id));
            }
            if !self.open.contains(&draft.id) {
                self.open.push(draft.id);
            }
            let answers = memory.answers(draft.id).await.map_err(|e| e.to_string())?;
            for item in 0..ITEMS {
                let there = answers
                    .iter()
                    .find(|a| a.key == key(item))
                    .map(|a| &a.value);
                self.one_answer(draft.id, item, there)?;
            }
            let photos = memory
                .evidence_of(draft.id)
                .await
                .map_err(|e| e.to_string())?;
            let there: BTreeSet<_> = photos.iter().map(|row| row.id).collect();
            let known = self.photos.entry(draft.id).or_default();
            if !known.is_subset(&there) {
                return Err(format!("I1: a saved photo of {} is gone", draft.id));
            }
            *known = there;
            for part in photos.iter().flat_map(|row| &row.parts) {
                if memory
                    .chunk(part.blob, 0)
                    .await
                    .map_err(|e| e.to_string())?
                    .is_none()
                {
                    return Err("I1: a photo's row has no bytes".to_owned());
                }
            }
        }
        Ok(())
    }

    fn one_answer(
        &mut self,
        record: RecordId,
        item: usize,
        there: Option<&AnswerValue>,
    ) -> Result<(), String> {
        let Some(answer) = self.answers.get_mut(&(record, item)) else {
            return Ok(());
        };
        let fits = match there {
            Some(value) => answer.saved.as_ref() == Some(value) || answer.since.contains(value),
            None => answer.saved.is_none(),
        };
        if !fits {
            return Err(format!("I1: an answer is {there:?}, known is {answer:?}"));
        }
        (answer.saved, answer.since) = (there.cloned(), Vec::new());
        Ok(())
    }
}

/// The actor of an event's text.
///
/// # Errors
/// When it is none.
pub fn actor(text: &str) -> Result<zhicha_core::id::UserId, String> {
    Payload::parse(text)
        .map(|(payload, _)| payload.actor)
        .map_err(|e| e.to_string())
}
