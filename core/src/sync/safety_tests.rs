use super::*;
use crate::{id::Uuid, sync::wire::Problem, testing::draft};

fn drafts(revs: &[u64]) -> Vec<Draft> {
    let one = |(n, rev): (u128, &u64)| Draft {
        rev: *rev,
        ..draft(n)
    };
    (1..).zip(revs).map(one).collect()
}

fn id(n: u128) -> RecordId {
    RecordId(Uuid::from_u128(n))
}

fn kept(rev: u64) -> Result<DraftKept, Failure> {
    Ok(DraftKept { rev })
}

fn refused(status: u16, code: &str, retry_after_s: Option<u64>) -> Result<DraftKept, Failure> {
    Err(Failure::Problem {
        problem: Problem {
            code: code.to_owned(),
            status,
            ..Problem::default()
        },
        retry_after_s,
    })
}

#[test]
fn only_what_changed_goes_and_not_before_a_minute_is_over() {
    let mut copies = Copies::default();
    assert!(copies.due(0));
    assert_eq!(copies.begin(&drafts(&[3, 5]), 0), [id(1), id(2)]);
    assert!(!copies.due(EVERY_MS - 1));
    assert!(copies.due(EVERY_MS));
    assert!(copies.answered(id(1), 3, &kept(3), 10));
    assert!(copies.answered(id(2), 5, &kept(9), 20));
    assert_eq!(copies.begin(&drafts(&[3, 5]), EVERY_MS), []);
    assert_eq!(copies.begin(&drafts(&[3, 6]), 2 * EVERY_MS), [id(2)]);
    // An answer that was lost leaves it to the next round.
    assert!(!copies.answered(id(2), 6, &Err(Failure::Network), 2 * EVERY_MS));
    assert_eq!(copies.begin(&drafts(&[3, 7]), 3 * EVERY_MS), [id(2)]);
}

#[test]
fn what_is_known_outlives_the_page_and_forgets_what_is_gone() {
    let mut copies = Copies::default();
    copies.begin(&drafts(&[3, 5]), 0);
    copies.answered(id(1), 3, &kept(3), 0);
    copies.answered(id(2), 5, &kept(5), 0);
    let text = copies.to_text();
    let mut again = Copies::from_text(&(text + "no line of ours\n"));
    assert!(again.due(0));
    assert_eq!(again.begin(&drafts(&[3, 6]), 0), [id(2)]);
    again.begin(&[], EVERY_MS);
    assert_eq!(again.to_text(), "");
}

#[test]
fn refusals_are_not_repeated_blindly() {
    let mut copies = Copies::default();
    copies.begin(&drafts(&[3, 5]), 0);
    assert!(copies.answered(id(1), 3, &refused(409, "draft_sealed", None), 0));
    assert!(copies.answered(id(2), 5, &refused(413, "draft_too_large", None), 0));
    assert_eq!(copies.begin(&drafts(&[4, 5]), EVERY_MS), []);
    assert_eq!(copies.begin(&drafts(&[4, 6]), 2 * EVERY_MS), [id(2)]);
    assert!(!copies.answered(id(2), 6, &refused(429, "rate", Some(300)), 2 * EVERY_MS));
    assert!(!copies.due(2 * EVERY_MS + 299_999));
    assert!(copies.due(2 * EVERY_MS + 300_000));
    assert!(!copies.answered(id(2), 6, &refused(403, "forbidden", None), 0));
    assert!(!copies.due(i64::MAX));
}

#[test]
fn a_copy_holds_the_whole_draft_and_none_is_larger_than_the_server_takes() {
    let mut draft = draft(1);
    draft.rev = 7;
    let copy_of = copy(&draft, &[]).unwrap();
    assert_eq!(copy_of.rev, 7);
    let json = URL_SAFE_NO_PAD.decode(copy_of.bytes).unwrap();
    let value: serde_json::Value = crate::json::from_slice(&json).unwrap();
    assert_eq!(value["v"], 1);
    assert_eq!(value["draft"], serde_json::to_value(&draft).unwrap());
    draft.remarks = "长".repeat(MAX_DRAFT_BYTES / 3);
    assert_eq!(copy(&draft, &[]), None);
}
