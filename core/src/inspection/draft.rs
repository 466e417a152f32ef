//! Drafts: what is on the device before the seal. One row for the draft, one row for each answer.

use super::{ChecklistRef, Inspector, Mode, Outcome, Representative, SignOff, SiteSnapshot, Visit};
use crate::{
    answer::{AnswerKey, AnswerValue},
    checklist::Digest,
    determination::Determination,
    id::{HazardId, RecordId},
    time::{CivilDate, Timestamp},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A draft without its answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Version of this row's form.
    pub v: u8,
    /// The record it will become.
    pub id: RecordId,
    /// Raised by every change of draft or answers; a seal is refused when it moved.
    pub rev: u64,
    /// Why the visit is made.
    pub mode: Mode,
    /// Where.
    pub site: SiteSnapshot,
    /// With what.
    pub checklists: Vec<ChecklistRef>,
    /// By whom.
    pub inspectors: Vec<Inspector>,
    /// Who stands for the site.
    pub representative: Representative,
    /// How it ended; read the visit by [`Self::visit`]. Its note is also the reason for every item without an answer.
    pub outcome: Outcome,
    /// Sign-offs so far.
    pub sign_offs: Vec<SignOff>,
    /// Anything else.
    pub remarks: String,
    /// When it began.
    pub from: Timestamp,
    /// When it was last changed.
    pub changed: Timestamp,
    /// The item that was looked at last; the app reopens there.
    pub position: Option<AnswerKey>,
    /// Instances of repeated sections, by `<checklist digest>/<section>`: how many there are.
    pub instances: BTreeMap<String, u16>,
}

impl Draft {
    /// A new, empty draft.
    pub fn new(
        id: RecordId,
        mode: Mode,
        site: SiteSnapshot,
        checklists: Vec<ChecklistRef>,
        now: Timestamp,
    ) -> Self {
        Self {
            v: 1,
            id,
            rev: 0,
            mode,
            site,
            checklists,
            inspectors: Vec::new(),
            representative: Representative::default(),
            outcome: Outcome {
                visit: Visit::Completed,
                note: String::new(),
            },
            sign_offs: Vec::new(),
            remarks: String::new(),
            from: now,
            changed: now,
            position: None,
            instances: BTreeMap::new(),
        }
    }

    /// How the visit ended, as far as that may be said. `completed` stands in every new draft and holds only when nothing
    /// is left unchecked; until then nothing is said.
    pub fn visit(&self, unchecked: usize) -> Option<Visit> {
        let holds = self.outcome.visit != Visit::Completed || unchecked == 0;
        holds.then_some(self.outcome.visit)
    }

    /// How many instances a repeated section has.
    pub fn instances_of(&self, checklist: &Digest, section: &str) -> u16 {
        self.instances
            .get(&Self::instances_key(checklist, section))
            .copied()
            .unwrap_or(0)
    }

    /// The key of [`Self::instances`].
    pub fn instances_key(checklist: &Digest, section: &str) -> String {
        format!("{checklist}/{section}")
    }
}

/// One answer of a draft, with its finding when it failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftAnswer {
    /// Version of this row's form.
    pub v: u8,
    /// Where it stands.
    pub key: AnswerKey,
    /// The answer.
    pub value: AnswerValue,
    /// When it was given.
    pub at: Timestamp,
    /// What was found; kept when the answer changes from fail to something else, so that a slip loses nothing.
    pub finding: Option<Finding>,
}

/// What the finding sheet holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Made when the item first failed.
    pub hazard_id: HazardId,
    /// What was seen; facts only.
    pub fact: String,
    /// What has to be done.
    pub correction: String,
    /// Who has to do it.
    pub responsible: String,
    /// Until when.
    pub due: Option<CivilDate>,
    /// Corrected while the inspector watched.
    pub corrected_on_site: bool,
    /// What the inspector says about the gravity.
    pub judged: Option<Determination>,
}
