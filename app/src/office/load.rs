//! Something that is fetched and shown: waiting, there, or failed, and fetched anew on demand.

use super::{
    client::{Answer, Failure},
    session::OfficeSession,
};
use crate::signal::RwSignal;
use crate::view::effect;
use leptos::{prelude::*, task::spawn_local};
use std::future::Future;

/// What has come so far.
#[derive(Clone, Debug, PartialEq)]
pub enum Load<T> {
    /// Nothing yet.
    Waiting,
    /// It came.
    Ready(T),
    /// It failed; what came before is gone from the screen, not from the server.
    Failed(Failure),
}

/// A fetched value. Copies share it.
pub struct Loaded<T: Send + Sync + 'static> {
    value: RwSignal<Load<T>>,
    turn: StoredValue<u64>,
    again: StoredValue<Box<dyn Fn(u64) + Send + Sync>>,
}

impl<T: Send + Sync + 'static> Clone for Loaded<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Loaded<T> {}

impl<T: Send + Sync + 'static> Loaded<T> {
    /// Fetches now, and again whenever a signal that `fetch` reads changes.
    pub fn new<F>(fetch: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Answer<T>> + 'static,
    {
        let value = RwSignal::new(Load::Waiting);
        let turn = StoredValue::new(0);
        let session = OfficeSession::get();
        let again = move |mine: u64| {
            let coming = fetch();
            spawn_local(async move {
                let came = coming.await;
                // A page that was left has no signals any more; an older answer must not cover a newer one.
                if turn.try_get_value() != Some(mine) {
                    return;
                }
                if came.as_ref().is_err_and(Failure::signed_out) {
                    session.ended();
                }
                value.try_set(came.map_or_else(Load::Failed, Load::Ready));
            });
        };
        let loaded = Self {
            value,
            turn,
            again: StoredValue::new(Box::new(again)),
        };
        effect(move || loaded.reload());
        loaded
    }

    /// Fetches anew; what is on screen stays until the answer comes, a failure gives way to waiting.
    pub fn reload(self) {
        if self.value.with_untracked(|v| matches!(v, Load::Failed(_))) {
            self.value.set(Load::Waiting);
        }
        self.turn.update_value(|n| *n += 1);
        let mine = self.turn.get_value();
        self.again.with_value(|again| again(mine));
    }

    /// The signal to show.
    pub fn signal(self) -> RwSignal<Load<T>> {
        self.value
    }

    /// Reads the value if it is there.
    pub fn with_ready<O>(self, read: impl FnOnce(&T) -> O) -> Option<O> {
        self.value.with(|v| {
            if let Load::Ready(value) = v {
                Some(read(value))
            } else {
                None
            }
        })
    }
}
