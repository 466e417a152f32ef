//! Which of several things an answer or a hazard is about: the second tenant, and what this tenant is called.

use super::FoldedRecord;
use crate::{
    answer::{AnswerKey, AnswerValue},
    checklist::{AnswerKind, Checklist, Text},
};

/// One of the things that a repeated section is answered for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// What such a thing is called, for example `承租户` / `tenant`.
    pub noun: Text,
    /// Which one, from 1.
    pub number: String,
    /// Its name or place as the inspector wrote it; empty when nothing was written.
    pub name: String,
}

impl Instance {
    /// What `key` is about; nothing outside repeated sections. The name is the answer to the section's first question, where that
    /// asks for a text.
    pub fn of(
        list: &Checklist,
        key: &AnswerKey,
        answer: impl FnOnce(&AnswerKey) -> Option<AnswerValue>,
    ) -> Option<Self> {
        if key.instance.is_empty() {
            return None;
        }
        let section = list
            .sections
            .iter()
            .find(|section| section.items.iter().any(|item| item.id == key.item))?;
        let repeat = section.repeat.as_ref()?;
        let first = section.items.first();
        let named = first.filter(|item| matches!(item.answer, AnswerKind::Text { .. }));
        let name = named.and_then(|item| {
            let item = item.id.clone();
            match answer(&AnswerKey {
                item,
                ..key.clone()
            }) {
                Some(AnswerValue::Text { value }) => Some(value.trim().to_owned()),
                _ => None,
            }
        });
        Some(Self {
            noun: repeat.noun.clone(),
            number: key.instance.clone(),
            name: name.unwrap_or_default(),
        })
    }

    /// The same for a record: the name as the last amendment has it, else as it was sealed.
    pub fn in_record(list: &Checklist, key: &AnswerKey, record: &FoldedRecord) -> Option<Self> {
        Self::of(list, key, |name| {
            let amended = record.amended.iter().rev();
            let changed = amended
                .flat_map(|(_, _, body)| &body.answers)
                .find(|change| change.key == *name)
                .map(|change| &change.to);
            let sealed = || record.sealed.as_ref()?.2.answer(name);
            changed.or_else(sealed).cloned()
        })
    }
}
