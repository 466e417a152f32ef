//! The open draft as plain data: its checklists, answers, lines and counters.
//!
//! One answer touches its line, its dependents and their sections' counters; nothing here scans all lines for it.
//! No signals, no storage: those are around it in `state::draft`.

use super::tally::{Outcome, Tally};
use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
};
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{Checklist, GateState, Index, Item, ItemState, Loaded, Section, Shared, View},
    inspection::DraftAnswer,
};

/// What a line asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ask {
    /// The gate of the section.
    Gate,
    /// The item at this position in the section.
    Item(usize),
    /// A repeated section has no instance yet; the key holds the section's id.
    Instance,
}

/// One line of the walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where its answer stands.
    pub key: AnswerKey,
    /// Position of its part.
    pub part: usize,
    /// What it asks.
    pub ask: Ask,
    /// Whether it is asked.
    pub state: ItemState,
    /// What its answer counts as, while it is asked.
    pub result: Option<Outcome>,
    /// Whether an answer is missing.
    pub missing: bool,
}

impl Line {
    /// Whether it is asked now.
    pub fn asked(&self) -> bool {
        self.state == ItemState::Shown
    }
}

/// A section of one of the checklists, in the order of the walk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Position of the checklist.
    pub sheet: usize,
    /// Position of the section in it.
    pub section: usize,
    /// Keys of its lines in order.
    pub keys: Vec<AnswerKey>,
    /// Its counters.
    pub tally: Tally,
}

type Answers = BTreeMap<String, BTreeMap<String, DraftAnswer>>;

struct Sheet {
    loaded: Rc<Loaded>,
    index: Index,
    answers: Answers,
}

/// The open draft.
pub struct Book {
    sheets: Vec<Sheet>,
    parts: Vec<Part>,
    lines: HashMap<AnswerKey, Line>,
    shared: Shared,
    instances: BTreeMap<String, u16>,
    total: Tally,
}

impl Book {
    /// A draft over `checklists` with the answers and instances that are on disk. Answers to checklists that are not
    /// among them are kept out.
    pub fn new(
        checklists: Vec<Rc<Loaded>>,
        answers: Vec<DraftAnswer>,
        instances: BTreeMap<String, u16>,
    ) -> Self {
        let sheets: Vec<_> = checklists.into_iter().map(Sheet::new).collect();
        let mut book = Self {
            shared: Shared::of(sheets.iter().map(Sheet::checklist)),
            sheets,
            parts: Vec::new(),
            lines: HashMap::new(),
            instances,
            total: Tally::default(),
        };
        for answer in answers {
            book.put(answer);
        }
        for sheet in 0..book.sheets.len() {
            for section in 0..book.sheets[sheet].loaded.checklist.sections.len() {
                let (keys, tally) = (Vec::new(), Tally::default());
                book.parts.push(Part {
                    sheet,
                    section,
                    keys,
                    tally,
                });
                book.rebuild(book.parts.len() - 1);
            }
        }
        book
    }

    /// The sections in the order of the walk.
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Counters of the whole draft.
    pub fn total(&self) -> Tally {
        self.total
    }

    /// The line with this key.
    pub fn line(&self, key: &AnswerKey) -> Option<&Line> {
        self.lines.get(key)
    }

    /// All lines in the order of the walk.
    pub fn walk(&self) -> impl Iterator<Item = &Line> {
        self.parts
            .iter()
            .flat_map(|p| &p.keys)
            .filter_map(|k| self.lines.get(k))
    }

    /// The checklist of a part.
    pub fn checklist(&self, part: usize) -> &Rc<Loaded> {
        &self.sheets[self.parts[part].sheet].loaded
    }

    /// All checklists of the draft.
    pub fn checklists(&self) -> impl Iterator<Item = &Rc<Loaded>> {
        self.sheets.iter().map(|s| &s.loaded)
    }

    /// The section of a part.
    pub fn section(&self, part: usize) -> &Section {
        &self.checklist(part).checklist.sections[self.parts[part].section]
    }

    /// The item of a line; gates have none.
    pub fn item(&self, line: &Line) -> Option<&Item> {
        match line.ask {
            Ask::Item(at) => self.section(line.part).items.get(at),
            Ask::Gate | Ask::Instance => None,
        }
    }

    /// The stored answer, also of a line that is not asked any more.
    pub fn answer(&self, key: &AnswerKey) -> Option<&DraftAnswer> {
        self.sheet_of(key)
            .and_then(|s| self.sheets[s].answers.get(&key.item)?.get(&key.instance))
    }

    /// All stored answers.
    pub fn answers(&self) -> impl Iterator<Item = &DraftAnswer> {
        let own =
            |sheet: &'_ &Sheet, answer: &&DraftAnswer| answer.key.checklist == sheet.loaded.digest;
        let sheets = self.sheets.iter();
        sheets.flat_map(move |sheet| {
            let all = sheet.answers.values().flat_map(BTreeMap::values);
            all.filter(move |answer| own(&sheet, answer))
        })
    }

    /// How many questions of a part are asked in another checklist of the visit.
    pub fn elsewhere(&self, part: usize) -> usize {
        let sheet = self.parts[part].sheet;
        let items = self.section(part).items.iter();
        items
            .filter(|item| self.shared.home(sheet, &item.id).is_some())
            .count()
    }

    /// How the gate of a part stands.
    pub fn gate(&self, part: usize) -> GateState {
        let sheet = &self.sheets[self.parts[part].sheet];
        sheet.view(&|item, instance| sheet.value(item, instance), |view| {
            view.gate(self.section(part))
        })
    }

    /// Number of instances of a repeated part.
    pub fn instances(&self, part: usize) -> u16 {
        self.instances
            .get(&self.repeat_key(part))
            .copied()
            .unwrap_or(0)
    }

    /// The key of a part in [`zhicha_core::inspection::Draft::instances`].
    pub fn repeat_key(&self, part: usize) -> String {
        format!("{}/{}", self.checklist(part).digest, self.section(part).id)
    }

    /// Whether another instance may be added.
    pub fn may_add(&self, part: usize) -> bool {
        self.section(part)
            .repeat
            .as_ref()
            .is_some_and(|r| self.instances(part) < r.max)
    }

    /// Whether the last instance has no answer, so that it can be removed without losing one.
    pub fn may_remove(&self, part: usize) -> bool {
        let last = self.instances(part).to_string();
        let sheet = &self.sheets[self.parts[part].sheet];
        last != "0"
            && self
                .section(part)
                .items
                .iter()
                .all(|i| sheet.value(&i.id, &last).is_none())
    }

    /// Sets the number of instances of a repeated part.
    pub fn set_instances(&mut self, part: usize, count: u16) {
        self.instances.insert(self.repeat_key(part), count);
        self.rebuild(part);
    }

    /// Gives an answer; returns the keys of the lines that may look different now, its own first.
    pub fn set(&mut self, answer: DraftAnswer) -> Vec<AnswerKey> {
        let key = answer.key.clone();
        self.put(answer);
        self.changed(&key)
    }

    /// Takes an answer back; returns what [`Self::set`] returns.
    pub fn clear(&mut self, key: &AnswerKey) -> Vec<AnswerKey> {
        let Some(sheet) = self.sheet_of(key) else {
            return Vec::new();
        };
        self.sheets[sheet].take(&key.item, &key.instance);
        for (copy, item) in self.shared.copies(sheet, &key.item) {
            self.sheets[*copy].take(item, &key.instance);
        }
        self.changed(key)
    }

    /// The first missing line after `from` (or from the beginning), going round.
    pub fn next_missing(&self, from: Option<&AnswerKey>) -> Option<AnswerKey> {
        let passed = |line: &&Line| from.is_some_and(|f| &line.key != f);
        let after = self
            .walk()
            .skip_while(passed)
            .skip(usize::from(from.is_some()));
        let found = after.chain(self.walk()).find(|line| line.missing);
        found.map(|line| line.key.clone())
    }

    /// Id of a line in the page; also its name in links.
    pub fn anchor(&self, key: &AnswerKey) -> String {
        let sheet = self.sheet_of(key).unwrap_or_default();
        format!("q{sheet}-{}-{}", key.item, key.instance)
    }

    /// The line with this anchor.
    pub fn at(&self, anchor: &str) -> Option<AnswerKey> {
        self.walk()
            .map(|line| &line.key)
            .find(|key| self.anchor(key) == anchor)
            .cloned()
    }

    fn sheet_of(&self, key: &AnswerKey) -> Option<usize> {
        self.sheets
            .iter()
            .position(|s| s.loaded.digest == key.checklist)
    }

    // The answer, and where else it counts: conditions there see it, nothing there asks for it.
    fn put(&mut self, answer: DraftAnswer) {
        let Some(sheet) = self.sheet_of(&answer.key) else {
            return;
        };
        for (copy, item) in self.shared.copies(sheet, &answer.key.item) {
            self.sheets[*copy].put(item, answer.clone());
        }
        let item = answer.key.item.clone();
        self.sheets[sheet].put(&item, answer);
    }

    fn changed(&mut self, key: &AnswerKey) -> Vec<AnswerKey> {
        let Some(sheet) = self.sheet_of(key) else {
            return Vec::new();
        };
        let mut changed = self.refresh(sheet, key);
        let copies: Vec<_> = self.shared.copies(sheet, &key.item).cloned().collect();
        for (copy, item) in copies {
            let there = self.sheets[copy].key(&item, &key.instance);
            changed.extend(self.refresh(copy, &there));
        }
        changed
    }

    fn refresh(&mut self, sheet: usize, key: &AnswerKey) -> Vec<AnswerKey> {
        let rows = {
            let sheet = &self.sheets[sheet];
            let count = |section: &str| {
                self.instances
                    .get(&format!("{}/{section}", sheet.loaded.digest))
                    .copied()
                    .unwrap_or(0)
            };
            sheet.view(&|i, n| sheet.value(i, n), |view| {
                view.affected(&key.item, &key.instance, &count)
            })
        };
        let digest = self.sheets[sheet].loaded.digest.clone();
        let mut changed = Vec::with_capacity(rows.len());
        for row in rows {
            let key = AnswerKey {
                checklist: digest.clone(),
                item: row.id,
                instance: row.instance,
            };
            let result = self.result(&key, row.answered);
            self.update(&key, row.state, result, row.missing);
            changed.push(key);
        }
        self.refresh_repeat(sheet, &key.item);
        changed
    }

    // The line "no instance yet" of a repeated section comes and goes with its gate.
    fn refresh_repeat(&mut self, sheet: usize, id: &str) {
        let gated = (0..self.parts.len()).find(|part| {
            let section = self.section(*part);
            self.parts[*part].sheet == sheet
                && section.repeat.is_some()
                && section.gate.as_ref().is_some_and(|gate| gate.id == id)
        });
        if let Some(part) = gated {
            self.rebuild(part);
        }
    }

    fn result(&self, key: &AnswerKey, answered: bool) -> Option<Outcome> {
        self.answer(key)
            .filter(|_| answered)
            .map(|a| Outcome::of(&a.value))
    }

    fn update(
        &mut self,
        key: &AnswerKey,
        state: ItemState,
        result: Option<Outcome>,
        missing: bool,
    ) {
        let Some(line) = self.lines.get_mut(key) else {
            return;
        };
        for tally in [&mut self.parts[line.part].tally, &mut self.total] {
            tally.take(line.result, line.missing);
            tally.add(result, missing);
        }
        (line.state, line.result, line.missing) = (state, result, missing);
    }

    fn rebuild(&mut self, part: usize) {
        for key in std::mem::take(&mut self.parts[part].keys) {
            if let Some(line) = self.lines.remove(&key) {
                self.parts[part].tally.take(line.result, line.missing);
                self.total.take(line.result, line.missing);
            }
        }
        for line in self.lines_of(part) {
            self.parts[part].tally.add(line.result, line.missing);
            self.total.add(line.result, line.missing);
            self.parts[part].keys.push(line.key.clone());
            self.lines.insert(line.key.clone(), line);
        }
    }

    fn lines_of(&self, part: usize) -> Vec<Line> {
        let sheet = &self.sheets[self.parts[part].sheet];
        let section = self.section(part);
        let places: Vec<String> = match section.repeat {
            Some(_) => (1..=self.instances(part)).map(|n| n.to_string()).collect(),
            None => vec![String::new()],
        };
        let here = self.parts[part].sheet;
        let asks = section.gate.iter().map(|g| (Ask::Gate, g.id.as_str(), ""));
        let items = places.iter().flat_map(|place| {
            let items = section.items.iter().enumerate();
            items.map(move |(at, i)| (Ask::Item(at), i.id.as_str(), place.as_str()))
        });
        let mut lines: Vec<Line> = sheet.view(&|i, n| sheet.value(i, n), |view| {
            let line = |(ask, id, place)| {
                let row = view.row(id, place)?;
                let key = sheet.key(id, place);
                let result = self.result(&key, row.answered);
                Some(Line {
                    key,
                    part,
                    ask,
                    state: row.state,
                    result,
                    missing: row.missing,
                })
            };
            let asked = asks.chain(items);
            let asked = asked.filter(|(_, id, _)| self.shared.home(here, id).is_none());
            asked.filter_map(line).collect()
        });
        if places.is_empty() && self.gate(part) == GateState::Open {
            let (key, ask, state) = (sheet.key(&section.id, ""), Ask::Instance, ItemState::Shown);
            lines.push(Line {
                key,
                part,
                ask,
                state,
                result: None,
                missing: true,
            });
        }
        lines
    }
}

impl Sheet {
    fn new(loaded: Rc<Loaded>) -> Self {
        let index = Index::new(&loaded.checklist);
        Self {
            loaded,
            index,
            answers: Answers::new(),
        }
    }

    fn key(&self, item: &str, instance: &str) -> AnswerKey {
        let (checklist, item, instance) = (
            self.loaded.digest.clone(),
            item.to_owned(),
            instance.to_owned(),
        );
        AnswerKey {
            checklist,
            item,
            instance,
        }
    }

    fn value(&self, item: &str, instance: &str) -> Option<AnswerValue> {
        Some(self.answers.get(item)?.get(instance)?.value.clone())
    }

    fn put(&mut self, item: &str, answer: DraftAnswer) {
        let places = self.answers.entry(item.to_owned()).or_default();
        places.insert(answer.key.instance.clone(), answer);
    }

    fn take(&mut self, item: &str, instance: &str) {
        if let Some(places) = self.answers.get_mut(item) {
            places.remove(instance);
        }
    }

    fn view<T>(
        &self,
        answer: &dyn Fn(&str, &str) -> Option<AnswerValue>,
        f: impl FnOnce(&View<'_>) -> T,
    ) -> T {
        f(&View {
            checklist: self.checklist(),
            index: &self.index,
            answer,
        })
    }

    fn checklist(&self) -> &Checklist {
        &self.loaded.checklist
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
