//! "Saved" means that the transaction is complete: aborts, durability and the number of requests.

use crate::parts::{Patch, failing_commits, fresh, open, record, script, with_draft};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_core::{
    answer::AnswerValue,
    store::{Store, StoreError},
    testing::{answer, append_after, identity},
};

#[wasm_bindgen_test]
async fn an_aborted_commit_is_an_error_and_saves_nothing() {
    let store = fresh().await;
    let fence = with_draft(&store, 7).await;
    let given = answer("A-1", AnswerValue::Pass);
    let patch = failing_commits();
    let refused = store.put_answer(record(7), &given, fence).await;
    assert!(
        matches!(refused, Err(StoreError::Aborted(_))),
        "{refused:?}"
    );
    drop(patch);
    assert_eq!(store.answers(record(7)).await, Ok(vec![]));
    let draft = store.draft(record(7)).await.expect("read").expect("draft");
    assert_eq!((draft.rev, draft.position), (1, None));
    store
        .put_answer(record(7), &given, fence)
        .await
        .expect("the next try saves");
    let again = open(store.profile()).await;
    assert_eq!(again.answers(record(7)).await, Ok(vec![given]));
}

#[wasm_bindgen_test]
async fn a_put_that_succeeds_before_the_abort_saves_nothing() {
    let store = fresh().await;
    let fence = with_draft(&store, 7).await;
    // Both rows go in; the last one's success is followed by an abort.
    let left_to_the_browser = Patch::new("IDBTransaction.prototype.commit", "function () {}");
    let patch = Patch::new(
        "IDBObjectStore.prototype.put",
        "function (...args) {
            const request = original.apply(this, args);
            if (this.name === 'answer') request.addEventListener('success', () => this.transaction.abort());
            return request;
        }",
    );
    let refused = store
        .put_answer(record(7), &answer("A-1", AnswerValue::Pass), fence)
        .await;
    drop(patch);
    drop(left_to_the_browser);
    assert!(
        matches!(refused, Err(StoreError::Aborted(_))),
        "{refused:?}"
    );
    assert_eq!(store.answers(record(7)).await, Ok(vec![]));
    let draft = store.draft(record(7)).await.expect("read").expect("draft");
    assert_eq!(draft.rev, 1);
}

#[wasm_bindgen_test]
async fn a_full_disk_is_told_from_other_aborts() {
    let store = fresh().await;
    let fence = with_draft(&store, 7).await;
    // Chromium reports a full disk only here; the real thing is tried with a real quota in the end-to-end tests.
    let full = Patch::new(
        "IDBTransaction.prototype.commit",
        "function () {
            Object.defineProperty(this, 'error', { value: new DOMException('full', 'QuotaExceededError') });
            this.abort();
        }",
    );
    let refused = store
        .put_answer(record(7), &answer("A-1", AnswerValue::Pass), fence)
        .await;
    drop(full);
    assert_eq!(refused, Err(StoreError::Quota));
    assert_eq!(store.answers(record(7)).await, Ok(vec![]));
}

#[wasm_bindgen_test]
async fn an_event_whose_commit_fails_leaves_head_and_draft() {
    let store = fresh().await;
    store.put_identity(&identity(1)).await.expect("enrol");
    let head = store.head().await.expect("read").expect("head");
    let fence = with_draft(&store, 7).await;
    let mut append = append_after(&head, record(7));
    append.closes = Some((record(7), 1, fence));
    let patch = failing_commits();
    assert!(store.append(&append).await.is_err());
    drop(patch);
    assert_eq!(store.head().await, Ok(Some(head)));
    assert_eq!(store.events_after(0, 9).await, Ok(vec![]));
    assert!(store.draft(record(7)).await.expect("read").is_some());
    store.append(&append).await.expect("the same number again");
}

#[wasm_bindgen_test]
async fn every_write_is_strict() {
    let seen = script("globalThis.modes = []; return globalThis.modes;", &[]).await;
    let patch = Patch::new(
        "IDBDatabase.prototype.transaction",
        "function (...args) {
            const tx = original.apply(this, args);
            if (tx.mode === 'readwrite') globalThis.modes.push(tx.durability);
            return tx;
        }",
    );
    let store = fresh().await;
    let fence = with_draft(&store, 7).await;
    store
        .put_answer(record(7), &answer("A-1", AnswerValue::Pass), fence)
        .await
        .expect("answer");
    store.put_identity(&identity(1)).await.expect("enrol");
    store.put_note("a", "b").await.expect("note");
    drop(patch);
    let seen: Vec<String> = js_sys::Array::from(&seen)
        .iter()
        .filter_map(|mode| mode.as_string())
        .collect();
    assert_eq!(seen, ["strict"; 5]);
}

#[wasm_bindgen_test]
async fn all_answers_are_read_by_one_request() {
    let store = fresh().await;
    let fence = with_draft(&store, 7).await;
    for n in 0..40 {
        let given = answer(&format!("A-{n}"), AnswerValue::Pass);
        store
            .put_answer(record(7), &given, fence)
            .await
            .expect("answer");
    }
    script("globalThis.requests = 0;", &[]).await;
    let patch = Patch::new(
        "IDBObjectStore.prototype.getAll",
        "function (...args) { globalThis.requests += 1; return original.apply(this, args); }",
    );
    assert_eq!(store.answers(record(7)).await.expect("read").len(), 40);
    drop(patch);
    let requests = script("return globalThis.requests;", &[]).await;
    assert_eq!(requests, JsValue::from_f64(1.0));
}

#[wasm_bindgen_test]
async fn evidence_lies_verbatim_in_its_row() {
    let store = fresh().await;
    store.put_identity(&identity(1)).await.expect("enrol");
    let head = store.head().await.expect("read").expect("head");
    let mut append = append_after(&head, record(1));
    append.event.text = "eyJ.\u{0}\u{1F600}\"\\.汉字".to_owned();
    store.append(&append).await.expect("append");
    let text = script(
        "const db = await new Promise((ok, no) => {
            const r = indexedDB.open(a); r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error);
         });
         const row = await new Promise((ok) => {
            const r = db.transaction('event').objectStore('event').get(1); r.onsuccess = () => ok(r.result);
         });
         db.close();
         return `${row.text}|${row.v}|${row.enc}|${typeof row.seq}`;",
        &[store.profile().database_name().into()],
    )
    .await;
    let wanted = format!("{}|1|0|number", append.event.text);
    assert_eq!(text.as_string(), Some(wanted));
}
