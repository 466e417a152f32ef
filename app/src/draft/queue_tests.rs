use super::*;
use zhicha_core::{answer::AnswerValue, checklist::Digest, time::Timestamp};

fn key(item: &str) -> AnswerKey {
    AnswerKey {
        checklist: Digest::of(b"list"),
        item: item.to_owned(),
        instance: String::new(),
    }
}

fn answer(item: &str, value: AnswerValue) -> Write {
    let (key, at) = (key(item), Timestamp(0));
    Write::Answer(Box::new(DraftAnswer {
        v: 1,
        key,
        value,
        at,
        finding: None,
    }))
}

fn text(item: &str, value: &str) -> Write {
    answer(
        item,
        AnswerValue::Text {
            value: value.to_owned(),
        },
    )
}

#[test]
fn a_row_is_saved_only_when_its_newest_write_is_on_disk() {
    let mut queue = Queue::default();
    queue.push(answer("a", AnswerValue::Pass));
    assert_eq!(queue.start(), Some(answer("a", AnswerValue::Pass)));
    queue.push(answer("a", AnswerValue::Fail));
    assert_eq!(queue.start(), None);
    queue.done(Ok(()));
    assert_eq!(queue.row(&Row::Answer(key("a"))), Saving::Saving);
    assert_eq!(queue.start(), Some(answer("a", AnswerValue::Fail)));
    queue.done(Ok(()));
    assert_eq!(queue.row(&Row::Answer(key("a"))), Saving::Saved);
    assert_eq!(queue.all(), Saving::Saved);
}

#[test]
fn typing_waits_for_a_pause_and_keeps_the_newest_text() {
    let mut queue = Queue::default();
    queue.push_typed(text("a", "门"));
    queue.push_typed(text("a", "门锁"));
    assert_eq!((queue.start(), queue.all()), (None, Saving::Saving));
    queue.flush();
    assert_eq!(queue.start(), Some(text("a", "门锁")));
    queue.done(Ok(()));
    assert!(queue.idle());
}

#[test]
fn a_failed_write_is_kept_until_it_is_retried_or_replaced() {
    let mut queue = Queue::default();
    queue.push(answer("a", AnswerValue::Pass));
    queue.push(answer("b", AnswerValue::Pass));
    queue.start();
    assert_eq!(
        queue.done(Err(StoreError::Quota)),
        Some(Row::Answer(key("a")))
    );
    queue.start();
    queue.done(Ok(()));
    assert_eq!(queue.all(), Saving::Failed(StoreError::Quota));
    assert_eq!(queue.row(&Row::Answer(key("b"))), Saving::Saved);
    assert!(queue.retry());
    assert_eq!(queue.start(), Some(answer("a", AnswerValue::Pass)));
    queue.push(answer("a", AnswerValue::Fail));
    queue.done(Err(StoreError::Quota));
    assert_eq!(queue.row(&Row::Answer(key("a"))), Saving::Saving);
    assert_eq!(queue.start(), Some(answer("a", AnswerValue::Fail)));
    queue.done(Ok(()));
    assert_eq!(queue.all(), Saving::Saved);
    assert!(!queue.retry());
}

#[test]
fn taking_an_answer_back_replaces_giving_it() {
    let mut queue = Queue::default();
    queue.push_typed(text("a", "门"));
    queue.push(Write::Clear(key("a")));
    queue.flush();
    assert_eq!(queue.start(), Some(Write::Clear(key("a"))));
    queue.done(Ok(()));
    assert_eq!(queue.start(), None);
}
