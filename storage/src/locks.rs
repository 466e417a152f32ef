//! Web Locks: who may append, who leads sync, who edits a record. A lock of a crashed tab passes on by itself.
//!
//! A stolen lock does not stop its old holder, so a lock never replaces the fence that each write checks.

use crate::{
    error::words,
    global::{locks, object},
};
use js_sys::{Function, Object, Promise};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use zhicha_core::id::RecordId;

/// Held while an event is built, signed and written.
pub const APPEND: &str = "append";
/// Held by the one tab that sends and pulls.
pub const SYNC_LEADER: &str = "sync-leader";

/// Held by the tab that edits a record.
pub fn edit(record: RecordId) -> String {
    format!("edit:{record}")
}

/// Why a lock was not had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// The browser has no Web Locks (an insecure page, or too old).
    #[error(
        "this browser has no locks between windows; open the app over https in a current browser"
    )]
    Unavailable,
    /// The browser refused the request, or another tab stole the lock while we waited.
    #[error("the lock was refused: {0}")]
    Refused(String),
}

#[wasm_bindgen]
extern "C" {
    // web-sys has these behind an unstable flag.
    type LockManager;
    #[wasm_bindgen(method, catch)]
    fn request(
        this: &LockManager,
        name: &str,
        options: &Object,
        callback: &JsValue,
    ) -> Result<Promise, JsValue>;
}

/// A lock that is held until this is dropped, or until another tab steals it.
pub struct Held {
    release: Option<Function>,
    lost: Rc<Cell<bool>>,
}

impl Held {
    /// Whether another tab has stolen the lock.
    pub fn is_lost(&self) -> bool {
        self.lost.get()
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(release) = self.release.take() {
            // Resolving a promise does not throw.
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

/// Waits for a lock, runs `work` under it and lets it go.
pub async fn with_lock<T>(name: &str, work: impl Future<Output = T>) -> Result<T, LockError> {
    let held = acquire(name).await?;
    let result = work.await;
    drop(held);
    Ok(result)
}

/// Waits for a lock. Dropping the future gives up the place in the queue.
pub async fn acquire(name: &str) -> Result<Held, LockError> {
    request(name, &Object::new(), || {})
        .await?
        .ok_or_else(|| LockError::Refused("not granted".to_owned()))
}

/// Takes a lock if it is free. `on_lost` is called when another tab steals it.
pub async fn try_hold(
    name: &str,
    on_lost: impl FnOnce() + 'static,
) -> Result<Option<Held>, LockError> {
    let options = object(&[("ifAvailable", JsValue::TRUE)]);
    request(name, &options, on_lost).await
}

/// Waits in the background and calls `then` with the lock once it is free; an error comes at once or never.
pub fn hold_when_free(
    name: impl Into<String>,
    then: impl FnOnce(Result<Held, LockError>) + 'static,
) {
    let name = name.into();
    spawn_local(async move { then(acquire(&name).await) });
}

/// Takes a lock away from whoever holds it (a person chose "go on here"). Raise the fence right after.
pub async fn steal(name: &str, on_lost: impl FnOnce() + 'static) -> Result<Held, LockError> {
    let options = object(&[("steal", JsValue::TRUE)]);
    request(name, &options, on_lost)
        .await?
        .ok_or_else(|| LockError::Refused("not granted".to_owned()))
}

async fn request(
    name: &str,
    options: &Object,
    on_lost: impl FnOnce() + 'static,
) -> Result<Option<Held>, LockError> {
    let manager: LockManager = locks().ok_or(LockError::Unavailable)?.unchecked_into();
    let granted = Deferred::new();
    let finished = Deferred::new();
    let lost = Rc::new(Cell::new(false));
    // Made before the wait: when our future is dropped, a lock that is granted later is let go at once.
    let held = Held {
        release: Some(finished.resolve),
        lost: Rc::clone(&lost),
    };
    let callback = Closure::once_into_js(move |lock: JsValue| -> JsValue {
        let got = !lock.is_null() && !lock.is_undefined();
        // Resolving a promise does not throw.
        let _ = granted.resolve.call1(&JsValue::UNDEFINED, &got.into());
        if got {
            finished.promise.into()
        } else {
            JsValue::UNDEFINED
        }
    });
    let ended = manager
        .request(name, options, &callback)
        .map_err(|e| LockError::Refused(words(&e)))?;
    let refuse = granted.reject;
    let on_rejected = Closure::once(move |reason: JsValue| {
        lost.set(true);
        let _ = refuse.call1(&JsValue::UNDEFINED, &reason);
        on_lost();
    });
    let _ = ended.catch(&on_rejected);
    // One small closure for each lock; it may be called as late as the page lives.
    on_rejected.forget();
    let got = JsFuture::from(granted.promise)
        .await
        .map_err(|e| LockError::Refused(words(&e)))?;
    Ok(got.is_truthy().then_some(held))
}

struct Deferred {
    promise: Promise,
    resolve: Function,
    reject: Function,
}

impl Deferred {
    fn new() -> Self {
        let mut ends = None;
        let promise = Promise::new(&mut |resolve, reject| ends = Some((resolve, reject)));
        let (resolve, reject) = ends.expect("a promise calls its executor at once");
        Self {
            promise,
            resolve,
            reject,
        }
    }
}
