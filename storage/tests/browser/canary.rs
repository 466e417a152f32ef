//! The canary: a database that lost records is noticed, once, and remembered until a person has seen it.

use crate::parts::{evict, new_profile, open, record, script};
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_core::{
    event::Disposition,
    id::PageSession,
    store::{PushState, Store},
    testing::{append_after, identity, receipt},
};
use zhicha_storage::{
    BrowserIds, IdbStore, Profile,
    canary::{Loss, accept, check, fits, is_new},
};

fn session() -> PageSession {
    PageSession::new(&mut BrowserIds)
}

async fn with_events(profile: &Profile, count: u64) -> IdbStore {
    let store = open(profile).await;
    store.put_identity(&identity(1)).await.expect("enrol");
    for _ in 0..count {
        let head = store.head().await.expect("read").expect("head");
        store
            .append(&append_after(&head, record(1)))
            .await
            .expect("append");
    }
    let first = store.events_after(0, 1).await.expect("read").remove(0);
    let row = receipt(&identity(1), &first, Disposition::Applied);
    let state = PushState {
        acked: 1,
        ..PushState::default()
    };
    store.put_receipts(&[row], &state).await.expect("receipt");
    store
}

#[wasm_bindgen_test]
async fn a_whole_database_raises_no_alarm() {
    let profile = new_profile();
    let store = open(&profile).await;
    assert_eq!(is_new(&store, session()).await, Ok(true));
    assert_eq!(check(&store, session()).await, Ok(vec![]));
    drop(with_events(&profile, 3).await);
    let store = open(&profile).await;
    assert_eq!(fits(&store, session()).await, Ok(true));
    assert_eq!(is_new(&store, session()).await, Ok(false));
    assert_eq!(check(&store, session()).await, Ok(vec![]));
}

#[wasm_bindgen_test]
async fn an_evicted_database_names_the_lost_numbers_until_they_are_accepted() {
    let profile = new_profile();
    evict(with_events(&profile, 3).await).await;
    let lost = Loss {
        device_id: identity(1).device_id,
        from: 1,
        to: 3,
        unsent: 2,
    };
    let store = open(&profile).await;
    assert_eq!(is_new(&store, session()).await, Ok(false));
    assert_eq!(fits(&store, session()).await, Ok(false));
    assert_eq!(check(&store, session()).await, Ok(vec![lost.clone()]));
    store.put_identity(&identity(2)).await.expect("enrol again");
    drop(store);
    let store = open(&profile).await;
    assert_eq!(fits(&store, session()).await, Ok(false));
    assert_eq!(check(&store, session()).await, Ok(vec![lost.clone()]));
    accept(&store, &lost).await;
    assert_eq!(fits(&store, session()).await, Ok(true));
    assert_eq!(check(&store, session()).await, Ok(vec![]));
}

#[wasm_bindgen_test]
async fn the_second_copy_speaks_when_the_first_is_gone() {
    let profile = new_profile();
    let store = with_events(&profile, 2).await;
    let name = format!("zhicha.canary.{}.{}", profile.tenant, profile.user);
    // The file is written behind the caller's back; wait until it is there.
    script(
        "const folder = await navigator.storage.getDirectory();
         for (let i = 0; i < 200; i++) {
            const file = await folder.getFileHandle(a).then((h) => h.getFile()).catch(() => null);
            if (file && (await file.text()) === localStorage.getItem(a)) break;
            await new Promise((ok) => setTimeout(ok, 10));
         }
         localStorage.removeItem(a);",
        &[name.into()],
    )
    .await;
    evict(store).await;
    let store = open(&profile).await;
    assert_eq!(is_new(&store, session()).await, Ok(false));
    let losses = check(&store, session()).await.expect("read");
    assert_eq!(
        losses.iter().map(|l| (l.from, l.to)).collect::<Vec<_>>(),
        [(1, 2)]
    );
}
