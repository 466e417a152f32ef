//! The row of an item on the check page: question, answer, what it rests on, what a failure raised.
//!
//! A row listens to its own signals only. Controls know nothing of drafts: amendments use them too.

pub mod basis;
pub mod choice;
pub mod control;
pub mod due;
pub mod finding;
pub mod more;
pub mod raised;
pub mod row;
pub mod seg;
pub mod typed;

pub use control::{Control, Given};
pub use finding::FindingForm;
pub use row::{GateRow, ItemRow};

use crate::{
    draft::{Line, Saving},
    state::draft::{OpenDraft, RowState, Standing},
    words::{Words, store_error, t_string},
};
use leptos::prelude::*;
use std::rc::Rc;
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{Item, Loaded, Text},
    time::CivilDate,
};

/// Opens the finding sheet of an item; given by the page.
#[derive(Clone, Copy)]
pub struct OpenFinding(pub Callback<AnswerKey>);

/// Hears which row the person is at; given by the page.
#[derive(Clone, Copy)]
pub struct Touched(pub Callback<AnswerKey>);

/// What the parts of one row share.
#[derive(Clone, Copy)]
pub struct RowCx {
    /// The draft.
    pub draft: OpenDraft,
    /// The row's signals.
    pub state: RowState,
    /// Where its answer stands.
    pub key: StoredValue<AnswerKey>,
    /// The item; a gate has none.
    pub item: StoredValue<Option<Item>>,
    /// Its checklist.
    pub checklist: StoredValue<Rc<Loaded>, LocalStorage>,
    /// Id of the row in the page; ids inside begin with it.
    pub anchor: StoredValue<String>,
    /// The day whose law applies.
    pub day: CivilDate,
}

// The same row, not the same answer.
impl PartialEq for RowCx {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl RowCx {
    /// For a line of the draft.
    pub fn new(draft: OpenDraft, line: Line, day: CivilDate) -> Self {
        let (item, anchor) = draft.read(|book| (book.item(&line).cloned(), book.anchor(&line.key)));
        Self {
            draft,
            state: draft.row(&line.key),
            key: StoredValue::new(line.key),
            item: StoredValue::new(item),
            checklist: StoredValue::new_local(draft.checklist(line.part)),
            anchor: StoredValue::new(anchor),
            day,
        }
    }

    /// An id inside the row.
    pub fn id(self, part: &str) -> String {
        self.anchor.with_value(|anchor| format!("{anchor}-{part}"))
    }

    /// The answer as on screen.
    pub fn value(self) -> Option<AnswerValue> {
        self.state
            .answer
            .with(|answer| answer.as_ref().map(|a| a.value.clone()))
    }

    /// Whether nothing can be changed here.
    pub fn locked(self) -> bool {
        self.draft.standing.get() != Standing::Ours
    }

    /// `saving`, `saved` or `failed`, for `data-state`.
    pub fn saving(self) -> &'static str {
        saving_word(&self.state.saving.get())
    }

    /// Takes what a control gives.
    pub fn give(self, given: Given) {
        self.key.with_value(|key| match given {
            Given::Now(value) => self.draft.answer(key, value),
            Given::Typed(value) => self.draft.type_answer(key, value),
            Given::Nothing => {
                self.draft.clear(key);
            }
        });
    }
}

/// The value of `data-state` for a row or for all of them.
pub fn saving_word(saving: &Saving) -> &'static str {
    match saving {
        Saving::Saved => "saved",
        Saving::Saving => "saving",
        Saving::Failed(_) => "failed",
    }
}

/// Why a row is not on disk, if it is not.
pub fn failure(i18n: Words, saving: &Saving) -> Option<String> {
    match saving {
        Saving::Failed(error) => Some(format!(
            "{}\u{3000}{}",
            t_string!(i18n, inspection.item.not_saved),
            store_error(i18n, error)
        )),
        Saving::Saved | Saving::Saving => None,
    }
}

/// A text that follows the language.
pub fn live(i18n: Words, text: Text) -> impl Fn() -> String + Clone + Send + Sync + 'static {
    move || crate::words::pick(i18n, &text)
}
