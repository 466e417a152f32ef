//! A received record made ready to read: answers in the order of their checklist, with what was changed later
//! beside the original. Total: an unknown item, a missing checklist or an unreadable event is shown, never dropped.

use super::shared::Together;
use std::{collections::BTreeMap, slice};
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    api::{Counts, PublishedChecklist, RecordDetail},
    checklist::{AnswerKind, Basis, Certainty, Checklist, Digest, Item, Loaded, Section, Text},
    event::{Disposition, Payload},
    inspection::{
        Amended, ChecklistRef, FoldedRecord, Hazard, Instance, RecordedAnswer, Sealed, fold,
    },
    time::{CivilDate, Timestamp},
};

/// A record as the office shows it.
#[derive(Clone)]
pub struct Sheet {
    /// What the applied events say.
    pub record: FoldedRecord,
    /// Checklists whose bytes fit their digest.
    pub checklists: BTreeMap<Digest, Loaded>,
    /// One part for each checklist of the seal.
    pub parts: Vec<Part>,
    /// How many events could not be read here.
    pub unreadable: usize,
}

/// The answers to one checklist.
#[derive(Clone)]
pub struct Part {
    /// The checklist.
    pub digest: Digest,
    /// Its name; absent when the server does not hold it.
    pub title: Option<Text>,
    /// Its version, as the record cites it.
    pub version: Option<u32>,
    /// Its answers as sealed, those among them that another checklist of the visit asked.
    pub counts: Counts,
    /// Answers by section and instance.
    pub groups: Vec<Group>,
}

/// Answers of one section, or of one instance of a repeated one.
#[derive(Clone)]
pub struct Group {
    /// Name of the section; absent for items that the checklist does not have.
    pub title: Option<Text>,
    /// Which instance of a repeated section.
    pub instance: Option<Instance>,
    /// The answers.
    pub lines: Vec<Line>,
}

/// One answer.
#[derive(Clone)]
pub struct Line {
    /// Where it stands in the record: in another part, where the question was asked there.
    pub key: AnswerKey,
    /// The other checklists that share the answer.
    pub shared: Vec<Text>,
    /// What was asked.
    pub question: Question,
    /// What was answered in the seal; absent when only an amendment answers it.
    pub value: Option<AnswerValue>,
    /// When (wall clock of the device).
    pub at: Option<Timestamp>,
    /// Changes by amendments, by their place in `record.amended`.
    pub changes: Vec<(usize, AnswerValue)>,
}

/// What an answer answers.
#[derive(Clone)]
pub enum Question {
    /// An item of the checklist.
    Item(Box<Item>),
    /// The gate of a section.
    Gate(Text),
    /// Nothing that the checklist at hand has.
    Unknown,
}

impl Question {
    /// The kind of answer it takes.
    pub fn kind(&self) -> Option<&AnswerKind> {
        match self {
            Self::Item(item) => Some(&item.answer),
            Self::Gate(_) | Self::Unknown => None,
        }
    }
}

impl Sheet {
    /// Reads a record. Only applied events count; the others stay in the list of events.
    pub fn of(detail: &RecordDetail) -> Self {
        let applied = detail
            .events
            .iter()
            .filter(|e| e.disposition == Disposition::Applied);
        let read: Vec<_> = applied
            .clone()
            .filter_map(|e| {
                Payload::parse(&e.text)
                    .ok()
                    .map(|(payload, _)| (e.event_hash.clone(), payload))
            })
            .collect();
        let unreadable = applied.count() - read.len();
        let record = fold(read);
        let checklists = readable(&detail.checklists);
        let parts = record
            .sealed
            .as_ref()
            .map_or_else(Vec::new, |(_, _, sealed)| {
                parts(&record, sealed, &checklists)
            });
        Self {
            record,
            checklists,
            parts,
            unreadable,
        }
    }

    /// The item or gate that `key` names.
    pub fn question(&self, key: &AnswerKey) -> Question {
        self.checklists
            .get(&key.checklist)
            .and_then(|c| {
                c.checklist
                    .sections
                    .iter()
                    .find_map(|s| question_in(s, &key.item))
            })
            .unwrap_or(Question::Unknown)
    }

    /// Which of several things `key` is about.
    pub fn instance(&self, key: &AnswerKey) -> Option<Instance> {
        let list = &self.checklists.get(&key.checklist)?.checklist;
        Instance::in_record(list, key, &self.record)
    }

    /// Hazards of the seal, then those that amendments added, each with the amendment that withdrew it.
    pub fn hazards(&self) -> Vec<ListedHazard> {
        let amended = self.record.amended.iter().map(|(_, _, a)| a).enumerate();
        let sealed = self
            .record
            .sealed
            .iter()
            .flat_map(|(_, _, s)| s.hazards.iter().map(|h| (None, h)));
        let added = amended
            .clone()
            .flat_map(|(at, a)| a.hazards_added.iter().map(move |h| (Some(at), h)));
        sealed
            .chain(added)
            .map(|(added_by, hazard)| ListedHazard {
                hazard: hazard.clone(),
                added_by,
                withdrawn_by: amended
                    .clone()
                    .find(|(_, a)| a.hazards_withdrawn.contains(&hazard.hazard_id))
                    .map(|(at, _)| at),
            })
            .collect()
    }
}

/// A hazard with what amendments did to it.
#[derive(Clone)]
pub struct ListedHazard {
    /// The hazard.
    pub hazard: Hazard,
    /// The amendment that added it; absent for one of the seal.
    pub added_by: Option<usize>,
    /// The amendment that withdrew it.
    pub withdrawn_by: Option<usize>,
}

fn readable(published: &[PublishedChecklist]) -> BTreeMap<Digest, Loaded> {
    published
        .iter()
        .filter_map(|p| {
            let loaded = Loaded::expect(p.json.as_bytes(), &p.digest).ok()?;
            Some((loaded.digest.clone(), loaded))
        })
        .collect()
}

type Answers<'a> = BTreeMap<(&'a str, &'a str), &'a RecordedAnswer>;

fn parts(
    record: &FoldedRecord,
    sealed: &Sealed,
    checklists: &BTreeMap<Digest, Loaded>,
) -> Vec<Part> {
    let amended: &[&Amended] = &record.amended.iter().map(|(_, _, a)| a).collect::<Vec<_>>();
    let together = &Together::of(sealed, checklists);
    let part = |cited: &ChecklistRef| {
        let counted = together.counted(&cited.digest);
        let answers = counted.map_or(&[][..], |a| a.answers.as_slice());
        let checklist = checklists.get(&cited.digest).map(|l| &l.checklist);
        let grouping = Grouping {
            digest: &cited.digest,
            record,
            together,
            amended,
        };
        Part {
            digest: cited.digest.clone(),
            title: checklist.map(|c| c.title.clone()),
            version: Some(cited.version),
            counts: counted.map_or_else(Counts::default, |c| Counts::of(slice::from_ref(c))),
            groups: grouping.groups(answers, checklist),
        }
    };
    sealed.checklists.iter().map(part).collect()
}

struct Grouping<'a> {
    digest: &'a Digest,
    record: &'a FoldedRecord,
    together: &'a Together<'a>,
    amended: &'a [&'a Amended],
}

impl Grouping<'_> {
    fn groups(&self, answers: &[RecordedAnswer], checklist: Option<&Checklist>) -> Vec<Group> {
        let mut left: Answers = answers
            .iter()
            .map(|a| ((a.item.as_str(), a.instance.as_str()), a))
            .collect();
        let mut groups = Vec::new();
        if let Some(list) = checklist {
            for section in &list.sections {
                groups.extend(self.section(list, section, &mut left));
            }
        }
        if !left.is_empty() {
            let lines = answers
                .iter()
                .filter(|a| left.contains_key(&(a.item.as_str(), a.instance.as_str())))
                .map(|a| self.line(&a.item, &a.instance, Question::Unknown, Some(a)))
                .collect();
            groups.push(Group {
                title: None,
                instance: None,
                lines,
            });
        }
        groups
    }

    fn section<'a>(
        &self,
        list: &Checklist,
        section: &Section,
        left: &mut Answers<'a>,
    ) -> Vec<Group> {
        let ids: Vec<&str> = section
            .gate
            .iter()
            .map(|g| g.id.as_str())
            .chain(section.items.iter().map(|i| i.id.as_str()))
            .collect();
        instances(&ids, left, self.amended, self.digest)
            .into_iter()
            .map(|instance| Group {
                title: Some(section.title.clone()),
                instance: section.items.first().and_then(|first| {
                    Instance::in_record(list, &self.key(&first.id, &instance), self.record)
                }),
                lines: ids
                    .iter()
                    .filter_map(|id| self.answered(section, id, &instance, left))
                    .collect(),
            })
            .filter(|group| !group.lines.is_empty())
            .collect()
    }

    fn answered(
        &self,
        section: &Section,
        id: &str,
        instance: &str,
        left: &mut Answers<'_>,
    ) -> Option<Line> {
        let key = left
            .keys()
            .find(|(item, at)| *item == id && *at == instance)
            .copied();
        let answer = key.and_then(|key| left.remove(&key));
        let question = question_in(section, id).unwrap_or(Question::Unknown);
        let line = self.line(id, instance, question, answer);
        (line.value.is_some() || !line.changes.is_empty()).then_some(line)
    }

    fn key(&self, item: &str, instance: &str) -> AnswerKey {
        AnswerKey {
            checklist: self.digest.clone(),
            item: item.to_owned(),
            instance: instance.to_owned(),
        }
    }

    fn line(
        &self,
        item: &str,
        instance: &str,
        question: Question,
        answer: Option<&RecordedAnswer>,
    ) -> Line {
        let elsewhere = self.together.elsewhere(self.digest, item);
        let key = elsewhere.unwrap_or_else(|| self.key(item, instance));
        let changes = self
            .amended
            .iter()
            .enumerate()
            .flat_map(|(at, a)| a.answers.iter().map(move |c| (at, c)));
        Line {
            changes: changes
                .filter(|(_, c)| c.key == key)
                .map(|(at, c)| (at, c.to.clone()))
                .collect(),
            shared: self.together.others(self.digest, item),
            question,
            value: answer.map(|a| a.value.clone()),
            at: answer.map(|a| a.at),
            key,
        }
    }
}

// In the order of their numbers; outside repeats the one instance is the empty text.
fn instances(
    ids: &[&str],
    left: &Answers<'_>,
    amended: &[&Amended],
    digest: &Digest,
) -> Vec<String> {
    let sealed = left
        .keys()
        .filter(|(item, _)| ids.contains(item))
        .map(|(_, instance)| (*instance).to_owned());
    let changed = amended
        .iter()
        .flat_map(|a| &a.answers)
        .filter(|c| &c.key.checklist == digest && ids.contains(&c.key.item.as_str()))
        .map(|c| c.key.instance.clone());
    let mut found: Vec<String> = sealed.chain(changed).collect();
    found.sort_by_key(|i| (i.parse::<u32>().unwrap_or(0), i.clone()));
    found.dedup();
    found
}

fn question_in(section: &Section, id: &str) -> Option<Question> {
    let gate = section
        .gate
        .as_ref()
        .filter(|g| g.id == id)
        .map(|g| Question::Gate(g.text.clone()));
    gate.or_else(|| {
        section
            .items
            .iter()
            .find(|i| i.id == id)
            .map(|i| Question::Item(Box::new(i.clone())))
    })
}

/// A basis of an item, ready to show.
#[derive(Clone)]
pub struct ShownBasis {
    /// Name of the document.
    pub title: Text,
    /// Its number or edition.
    pub number: Option<String>,
    /// The clause.
    pub clause: Option<String>,
    /// What the clause is limited to.
    pub scope: Option<Text>,
    /// Whether the clause has never been compared with its text: 条文未核对.
    pub recalled: bool,
    /// Whether the document was in force on the day.
    pub in_force: bool,
    /// What replaced the document.
    pub successor: Option<Text>,
}

/// The bases of `item` as of `day`: of the duty, then of the severity where they are others.
pub fn bases(item: &Item, checklist: &Checklist, day: CivilDate) -> Vec<ShownBasis> {
    let others = item
        .severity_bases
        .iter()
        .filter(|b| !item.bases.contains(b));
    item.bases
        .iter()
        .chain(others)
        .map(|basis| shown(basis, checklist, day))
        .collect()
}

fn shown(basis: &Basis, checklist: &Checklist, day: CivilDate) -> ShownBasis {
    let document = checklist.documents.get(&basis.document);
    let successor = document
        .and_then(|d| d.successor.as_ref())
        .and_then(|key| checklist.documents.get(key));
    let key = || Text {
        zh: basis.document.clone(),
        en: basis.document.clone(),
    };
    ShownBasis {
        title: document.map_or_else(key, |d| d.title.clone()),
        number: document.and_then(|d| d.number.clone()),
        clause: basis.clause.clone(),
        scope: basis.scope.clone(),
        recalled: basis.certainty == Certainty::Recalled,
        in_force: document.is_none_or(|d| d.in_force(day)),
        successor: successor.map(|d| d.title.clone()),
    }
}

#[cfg(test)]
#[path = "sheet_tests.rs"]
mod tests;
