//! A visit over two checklists that ask the same: a shared question is sealed once and counts in both.

use crate::filled::{answer_all, draft, loaded, moment};
use zhicha_core::{
    answer::AnswerValue,
    api::Counts,
    checklist::{Gate, Loaded, Shared},
    inspection::{
        RecordedAnswer,
        combined::counted_in_each,
        seal::{seal, unchecked},
    },
};

// Two checklists with the same questions.
fn asking_the_same() -> (Loaded, Loaded) {
    let first = loaded("ebike-charging");
    // The same questions under another name, each taken over from the first.
    let mut second = first.clone();
    second.checklist.id = "invented".to_owned();
    second.digest = zhicha_core::checklist::Digest::of(b"invented");
    for section in &mut second.checklist.sections {
        if let Some(gate) = &mut section.gate {
            gate.origin = Some(format!("ebike-charging/{}", gate.id));
        }
        for item in &mut section.items {
            item.origin = Some(format!("ebike-charging/{}", item.id));
        }
    }
    (first, second)
}

#[test]
fn a_question_of_two_checklists_is_sealed_once_and_counts_in_both() {
    let (first, second) = asking_the_same();
    let lists = [first.clone(), second.clone()];
    let draft = draft(&lists);
    let own = answer_all(&draft, &first, &AnswerValue::Fail, Gate::YES);
    let shared = Shared::of(lists.iter().map(|l| &l.checklist));
    let elsewhere = |item: &str| shared.home(1, item).is_some();
    let sections = &second.checklist.sections;
    let asked_again = sections.iter().flat_map(|s| &s.items);
    let (copied, asked_again): (Vec<_>, Vec<_>) = asked_again.partition(|i| elsewhere(&i.id));
    let asked_again = asked_again.len();
    assert!(copied.len() > 5 && asked_again > 0);
    // Only what the second asks for itself is open.
    assert_eq!(unchecked(&draft, &own, &lists[..1]), 0);
    let open = unchecked(&draft, &own, &lists);
    assert!(open > 0 && open <= asked_again, "{open} of {asked_again}");

    let all_there = answer_all(&draft, &second, &AnswerValue::Fail, Gate::YES);
    let mut answers = own;
    answers.extend(
        all_there
            .iter()
            .filter(|a| !elsewhere(&a.key.item))
            .cloned(),
    );
    assert_eq!(unchecked(&draft, &answers, &lists), 0);
    let body = seal(&draft, &answers, &lists, &moment());
    let recorded = |group: &zhicha_core::inspection::ChecklistAnswers| {
        let mut all: Vec<_> = group
            .answers
            .iter()
            .map(|a| (a.item.clone(), a.value.clone()))
            .collect();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all
    };
    let here = recorded(&body.answers[1]);
    assert!(
        !here.is_empty() && here.iter().all(|(item, _)| !elsewhere(item)),
        "each answer stands once"
    );
    let each = counted_in_each(&body.answers, &[&first, &second]);
    assert_eq!(
        recorded(&each[0]),
        recorded(&each[1]),
        "each checklist has all its answers"
    );
    assert_eq!(each[0], body.answers[0]);
    assert_eq!(counted_in_each(&body.answers, &[&first]), body.answers);
    let fails = answers.iter().filter(|a| a.value == AnswerValue::Fail);
    let mut raised: Vec<_> = body.hazards.iter().map(|h| &h.key).collect();
    let mut wanted: Vec<_> = fails.map(|a| &a.key).collect();
    raised.sort();
    wanted.sort();
    assert_eq!(raised, wanted, "a hazard for each answer, none twice");
}

#[test]
fn an_amended_answer_counts_as_amended_in_each_checklist() {
    let (first, second) = asking_the_same();
    let lists = [first.clone(), second.clone()];
    let draft = draft(&lists);
    let mut answers = answer_all(&draft, &first, &AnswerValue::Fail, Gate::YES);
    let elsewhere = Shared::of(lists.iter().map(|l| &l.checklist));
    let own = answer_all(&draft, &second, &AnswerValue::Fail, Gate::YES);
    answers.extend(
        own.into_iter()
            .filter(|a| elsewhere.home(1, &a.key.item).is_none()),
    );
    let body = seal(&draft, &answers, &lists, &moment());
    let counted = |answers: &[_]| {
        let each = counted_in_each(answers, &[&first, &second]);
        each.iter()
            .map(|group| Counts::of(std::slice::from_ref(group)))
            .collect::<Vec<_>>()
    };
    let shared = |a: &&RecordedAnswer| {
        a.value == AnswerValue::Fail && elsewhere.copies(0, &a.item).next().is_some()
    };
    let asked = body.answers[0].answers.iter().find(shared);
    let asked = asked.expect("a shared question").item.clone();
    let at_home = |a: &&mut RecordedAnswer| a.item == asked;
    let mut amended = body.answers.clone();
    // What an amendment names: the one place where the record has the answer.
    let places = amended.iter_mut().flat_map(|group| &mut group.answers);
    let mut places: Vec<_> = places.filter(at_home).collect();
    assert_eq!(places.len(), 1);
    places[0].value = AnswerValue::Pass;
    let (before, after) = (counted(&body.answers), counted(&amended));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!((before.pass, before.fail), (after.pass - 1, after.fail + 1));
    }
    let (all, once) = (Counts::of(&body.answers), Counts::of(&amended));
    assert_eq!((all.pass + 1, all.fail - 1), (once.pass, once.fail));
}

#[test]
fn an_answer_that_a_record_has_in_both_checklists_counts_once_in_each() {
    let (first, second) = asking_the_same();
    let lists = [first.clone()];
    let alone = draft(&lists);
    let answers = answer_all(&alone, &first, &AnswerValue::Pass, Gate::YES);
    let body = seal(&alone, &answers, &lists, &moment());
    let mut again = body.answers[0].clone();
    again.checklist = second.digest.clone();
    let both = [body.answers[0].clone(), again];
    assert_eq!(counted_in_each(&both, &[&first, &second]), both);
}
