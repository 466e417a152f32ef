//! The bodies of `started`, `sealed` and `amended` (frozen, `docs/formats.md`).
//!
//! No phone or identity numbers of natural persons: those are personal material and live in blobs.

use super::Evidence;
use crate::{
    answer::{AnswerKey, AnswerValue},
    checklist::{Digest, Severity},
    determination::Determination,
    event::EventHash,
    id::{HazardId, SiteId, UserId},
    time::{CivilDate, Timestamp},
};
use serde::{Deserialize, Serialize};

/// Why the visit is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// 四不两直 spot check.
    SpotCheck,
    /// 自查自纠.
    SelfInspection,
    /// 复查.
    ReInspection,
}

/// How the visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Visit {
    /// All was looked at.
    Completed,
    /// Part was looked at.
    Partial,
    /// Entry or cooperation was refused.
    Refused,
    /// The site was closed.
    SiteClosed,
    /// The site was not found.
    NotFound,
}

/// How the visit ended, and what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The result.
    pub visit: Visit,
    /// Why, where it is not `completed`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// The site as it was registered or typed at the time; later changes of the register do not change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteSnapshot {
    /// The registered site; absent when the site was typed on the spot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub site_id: Option<SiteId>,
    /// Name.
    pub name: String,
    /// Address.
    pub address: String,
    /// Region code of the register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Unified social credit code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_code: Option<String>,
    /// Version of the register's row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

/// A checklist version that was used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistRef {
    /// Checklist id.
    pub id: String,
    /// Version.
    pub version: u32,
    /// Digest of the published bytes.
    pub digest: Digest,
}

/// Who inspects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspector {
    /// Name.
    pub name: String,
    /// Number of the enforcement certificate, as typed.
    pub cert_no: String,
    /// The account, for the person who signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
}

/// The site's representative on the spot: name and position only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Representative {
    /// Name; empty when nobody was there.
    pub name: String,
    /// Position.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub position: String,
}

/// Who signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignRole {
    /// An inspector.
    Inspector,
    /// The site's representative.
    Representative,
    /// A witness, for example of a refusal.
    Witness,
}

/// How somebody signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignMethod {
    /// The name was typed.
    Typed,
    /// Drawn; the strokes are a blob.
    Drawn,
    /// 拒签: refused, see `reason`.
    Refused,
}

/// One sign-off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    /// Who signs.
    pub role: SignRole,
    /// Name.
    pub name: String,
    /// How.
    pub method: SignMethod,
    /// When.
    pub at: Timestamp,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// Digest of the strokes ([`super::strokes`]), which are among the event's blobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blob: Option<Digest>,
    /// Digest of the text that the person was shown when signing, which is among the event's blobs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<Digest>,
}

/// Body of `started`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// Why the visit is made.
    pub mode: Mode,
    /// Where.
    pub site: SiteSnapshot,
    /// With what.
    pub checklists: Vec<ChecklistRef>,
    /// Since when.
    pub from: Timestamp,
}

/// One answer of a sealed record; its checklist stands in the group around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedAnswer {
    /// Item or gate id.
    pub item: String,
    /// Instance path, see [`AnswerKey`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instance: String,
    /// The answer.
    pub value: AnswerValue,
    /// When it was given (wall clock of the device).
    pub at: Timestamp,
}

/// All answers to one checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistAnswers {
    /// Digest of the checklist.
    pub checklist: Digest,
    /// In the order of the checklist.
    pub answers: Vec<RecordedAnswer>,
}

/// A hazard raised by a failed item (frozen: its id is made on the device, in the sealed record).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hazard {
    /// Its id for the whole of its life.
    pub hazard_id: HazardId,
    /// The failed item.
    pub key: AnswerKey,
    /// Severity of the item in the checklist.
    pub severity: Severity,
    /// What the rules suggest.
    pub suggested: Determination,
    /// What the inspector says, where she was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Determination>,
    /// What was seen; facts only.
    pub fact: String,
    /// What has to be done.
    pub correction: String,
    /// Who has to do it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub responsible: String,
    /// Until when; no default exists in law.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<CivilDate>,
    /// 立行立改: corrected while the inspector watched.
    pub corrected_on_site: bool,
}

/// Body of `sealed`: the whole record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Why the visit was made.
    pub mode: Mode,
    /// Where.
    pub site: SiteSnapshot,
    /// With what.
    pub checklists: Vec<ChecklistRef>,
    /// By whom.
    pub inspectors: Vec<Inspector>,
    /// Who stood for the site.
    pub representative: Representative,
    /// When it began (wall clock of the device).
    pub from: Timestamp,
    /// When it ended.
    pub to: Timestamp,
    /// How it ended.
    pub outcome: Outcome,
    /// All answers; a required item without one stands here as `not_checked`.
    pub answers: Vec<ChecklistAnswers>,
    /// All hazards.
    pub hazards: Vec<Hazard>,
    /// All sign-offs.
    pub sign_offs: Vec<SignOff>,
    /// What was captured on the spot.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Anything else.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remarks: String,
}

impl Sealed {
    /// What was answered to `key`, if it was.
    pub fn answer(&self, key: &AnswerKey) -> Option<&AnswerValue> {
        let of_list = self.answers.iter().filter(|g| g.checklist == key.checklist);
        let found = of_list
            .flat_map(|group| &group.answers)
            .find(|answer| answer.item == key.item && answer.instance == key.instance);
        Some(&found?.value)
    }
}

/// A changed answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerChange {
    /// Which answer.
    pub key: AnswerKey,
    /// What it was, as the author saw it.
    pub from: Option<AnswerValue>,
    /// What it should be.
    pub to: AnswerValue,
}

/// Body of `amended`: only what changes. The sealed record stays as it is and is shown beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amended {
    /// The sealed event.
    pub sealed: EventHash,
    /// Why.
    pub reason: String,
    /// Changed answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub answers: Vec<AnswerChange>,
    /// Hazards that were forgotten.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hazards_added: Vec<Hazard>,
    /// Hazards that were none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hazards_withdrawn: Vec<HazardId>,
    /// What was captured since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// Anything else to add.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub remarks: String,
}
