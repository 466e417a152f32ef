//! What several checklists of one visit ask together: asked once, counted in each.
//!
//! A question is the same in two checklists when one takes it over from the other, or both from a third (`origin`), with the
//! same words and the same kind of answer. It is asked where nothing can hide it: in the first checklist in which it has no
//! condition, no gate and no instances. Where no checklist has it so, each asks for itself; a question too many is better than
//! one that nobody was asked.

use super::{AnswerKind, Checklist, Text};

/// A question by the position of its checklist and its id there.
pub type Place = (usize, String);

/// Which questions are asked elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shared {
    // Each copy with its home; few, so that looking through them is quick.
    homes: Vec<(Place, Place)>,
}

struct Question<'a> {
    at: usize,
    id: &'a str,
    // Where it is written: checklist and id.
    written: (&'a str, &'a str),
    text: &'a Text,
    // Gates have none.
    answer: Option<&'a AnswerKind>,
    always: bool,
    single: bool,
}

impl Shared {
    /// For the checklists of a visit, in their order.
    pub fn of<'a>(checklists: impl IntoIterator<Item = &'a Checklist>) -> Self {
        let mut all = Vec::new();
        for (at, list) in checklists.into_iter().enumerate() {
            questions(at, list, &mut all);
        }
        let mut homes = Vec::new();
        for one in all.iter().filter(|one| one.single) {
            let home = all.iter().find(|home| {
                home.always
                    && home.written == one.written
                    && (home.text, home.answer) == (one.text, one.answer)
            });
            if let Some(home) = home.filter(|home| home.at != one.at) {
                let place = |q: &Question<'_>| (q.at, q.id.to_owned());
                homes.push((place(one), place(home)));
            }
        }
        Self { homes }
    }

    /// Where the question is asked, if not at its own place.
    pub fn home(&self, checklist: usize, id: &str) -> Option<&Place> {
        let copy = self
            .homes
            .iter()
            .find(|(copy, _)| copy.0 == checklist && copy.1 == id);
        copy.map(|(_, home)| home)
    }

    /// Where else the answer counts.
    pub fn copies<'s>(&'s self, checklist: usize, id: &'s str) -> impl Iterator<Item = &'s Place> {
        let here = move |home: &Place| home.0 == checklist && home.1 == id;
        self.homes
            .iter()
            .filter(move |(_, home)| here(home))
            .map(|(copy, _)| copy)
    }
}

fn questions<'a>(at: usize, list: &'a Checklist, all: &mut Vec<Question<'a>>) {
    for section in &list.sections {
        let written = |origin: &'a Option<String>, id: &'a str| {
            let origin = origin.as_deref().and_then(|origin| origin.split_once('/'));
            origin.unwrap_or((&list.id, id))
        };
        if let Some(gate) = &section.gate {
            all.push(Question {
                at,
                id: &gate.id,
                written: written(&gate.origin, &gate.id),
                text: &gate.text,
                answer: None,
                always: true,
                single: true,
            });
        }
        let single = section.repeat.is_none();
        for item in &section.items {
            all.push(Question {
                at,
                id: &item.id,
                written: written(&item.origin, &item.id),
                text: &item.text,
                answer: Some(&item.answer),
                always: single && section.gate.is_none() && item.visible_if.is_none(),
                single,
            });
        }
    }
}
