//! What an item rests on, as it stood on the day of the inspection. Nothing is invented: what the checklist does not
//! say is not said.

use zhicha_core::{
    checklist::{Basis, Certainty, Checklist, Document, Item, Severity, Text, model::any_in_force},
    time::CivilDate,
};

/// A basis with its document, as it stood on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cited {
    /// The document.
    pub document: Document,
    /// The clause.
    pub clause: Option<String>,
    /// Whether the clause was never compared with its text.
    pub recalled: bool,
    /// To what it is limited.
    pub scope: Option<Text>,
    /// Whether it was in force.
    pub standing: Standing,
}

/// Whether a document was in force on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In force; since when, if that is known.
    InForce(Option<CivilDate>),
    /// Not yet.
    From(CivilDate),
    /// Not any more.
    Ended {
        /// First day without force.
        since: CivilDate,
        /// What replaced it.
        successor: Option<Document>,
    },
}

/// `bases` as they stood on `day`, in the order of the checklist. A basis whose document is missing is left out.
pub fn cited(checklist: &Checklist, bases: &[Basis], day: CivilDate) -> Vec<Cited> {
    let cite = |basis: &Basis| {
        let document = checklist.documents.get(&basis.document)?;
        Some(Cited {
            document: document.clone(),
            clause: basis.clause.clone(),
            recalled: basis.certainty == Certainty::Recalled,
            scope: basis.scope.clone(),
            standing: standing(checklist, document, day),
        })
    };
    bases.iter().filter_map(cite).collect()
}

fn standing(checklist: &Checklist, document: &Document, day: CivilDate) -> Standing {
    match (document.effective_from, document.effective_to) {
        (_, Some(to)) if to < day => Standing::Ended {
            since: to.plus_days(1),
            successor: document
                .successor
                .as_ref()
                .and_then(|s| checklist.documents.get(s))
                .cloned(),
        },
        (Some(from), _) if from > day => Standing::From(from),
        (from, _) => Standing::InForce(from),
    }
}

/// The bases of the gravity of `item`: its own, or those of the duty where it has none.
pub fn criteria(item: &Item) -> &[Basis] {
    if item.severity_bases.is_empty() {
        &item.bases
    } else {
        &item.severity_bases
    }
}

/// The small tag above an item: that a standard in force on `day` lists it, which is no verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// 已列入判定标准.
    Listed,
    /// 计入综合判定.
    Counts,
    /// 视情形判定.
    ByRule,
}

/// The tag of `item` on `day`, if it has one.
pub fn listed(item: &Item, checklist: &Checklist, day: CivilDate) -> Option<Listed> {
    match item.severity {
        Severity::General => None,
        Severity::ByRule => Some(Listed::ByRule),
        _ if !any_in_force(criteria(item), checklist, day) => None,
        Severity::CountsTowardsMajor => Some(Listed::Counts),
        Severity::Major | Severity::DirectMajor => Some(Listed::Listed),
    }
}
