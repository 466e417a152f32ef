//! Safety copies of drafts, by the leading tab and while nobody waits for them; `zhicha_core::sync::safety` says when.

use super::Sync;
use crate::{
    api::Http,
    platform::{clock, timer::Timeout},
    state::session::SessionState,
};
use leptos::prelude::GetValue;
use leptos::task::spawn_local;
use std::cell::{Cell, RefCell};
use zhicha_core::{
    client::{Failure, copy_drafts, known_copies},
    store::StoreError,
    sync::safety::Copies,
};

/// How often the tab looks whether a round is due.
const LOOK_EVERY_MS: u32 = 15_000;

thread_local! {
    static KNOWN: RefCell<Option<Copies>> = const { RefCell::new(None) };
    static COPYING: Cell<bool> = const { Cell::new(false) };
}

impl Sync {
    pub(super) fn watch_drafts(self) {
        Timeout::new(LOOK_EVERY_MS, move || {
            self.copy_drafts();
            self.watch_drafts();
        })
        .forget();
    }

    fn copy_drafts(self) {
        if !self.online.get_untracked()
            || self.session.is_signed_out()
            || COPYING.with(|copying| copying.replace(true))
        {
            return;
        }
        spawn_local(async move {
            // What failed is tried again in a while; the drafts themselves are on the disk.
            let _ = self.copy_round().await;
            COPYING.with(|copying| copying.set(false));
        });
    }

    async fn copy_round(self) -> Result<(), StoreError> {
        let store = self.store.get_value();
        let mut copies = match KNOWN.take() {
            Some(copies) => copies,
            None => known_copies(&*store).await?,
        };
        let ended = copy_drafts(&*store, &Http, &mut copies, &clock::mono).await;
        KNOWN.set(Some(copies));
        if let Some(Failure::Problem { problem, .. }) = ended?
            && problem.status == 401
        {
            self.session.set(SessionState::SignedOut);
        }
        Ok(())
    }
}
