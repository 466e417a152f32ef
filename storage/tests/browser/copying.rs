//! The copy beside the database: what is sealed and not delivered comes back when the database is lost, and nothing else.

use crate::parts::{evict, new_profile, open, script, started};
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_core::{
    client::Context,
    event::Disposition,
    id::PageSession,
    store::{EventRow, PushState, Store},
    sync::wire::Identity,
    testing::{FixedClock, NativeKey, identity_of, receipt},
};
use zhicha_storage::{
    BrowserIds, DeviceKey, IdbStore, Profile, Restored, append,
    canary::{accept_restored, check, restored},
    copy::is_kept,
};

fn enrolment(profile: &Profile) -> Identity {
    identity_of(1, profile.tenant, profile.user)
}

fn session() -> PageSession {
    PageSession::new(&mut BrowserIds)
}

async fn with_events(profile: &Profile, count: u128) -> IdbStore {
    let store = open(profile).await;
    store
        .put_identity(&enrolment(profile))
        .await
        .expect("enrol");
    for n in 1..=count {
        write(&store, n).await;
    }
    assert!(is_kept(&store).await);
    store
}

async fn write(store: &IdbStore, n: u128) -> EventRow {
    let clock = FixedClock::at(1_795_500_000_000);
    let cx = Context {
        store,
        signer: &NativeKey::number(1),
        clock: &clock,
        app_build: "test",
    };
    append(&cx, &mut BrowserIds, &started(n))
        .await
        .expect("append")
}

async fn deliver(store: &IdbStore, up_to: u64) {
    let mut rows = Vec::new();
    for event in store.events_after(0, 99).await.expect("read") {
        if event.seq <= up_to {
            rows.push(receipt(
                &enrolment(store.profile()),
                &event,
                Disposition::Applied,
            ));
        }
    }
    store
        .put_receipts(&rows, &|state: &mut PushState| state.acked = up_to)
        .await
        .expect("receipts");
    assert!(is_kept(store).await);
}

fn file_name(profile: &Profile) -> String {
    format!("zhicha.unsent.{}.{}", profile.tenant, profile.user)
}

async fn file(name: &str) -> String {
    let text = script(
        "return await navigator.locks.request('copy', async () => {
            const folder = await navigator.storage.getDirectory();
            return (await (await folder.getFileHandle(a)).getFile()).text();
         });",
        &[name.into()],
    )
    .await;
    text.as_string().expect("a text")
}

/// Writes `text` into a file, as a crash may have left it.
async fn put_file(name: &str, text: &str) {
    script(
        "await navigator.locks.request('copy', async () => {
            const folder = await navigator.storage.getDirectory();
            const stream = await (await folder.getFileHandle(a, { create: true })).createWritable();
            await stream.write(b);
            await stream.close();
         });",
        &[name.into(), text.into()],
    )
    .await;
}

fn events_in(text: &str) -> usize {
    text.lines().filter(|l| l.starts_with("event ")).count()
}

#[wasm_bindgen_test]
async fn a_lost_database_gets_its_unsent_events_back() {
    let profile = new_profile();
    let store = with_events(&profile, 5).await;
    deliver(&store, 2).await;
    let before = store.events_after(2, 9).await.expect("read");
    evict(store).await;

    let store = open(&profile).await;
    assert_eq!(check(&store, session()).await, Ok(vec![]));
    let back = Restored {
        count: 3,
        from: 3,
        to: 5,
        anew: true,
    };
    assert_eq!(restored(&store).await, Some(back.clone()));
    assert_eq!(store.events_after(0, 9).await, Ok(before));
    assert_eq!(store.push_state().await.expect("read").acked, 2);
    assert_eq!(store.identity().await, Ok(Some(enrolment(&profile))));
    assert!(DeviceKey::load(&store).await.expect("read").is_none());
    // It is said until somebody has seen it, and only then forgotten.
    assert_eq!(check(&store, session()).await, Ok(vec![]));
    assert_eq!(restored(&store).await, Some(back));
    accept_restored(&store).await;
    assert_eq!(restored(&store).await, None);
}

#[wasm_bindgen_test]
async fn lost_events_of_a_database_that_stayed_come_back_in_their_place() {
    let profile = new_profile();
    let store = with_events(&profile, 4).await;
    let before = store.events_after(0, 9).await.expect("read");
    let key = DeviceKey::generate(&store).await.expect("generate");
    script(
        "const db = await new Promise((ok, no) => { const r = indexedDB.open(a); r.onsuccess = () => ok(r.result); r.onerror = () => no(r.error); });
         const tx = db.transaction('event', 'readwrite');
         tx.objectStore('event').clear();
         await new Promise((ok, no) => { tx.oncomplete = ok; tx.onabort = no; });
         db.close();",
        &[profile.database_name().into()],
    )
    .await;
    assert_eq!(store.events_after(0, 9).await, Ok(vec![]));
    assert_eq!(check(&store, session()).await, Ok(vec![]));
    assert_eq!(store.events_after(0, 9).await, Ok(before.clone()));
    assert!(!restored(&store).await.expect("told").anew);
    // The chain goes on where it was.
    assert_eq!(write(&store, 5).await.seq, 5);
    assert_eq!(check(&store, session()).await, Ok(vec![]));
    drop(key);
}

#[wasm_bindgen_test]
async fn what_the_copy_does_not_have_is_a_loss() {
    let profile = new_profile();
    let store = with_events(&profile, 4).await;
    evict(store).await;
    // The last line was cut off, and the one before was altered.
    let name = file_name(&profile);
    let text = file(&name).await;
    let lines: Vec<&str> = text.lines().collect();
    let altered = lines[3].replacen("eyJ", "eyK", 2);
    let cut = [lines[0], lines[1], lines[2], &altered, &lines[4][..100]].join("\n");
    put_file(&name, &cut).await;

    let store = open(&profile).await;
    let losses = check(&store, session()).await.expect("read");
    assert_eq!(
        losses
            .iter()
            .map(|l| (l.from, l.to, l.unsent))
            .collect::<Vec<_>>(),
        [(3, 4, 2)]
    );
    assert_eq!(restored(&store).await.expect("told").to, 2);
}

#[wasm_bindgen_test]
async fn delivered_events_leave_the_copy() {
    let profile = new_profile();
    let store = with_events(&profile, 3).await;
    let name = file_name(&profile);
    assert_eq!(events_in(&file(&name).await), 3);
    deliver(&store, 2).await;
    assert_eq!(events_in(&file(&name).await), 1);
    deliver(&store, 3).await;
    assert_eq!(file(&name).await, "");
    write(&store, 4).await;
    assert!(is_kept(&store).await);
    let text = file(&name).await;
    assert!(text.starts_with("identity "));
    assert_eq!(events_in(&text), 1);
}

#[wasm_bindgen_test]
async fn a_crash_between_the_two_files_loses_nothing() {
    let profile = new_profile();
    let store = with_events(&profile, 3).await;
    let name = file_name(&profile);
    let text = file(&name).await;
    // The first file was being written anew.
    put_file(&format!("{name}.2"), &text).await;
    put_file(&name, &text[..text.len() / 2]).await;
    evict(store).await;
    let store = open(&profile).await;
    assert_eq!(check(&store, session()).await, Ok(vec![]));
    assert_eq!(restored(&store).await.expect("told").count, 3);
    assert!(is_kept(&store).await);
    assert_eq!(file(&format!("{name}.2")).await, "");
    write_after_repair(store, &profile).await;
}

// The key of the test is still there, so the chain can go on; all of it is in the copy again.
async fn write_after_repair(store: IdbStore, profile: &Profile) {
    write(&store, 4).await;
    assert!(is_kept(&store).await);
    let before = store.events_after(0, 9).await.expect("read");
    evict(store).await;
    let again = open(profile).await;
    assert_eq!(check(&again, session()).await, Ok(vec![]));
    assert_eq!(again.events_after(0, 9).await, Ok(before));
}

#[wasm_bindgen_test]
async fn a_browser_that_cannot_keep_a_copy_goes_on_and_says_so() {
    let profile = new_profile();
    let store = with_events(&profile, 1).await;
    let broken = crate::parts::Patch::new(
        "globalThis.zhichaWork",
        "async () => ({ error: 'SecurityError' })",
    );
    assert_eq!(write(&store, 2).await.seq, 2);
    assert!(!is_kept(&store).await);
    drop(broken);
    assert!(is_kept(&store).await);
    assert_eq!(events_in(&file(&file_name(&profile)).await), 2);
}
