//! What the app may say about the gravity of a failed item. It only ever *suspects*; people determine.
//!
//! The full rule engine comes with its own issue; this is the part that a single answer allows.

use crate::{
    checklist::{Checklist, Item, Severity, model::any_in_force},
    time::CivilDate,
};
use serde::{Deserialize, Serialize};

/// The result of a determination (frozen names).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Determination {
    /// 疑似重大: listed in a standard in force on the day; for a person to confirm.
    SuspectedMajor,
    /// 一般.
    General,
    /// 事实待核实: more facts, or the text of the standard in force, are needed.
    Pending,
    /// No rule applies.
    NotApplicable,
}

/// What a failure of `item` on `day` suggests. A grave severity whose criterion is not in force (or not in the
/// fact base) on that day is `pending`, never `suspected_major`.
pub fn suggest(item: &Item, checklist: &Checklist, day: CivilDate) -> Determination {
    let criteria = if item.severity_bases.is_empty() {
        &item.bases
    } else {
        &item.severity_bases
    };
    match item.severity {
        Severity::General | Severity::CountsTowardsMajor => Determination::General,
        Severity::ByRule => Determination::Pending,
        Severity::Major | Severity::DirectMajor if any_in_force(criteria, checklist, day) => {
            Determination::SuspectedMajor
        }
        Severity::Major | Severity::DirectMajor => Determination::Pending,
    }
}
