//! Several connections: two tabs, newer and older versions of the app, a browser that refuses.

use crate::parts::{Patch, RAW_OPEN, fresh, new_profile, open, record, script, with_draft};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_core::{
    answer::AnswerValue,
    inspection::Draft,
    store::{Store, StoreError},
    testing::{answer, draft},
};
use zhicha_storage::{Gone, IdbStore, Profile};

#[wasm_bindgen_test]
async fn two_connections_see_one_database() {
    let one = fresh().await;
    let two = open(one.profile()).await;
    let fence = with_draft(&one, 7).await;
    let given = answer("A-1", AnswerValue::Pass);
    two.put_answer(record(7), &given, fence)
        .await
        .expect("answer");
    assert_eq!(one.answers(record(7)).await, Ok(vec![given]));
    let stale = Draft { rev: 1, ..draft(7) };
    let refused = one.put_draft(&stale, fence).await;
    assert_eq!(refused, Err(StoreError::Changed));
}

#[wasm_bindgen_test]
async fn people_on_one_phone_have_databases_of_their_own() {
    let one = fresh().await;
    with_draft(&one, 7).await;
    let other = Profile {
        user: new_profile().user,
        ..*one.profile()
    };
    assert_eq!(open(&other).await.drafts().await, Ok(vec![]));
}

#[wasm_bindgen_test]
async fn a_newer_app_in_another_tab_takes_the_database() {
    let store = fresh().await;
    with_draft(&store, 7).await;
    let told = Rc::new(Cell::new(None));
    store.on_gone({
        let told = Rc::clone(&told);
        move |why| told.set(Some(why))
    });
    let name = store.profile().database_name();
    let newer = script(RAW_OPEN, &[name.into(), 99.into(), "later".into()]).await;
    assert_eq!(told.get(), Some(Gone::Upgraded));
    assert_eq!(store.drafts().await, Err(StoreError::TooNew));
    assert_eq!(
        store.put_note("a", "b").await,
        Err(StoreError::TooNew),
        "nothing is written into a newer form"
    );
    script("a.close();", &[newer]).await;
}

#[wasm_bindgen_test]
async fn a_newer_database_is_left_untouched() {
    let profile = new_profile();
    let name = profile.database_name();
    let newer = script(RAW_OPEN, &[name.clone().into(), 99.into(), "later".into()]).await;
    script(
        "await new Promise((ok) => {
            const tx = a.transaction('later', 'readwrite');
            tx.objectStore('later').put('kept', 'k');
            tx.oncomplete = ok;
         });
         a.close();",
        &[newer],
    )
    .await;
    assert_eq!(
        IdbStore::open(&profile).await.err(),
        Some(StoreError::TooNew)
    );
    let found = script(
        "const db = await new Promise((ok) => {
            const r = indexedDB.open(a); r.onsuccess = () => ok(r.result);
         });
         const value = await new Promise((ok) => {
            const r = db.transaction('later').objectStore('later').get('k'); r.onsuccess = () => ok(r.result);
         });
         const found = `${db.version} ${[...db.objectStoreNames]} ${value}`;
         db.close();
         return found;",
        &[name.into()],
    )
    .await;
    assert_eq!(found.as_string().as_deref(), Some("99 later kept"));
}

#[wasm_bindgen_test]
async fn a_browser_that_refuses_is_unavailable_and_nothing_is_deleted() {
    script("globalThis.deleted = 0;", &[]).await;
    let spy = Patch::new(
        "IDBFactory.prototype.deleteDatabase",
        "function (...args) { globalThis.deleted += 1; return original.apply(this, args); }",
    );
    for name in ["UnknownError", "SecurityError", "InvalidStateError"] {
        // The request fails as it does on a damaged or full disk.
        let refuse = Patch::new(
            "IDBFactory.prototype.open",
            &format!(
                "function (name, version) {{
                    const r = original.call(this, name, version);
                    Object.defineProperty(r, 'error', {{ value: new DOMException('no', '{name}') }});
                    return r;
                }}"
            ),
        );
        let refused = IdbStore::open(&new_profile()).await.err();
        drop(refuse);
        assert!(
            matches!(refused, Some(StoreError::Unavailable(_))),
            "{name}: {refused:?}"
        );
    }
    drop(spy);
    let deleted = script("return globalThis.deleted;", &[]).await;
    assert_eq!(deleted, JsValue::from_f64(0.0));
}

#[wasm_bindgen_test]
async fn a_missing_database_api_is_unavailable() {
    script(
        "globalThis.kept = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB');
         const get = () => { throw new DOMException('no', 'SecurityError'); };
         Object.defineProperty(globalThis, 'indexedDB', { configurable: true, get });",
        &[],
    )
    .await;
    let refused = IdbStore::open(&new_profile()).await.err();
    script(
        "Object.defineProperty(globalThis, 'indexedDB', globalThis.kept);",
        &[],
    )
    .await;
    assert!(
        matches!(refused, Some(StoreError::Unavailable(_))),
        "{refused:?}"
    );
}
