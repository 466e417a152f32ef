//! The canary: a database that lost records is noticed, once, and remembered until a person has seen it.

use crate::parts::{Patch, evict, new_profile, open, record, script};
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
    store
        .put_receipts(&[row], &|state: &mut PushState| state.acked = 1)
        .await
        .expect("receipt");
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
    forget_first_copy(&profile).await;
    evict(store).await;
    let store = open(&profile).await;
    assert_eq!(is_new(&store, session()).await, Ok(false));
    let losses = check(&store, session()).await.expect("read");
    assert_eq!(
        losses.iter().map(|l| (l.from, l.to)).collect::<Vec<_>>(),
        [(1, 2)]
    );
}

#[wasm_bindgen_test]
async fn a_copy_that_is_written_while_it_is_read_is_read_again() {
    let profile = new_profile();
    let store = with_events(&profile, 2).await;
    forget_first_copy(&profile).await;
    evict(store).await;
    let store = open(&profile).await;
    // Every file is overwritten with what it holds right after it was handed out for the first time.
    let _overtaken = Patch::new(
        "FileSystemFileHandle.prototype.getFile",
        "async function () {
            const file = await original.call(this);
            globalThis.overtaken ??= new Set();
            if (globalThis.overtaken.has(this.name)) return file;
            globalThis.overtaken.add(this.name);
            const text = await file.text();
            await new Promise((ok) => setTimeout(ok, 20));
            const stream = await this.createWritable();
            await stream.write(text);
            await stream.close();
            const refused = await file.text().then(() => false, (e) => e.name === 'NotReadableError');
            if (!refused) throw new Error('the browser reads a file that was overtaken');
            return file;
        }",
    );
    let losses = check(&store, session()).await.expect("read");
    assert_eq!(
        losses.iter().map(|l| (l.from, l.to)).collect::<Vec<_>>(),
        [(1, 2)]
    );
}

/// Waits until the canary is in its file (it is written behind the caller's back) and takes it out of localStorage.
async fn forget_first_copy(profile: &Profile) {
    let name = format!("zhicha.canary.{}.{}", profile.tenant, profile.user);
    script(
        "const folder = await navigator.storage.getDirectory();
         const read = () => navigator.locks.request('copy', async () => {
            const handle = await folder.getFileHandle(a).catch(() => null);
            return handle && (await handle.getFile()).text();
         });
         while ((await read()) !== localStorage.getItem(a)) await new Promise((ok) => setTimeout(ok, 10));
         localStorage.removeItem(a);",
        &[name.into()],
    )
    .await;
}
