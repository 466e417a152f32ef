//! Upgrades that another tab holds up, with steps that no release has yet.

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::IdbDatabase;
use zhicha_core::{id::IdSource, store::StoreError};
use zhicha_storage::{BrowserIds, Connection, MIGRATIONS, Step};

fn adds_a_store(db: &IdbDatabase) -> Result<(), JsValue> {
    db.create_object_store("later").map(drop)
}

fn fails_half_way(db: &IdbDatabase) -> Result<(), JsValue> {
    adds_a_store(db)?;
    adds_a_store(db)
}

const ONE: &[Step] = &[MIGRATIONS[0]];
const TWO: &[Step] = &[MIGRATIONS[0], adds_a_store];
const BROKEN: &[Step] = &[MIGRATIONS[0], fails_half_way];

fn new_name() -> String {
    BrowserIds.next_id().to_string()
}

fn stores(connection: &Connection) -> Vec<String> {
    connection.database().object_store_names().collect()
}

/// Another tab with an old build that does not let go.
async fn stubborn_tab(name: &str) -> JsValue {
    let body = "return new Promise((ok) => { const r = indexedDB.open(name, 1); r.onsuccess = () => ok(r.result); })";
    let promise = Function::new_with_args("name", body).call1(&JsValue::NULL, &name.into());
    let promise: Promise = promise.expect("runs").unchecked_into();
    JsFuture::from(promise).await.expect("opens")
}

fn close(tab: &JsValue) {
    let close = Function::new_with_args("db", "db.close()");
    close.call1(&JsValue::NULL, tab).expect("closes");
}

#[wasm_bindgen_test]
async fn a_held_database_is_blocked_in_time_and_upgraded_whole_afterwards() {
    let name = new_name();
    drop(Connection::open_with(&name, ONE).await.expect("version 1"));
    let tab = stubborn_tab(&name).await;
    let begun = js_sys::Date::now();
    let refused = Connection::open_with(&name, TWO).await.err();
    assert_eq!(refused, Some(StoreError::Blocked));
    assert!(js_sys::Date::now() - begun < 5_000.0);
    close(&tab);
    // The request that was given up goes on by itself; what it leaves is a whole database of version 2.
    let connection = Connection::open_with(&name, TWO).await.expect("version 2");
    assert!(stores(&connection).contains(&"later".to_owned()));
    assert!(stores(&connection).contains(&"event".to_owned()));
}

#[wasm_bindgen_test]
async fn a_cooperating_tab_lets_an_upgrade_pass_at_once() {
    let name = new_name();
    let old = Connection::open_with(&name, ONE).await.expect("version 1");
    let new = Connection::open_with(&name, TWO).await.expect("version 2");
    assert_eq!(old.gone(), Some(StoreError::TooNew));
    assert_eq!(new.gone(), None);
}

#[wasm_bindgen_test]
async fn a_step_that_fails_leaves_the_version_before() {
    let name = new_name();
    drop(Connection::open_with(&name, ONE).await.expect("version 1"));
    assert!(Connection::open_with(&name, BROKEN).await.is_err());
    let connection = Connection::open_with(&name, ONE)
        .await
        .expect("still version 1");
    assert!(!stores(&connection).contains(&"later".to_owned()));
}
