//! What a visit over several checklists asked once, counted in each of them.

use super::{ChecklistAnswers, RecordedAnswer};
use crate::checklist::{Digest, Index, ItemState, Loaded, Shared, View, applies};

/// The answers of a record with those added to each checklist that were given to the same question in another one, where it
/// applies. A record has each answer once, in the checklist that asked; a checklist that is not among `lists` stays as it is.
pub fn counted_in_each(answers: &[ChecklistAnswers], lists: &[&Loaded]) -> Vec<ChecklistAnswers> {
    let shared = Shared::of(lists.iter().map(|list| &list.checklist));
    let completed = |own: &ChecklistAnswers| {
        let at = lists.iter().position(|list| list.digest == own.checklist);
        at.map_or_else(
            || own.clone(),
            |at| complete(own, at, answers, lists, &shared),
        )
    };
    answers.iter().map(completed).collect()
}

fn complete(
    own: &ChecklistAnswers,
    at: usize,
    answers: &[ChecklistAnswers],
    lists: &[&Loaded],
    shared: &Shared,
) -> ChecklistAnswers {
    let list = &lists[at].checklist;
    let ids: Vec<&str> = list.sections.iter().flat_map(applies::ids).collect();
    let given = |digest: &Digest, item: &str| {
        let group = answers.iter().find(|group| group.checklist == *digest)?;
        group.answers.iter().find(|answer| answer.item == item)
    };
    let copy = |id: &&str| {
        let (home, there) = shared.home(at, id)?;
        // A record made otherwise may have an answer of its own here: then that one counts.
        if own.answers.iter().any(|answer| answer.item == *id) {
            return None;
        }
        let item = (*id).to_owned();
        let answer = given(&lists[*home].digest, there)?.clone();
        Some(RecordedAnswer { item, ..answer })
    };
    let copies: Vec<RecordedAnswer> = ids.iter().filter_map(copy).collect();
    let known = |id: &str, instance: &str| {
        let mut all = own.answers.iter().chain(&copies);
        let found = all.find(|answer| answer.item == id && answer.instance == instance);
        found.map(|answer| answer.value.clone())
    };
    let view = View {
        checklist: list,
        index: &Index::new(list),
        answer: &known,
    };
    let place = |id: &str| ids.iter().position(|known| *known == id);
    let mut all = own.clone();
    for copy in &copies {
        let row = view.row(&copy.item, &copy.instance);
        if row.is_some_and(|row| row.state == ItemState::Shown) {
            // In the order of the checklist.
            let later = |answer: &RecordedAnswer| place(&answer.item) > place(&copy.item);
            let here = all.answers.iter().position(later);
            let here = here.unwrap_or(all.answers.len());
            all.answers.insert(here, copy.clone());
        }
    }
    all
}
