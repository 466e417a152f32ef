//! Downloading: sites, checklists and the person's own records, page by page, each page with its cursor.

use super::{Sync, Wake};
use crate::{
    api::Http,
    platform::{clock, service_worker},
    state::{device, session::SessionState},
};
use leptos::prelude::GetValue;
use leptos::task::spawn_local;
use std::cell::Cell;
use zhicha_core::{
    client::{
        Failure,
        pull::{CheckedEvents, EventCheck, NoEvents, PullError},
        pull_page, relay,
    },
    store::{Store, StoreError},
    sync::{push::Input, wire::Stream},
};
use zhicha_storage::channel::Notice;

/// Not more often than this, unless somebody asks.
const AT_MOST_EVERY_MS: i64 = 60_000;

thread_local! {
    static LAST_MS: Cell<i64> = const { Cell::new(i64::MIN) };
    // Whether the server gives nothing to this build any more.
    static OUTDATED: Cell<bool> = const { Cell::new(false) };
}

/// What is being downloaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The stream.
    pub stream: Stream,
    /// Pages of it that are on disk.
    pub pages: u32,
}

/// The note that says that a stream was downloaded to its end at least once.
fn whole_note(stream: Stream) -> &'static str {
    match stream {
        Stream::Sites => "whole.sites",
        Stream::Checklists => "whole.checklists",
        Stream::Records => "whole.records",
    }
}

/// Whether a stream was downloaded to its end at least once.
pub async fn is_whole(store: &impl Store, stream: Stream) -> Result<bool, StoreError> {
    Ok(store.note(whole_note(stream)).await?.is_some())
}

impl Sync {
    pub(super) fn pull_if_due(self) {
        let now = clock::mono();
        let due = LAST_MS.with(|last| now.saturating_sub(last.get()) >= AT_MOST_EVERY_MS);
        if due && self.online.get_untracked() && self.pulling.get_untracked().is_none() {
            spawn_local(async move {
                // Its troubles show in session and readiness; the next wake-up tries again.
                let _ = self.pull(&Stream::ALL).await;
            });
        }
    }

    /// Downloads streams to their ends. Can be interrupted at any page and goes on there.
    pub async fn pull(self, streams: &[Stream]) -> Result<(), PullError> {
        LAST_MS.with(|last| last.set(clock::mono()));
        let verifier = self.verifier.get_value();
        let store = self.store.get_value();
        let events = CheckedEvents {
            verifier: &*verifier,
            store: &*store,
        };
        let result = self.pull_checked(streams, &events).await;
        self.note_outdated(&result);
        match &result {
            Ok(()) if self.snapshot.get_untracked().unconfirmed > 0 => {
                // Without a network the next pull tries again.
                let _ = relay(&*self.store.get_value(), &Http).await?;
                self.look().await;
            }
            // Sessions end with what the server was, so an ended one may be the first sign of that.
            Err(PullError::Restored) => self.look_at_log(),
            Err(PullError::Failed(Failure::Problem { problem, .. })) if problem.status == 401 => {
                self.look_at_log();
            }
            _ => {}
        }
        result
    }

    /// Whether the server gives no downloads to this build any more (426); it takes what is recorded all the same. Read it in a
    /// view to follow.
    pub fn is_outdated(self) -> bool {
        self.version();
        OUTDATED.get()
    }

    fn note_outdated(self, result: &Result<(), PullError>) {
        let outdated = match result {
            Ok(()) => false,
            Err(PullError::Failed(Failure::Problem { problem, .. })) if problem.status == 426 => {
                true
            }
            Err(_) => return,
        };
        if OUTDATED.replace(outdated) != outdated {
            self.version.update(|n| *n += 1);
            if outdated {
                spawn_local(service_worker::look_for_update());
            }
        }
    }

    fn look_at_log(self) {
        self.contact_is_due();
        self.input(&Input::Wake);
    }

    /// Downloads what an inspection needs, in the first file: sites and checklists.
    pub async fn pull_reference(self) -> Result<(), PullError> {
        self.pull_checked(&[Stream::Checklists, Stream::Sites], &NoEvents)
            .await
    }

    /// Goes on with a first download of sites and checklists that was left before its end; needs no second file.
    pub(super) fn complete_reference(self) {
        spawn_local(async move {
            let store = self.store.get_value();
            let whole = async |stream| is_whole(&*store, stream).await.unwrap_or(false);
            let all = whole(Stream::Checklists).await && whole(Stream::Sites).await;
            if !all && self.online.get_untracked() && self.pulling.get_untracked().is_none() {
                // Its troubles show in session and readiness, as above.
                let _ = self.pull_reference().await;
            }
        });
    }

    /// Downloads the person's own records and counts them; the second file has to be there for it.
    pub async fn pull_records(self) -> Result<usize, PullError> {
        let network = PullError::Failed(Failure::Network);
        let tools = self.second.tools().await.ok_or(network)?;
        (tools.pull_records)(self).await
    }

    /// The same, in the second file.
    pub async fn pull_and_count(self) -> Result<usize, PullError> {
        self.pull(&[Stream::Records]).await?;
        Ok(self.store.get_value().records(usize::MAX).await?.len())
    }

    async fn pull_checked(
        self,
        streams: &[Stream],
        events: &impl EventCheck,
    ) -> Result<(), PullError> {
        let mut result = Ok(());
        for stream in streams {
            result = self.pull_stream(*stream, events).await;
            if result.is_err() {
                break;
            }
        }
        self.pulling.set(None);
        self.note_session(&result);
        result
    }

    async fn pull_stream(self, stream: Stream, events: &impl EventCheck) -> Result<(), PullError> {
        let store = self.store.get_value();
        let mut pages = 0;
        loop {
            self.pulling.set(Some(Progress { stream, pages }));
            let before = store.cursor(stream).await?;
            let more = pull_page(&*store, &Http, events, stream).await?;
            pages += 1;
            let first_time = !more && !is_whole(&*store, stream).await?;
            if first_time {
                store.put_note(whole_note(stream), "1").await?;
            }
            if first_time || store.cursor(stream).await? != before {
                self.tell(stream);
            }
            if !more {
                return Ok(());
            }
        }
    }

    // What a page brought can be used while the next one is on its way.
    fn tell(self, stream: Stream) {
        self.reference.changed();
        self.wake(Wake::Read);
        device::announce(if stream == Stream::Records {
            Notice::Records
        } else {
            Notice::Reference
        });
    }

    fn note_session(self, result: &Result<(), PullError>) {
        match result {
            Ok(()) => self.session.set(SessionState::SignedIn),
            Err(PullError::Failed(Failure::Problem { problem, .. })) if problem.status == 401 => {
                self.session.set(SessionState::SignedOut);
            }
            Err(_) => {}
        }
    }
}
