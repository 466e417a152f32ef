//! Keeps the reader of codes on the device once there are sites to be found by them: in no first download, but there when
//! somebody scans without a network.

use super::{Sync, pull};
use crate::platform::{clock, codes};
use leptos::{prelude::GetValue, task::spawn_local};
use std::cell::Cell;
use zhicha_core::sync::wire::Stream;

/// Not more often than this while it does not come.
const AT_MOST_EVERY_MS: i64 = 60_000;

#[derive(Clone, Copy, PartialEq)]
enum Kept {
    No,
    Trying,
    Tried(i64),
    Yes,
}

thread_local! {
    static KEPT: Cell<Kept> = const { Cell::new(Kept::No) };
}

impl Sync {
    /// Fetches the reader if it is not there, the sites are, and there may be a network; at every wake-up.
    pub(super) fn keep_scanner(self) {
        let due = match KEPT.get() {
            Kept::No => true,
            Kept::Tried(at) => clock::mono().saturating_sub(at) >= AT_MOST_EVERY_MS,
            Kept::Trying | Kept::Yes => false,
        };
        if !due || !self.online.get_untracked() {
            return;
        }
        KEPT.set(Kept::Trying);
        spawn_local(async move {
            let store = self.store.get_value();
            let sites = pull::is_whole(&*store, Stream::Sites).await;
            KEPT.set(match sites {
                Ok(true) if codes::keep().await => Kept::Yes,
                Ok(true) => Kept::Tried(clock::mono()),
                _ => Kept::No,
            });
        });
    }
}
