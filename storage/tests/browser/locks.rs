//! Web Locks as the app uses them.

use crate::parts::{record, script};
use std::{cell::Cell, future::Future, pin::Pin, rc::Rc, task::Poll};
use wasm_bindgen_test::wasm_bindgen_test;
use zhicha_storage::locks::{acquire, edit, hold_when_free, steal, try_hold, with_lock};

async fn turn() {
    script("await new Promise((ok) => setTimeout(ok, 0));", &[]).await;
}

async fn still_waits(future: Pin<&mut impl Future>) -> bool {
    let mut future = future;
    std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

#[wasm_bindgen_test]
async fn a_held_lock_keeps_others_out_until_it_is_dropped() {
    let name = edit(record(1));
    let held = try_hold(&name, || {}).await.expect("locks").expect("free");
    assert!(try_hold(&name, || {}).await.expect("locks").is_none());
    let entered = Rc::new(Cell::new(false));
    let mut waiting = Box::pin(with_lock(&name, async { entered.set(true) }));
    assert!(still_waits(waiting.as_mut()).await);
    turn().await;
    assert!(still_waits(waiting.as_mut()).await);
    assert!(!entered.get());
    drop(held);
    waiting.await.expect("the lock comes");
    assert!(entered.get());
    with_lock(&name, turn()).await.expect("it is free again");
}

#[wasm_bindgen_test]
async fn a_stolen_lock_is_known_to_be_lost() {
    let name = edit(record(2));
    let told = Rc::new(Cell::new(0));
    let tell = Rc::clone(&told);
    let old = try_hold(&name, move || tell.set(tell.get() + 1))
        .await
        .expect("locks")
        .expect("free");
    let new = steal(&name, || {}).await.expect("stolen");
    turn().await;
    assert!(old.is_lost() && !new.is_lost());
    assert_eq!(told.get(), 1);
    drop(old);
    assert!(
        try_hold(&name, || {}).await.expect("locks").is_none(),
        "the thief keeps it"
    );
}

#[wasm_bindgen_test]
async fn who_gives_up_waiting_never_holds_the_lock() {
    let name = edit(record(3));
    let held = acquire(&name).await.expect("free");
    let mut waiting = Box::pin(acquire(&name));
    assert!(still_waits(waiting.as_mut()).await);
    turn().await;
    drop(waiting);
    drop(held);
    with_lock(&name, turn()).await.expect("nobody holds it");
}

#[wasm_bindgen_test]
async fn the_next_leader_is_called_when_the_first_goes() {
    let name = edit(record(4));
    let first = acquire(&name).await.expect("free");
    let leads = Rc::new(Cell::new(false));
    hold_when_free(name.clone(), {
        let leads = Rc::clone(&leads);
        move |held| {
            leads.set(true);
            drop(held);
        }
    });
    turn().await;
    assert!(!leads.get());
    drop(first);
    with_lock(&name, async {}).await.expect("behind the second");
    assert!(leads.get());
}
