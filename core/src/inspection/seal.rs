//! From a draft and its answers to the body of a `sealed` event, and what is still missing before that.

use super::{
    ChecklistAnswers, Draft, DraftAnswer, Finding, Hazard, Mode, Outcome, RecordedAnswer, Sealed,
    SignMethod, SignRole, Visit,
};
use crate::{
    answer::AnswerValue,
    checklist::{
        Loaded, Shared,
        applies::{self, ItemState},
    },
    determination,
    id::{HazardId, RecordId},
    time::{CivilDate, Timestamp},
};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Something that keeps a draft from being sealed; the person is told and sent there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The site has no name.
    NoSite,
    /// No checklist, or one that is not on the device.
    NoChecklist,
    /// Nobody inspects.
    NoInspector,
    /// An inspector has not signed.
    NotSigned {
        /// Name.
        name: String,
    },
    /// The representative neither signed nor refused.
    RepresentativeOpen,
    /// A refusal to sign without a reason.
    RefusalWithoutReason,
    /// Something was not checked, and nobody said how the visit ended.
    OutcomeOpen,
    /// The visit was not completed and no word says why.
    OutcomeWithoutNote,
}

/// Something to think about before sealing; it does not stop the seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// Fewer than two inspectors at a spot check.
    OneInspector,
    /// An inspector without certificate number at a spot check.
    NoCertificateNumber {
        /// Name.
        name: String,
    },
    /// Failed items without a word about what was seen.
    FindingWithoutFact {
        /// How many.
        count: usize,
    },
}

/// What keeps `draft` from being sealed, in the order in which it is best mended: what is signed comes before the
/// signatures, which a change of it takes back. `unchecked` as [`unchecked`] counts it.
pub fn obstacles(draft: &Draft, loaded: &[Loaded], unchecked: usize) -> Vec<Obstacle> {
    let mut out = Vec::new();
    let mut push = |wrong: bool, obstacle: Obstacle| {
        if wrong {
            out.push(obstacle);
        }
    };
    push(draft.site.name.trim().is_empty(), Obstacle::NoSite);
    let all_here = draft
        .checklists
        .iter()
        .all(|c| loaded.iter().any(|l| l.digest == c.digest));
    push(
        draft.checklists.is_empty() || !all_here,
        Obstacle::NoChecklist,
    );
    push(
        draft.inspectors.iter().all(|i| i.name.trim().is_empty()),
        Obstacle::NoInspector,
    );
    let visit = draft.visit(unchecked);
    push(visit.is_none(), Obstacle::OutcomeOpen);
    let unexplained = visit.is_some_and(|visit| visit != Visit::Completed)
        && draft.outcome.note.trim().is_empty();
    push(unexplained, Obstacle::OutcomeWithoutNote);
    for inspector in draft
        .inspectors
        .iter()
        .filter(|i| !i.name.trim().is_empty())
    {
        let signed = draft
            .sign_offs
            .iter()
            .any(|s| s.role == SignRole::Inspector && s.name == inspector.name);
        push(
            !signed,
            Obstacle::NotSigned {
                name: inspector.name.clone(),
            },
        );
    }
    let representative = draft
        .sign_offs
        .iter()
        .any(|s| s.role == SignRole::Representative);
    push(
        !draft.representative.name.trim().is_empty() && !representative,
        Obstacle::RepresentativeOpen,
    );
    let refused =
        |s: &&super::SignOff| s.method == SignMethod::Refused && s.reason.trim().is_empty();
    push(
        draft.sign_offs.iter().any(|s| refused(&s)),
        Obstacle::RefusalWithoutReason,
    );
    out
}

/// What a person should think about before sealing.
pub fn warnings(draft: &Draft, answers: &[DraftAnswer]) -> Vec<Warning> {
    let mut out = Vec::new();
    let named: Vec<_> = draft
        .inspectors
        .iter()
        .filter(|i| !i.name.trim().is_empty())
        .collect();
    if draft.mode != Mode::SelfInspection {
        if named.len() < 2 {
            out.push(Warning::OneInspector);
        }
        let without = named.iter().filter(|i| i.cert_no.trim().is_empty());
        out.extend(without.map(|i| Warning::NoCertificateNumber {
            name: i.name.clone(),
        }));
    }
    let silent = |a: &&DraftAnswer| {
        a.value == AnswerValue::Fail && a.finding.as_ref().is_none_or(|f| f.fact.trim().is_empty())
    };
    let count = answers.iter().filter(silent).count();
    if count > 0 {
        out.push(Warning::FindingWithoutFact { count });
    }
    out
}

/// What happens at the moment of sealing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The end of the visit.
    pub to: Timestamp,
    /// The day whose law applies.
    pub day: CivilDate,
}

/// The body of the seal. Answers stand in the order of the checklists; items that do not apply (a hidden follow-up,
/// a section behind a gate answered "no") are left out even if an answer was given before they vanished. A required item
/// without an answer stands as `not_checked` with the note of the outcome as its reason. What several checklists ask
/// together stands in the one that asked ([`super::combined`] counts it in each).
pub fn seal(draft: &Draft, answers: &[DraftAnswer], loaded: &[Loaded], moment: &Moment) -> Sealed {
    let mut groups = Vec::new();
    let mut hazards = Vec::new();
    for (list, given) in sheets(draft, answers, loaded) {
        let mut recorded = Vec::new();
        for row in given.rows(list, draft) {
            if given.elsewhere.contains(row.id.as_str()) {
                continue;
            }
            let answer = given.of(&row);
            if let Some(answer) = answer {
                hazards.extend(hazard(draft.id, answer, list, moment.day));
            }
            let (value, at) = match answer {
                Some(answer) => (answer.value.clone(), answer.at),
                None if row.missing => (
                    AnswerValue::NotChecked {
                        reason: draft.outcome.note.trim().to_owned(),
                    },
                    moment.to,
                ),
                None => continue,
            };
            recorded.push(RecordedAnswer {
                item: row.id,
                instance: row.instance,
                value,
                at,
            });
        }
        groups.push(ChecklistAnswers {
            checklist: list.digest.clone(),
            answers: recorded,
        });
    }
    Sealed {
        mode: draft.mode,
        site: draft.site.clone(),
        checklists: draft.checklists.clone(),
        inspectors: draft
            .inspectors
            .iter()
            .filter(|i| !i.name.trim().is_empty())
            .cloned()
            .collect(),
        representative: draft.representative.clone(),
        from: draft.from,
        to: moment.to.max(draft.from),
        outcome: outcome(draft, unchecked(draft, answers, loaded)),
        answers: groups,
        hazards,
        sign_offs: draft.sign_offs.clone(),
        evidence: Vec::new(),
        remarks: draft.remarks.trim().to_owned(),
    }
}

// Whatever a screen let through: a record in which something is unchecked never says that all was looked at.
fn outcome(draft: &Draft, unchecked: usize) -> Outcome {
    let visit = draft.visit(unchecked).unwrap_or(Visit::Partial);
    let note = match visit {
        Visit::Completed => String::new(),
        _ => draft.outcome.note.trim().to_owned(),
    };
    Outcome { visit, note }
}

/// The checklists of the draft, each with its answers.
fn sheets<'a>(
    draft: &Draft,
    answers: &'a [DraftAnswer],
    loaded: &'a [Loaded],
) -> Vec<(&'a Loaded, Given<'a>)> {
    let lists = draft.checklists.iter();
    let lists: Vec<&Loaded> = lists
        .filter_map(|c| loaded.iter().find(|l| l.digest == c.digest))
        .collect();
    let shared = Shared::of(lists.iter().map(|list| &list.checklist));
    let given = |at: usize| Given::new(at, &lists, &shared, answers);
    lists
        .iter()
        .enumerate()
        .map(|(at, list)| (*list, given(at)))
        .collect()
}

/// The answers to one checklist, by item and instance.
struct Given<'a> {
    answers: BTreeMap<(&'a str, &'a str), &'a DraftAnswer>,
    // What is asked in another checklist of the visit.
    elsewhere: BTreeSet<&'a str>,
}

impl<'a> Given<'a> {
    fn new(at: usize, lists: &[&'a Loaded], shared: &Shared, answers: &'a [DraftAnswer]) -> Self {
        let list = lists[at];
        let own = answers.iter().filter(|a| a.key.checklist == list.digest);
        let own = own.map(|a| ((a.key.item.as_str(), a.key.instance.as_str()), a));
        let mut given = Self {
            answers: own.collect(),
            elsewhere: BTreeSet::new(),
        };
        for id in list.checklist.sections.iter().flat_map(applies::ids) {
            let Some((home, there)) = shared.home(at, id) else {
                continue;
            };
            let digest = &lists[*home].digest;
            let answer = answers
                .iter()
                .find(|a| a.key.checklist == *digest && a.key.item == *there);
            given.elsewhere.insert(id);
            given.answers.remove(&(id, ""));
            given.answers.extend(answer.map(|a| ((id, ""), a)));
        }
        given
    }

    fn of(&self, row: &applies::Row) -> Option<&'a DraftAnswer> {
        let place = (row.id.as_str(), row.instance.as_str());
        self.answers.get(&place).copied()
    }

    /// The rows that are asked.
    fn rows(&self, list: &Loaded, draft: &Draft) -> Vec<applies::Row> {
        let answer = |id: &str, instance: &str| {
            let given = self.answers.get(&(id, instance));
            given.map(|a| a.value.clone())
        };
        let view = applies::View {
            checklist: &list.checklist,
            index: &applies::Index::new(&list.checklist),
            answer: &answer,
        };
        let rows = view.walk(&|section| draft.instances_of(&list.digest, section));
        rows.into_iter()
            .filter(|row| row.state == ItemState::Shown)
            .collect()
    }

    fn unchecked(&self, row: &applies::Row) -> bool {
        let not_checked = |a: &DraftAnswer| matches!(a.value, AnswerValue::NotChecked { .. });
        !self.elsewhere.contains(row.id.as_str())
            && (row.missing || self.of(row).is_some_and(not_checked))
    }
}

/// Items that nobody looked at, over all checklists of the draft: required ones without an answer, and those answered
/// `not_checked`. What several checklists ask together counts once.
pub fn unchecked(draft: &Draft, answers: &[DraftAnswer], loaded: &[Loaded]) -> usize {
    let sheets = sheets(draft, answers, loaded);
    let counts = sheets.iter().map(|(list, given)| {
        let rows = given.rows(list, draft);
        rows.iter().filter(|row| given.unchecked(row)).count()
    });
    counts.sum()
}

// Every failed item becomes a hazard, also one without a finding: its key names the item and so the statement that does
// not hold; what nobody wrote stays empty, and `warnings` has said so.
fn hazard(record: RecordId, answer: &DraftAnswer, list: &Loaded, day: CivilDate) -> Option<Hazard> {
    if answer.value != AnswerValue::Fail {
        return None;
    }
    let mut items = list.checklist.sections.iter().flat_map(|s| &s.items);
    let item = items.find(|i| i.id == answer.key.item)?;
    let unwritten;
    let finding = if let Some(finding) = &answer.finding {
        finding
    } else {
        unwritten = silent(record, answer);
        &unwritten
    };
    Some(Hazard {
        hazard_id: finding.hazard_id,
        key: answer.key.clone(),
        severity: item.severity,
        suggested: determination::suggest(item, &list.checklist, day),
        judged: finding.judged,
        fact: finding.fact.trim().to_owned(),
        correction: finding.correction.trim().to_owned(),
        responsible: finding.responsible.trim().to_owned(),
        due: finding.due,
        corrected_on_site: finding.corrected_on_site,
    })
}

// The finding of an answer that came without one. A seal that is tried again must name the same hazard, and sealing has
// no randomness: the id is a UUIDv7 of the answer's time whose random part follows from record and place.
fn silent(record: RecordId, answer: &DraftAnswer) -> Finding {
    let digest = Sha256::digest(format!("zhicha-hazard-1 {record} {}", answer.key));
    let mut random = [0; 10];
    for (byte, from) in random.iter_mut().zip(digest) {
        *byte = from;
    }
    let at = u64::try_from(answer.at.0).unwrap_or(0);
    Finding {
        hazard_id: HazardId(uuid::Builder::from_unix_timestamp_millis(at, &random).into_uuid()),
        fact: String::new(),
        correction: String::new(),
        responsible: String::new(),
        due: None,
        corrected_on_site: false,
        judged: None,
    }
}
