//! The end of a draft: sealed, or deleted.

use super::{OpenDraft, album, writer::Writer};
use crate::{
    draft::{Saving, people},
    platform::{clock, timer},
    state::device,
};
use zhicha_core::{
    checklist::Loaded,
    client::{AppendError, append::NewEvent},
    event::{EventHash, body::Written, jws::MAX_EVENT_BYTES},
    inspection::{
        Draft, DraftAnswer, Sealed,
        evidence::{self, Captured},
        seal::{Moment, seal},
    },
    store::{Store, StoreError},
};

/// Why a draft was not sealed or deleted. It is still there, with all its answers.
#[derive(Clone, Debug, PartialEq)]
pub enum SealTrouble {
    /// Something on screen is not on disk.
    NotSaved(StoreError),
    /// Another tab has the draft.
    Elsewhere,
    /// The event was not written.
    Append(AppendError),
}

impl From<StoreError> for SealTrouble {
    fn from(error: StoreError) -> Self {
        Self::Append(AppendError::Store(error))
    }
}

// Bytes of an event beside its body: header, clocks, ids, hashes, signature. Measured generously.
const ENVELOPE: usize = 2_000;

impl OpenDraft {
    /// The body that a seal would write now.
    pub fn body(self) -> Sealed {
        let (lists, answers) = self.read(|book| {
            let lists: Vec<Loaded> = book.checklists().map(|l| (**l).clone()).collect();
            let answers: Vec<DraftAnswer> = book.answers().cloned().collect();
            (lists, answers)
        });
        let form = people::trimmed(self.form.get_untracked());
        self.body_of(&form, &answers, &lists)
    }

    fn body_of(self, form: &Draft, answers: &[DraftAnswer], lists: &[Loaded]) -> Sealed {
        let moment = Moment {
            to: clock::now(),
            day: self.app.today(),
        };
        seal(form, answers, lists, &moment)
    }

    /// How much of an event's room the record needs, in percent, rounded up.
    pub fn size_percent(self) -> usize {
        let body = serde_json::to_vec(&self.body()).map_or(0, |bytes| bytes.len());
        // The payload stands in the event as base64url: four characters for three bytes.
        ((body + ENVELOPE) * 4 / 3 * 100).div_ceil(MAX_EVENT_BYTES)
    }

    /// Seals what is on disk. On success the draft is gone and the record is on disk.
    pub async fn seal(self) -> Result<(), SealTrouble> {
        // Taken before the first wait: the page may be left while this goes on.
        let lists: Vec<Loaded> =
            self.read(|book| book.checklists().map(|l| (**l).clone()).collect());
        let writer = self.desk_writer();
        self.settle(&writer).await?;
        album::settled(self.id)
            .await
            .map_err(SealTrouble::NotSaved)?;
        album::album(self).forget_withdrawn();
        self.settle(&writer).await?;
        let store = self.app.store();
        let form = store.draft(self.id).await?.ok_or(StoreError::Changed)?;
        let answers = store.answers(self.id).await?;
        let mut body = self.body_of(&people::trimmed(form.clone()), &answers, &lists);
        let digests: Vec<_> = form.checklists.iter().map(|c| c.digest.clone()).collect();
        let captured = album::sealable(store.evidence_of(self.id).await?);
        if !album::has_all_signed(&body.sign_offs, &captured) {
            return Err(StoreError::Changed.into());
        }
        body.evidence = evidence::named(&captured, &digests).0;
        let fence = writer.fence.get().ok_or(SealTrouble::Elsewhere)?;
        let parents: Vec<EventHash> = store
            .events_of(self.id)
            .await?
            .into_iter()
            .map(|e| e.hash)
            .collect();
        let new = NewEvent {
            record_id: self.id,
            parents: parents.last().cloned().into_iter().collect(),
            checklists: digests,
            body: Written::of(&body),
            captured: Captured::of(captured),
            closes: Some((form, fence)),
        };
        device::append(&store, &new)
            .await
            .map_err(SealTrouble::Append)?;
        self.app.sync.appended();
        Ok(())
    }

    /// Deletes the draft with its answers. The event that the inspection began stays.
    pub async fn delete(self) -> Result<(), SealTrouble> {
        let writer = self.desk_writer();
        self.settle(&writer).await?;
        let fence = writer.fence.get().ok_or(SealTrouble::Elsewhere)?;
        self.app.store().delete_draft(self.id, fence).await?;
        self.app.sync.refresh().await?;
        Ok(())
    }

    // Nothing is sealed while something that the person sees is not on disk.
    async fn settle(self, writer: &Writer) -> Result<(), SealTrouble> {
        if !self.is_ours() {
            return Err(SealTrouble::Elsewhere);
        }
        self.flush();
        while !writer.is_idle() {
            timer::sleep(5).await;
        }
        match writer.all() {
            Saving::Failed(error) => Err(SealTrouble::NotSaved(error)),
            Saving::Saved | Saving::Saving => Ok(()),
        }
    }
}
