//! What of a checklist applies: which gates are open, which items are asked, what is still missing.
//!
//! Built for one item at a time: after an answer only that item and its dependents are looked at again, never all.
//! Total for any checklist that can be read, also for one with cycles that never passed lint.

use super::{Checklist, Gate, Item, Section, Truth};
use crate::{answer::AnswerValue, order};
use std::collections::{BTreeMap, BTreeSet};

/// How the gate of a section stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GateState {
    /// No gate, or answered `yes`: the items are asked.
    Open,
    /// Answered `no`: nothing in the section applies.
    NotApplicable,
    /// Nobody could find out; the items are not asked and the section is pending.
    NotChecked,
    /// Not answered yet: only the gate is asked, and it counts as one missing answer.
    Unanswered,
}

/// Whether an item is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemState {
    /// Asked.
    Shown,
    /// Its condition does not hold.
    Hidden,
    /// Its condition waits for an answer. Never counts as answered; what it waits for is missing in its place.
    Waiting,
    /// Its section is closed by the gate, or waits for it.
    Gated(GateState),
}

/// One line of a checklist, with what is to be done about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Position of the section.
    pub section: usize,
    /// Id of the gate or item; for a repeated section without any instance, the id of the section.
    pub id: String,
    /// Instance number from 1 inside repeated sections, else empty.
    pub instance: String,
    /// Whether it is asked. Gates are always asked.
    pub state: ItemState,
    /// Whether it is asked and has an answer, `not_checked` included.
    pub answered: bool,
    /// Whether the overview counts it as missing.
    pub missing: bool,
}

#[derive(Clone, Copy, Debug)]
struct Node {
    section: usize,
    // `None` is the gate.
    item: Option<usize>,
}

/// Where each item stands and what depends on it. Built once for a checklist, without borrowing it.
#[derive(Clone, Debug, Default)]
pub struct Index {
    nodes: Vec<Node>,
    ids: BTreeMap<String, usize>,
    // Only references to earlier nodes: anything else is never known.
    needs: Vec<Vec<usize>>,
    dependents: BTreeMap<String, Vec<String>>,
}

impl Index {
    /// The index of `checklist`.
    pub fn new(checklist: &Checklist) -> Self {
        let mut index = Self::default();
        for (section, s) in checklist.sections.iter().enumerate() {
            if let Some(gate) = &s.gate {
                index.push(
                    &gate.id,
                    Node {
                        section,
                        item: None,
                    },
                );
            }
            for (item, i) in s.items.iter().enumerate() {
                let item = Some(item);
                index.push(&i.id, Node { section, item });
            }
        }
        for at in 0..index.nodes.len() {
            let needs = index.needs_of(checklist, at);
            index.needs.push(needs);
        }
        index.dependents = index.reversed(checklist);
        index
    }

    /// Position of the section that holds the item or gate.
    pub fn section_of(&self, id: &str) -> Option<usize> {
        self.ids.get(id).map(|at| self.nodes[*at].section)
    }

    /// Items that may appear or go when the answer to `id` changes, in the order of the walk; `id` itself is not
    /// among them.
    pub fn dependents(&self, id: &str) -> &[String] {
        self.dependents.get(id).map_or(&[], Vec::as_slice)
    }

    fn push(&mut self, id: &str, node: Node) {
        self.ids.entry(id.to_owned()).or_insert(self.nodes.len());
        self.nodes.push(node);
    }

    fn needs_of(&self, checklist: &Checklist, at: usize) -> Vec<usize> {
        let node = self.nodes[at];
        let Some(item) = node.item else {
            return Vec::new();
        };
        let section = &checklist.sections[node.section];
        let conditions = section.items[item].visible_if.iter();
        let named = conditions.flat_map(super::Condition::items);
        let gate = section.gate.iter().map(|g| g.id.as_str());
        let found = named
            .chain(gate)
            .filter_map(|id| self.ids.get(id).copied())
            .filter(|earlier| *earlier < at);
        order::set(found).into_iter().collect()
    }

    // Nodes are in the order of the walk and need only earlier ones, so one pass backwards closes the relation.
    fn reversed(&self, checklist: &Checklist) -> BTreeMap<String, Vec<String>> {
        let mut after: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); self.nodes.len()];
        for at in (0..self.nodes.len()).rev() {
            let mine = after[at].clone();
            for earlier in &self.needs[at] {
                after[*earlier].insert(at);
                after[*earlier].extend(&mine);
            }
        }
        let id = |at: usize| id_at(checklist, self.nodes[at]).to_owned();
        let dependents = after
            .iter()
            .enumerate()
            .filter(|(_, later)| !later.is_empty())
            .map(|(at, later)| (id(at), later.iter().map(|l| id(*l)).collect()));
        order::map(dependents)
    }

    // Everything `at` rests on, itself last, in the order of the walk.
    fn closure(&self, at: usize) -> BTreeSet<usize> {
        let mut seen = order::set([at]);
        let mut open = vec![at];
        while let Some(next) = open.pop() {
            for earlier in &self.needs[next] {
                if seen.insert(*earlier) {
                    open.push(*earlier);
                }
            }
        }
        seen
    }
}

fn id_at(checklist: &Checklist, node: Node) -> &str {
    let section = &checklist.sections[node.section];
    match node.item {
        Some(item) => &section.items[item].id,
        None => section.gate.as_ref().map_or("", |g| g.id.as_str()),
    }
}

/// A checklist with the answers given so far. `answer` takes item and instance.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// The checklist.
    pub checklist: &'a Checklist,
    /// Its index.
    pub index: &'a Index,
    /// The answer to an item or gate in an instance, if there is one.
    pub answer: &'a dyn Fn(&str, &str) -> Option<AnswerValue>,
}

impl View<'_> {
    /// How the gate of a section stands. A gate is asked once, before the instances of a repeated section.
    pub fn gate(&self, section: &Section) -> GateState {
        let Some(gate) = &section.gate else {
            return GateState::Open;
        };
        match (self.answer)(&gate.id, "") {
            Some(AnswerValue::Choice { value }) if value == Gate::YES => GateState::Open,
            Some(AnswerValue::NotChecked { .. }) => GateState::NotChecked,
            Some(AnswerValue::Choice { .. } | AnswerValue::NotApplicable) => {
                GateState::NotApplicable
            }
            _ => GateState::Unanswered,
        }
    }

    /// The line of one gate or item; `None` when the checklist has no such id.
    pub fn row(&self, id: &str, instance: &str) -> Option<Row> {
        let at = *self.index.ids.get(id)?;
        let node = self.index.nodes[at];
        let state = self.state(at, instance);
        let asked = state == ItemState::Shown;
        let answered = asked && (self.answer)(id, instance).is_some();
        let required = self.item(node).is_none_or(|i| i.required);
        Some(Row {
            section: node.section,
            id: id.to_owned(),
            instance: instance.to_owned(),
            state,
            answered,
            missing: asked && required && !answered,
        })
    }

    /// The lines that may have changed after an answer to `id`: its own and those of its dependents. `instances`
    /// gives the number of instances of a section by its id.
    pub fn affected(&self, id: &str, instance: &str, instances: &dyn Fn(&str) -> u16) -> Vec<Row> {
        let home = self.index.section_of(id);
        let own = self.row(id, instance).into_iter();
        let rest = self.index.dependents(id).iter().flat_map(|later| {
            let section = self.index.section_of(later);
            let places = match section.map(|s| &self.checklist.sections[s]) {
                Some(s) if s.repeat.is_some() && (section != home || instance.is_empty()) => {
                    numbers(instances(&s.id))
                }
                Some(s) if s.repeat.is_some() => vec![instance.to_owned()],
                _ => vec![String::new()],
            };
            places.into_iter().filter_map(|i| self.row(later, &i))
        });
        own.chain(rest).collect()
    }

    /// Every line in the order of the walk, gates first, repeated sections once for each instance. A repeated
    /// section whose gate is open and that has no instance yet gives one missing line with the section's id.
    pub fn walk(&self, instances: &dyn Fn(&str) -> u16) -> Vec<Row> {
        let mut rows = Vec::new();
        for (at, section) in self.checklist.sections.iter().enumerate() {
            rows.extend(section.gate.iter().filter_map(|g| self.row(&g.id, "")));
            let places = match section.repeat {
                Some(_) => numbers(instances(&section.id)),
                None => vec![String::new()],
            };
            if places.is_empty() && self.gate(section) == GateState::Open {
                rows.push(no_instance(at, section));
            }
            for place in &places {
                rows.extend(section.items.iter().filter_map(|i| self.row(&i.id, place)));
            }
        }
        rows
    }

    fn item(&self, node: Node) -> Option<&Item> {
        node.item
            .map(|i| &self.checklist.sections[node.section].items[i])
    }

    fn state(&self, at: usize, instance: &str) -> ItemState {
        let node = self.index.nodes[at];
        if self.item(node).is_none_or(|i| i.visible_if.is_none()) {
            return self.judge(at, &BTreeMap::new());
        }
        // An answer counts only while its question is asked, so the whole chain is judged, earliest first.
        let mut known: BTreeMap<usize, AnswerValue> = BTreeMap::new();
        let mut state = ItemState::Waiting;
        for step in self.index.closure(at) {
            state = self.judge(step, &known);
            let place = self.instance_seen(self.index.nodes[step], node, instance);
            let answer = (self.answer)(id_at(self.checklist, self.index.nodes[step]), place);
            if let Some(answer) = answer.filter(|_| state == ItemState::Shown) {
                known.insert(step, answer);
            }
        }
        state
    }

    fn judge(&self, at: usize, known: &BTreeMap<usize, AnswerValue>) -> ItemState {
        let node = self.index.nodes[at];
        let Some(item) = self.item(node) else {
            return ItemState::Shown;
        };
        let gate = self.gate(&self.checklist.sections[node.section]);
        if gate != GateState::Open {
            return ItemState::Gated(gate);
        }
        let seen = |id: &str| known.get(self.index.ids.get(id)?).cloned();
        match item.visible_if.as_ref().map(|c| c.eval(&seen)) {
            None | Some(Truth::True) => ItemState::Shown,
            Some(Truth::False) => ItemState::Hidden,
            Some(Truth::Unknown) => ItemState::Waiting,
        }
    }

    // Inside a repeated section an item sees the answers of its own instance; gates and plain sections have one.
    fn instance_seen<'i>(&self, seen: Node, from: Node, instance: &'i str) -> &'i str {
        let repeated = self.checklist.sections[seen.section].repeat.is_some();
        if seen.section == from.section && repeated && seen.item.is_some() {
            instance
        } else {
            ""
        }
    }
}

/// The ids of gate and items of a section.
pub fn ids(section: &Section) -> impl Iterator<Item = &str> {
    let gate = section.gate.iter().map(|gate| gate.id.as_str());
    gate.chain(section.items.iter().map(|item| item.id.as_str()))
}

fn numbers(count: u16) -> Vec<String> {
    (1..=count).map(|n| n.to_string()).collect()
}

fn no_instance(section: usize, of: &Section) -> Row {
    Row {
        section,
        id: of.id.clone(),
        instance: String::new(),
        state: ItemState::Shown,
        answered: false,
        missing: true,
    }
}
