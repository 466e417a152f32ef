//! Visits with two checklists that ask some questions together.

use super::{
    Known, LISTS,
    inspection::{Inspection, Wishes},
    plan::{self, Answers},
};
use std::collections::BTreeSet;
use zhicha_core::{
    answer::AnswerValue,
    checklist::{AnswerKind, ItemState, Severity, Shared},
};

// What a question is called wherever it stands.
fn names(list: &Known) -> BTreeSet<String> {
    let own = |origin: &Option<String>, id: &str| {
        let written = || format!("{}/{id}", list.id());
        origin.clone().unwrap_or_else(written)
    };
    let items = list.items().map(|(_, item)| own(&item.origin, &item.id));
    let gates = list.sections().iter().filter_map(|s| s.gate.as_ref());
    items.chain(gates.map(|g| own(&g.origin, &g.id))).collect()
}

/// Each pair with a question in common, in both orders.
fn pairs() -> Vec<[&'static Known; 2]> {
    let named: Vec<_> = LISTS.iter().map(|list| (list, names(list))).collect();
    let mut found = Vec::new();
    for (at, (one, ours)) in named.iter().enumerate() {
        for (other, theirs) in &named[at + 1..] {
            if !ours.is_disjoint(theirs) {
                found.extend([[*one, *other], [*other, *one]]);
            }
        }
    }
    found
}

// Items and gates of the pair that are asked in the other one, with their homes.
fn copies(pair: [&'static Known; 2], shared: &Shared) -> Vec<[(usize, String); 2]> {
    let mut found = Vec::new();
    for (at, list) in pair.iter().enumerate() {
        let items = list.items().map(|(_, item)| &item.id);
        let gates = list.sections().iter().filter_map(|s| s.gate.as_ref());
        for id in items.chain(gates.map(|gate| &gate.id)) {
            let home = shared.home(at, id).cloned();
            found.extend(home.map(|home| [(at, id.clone()), home]));
        }
    }
    found
}

fn shared(pair: [&'static Known; 2]) -> Shared {
    Shared::of(pair.map(|list| &list.loaded.checklist))
}

fn said(pair: [&'static Known; 2], id: &str) -> String {
    format!("{} with {}: {id}", pair[0].id(), pair[1].id())
}

fn severity(pair: [&'static Known; 2], (at, id): &(usize, String)) -> Severity {
    pair[*at].item(id).unwrap().severity
}

#[test]
fn what_two_checklists_share_is_asked_once_and_counted_in_both() {
    let mut met = 0;
    for pair in pairs() {
        let shared = shared(pair);
        let visit = Inspection::new(pair.to_vec(), Wishes::new()).fill();
        let body = visit.sealed(&said(pair, "all pass"));
        assert!(body.hazards.is_empty());
        let each = visit.counted(&body);
        for [copy, home] in copies(pair, &shared) {
            let why = said(pair, &copy.1);
            assert_ne!(copy.0, home.0, "{why}");
            assert_eq!(visit.asked(copy.0, &copy.1), 0, "{why}");
            assert_eq!(visit.asked(home.0, &home.1), 1, "{why}");
            let value = |(at, id): &(usize, String)| {
                let mut group = each[*at].answers.iter();
                group.find(|a| a.item == *id).map(|a| &a.value)
            };
            // Where the copy stands behind a condition that does not hold it is not asked there.
            let there = visit.row(copy.0, &copy.1, "").state == ItemState::Shown;
            assert_eq!(value(&copy).is_some(), there, "{why}");
            assert!(!there || value(&copy) == value(&home), "{why}");
            assert!(value(&home).is_some(), "{why}");
            let recorded = &body.answers[copy.0].answers;
            assert!(
                recorded.iter().all(|a| a.item != copy.1),
                "{why}: once in the record"
            );
            met += 1;
        }
    }
    assert!(met > 0);
}

#[test]
fn each_shared_item_failing_is_one_hazard_in_both() {
    for pair in pairs() {
        for [copy, home] in copies(pair, &shared(pair)) {
            let item = pair[copy.0].item(&copy.1);
            if item.is_none_or(|item| item.answer != AnswerKind::Check) {
                continue;
            }
            let why = said(pair, &copy.1);
            assert_eq!(severity(pair, &copy), severity(pair, &home), "{why}");
            let fail = Answers::from([(copy.1.clone(), AnswerValue::Fail)]);
            let answers = plan::shown(pair[copy.0], &copy.1, &fail);
            let answers = answers.unwrap_or_else(|| panic!("{why} is never asked"));
            let others = answers
                .values()
                .filter(|v| **v == AnswerValue::Fail)
                .count()
                - 1;
            let open = plan::incomplete(&answers);
            let wishes = answers.into_iter().map(|(id, value)| ((copy.0, id), value));
            let visit = Inspection::new(pair.to_vec(), wishes.collect()).fill();
            let body = if open {
                visit.body()
            } else {
                visit.sealed(&why)
            };
            let hazard = body.hazards.iter().find(|h| h.key.item == home.1).unwrap();
            assert_eq!(body.hazards.len(), others + 1, "{why}");
            assert_eq!(hazard.key.checklist, pair[home.0].loaded.digest, "{why}");
            assert_eq!(hazard.severity, severity(pair, &home), "{why}");
            let each = visit.counted(&body);
            for (at, id) in [&copy, &home] {
                let group = &each[*at].answers;
                let here = group.iter().filter(|a| a.item == *id);
                let values: Vec<_> = here.map(|a| &a.value).collect();
                assert_eq!(values, [&AnswerValue::Fail], "{why}");
            }
        }
    }
}

#[test]
fn what_is_shared_but_may_be_hidden_everywhere_is_asked_in_each() {
    for pair in pairs() {
        let shared = shared(pair);
        let visit = Inspection::new(pair.to_vec(), Wishes::new()).fill();
        for (at, list) in pair.iter().enumerate() {
            for (section, item) in list.items().filter(|(s, _)| s.repeat.is_none()) {
                let asked = visit.row(at, &item.id, "").state == ItemState::Shown;
                let here = usize::from(asked && shared.home(at, &item.id).is_none());
                let why = said(pair, &item.id);
                assert_eq!(visit.asked(at, &item.id), here, "{why} in {}", section.id);
            }
        }
    }
}
