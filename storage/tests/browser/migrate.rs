//! Databases of earlier versions, made by hand from fixtures, open whole. A fixture is never changed.

use crate::parts::{new_profile, open, record, script};
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_core::{
    answer::AnswerValue,
    store::{Fence, Store, StoreError},
    sync::wire::Stream,
    testing::{answer, draft, identity},
};

const VERSION_1: &str = include_str!("../fixtures/version-1.json");
const VERSION_2: &str = include_str!("../fixtures/version-2.json");

/// Makes a database as a fixture describes it: stores with their key paths and indexes, and rows.
const FROM_FIXTURE: &str = "
    const fixture = JSON.parse(b);
    const db = await new Promise((ok, no) => {
        const r = indexedDB.open(a, fixture.version);
        r.onerror = () => no(r.error);
        r.onsuccess = () => ok(r.result);
        r.onupgradeneeded = () => {
            for (const [name, { keyPath, indexes }] of Object.entries(fixture.stores)) {
                const store = r.result.createObjectStore(name, { keyPath });
                for (const [index, path] of Object.entries(indexes)) store.createIndex(index, path);
            }
        };
    });
    await new Promise((ok, no) => {
        const tx = db.transaction([...db.objectStoreNames], 'readwrite');
        tx.oncomplete = ok;
        tx.onabort = () => no(tx.error);
        for (const [name, rows] of Object.entries(fixture.rows)) {
            for (const row of rows) {
                if (row.json !== undefined) row.json = JSON.stringify(row.json);
                tx.objectStore(name).put(row);
            }
        }
    });
    db.close();";

/// The form of a database as the browser reports it.
const FORM: &str = "
    const db = await new Promise((ok) => { const r = indexedDB.open(a); r.onsuccess = () => ok(r.result); });
    const tx = db.transaction([...db.objectStoreNames]);
    const stores = {};
    for (const name of [...db.objectStoreNames].sort()) {
        const store = tx.objectStore(name);
        const indexes = {};
        for (const index of [...store.indexNames].sort()) indexes[index] = store.index(index).keyPath;
        stores[name] = { keyPath: store.keyPath, indexes };
    }
    const form = { version: db.version, stores };
    db.close();
    return JSON.stringify(form);";

#[wasm_bindgen_test]
async fn a_database_of_version_1_opens_whole() {
    let profile = new_profile();
    script(
        FROM_FIXTURE,
        &[profile.database_name().into(), VERSION_1.into()],
    )
    .await;
    let store = open(&profile).await;
    let head = store.head().await.expect("read").expect("head");
    assert_eq!(head.seq, 1);
    assert_eq!(
        store.identity().await.expect("read").map(|i| i.device_id),
        Some(identity(1).device_id)
    );
    let stored = store.draft(record(7)).await.expect("read").expect("draft");
    assert_eq!((stored.rev, &stored.site), (2, &draft(7).site));
    assert_eq!(
        store.answers(record(7)).await,
        Ok(vec![answer("A-1", AnswerValue::Pass)])
    );
    let events = store.events_of(record(1)).await.expect("read");
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].seq, events[0].text.as_str()), (1, "a.b.1"));
    let receipt = store.receipt(&events[0].hash).await.expect("read");
    assert_eq!(receipt.map(|r| r.text), Some("r.e.c".to_owned()));
    assert_eq!(store.troubled().await.expect("read").len(), 1);
    assert_eq!(store.cursor(Stream::Sites).await, Ok(Some("c1".to_owned())));
    assert_eq!(store.sites().await.expect("read").len(), 1);
    let next = answer("A-2", AnswerValue::Fail);
    let late = store.put_answer(record(7), &next, Fence(0));
    assert_eq!(late.await, Err(StoreError::Fenced));
    let given = store.put_answer(record(7), &next, Fence(3));
    assert_eq!(given.await, Ok(3));
}

#[wasm_bindgen_test]
async fn a_database_of_version_2_opens_whole() {
    let profile = new_profile();
    script(
        FROM_FIXTURE,
        &[profile.database_name().into(), VERSION_2.into()],
    )
    .await;
    let store = open(&profile).await;
    let waiting = store.waiting_evidence(10).await.expect("read");
    assert_eq!(store.evidence_of(record(1)).await, Ok(waiting.clone()));
    let parts = waiting.iter().flat_map(|row| &row.parts);
    let lens: Vec<u64> = parts.map(|part| part.len).collect();
    assert_eq!(lens, [8, 12]);
    assert_eq!(store.events_of(record(1)).await.expect("read").len(), 1);
}

#[wasm_bindgen_test]
async fn a_new_database_has_the_form_of_the_newest_fixture() {
    let store = open(&new_profile()).await;
    let form = script(FORM, &[store.profile().database_name().into()]).await;
    let form: serde_json::Value =
        serde_json::from_str(&form.as_string().expect("text")).expect("JSON");
    let mut fixture: serde_json::Value = serde_json::from_str(VERSION_2).expect("JSON");
    fixture.as_object_mut().expect("an object").remove("rows");
    assert_eq!(form, fixture);
}
