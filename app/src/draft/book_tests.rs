use super::*;
use proptest::prelude::*;
use zhicha_core::{checklist::Digest, time::Timestamp};

const LIST: &str = r#"{
  "id": "demo", "version": 1,
  "title": {"zh": "示例", "en": "Demo"}, "summary": {"zh": "示例", "en": "Demo"},
  "status_date": "2026-01-01", "documents": {},
  "sections": [
    {"id": "plain", "title": {"zh": "一", "en": "One"}, "items": [
      {"id": "a", "source": "X-1", "text": {"zh": "甲", "en": "A"}, "answer": {"kind": "check"}},
      {"id": "b", "source": "X-2", "text": {"zh": "乙", "en": "B"}, "answer": {"kind": "text"},
       "visible_if": {"compare": {"item": "a", "op": "eq", "value": "fail"}}},
      {"id": "c", "source": "X-3", "text": {"zh": "丙", "en": "C"}, "answer": {"kind": "check"}, "required": false}
    ]},
    {"id": "rooms", "title": {"zh": "二", "en": "Two"}, "gate": {"id": "g", "text": {"zh": "有？", "en": "Any?"}},
     "repeat": {"noun": {"zh": "间", "en": "room"}, "max": 3}, "items": [
      {"id": "d", "source": "X-4", "text": {"zh": "丁", "en": "D"}, "answer": {"kind": "check"}},
      {"id": "e", "source": "X-5", "text": {"zh": "戊", "en": "E"}, "answer": {"kind": "check"},
       "visible_if": {"compare": {"item": "d", "op": "eq", "value": "fail"}}}
    ]}
  ]
}"#;

fn book() -> Book {
    let loaded = Loaded::from_bytes(LIST.as_bytes()).expect("the demo checklist");
    Book::new(vec![Rc::new(loaded)], Vec::new(), BTreeMap::new())
}

fn key(item: &str, instance: &str) -> AnswerKey {
    let (item, instance) = (item.to_owned(), instance.to_owned());
    AnswerKey {
        checklist: Digest::of(LIST.as_bytes()),
        item,
        instance,
    }
}

fn give(book: &mut Book, item: &str, instance: &str, value: AnswerValue) -> Vec<AnswerKey> {
    let (key, at) = (key(item, instance), Timestamp(0));
    book.set(DraftAnswer {
        v: 1,
        key,
        value,
        at,
        finding: None,
    })
}

fn choice(value: &str) -> AnswerValue {
    AnswerValue::Choice {
        value: value.to_owned(),
    }
}

// The counters as a full scan would find them.
fn counted(book: &Book) -> Tally {
    let mut tally = Tally::default();
    book.walk().for_each(|l| tally.add(l.result, l.missing));
    tally
}

#[test]
fn an_answer_touches_its_line_and_its_dependents_only() {
    let mut book = book();
    assert_eq!(book.total().missing, 2);
    assert_eq!(
        give(&mut book, "a", "", AnswerValue::Fail),
        [key("a", ""), key("b", "")]
    );
    assert_eq!(
        book.line(&key("b", "")).map(|l| (l.state, l.missing)),
        Some((ItemState::Shown, true))
    );
    assert_eq!((book.total().fail, book.total().missing), (1, 2));
    give(&mut book, "a", "", AnswerValue::Pass);
    assert_eq!(
        book.line(&key("b", "")).map(|l| (l.state, l.missing)),
        Some((ItemState::Hidden, false))
    );
    assert_eq!(
        (book.total().pass, book.total().fail, book.total().missing),
        (1, 0, 1)
    );
}

#[test]
fn a_repeated_section_asks_for_its_first_instance_once_the_gate_is_open() {
    let mut book = book();
    give(&mut book, "g", "", choice("yes"));
    assert_eq!(
        book.line(&key("rooms", "")).map(|l| (l.ask, l.missing)),
        Some((Ask::Instance, true))
    );
    book.set_instances(1, 2);
    assert_eq!(book.line(&key("rooms", "")), None);
    give(&mut book, "d", "2", AnswerValue::Fail);
    assert!(!book.may_remove(1));
    assert_eq!(
        book.line(&key("e", "2")).map(|l| l.state),
        Some(ItemState::Shown)
    );
    assert_eq!(
        book.line(&key("e", "1")).map(|l| l.state),
        Some(ItemState::Waiting)
    );
    book.clear(&key("d", "2"));
    assert!(book.may_remove(1));
    give(&mut book, "g", "", choice("no"));
    assert_eq!(
        book.parts()[1].tally,
        Tally {
            filled: 1,
            ..Tally::default()
        }
    );
}

#[test]
fn the_next_missing_line_goes_round() {
    let mut book = book();
    assert_eq!(book.next_missing(None), Some(key("a", "")));
    assert_eq!(book.next_missing(Some(&key("a", ""))), Some(key("g", "")));
    assert_eq!(book.next_missing(Some(&key("g", ""))), Some(key("a", "")));
    give(&mut book, "a", "", AnswerValue::Pass);
    give(&mut book, "g", "", choice("no"));
    assert_eq!(book.next_missing(Some(&key("g", ""))), None);
}

#[test]
fn what_is_on_disk_comes_back_with_answers_that_are_not_asked_any_more() {
    let mut first = book();
    give(&mut first, "a", "", AnswerValue::Fail);
    give(
        &mut first,
        "b",
        "",
        AnswerValue::Text {
            value: "门锁".to_owned(),
        },
    );
    give(&mut first, "a", "", AnswerValue::Pass);
    let lists = first.checklists().cloned().collect();
    let again = Book::new(lists, first.answers().cloned().collect(), BTreeMap::new());
    assert_eq!(again.total(), first.total());
    assert!(again.answer(&key("b", "")).is_some());
    assert_eq!(again.line(&key("b", "")).and_then(|l| l.result), None);
}

proptest! {
    #[test]
    fn counters_always_agree_with_a_full_count(steps in prop::collection::vec((0_usize..6, 0_usize..4, 0_u16..4), 0..40)) {
        let mut book = book();
        for (what, value, n) in steps {
            let instance = n.max(1).to_string();
            let check = [AnswerValue::Pass, AnswerValue::Fail, AnswerValue::NotApplicable,
                AnswerValue::NotChecked { reason: "锁着".to_owned() }][value].clone();
            match what {
                0 => { give(&mut book, "a", "", check); }
                1 => { give(&mut book, "b", "", AnswerValue::Text { value: "字".to_owned() }); }
                2 => { give(&mut book, "g", "", choice(["yes", "no", "yes", "yes"][value])); }
                3 => { give(&mut book, "d", &instance, check); }
                4 => { book.clear(&key("d", &instance)); }
                _ => { if n >= book.instances(1) { book.set_instances(1, n); } }
            }
            prop_assert_eq!(book.total(), counted(&book));
            let parts = book.parts().iter().map(|p| p.tally.missing).sum::<u32>();
            prop_assert_eq!(parts, book.total().missing);
        }
    }
}

// A second checklist that takes over from the first: a plain question, the gate of the rooms, and one of its own that depends on
// what is asked in the first.
const OTHER: &str = r#"{
  "id": "other", "version": 1,
  "title": {"zh": "另一份", "en": "Other"}, "summary": {"zh": "示例", "en": "Demo"},
  "status_date": "2026-01-01", "documents": {},
  "sections": [
    {"id": "mine", "title": {"zh": "三", "en": "Three"}, "items": [
      {"id": "a", "source": "X-1", "text": {"zh": "甲", "en": "A"}, "answer": {"kind": "check"}, "origin": "demo/a"},
      {"id": "f", "source": "X-6", "text": {"zh": "己", "en": "F"}, "answer": {"kind": "check"},
       "visible_if": {"compare": {"item": "a", "op": "eq", "value": "fail"}}}
    ]},
    {"id": "halls", "title": {"zh": "四", "en": "Four"},
     "gate": {"id": "g", "text": {"zh": "有？", "en": "Any?"}, "origin": "demo/g"},
     "repeat": {"noun": {"zh": "厅", "en": "hall"}, "max": 2}, "items": [
      {"id": "h", "source": "X-7", "text": {"zh": "庚", "en": "H"}, "answer": {"kind": "check"}}
    ]}
  ]
}"#;

fn both() -> Vec<Rc<Loaded>> {
    let read = |text: &str| Rc::new(Loaded::from_bytes(text.as_bytes()).expect("a checklist"));
    vec![read(LIST), read(OTHER)]
}

fn other(item: &str, instance: &str) -> AnswerKey {
    AnswerKey {
        checklist: Digest::of(OTHER.as_bytes()),
        ..key(item, instance)
    }
}

#[test]
fn what_two_checklists_ask_is_asked_once_and_seen_in_both() {
    let mut book = Book::new(both(), Vec::new(), BTreeMap::new());
    assert!(book.line(&key("a", "")).is_some());
    assert!(book.line(&other("a", "")).is_none(), "asked in the first");
    assert!(book.line(&other("g", "")).is_none());
    assert_eq!((book.elsewhere(0), book.elsewhere(2)), (0, 1));
    // a and the gate once, nothing twice.
    assert_eq!(book.total().missing, 2);
    assert_eq!(book.line(&other("f", "")).map(Line::asked), Some(false));

    let changed = give(&mut book, "a", "", AnswerValue::Fail);
    assert!(changed.contains(&other("f", "")), "{changed:?}");
    assert!(book.line(&other("f", "")).is_some_and(Line::asked));
    assert_eq!(book.total(), counted(&book));

    give(&mut book, "g", "", choice("yes"));
    assert_eq!(book.gate(3), GateState::Open);
    let no_hall = |book: &Book| book.parts()[3].keys.contains(&other("halls", ""));
    assert!(no_hall(&book), "a hall is asked for");
    assert_eq!(book.total(), counted(&book));
    give(&mut book, "g", "", choice("no"));
    assert_eq!(book.gate(3), GateState::NotApplicable);
    assert!(!no_hall(&book));

    // On the disk it stands once; from there the other sees it too.
    let stored: Vec<DraftAnswer> = book.answers().cloned().collect();
    assert_eq!(stored.len(), 2);
    let again = Book::new(both(), stored, BTreeMap::new());
    assert_eq!(again.total(), book.total());
    assert!(again.line(&other("f", "")).is_some_and(Line::asked));

    let changed = book.clear(&key("a", ""));
    assert!(changed.contains(&other("f", "")));
    assert!(!book.line(&other("f", "")).is_some_and(Line::asked));
    assert_eq!(book.total(), counted(&book));
}
