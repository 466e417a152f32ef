//! One open draft: signals for each row, and the save status. Its methods are the only writers of drafts and answers.
//!
//! What is decided is decided in `crate::draft`; here it is shown and brought to the disk. A row is shown as saved only
//! after its strict transaction is complete.

pub mod album;
mod open;
mod seal;
mod writer;

pub use open::{Opening, open};
pub use seal::SealTrouble;

use super::App;
use crate::signal::RwSignal;
use crate::{
    draft::{Ask, Book, Line, Saving, Tally, Write, finding},
    platform::clock,
    words::Locale,
};
use leptos::prelude::{GetValue, LocalStorage, Owner, StoredValue};
use std::{cell::RefCell, collections::HashMap, ops::Deref, rc::Rc};
use writer::Writer;
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{GateState, Loaded},
    id::{HazardId, RecordId},
    inspection::{Draft, DraftAnswer, Finding},
};
use zhicha_storage::BrowserIds;

/// Who may write this draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// This tab.
    Ours,
    /// Another tab had it open first.
    Elsewhere,
    /// Another tab took it over.
    Taken,
}

/// What a row shows.
#[derive(Clone, Copy)]
pub struct RowState {
    /// Whether it is asked.
    pub asked: RwSignal<bool>,
    /// Its answer as on screen.
    pub answer: RwSignal<Option<DraftAnswer>>,
    /// Whether that is on disk.
    pub saving: RwSignal<Saving>,
}

/// What a section shows.
#[derive(Clone, Copy)]
pub struct PartState {
    /// Its counters.
    pub tally: RwSignal<Tally>,
    /// How its gate stands.
    pub gate: RwSignal<GateState>,
    /// How many instances it has.
    pub instances: RwSignal<u16>,
}

/// The open draft; a handle, pass it by value. Its few words stay when the page of the draft is left: every closure of a row
/// holds the handle, and there is a handful of drafts in the life of a page.
#[derive(Clone, Copy)]
pub struct OpenDraft(&'static States);

impl Deref for OpenDraft {
    type Target = States;

    fn deref(&self) -> &States {
        self.0
    }
}

/// The states of an open draft.
pub struct States {
    /// The record it will become.
    pub id: RecordId,
    /// The draft's own row as on screen.
    pub form: RwSignal<Draft>,
    /// Who may write.
    pub standing: RwSignal<Standing>,
    /// Whether everything is on disk.
    pub saving: RwSignal<Saving>,
    /// Counters of the whole draft.
    pub total: RwSignal<Tally>,
    desk: StoredValue<Rc<Desk>, LocalStorage>,
    app: App,
}

struct Desk {
    book: RefCell<Book>,
    rows: RefCell<HashMap<AnswerKey, RowState>>,
    parts: Vec<PartState>,
    writer: Rc<Writer>,
    // Rows that appear later belong to the draft, not to the row that made them appear.
    owner: Owner,
}

// The same handle, not the same content.
impl PartialEq for OpenDraft {
    fn eq(&self, other: &Self) -> bool {
        self.form == other.form
    }
}

impl OpenDraft {
    /// Reads the plain data.
    pub fn read<T>(self, read: impl FnOnce(&Book) -> T) -> T {
        read(&self.desk.get_value().book.borrow())
    }

    /// The checklist of a part.
    pub fn checklist(self, part: usize) -> Rc<Loaded> {
        self.read(|book| Rc::clone(book.checklist(part)))
    }

    /// The states of all sections, in the order of the walk.
    pub fn parts(self) -> Vec<PartState> {
        self.desk.get_value().parts.clone()
    }

    /// The state of one section.
    pub fn part(self, part: usize) -> PartState {
        self.desk.get_value().parts[part]
    }

    /// The state of a row; made when it is first asked for.
    pub fn row(self, key: &AnswerKey) -> RowState {
        let desk = self.desk.get_value();
        if let Some(row) = desk.rows.borrow().get(key) {
            return *row;
        }
        let book = desk.book.borrow();
        let row = desk.owner.with(|| RowState {
            asked: RwSignal::new(book.line(key).is_some_and(Line::asked)),
            answer: RwSignal::new(book.answer(key).cloned()),
            saving: RwSignal::new(desk.writer.row(key)),
        });
        desk.rows.borrow_mut().insert(key.clone(), row);
        row
    }

    /// Whether this tab may write, read without tracking; no when the page of the draft is gone.
    pub fn is_ours(self) -> bool {
        let ours = |standing: &Standing| *standing == Standing::Ours;
        self.standing.try_with_untracked(ours) == Some(true)
    }

    /// Gives an answer and writes it at once.
    pub fn answer(self, key: &AnswerKey, value: AnswerValue) {
        self.give(key, value, false);
    }

    /// Gives an answer that is still being typed; it is written at the next pause.
    pub fn type_answer(self, key: &AnswerKey, value: AnswerValue) {
        self.give(key, value, true);
    }

    /// Takes an answer back; returns it, so that it can be given again.
    pub fn clear(self, key: &AnswerKey) -> Option<DraftAnswer> {
        if !self.is_ours() {
            return None;
        }
        let desk = self.desk.get_value();
        let before = desk.book.borrow().answer(key).cloned()?;
        let changed = desk.book.borrow_mut().clear(key);
        self.write(Write::Clear(key.clone()), false);
        self.unsign();
        self.repaint(&changed);
        Some(before)
    }

    /// Puts back what [`Self::clear`] took.
    pub fn restore(self, answer: DraftAnswer) {
        self.put(answer, false);
    }

    /// Changes the finding of a failed item; texts wait for a pause in typing.
    pub fn edit_finding(self, key: &AnswerKey, change: finding::Edit) {
        let Some(mut answer) = self.read(|book| book.answer(key).cloned()) else {
            return;
        };
        let typed = change.is_typed();
        let mut finding = answer.finding.take().unwrap_or_else(|| self.fresh(key));
        change.apply(&mut finding);
        answer.finding = Some(finding);
        self.put(answer, typed);
    }

    /// Changes the draft's own row. `typed` waits for a pause.
    pub fn edit(self, typed: bool, change: impl FnOnce(&mut Draft)) {
        if !self.is_ours() {
            return;
        }
        self.form.update(|draft| {
            change(draft);
            draft.changed = clock::now();
        });
        self.write(Write::Draft(Box::new(self.form.get_untracked())), typed);
    }

    /// Changes what the people sign (how it ended, remarks): what was signed before does not count any more.
    pub fn edit_content(self, typed: bool, change: impl FnOnce(&mut Draft)) {
        self.edit(typed, |draft| {
            change(draft);
            draft.sign_offs.clear();
        });
    }

    /// Lines of a section's gate, or of one of its instances (`""` for a section without repeats).
    pub fn lines(self, part: usize, gate: bool, instance: &str) -> Vec<Line> {
        let wanted = |line: &&Line| match line.ask {
            Ask::Gate => gate,
            Ask::Item(_) => !gate && line.key.instance == instance,
            Ask::Instance => false,
        };
        self.read(|book| {
            let lines = book.parts()[part]
                .keys
                .iter()
                .filter_map(|key| book.line(key));
            lines.filter(wanted).cloned().collect()
        })
    }

    /// Adds an instance to a repeated section; returns its number.
    pub fn add_instance(self, part: usize) -> u16 {
        let count = self.read(|book| {
            if book.may_add(part) {
                book.instances(part) + 1
            } else {
                book.instances(part)
            }
        });
        self.set_instances(part, count);
        count
    }

    /// Removes the last instance of a repeated section, if it has no answers.
    pub fn remove_instance(self, part: usize) {
        if self.read(|book| book.may_remove(part)) {
            self.set_instances(part, self.read(|book| book.instances(part)) - 1);
        }
    }

    /// What is typed is written now; for `blur`, a hidden page, and leaving.
    pub fn flush(self) {
        if let Some(desk) = self.desk.try_get_value() {
            desk.writer.flush(self);
        }
    }

    /// Writes again what failed.
    pub fn retry(self) {
        if let Some(desk) = self.desk.try_get_value() {
            desk.writer.retry(self);
        }
    }

    /// How many rows are not on disk.
    pub fn unsaved(self) -> usize {
        self.desk.get_value().writer.unsaved()
    }

    /// Writes that did not reach the disk.
    pub fn leftovers(self) -> Vec<Write> {
        self.desk_writer().leftovers()
    }

    fn desk_writer(self) -> Rc<Writer> {
        Rc::clone(&self.desk.get_value().writer)
    }

    fn set_instances(self, part: usize, count: u16) {
        let desk = self.desk.get_value();
        if !self.is_ours() || desk.book.borrow().instances(part) == count {
            return;
        }
        desk.book.borrow_mut().set_instances(part, count);
        let key = desk.book.borrow().repeat_key(part);
        self.edit_content(false, |draft| {
            draft.instances.insert(key, count);
        });
        let (state, book) = (desk.parts[part], desk.book.borrow());
        state.instances.set(count);
        state.tally.set(book.parts()[part].tally);
        self.total.set(book.total());
    }

    fn give(self, key: &AnswerKey, value: AnswerValue, typed: bool) {
        let before = self.read(|book| book.answer(key).cloned());
        let mut finding = before.and_then(|answer| answer.finding);
        if value == AnswerValue::Fail && finding.is_none() {
            finding = Some(self.fresh(key));
        }
        self.put(
            DraftAnswer {
                v: 1,
                key: key.clone(),
                value,
                at: clock::now(),
                finding,
            },
            typed,
        );
    }

    fn put(self, answer: DraftAnswer, typed: bool) {
        if !self.is_ours() {
            return;
        }
        let changed = self.desk.get_value().book.borrow_mut().set(answer.clone());
        // The store sets the position with the answer; the copy here must not set it back later.
        self.form
            .update_untracked(|draft| draft.position = Some(answer.key.clone()));
        self.write(Write::Answer(Box::new(answer)), typed);
        self.repaint(&changed);
        self.unsign();
    }

    // Nobody has signed what was changed after the signing.
    pub(super) fn unsign(self) {
        if self
            .form
            .with_untracked(|draft| !draft.sign_offs.is_empty())
        {
            self.edit(false, |draft| draft.sign_offs.clear());
        }
    }

    fn fresh(self, key: &AnswerKey) -> Finding {
        let locale = self.app.prefs.locale.get_untracked();
        let suggestion = self.read(|book| {
            let item = book.line(key).and_then(|line| book.item(line))?;
            item.suggestion.as_ref().map(|text| match locale {
                Locale::zh => text.zh.clone(),
                Locale::en => text.en.clone(),
            })
        });
        finding::fresh(HazardId::new(&mut BrowserIds), suggestion.as_deref())
    }

    fn write(self, write: Write, typed: bool) {
        self.desk.get_value().writer.push(self, write, typed);
    }

    // Only what changed is set: a signal that is set wakes its row even when the value is the same.
    fn repaint(self, changed: &[AnswerKey]) {
        let desk = self.desk.get_value();
        let book = desk.book.borrow();
        for key in changed {
            let Some(line) = book.line(key) else { continue };
            if let Some(row) = desk.rows.borrow().get(key) {
                set_if_new(row.asked, line.asked());
                set_if_new(row.answer, book.answer(key).cloned());
            }
            let part = desk.parts[line.part];
            set_if_new(part.tally, book.parts()[line.part].tally);
            // A gate may be that of other checklists too.
            if line.ask == Ask::Gate {
                for (at, part) in desk.parts.iter().enumerate() {
                    set_if_new(part.gate, book.gate(at));
                    set_if_new(part.tally, book.parts()[at].tally);
                }
            }
        }
        set_if_new(self.total, book.total());
    }

    /// Called by the writer when a row's status changed.
    fn show_saving(self, key: Option<&AnswerKey>) {
        let Some(desk) = self.desk.try_get_value() else {
            return;
        };
        if let Some(key) = key
            && let Some(row) = desk.rows.borrow().get(key)
        {
            set_if_new(row.saving, desk.writer.row(key));
        }
        set_if_new(self.saving, desk.writer.all());
    }
}

fn set_if_new<T: PartialEq + Send + Sync + 'static>(signal: RwSignal<T>, value: T) {
    if signal.with_untracked(|now| now != &value) {
        signal.set(value);
    }
}
