//! Sending and receiving, as pages see it: numbers, the badge, and what a person must act on.
//!
//! `engine` drives it, in one tab at a time; the decisions are `zhicha_core::sync`.

mod drafts;
mod engine;
mod evidence;
pub mod pull;
mod scanner;

use super::{reference::Reference, session::Session};
use crate::{
    platform::online,
    second::{Arrival, Second},
    signal::RwSignal,
    view::effect,
};
use leptos::{
    prelude::{GetValue, LocalStorage, StoredValue},
    task::spawn_local,
};
use std::{ops::Deref, rc::Rc};
use zhicha_core::{
    store::{Halt, PushState, ReceiptRow, Store},
    sync::status::{Badge, Facts},
    time::Timestamp,
};
use zhicha_storage::{IdbStore, WebVerifier};

/// What the disk says about sending, read after every change.
#[derive(Clone, Debug, Default, PartialEq)]
struct Snapshot {
    // Whether any of this was read yet.
    read: bool,
    head: u64,
    state: PushState,
    troubled: Vec<ReceiptRow>,
    drafts: usize,
    unconfirmed: usize,
    // Pieces of evidence without all their receipts, and parts that the server does not take.
    evidence: u64,
    refused: usize,
    oldest_unsent: Option<Timestamp>,
}

// The engine's ear.
type Drive = fn(Sync, Wake);

/// Why sending should look whether there is something to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wake {
    /// Something changed on the disk, here or in another tab.
    Changed,
    /// Something changed that cannot be sent.
    Read,
    /// There is a network again, or somebody looks at the page again.
    Fresh,
    /// A person asks to send and download now.
    Asked,
}

/// Sending and receiving. One word, and made once in the life of a page, like `App`.
#[derive(Clone, Copy)]
pub struct Sync(&'static Parts);

impl Deref for Sync {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        self.0
    }
}

/// What sending and receiving consist of.
pub struct Parts {
    store: StoredValue<Rc<IdbStore>, LocalStorage>,
    reference: Reference,
    session: Session,
    verifier: StoredValue<Rc<WebVerifier>, LocalStorage>,
    engine: StoredValue<engine::Engine, LocalStorage>,
    second: Second,
    // The engine lies in the second file; nothing is sent before that is there.
    drive: StoredValue<Option<Drive>>,
    snapshot: RwSignal<Snapshot>,
    halted: RwSignal<Option<Halt>>,
    signed_out: RwSignal<bool>,
    sending: RwSignal<bool>,
    // Whether photos are on their way.
    evidence: RwSignal<bool>,
    online: RwSignal<bool>,
    // How many of the current run are delivered, and of how many.
    run: RwSignal<(u64, u64)>,
    pulling: RwSignal<Option<pull::Progress>>,
    version: RwSignal<u32>,
    evidence_version: RwSignal<u32>,
}

impl Sync {
    /// Over a device's storage; does nothing until `start`.
    pub fn new(
        store: Rc<IdbStore>,
        reference: Reference,
        session: Session,
        second: Second,
    ) -> Self {
        let parts = Parts {
            store: StoredValue::new_local(store),
            reference,
            session,
            verifier: StoredValue::new_local(Rc::default()),
            engine: StoredValue::new_local(engine::Engine::default()),
            second,
            drive: StoredValue::new(None),
            snapshot: RwSignal::new(Snapshot::default()),
            halted: RwSignal::new(None),
            signed_out: RwSignal::new(false),
            sending: RwSignal::new(false),
            evidence: RwSignal::new(false),
            online: RwSignal::new(online::is_online()),
            run: RwSignal::new((0, 0)),
            pulling: RwSignal::new(None),
            version: RwSignal::new(0),
            evidence_version: RwSignal::new(0),
        };
        Self(Box::leak(Box::new(parts)))
    }

    /// Sends and receives once the second file is there, which it asks for; again with the network, if it does not come.
    pub fn start_when_there(self) {
        online::on_change(move |there| {
            self.online.set(there);
            if there {
                self.wake(Wake::Fresh);
            }
        });
        online::on_visibility(move |visible| {
            if visible {
                self.wake(Wake::Fresh);
            }
        });
        self.second.fetch();
        self.complete_reference();
        effect(move || {
            if let Arrival::There(tools) = self.second.arrival()
                && self.drive.get_value().is_none()
            {
                (tools.start)(self);
            }
        });
        // Which day it is does not wait for the second file.
        spawn_local(async move {
            if let Ok(state) = self.store.get_value().push_state().await {
                self.snapshot.update(|now| {
                    if !now.read {
                        now.state.offset = state.offset;
                    }
                });
            }
        });
    }

    /// An event was appended in this tab: it is on disk and waits to be sent.
    pub fn appended(self) {
        self.wake(Wake::Changed);
    }

    /// A person asks to send and download now.
    pub fn try_now(self) {
        match self.drive.get_value() {
            Some(drive) => drive(self, Wake::Asked),
            None => {
                self.second.fetch();
                self.complete_reference();
            }
        }
    }

    fn wake(self, wake: Wake) {
        match self.drive.get_value() {
            Some(drive) => drive(self, wake),
            None => {
                // Pages read it again; the numbers come with the engine.
                self.version.update(|n| *n += 1);
                if self.second.has_failed() {
                    self.second.fetch();
                }
                if let Wake::Fresh = wake {
                    self.complete_reference();
                }
            }
        }
    }

    /// What the badge says.
    pub fn badge(self) -> Badge {
        self.facts().badge()
    }

    fn facts(self) -> Facts {
        let (halted, sending) = (self.halted.get().is_some(), self.is_sending());
        let (signed_out, online) = (self.signed_out.get(), self.online.get());
        self.snapshot.with(|s| Facts {
            written: s.head,
            unsent: s.head.saturating_sub(s.state.acked) + s.evidence,
            drafts: s.drafts,
            troubled: u64::try_from(s.troubled.len() + s.unconfirmed + s.refused)
                .unwrap_or(u64::MAX),
            halted: halted || signed_out,
            sending,
            online,
        })
    }

    fn is_sending(self) -> bool {
        self.sending.get() || self.evidence.get()
    }

    /// Whether the numbers were read from the disk since the start.
    pub fn is_read(self) -> bool {
        self.snapshot.with(|s| s.read)
    }

    /// Whether anything was ever written here: only then can something be delivered.
    pub fn has_history(self) -> bool {
        self.snapshot.with(|s| s.head > 0)
    }

    /// Events, photos and other evidence without a receipt.
    pub fn waiting(self) -> u64 {
        self.facts().unsent
    }

    /// Delivered of all events, or of all photos, of the current run; before its first answer, of what waits.
    pub fn progress(self) -> (u64, u64) {
        match self.run.get() {
            (_, 0) => (0, self.waiting()),
            run => run,
        }
    }

    /// Why sending stands still, if it does.
    pub fn halted(self) -> Option<Halt> {
        self.halted.get()
    }

    /// Whether sending pauses until somebody signs in again.
    pub fn signed_out(self) -> bool {
        self.signed_out.get()
    }

    /// Receipts that say that an event was not applied.
    pub fn troubled(self) -> Vec<ReceiptRow> {
        self.snapshot.with(|s| s.troubled.clone())
    }

    /// How many events of earlier enrolments never got a receipt.
    pub fn unconfirmed(self) -> usize {
        self.snapshot.with(|s| s.unconfirmed)
    }

    /// Number of the last event, and the highest one that is delivered with all before it.
    pub fn numbers(self) -> (u64, u64) {
        self.snapshot.with(|s| (s.head, s.state.acked))
    }

    /// Server clock minus ours and its uncertainty, in milliseconds. Not tracked.
    pub fn offset(self) -> Option<(i64, i64)> {
        self.snapshot.get_untracked().state.offset
    }

    /// How many parts of evidence the server does not take.
    pub fn refused(self) -> usize {
        self.snapshot.with(|s| s.refused)
    }

    /// When the oldest event that waits was written.
    pub fn oldest_unsent(self) -> Option<Timestamp> {
        self.snapshot.with(|s| s.oldest_unsent)
    }

    /// Whether the browser believes that there is a network.
    pub fn is_online(self) -> bool {
        self.online.get()
    }

    /// Whether a request is on its way. Not tracked.
    pub fn is_busy(self) -> bool {
        self.sending.get_untracked() || self.evidence.get_untracked()
    }

    /// What is being downloaded, while it is.
    pub fn pulling(self) -> Option<pull::Progress> {
        self.pulling.get()
    }

    /// Changes whenever evidence on the disk got its receipts; read it in a view to follow.
    pub fn evidence_version(self) -> u32 {
        self.evidence_version.get()
    }

    /// Changes whenever records, receipts or reference data on the disk changed; read it in a view to follow.
    pub fn version(self) -> u32 {
        self.version.get()
    }
}
