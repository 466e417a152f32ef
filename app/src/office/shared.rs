//! The answers of a sealed record as each of its checklists counts them, and which of them several checklists share.

use std::collections::BTreeMap;
use zhicha_core::{
    answer::AnswerKey,
    checklist::{Digest, Loaded, Shared, Text},
    inspection::{ChecklistAnswers, RecordedAnswer, Sealed, combined::counted_in_each},
};

/// The checklists of a record together.
pub struct Together<'a> {
    lists: Vec<&'a Loaded>,
    shared: Shared,
    sealed: &'a Sealed,
    each: Vec<ChecklistAnswers>,
}

impl<'a> Together<'a> {
    /// Of a record; a checklist that is not at hand keeps what the record has under it.
    pub fn of(sealed: &'a Sealed, checklists: &'a BTreeMap<Digest, Loaded>) -> Self {
        let cited = sealed.checklists.iter();
        let lists: Vec<_> = cited.filter_map(|c| checklists.get(&c.digest)).collect();
        Self {
            shared: Shared::of(lists.iter().map(|list| &list.checklist)),
            each: counted_in_each(&sealed.answers, &lists),
            lists,
            sealed,
        }
    }

    /// All answers that count in the checklist, in its order.
    pub fn counted(&self, list: &Digest) -> Option<&ChecklistAnswers> {
        self.each.iter().find(|group| group.checklist == *list)
    }

    /// Where the record has the answer to a question that was asked in another checklist.
    pub fn elsewhere(&self, list: &Digest, item: &str) -> Option<AnswerKey> {
        let counted = has(self.counted(list)?, item);
        let own = self.sealed.answers.iter();
        let own = own
            .filter(|g| g.checklist == *list)
            .any(|g| has(g, item).is_some());
        let (home, there) = self.shared.home(self.at(list)?, item)?;
        counted.filter(|_| !own).map(|answer| AnswerKey {
            checklist: self.lists[*home].digest.clone(),
            item: there.clone(),
            instance: answer.instance.clone(),
        })
    }

    /// Names of the other checklists in which the answer counts: of the one that asked, or of those that did not.
    pub fn others(&self, list: &Digest, item: &str) -> Vec<Text> {
        let title = |list: &&Loaded| list.checklist.title.clone();
        let Some(at) = self.at(list) else {
            return Vec::new();
        };
        if let Some(home) = self.elsewhere(list, item) {
            let asked = self.lists.iter().filter(|l| l.digest == home.checklist);
            return asked.map(title).collect();
        }
        let copies = self.shared.copies(at, item).filter_map(|(copy, there)| {
            let list = &self.lists[*copy];
            self.elsewhere(&list.digest, there).map(|_| title(list))
        });
        copies.collect()
    }

    fn at(&self, list: &Digest) -> Option<usize> {
        self.lists.iter().position(|l| l.digest == *list)
    }
}

fn has<'g>(group: &'g ChecklistAnswers, item: &str) -> Option<&'g RecordedAnswer> {
    group.answers.iter().find(|answer| answer.item == item)
}
