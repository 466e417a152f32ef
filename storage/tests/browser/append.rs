//! The only writer of events: order under concurrency, and what a crash or failure at each step leaves.

use crate::parts::{failing_commits, fresh, open, record, started, with_draft};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_core::{
    client::{Context, Signer, append::AppendError},
    event::Payload,
    store::{Store, StoreError},
    sync::wire::Identity,
    testing::{FixedClock, identity},
};
use zhicha_storage::{BrowserIds, DeviceKey, IdbStore, append};

struct BrokenKey;

impl Signer for BrokenKey {
    fn kid(&self) -> &str {
        "broken"
    }

    async fn sign(&self, _: &[u8]) -> Result<[u8; 64], String> {
        Err("no".to_owned())
    }
}

async fn enrolled() -> (IdbStore, DeviceKey) {
    let store = fresh().await;
    let key = DeviceKey::generate(&store).await.expect("generate");
    let enrolled = Identity {
        kid: key.kid().to_owned(),
        ..identity(1)
    };
    store.put_identity(&enrolled).await.expect("enrol");
    (store, key)
}

async fn append_one<K: Signer>(
    store: &IdbStore,
    signer: &K,
    new: &zhicha_core::client::append::NewEvent,
) -> Result<zhicha_core::store::EventRow, AppendError> {
    let clock = FixedClock::at(1_795_500_000_000);
    let cx = Context {
        store,
        signer,
        clock: &clock,
        app_build: "test",
    };
    append(&cx, &mut BrowserIds, new).await
}

#[wasm_bindgen_test]
async fn tabs_that_append_at_once_make_one_gapless_chain() {
    let (store, key) = enrolled().await;
    let tabs = js_sys::Array::new();
    for n in 1..=6_u128 {
        let (tab, key) = (open(store.profile()).await, key.clone());
        tabs.push(&future_to_promise(async move {
            append_one(&tab, &key, &started(n)).await.expect("append");
            Ok(wasm_bindgen::JsValue::UNDEFINED)
        }));
    }
    JsFuture::from(js_sys::Promise::all(&tabs))
        .await
        .expect("all");
    let events = store.events_after(0, 10).await.expect("read");
    let mut prev = zhicha_core::event::EventHash::of_text(&identity(1).certificate);
    for (n, event) in events.iter().enumerate() {
        let (payload, jws) = Payload::parse(&event.text).expect("our form");
        assert_eq!(payload.device_seq, n as u64 + 1);
        assert_eq!((payload.prev, &jws.hash), (prev, &event.hash));
        prev = event.hash.clone();
    }
    assert_eq!(events.len(), 6);
}

#[wasm_bindgen_test]
async fn a_failed_signature_or_commit_leaves_nothing_and_the_number_is_used_again() {
    let (store, key) = enrolled().await;
    let fence = with_draft(&store, 7).await;
    let draft = store.draft(record(7)).await.expect("read").expect("draft");
    let mut new = started(7);
    new.closes = Some((draft, fence));
    let unsigned = append_one(&store, &BrokenKey, &new).await;
    assert!(
        matches!(unsigned, Err(AppendError::Sign(_))),
        "{unsigned:?}"
    );
    let patch = failing_commits();
    let aborted = append_one(&store, &key, &new).await;
    drop(patch);
    assert!(
        matches!(aborted, Err(AppendError::Store(StoreError::Aborted(_)))),
        "{aborted:?}"
    );
    assert_eq!(store.events_after(0, 9).await, Ok(vec![]));
    assert!(store.draft(record(7)).await.expect("read").is_some());
    let event = append_one(&store, &key, &new).await.expect("append");
    assert_eq!(event.seq, 1);
    assert_eq!(store.draft(record(7)).await, Ok(None));
}

#[wasm_bindgen_test]
async fn a_tab_that_dies_while_signing_leaves_nothing() {
    struct NeverEnds;
    impl Signer for NeverEnds {
        fn kid(&self) -> &str {
            "never"
        }
        async fn sign(&self, _: &[u8]) -> Result<[u8; 64], String> {
            std::future::pending().await
        }
    }
    let (store, key) = enrolled().await;
    let dying = open(store.profile()).await;
    let mut doomed = Box::pin(async move { append_one(&dying, &NeverEnds, &started(1)).await });
    // It gets the lock, reads, and waits for its signature for ever; then its tab is gone.
    for _ in 0..20 {
        assert!(waits_still(doomed.as_mut()).await, "it waits");
    }
    drop(doomed);
    assert_eq!(store.events_after(0, 9).await, Ok(vec![]));
    let event = append_one(&store, &key, &started(2))
        .await
        .expect("the lock is free");
    assert_eq!(event.seq, 1);
}

/// Polls once and lets the browser go on; whether the future still waits.
async fn waits_still(mut future: std::pin::Pin<&mut impl Future>) -> bool {
    let waits =
        std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_pending()))
            .await;
    crate::parts::script("await new Promise((ok) => setTimeout(ok, 5));", &[]).await;
    waits
}
