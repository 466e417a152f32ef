//! Drives sending: wakes on network, foreground, append, news of other tabs and a timer; one tab leads.
//!
//! It decides nothing: `core::sync::push::State` says what comes next, and `core::client` does it.

use super::{Snapshot, Sync, Wake};
use crate::{
    api::Http,
    platform::{clock, online, service_worker, timer::Timeout},
    state::{device, session::SessionState},
};
use leptos::prelude::{GetValue, LocalStorage, SetValue, StoredValue, UpdateValue, WithValue};
use leptos::task::spawn_local;
use std::rc::Rc;
use zhicha_core::{
    client::{Contact, Failure, contact, push_once, refill},
    store::{Halt, PushState, Store, StoreError},
    sync::{
        push::{Action, Input, State},
        wire::MAX_PUSH_EVENTS,
    },
};
use zhicha_storage::{canary, channel::Notice, copy};

/// How often the leading tab looks by itself, should every wake-up have been missed.
const LOOK_EVERY_MS: u32 = 5 * 60_000;
const FOLLOW_EVERY_MS: u32 = 500;

/// Where the engine of this tab stands.
#[derive(Debug)]
pub(super) struct Engine {
    leading: bool,
    state: State,
    limit: usize,
    timer: Option<Timeout>,
    // Whether the server's log is to be looked at before anything is sent: at a start, after a while, with a new network.
    contact: bool,
    // The server was restored and events go again: their bytes may have been refused meanwhile.
    refilling: bool,
    // Pages have just been told of a change; there is another one since.
    follow: Option<Timeout>,
    late: bool,
    // Readings of the disk: how many have begun, and which of them is shown.
    begun: u64,
    shown: u64,
}

impl Default for Engine {
    fn default() -> Self {
        Self {
            leading: false,
            state: State::Idle,
            limit: MAX_PUSH_EVENTS,
            timer: None,
            contact: true,
            refilling: false,
            follow: None,
            late: false,
            begun: 0,
            shown: 0,
        }
    }
}

/// What stops the engine of this tab, also before it is on the disk.
pub(super) fn halt_of(engine: StoredValue<Engine, LocalStorage>) -> Option<Halt> {
    engine.with_value(|engine| match engine.state {
        State::Halted(halt) => Some(halt),
        _ => None,
    })
}

impl Sync {
    /// Starts listening, and sending once this tab leads.
    pub fn start(self) {
        self.drive.set_value(Some(Self::drive));
        self.keep_copies();
        self.keep_scanner();
        // What other tabs said before was not heard.
        self.reference.changed();
        service_worker::on_wake(move || self.input(&Input::Wake));
        // Originals may have waited for a connection that costs nothing.
        online::on_other_connection(move || self.input(&Input::Fresh));
        device::on_news(move |notice| self.noticed(notice));
        spawn_local(async move {
            self.sweep_bytes().await;
            self.count_refused().await;
            self.look().await;
            device::lead(move || self.take_lead());
        });
    }

    // From here on what waits lies beside the database too.
    fn keep_copies(self) {
        copy::start();
        let store = self.store.get_value();
        spawn_local(async move { canary::refresh(&store).await });
    }

    fn drive(self, wake: Wake) {
        self.keep_scanner();
        match wake {
            Wake::Changed => spawn_local(async move {
                self.look().await;
                self.input(&Input::Wake);
            }),
            Wake::Read => spawn_local(self.look()),
            Wake::Fresh => self.input(&Input::Fresh),
            Wake::Asked => self.send_now(),
        }
    }

    fn noticed(self, notice: Notice) {
        if notice == Notice::Reference {
            self.reference.changed();
        }
        if notice == Notice::Asked && self.leads() {
            return self.send_now();
        }
        self.wake(Wake::Changed);
    }

    fn send_now(self) {
        spawn_local(async move {
            if self.halted.get_untracked().is_some() && self.lift_halt().await.is_err() {
                return;
            }
            // The tab that leads sends, whichever was asked.
            if !self.leads() {
                return device::announce(Notice::Asked);
            }
            self.input(&Input::Resumed);
            self.send_evidence_again();
        });
    }

    pub(super) fn leads(self) -> bool {
        self.engine.with_value(|engine| engine.leading)
    }

    /// Reads from the disk how sending stands. Of several readings at once the one that began last is shown: whoever changes
    /// something reads after that, and an earlier reading may come to its end later.
    pub async fn refresh(self) -> Result<(), StoreError> {
        let store = self.store.get_value();
        let mine = self.engine.with_value(|engine| engine.begun) + 1;
        self.engine.update_value(|engine| engine.begun = mine);
        let state = store.push_state().await?;
        let head = store.head().await?.map_or(0, |head| head.seq);
        let oldest = if state.acked < head {
            store.events_after(state.acked, 1).await?
        } else {
            Vec::new()
        };
        let troubled = store.troubled().await?;
        let drafts = store.drafts().await?.len();
        let unconfirmed = store.unconfirmed().await?.len();
        let evidence = u64::try_from(store.waiting_count().await?).unwrap_or(u64::MAX);
        let refused = super::evidence::refused();
        if self.engine.with_value(|engine| engine.shown > mine) {
            return Ok(());
        }
        self.engine.update_value(|engine| engine.shown = mine);
        self.halted.set(state.halted.or(halt_of(self.engine)));
        self.snapshot.set(Snapshot {
            read: true,
            head,
            state,
            troubled,
            drafts,
            unconfirmed,
            evidence,
            refused,
            oldest_unsent: oldest.first().map(|e| e.at),
        });
        self.let_pages_follow();
        Ok(())
    }

    // Pages read records anew: at once after a quiet while, and then not more often than this, so that a long day that is being
    // sent or received is not read again with every step of it.
    fn let_pages_follow(self) {
        let engine = self.engine;
        if engine.with_value(|engine| engine.follow.is_some()) {
            engine.update_value(|engine| engine.late = true);
            return;
        }
        self.version.update(|n| *n += 1);
        let rest = Timeout::new(FOLLOW_EVERY_MS, move || {
            let late = engine.try_update_value(|engine| {
                engine.follow = None;
                std::mem::take(&mut engine.late)
            });
            if late == Some(true) {
                self.let_pages_follow();
            }
        });
        engine.update_value(|engine| engine.follow = Some(rest));
    }

    pub(super) async fn look(self) {
        // The numbers stay as they were; the next change reads them again.
        let _ = self.refresh().await;
    }

    fn take_lead(self) {
        let halted = self.snapshot.get_untracked().state.halted;
        self.engine.update_value(|engine| {
            engine.leading = true;
            if let Some(halt) = halted {
                engine.state = State::Halted(halt);
            }
        });
        self.input(&Input::Wake);
        // Photos of what was delivered go also where events stand still.
        self.send_evidence();
        self.look_later();
        self.watch_drafts();
    }

    fn look_later(self) {
        Timeout::new(LOOK_EVERY_MS, move || {
            self.contact_is_due();
            self.input(&Input::Wake);
            self.look_later();
        })
        .forget();
    }

    /// One step of the state machine; only the leading tab acts.
    pub(super) fn input(self, input: &Input) {
        // Without a network nothing is tried: the browser says when there is one again.
        if !self.leads() || (*input == Input::Wake && !online::is_online()) {
            return;
        }
        if *input == Input::Fresh {
            self.evidence_wait_is_over();
            self.contact_is_due();
        }
        let random = clock::random();
        let action = self.engine.try_update_value(|engine| {
            let (state, action) = engine.state.step(input, random);
            engine.state = state;
            engine.timer = None;
            engine.remember(action)
        });
        self.show_state();
        match action {
            Some(Action::Send | Action::SendLess) => spawn_local(self.send()),
            Some(Action::WakeIn(ms)) => self.wake_in(ms),
            // Events stand still; photos of what was delivered need not.
            Some(Action::Rest) if *input == Input::Fresh => self.send_evidence(),
            Some(Action::Rest) | None => {}
        }
        if matches!(
            input,
            Input::Nothing | Input::Receipts { more: false } | Input::Failed(_) | Input::Stop(_)
        ) {
            self.pull_if_due();
            self.send_evidence();
        }
    }

    fn show_state(self) {
        let sending = self
            .engine
            .with_value(|engine| matches!(engine.state, State::Sending { .. }));
        let unsent = self.snapshot.get_untracked();
        self.sending
            .set(sending && unsent.head > unsent.state.acked);
        let signed_out = self
            .engine
            .with_value(|engine| engine.state == State::SignedOut);
        self.signed_out.set(signed_out);
        if signed_out {
            self.session.set(SessionState::SignedOut);
        }
        if let Some(halt) = halt_of(self.engine) {
            self.halted.set(Some(halt));
        }
    }

    fn wake_in(self, ms: u64) {
        let wait = Timeout::new(u32::try_from(ms).unwrap_or(u32::MAX), move || {
            self.input(&Input::Wake);
        });
        self.engine.update_value(|engine| engine.timer = Some(wait));
    }

    async fn send(self) {
        if let Err(failure) = self.contact().await {
            self.input(&Input::Failed(failure));
            return;
        }
        let store = self.store.get_value();
        let limit = self.engine.with_value(|engine| engine.limit);
        let step = push_once(
            &*store,
            &Http,
            &*self.verifier.get_value(),
            limit,
            &clock::now,
        )
        .await;
        let input = match step {
            Ok(step) => {
                if step.receipts > 0 {
                    self.delivered(step.receipts).await;
                }
                if step.restored {
                    self.contact_is_due();
                }
                match (step.restored, step.input) {
                    // There is more to send than is known yet.
                    (true, Input::Receipts { .. }) => Input::Receipts { more: true },
                    (_, input) => input,
                }
            }
            // Nothing of it was written; the same events go again after a while.
            Err(_) => Input::Failed(Failure::Network),
        };
        self.input(&input);
    }

    async fn delivered(self, receipts: usize) {
        self.engine
            .update_value(|engine| engine.limit = MAX_PUSH_EVENTS);
        let receipts = u64::try_from(receipts).unwrap_or(0);
        let before = self.snapshot.get_untracked();
        self.look().await;
        let after = self.snapshot.get_untracked();
        let (done, _) = if before.head == before.state.acked {
            (0, 0)
        } else {
            self.run.get_untracked()
        };
        if self.engine.with_value(|engine| engine.refilling) {
            self.evidence_once_more();
            let more = after.head > after.state.acked;
            self.engine.update_value(|engine| engine.refilling = more);
        }
        let done = done + receipts;
        self.run
            .set((done, done + after.head.saturating_sub(after.state.acked)));
        device::announce(Notice::Records);
    }

    /// Before anything is sent next, the server is asked how its log stands: it may have fallen back.
    pub(super) fn contact_is_due(self) {
        self.engine.update_value(|engine| engine.contact = true);
    }

    // Looks at the server's log, where that is due. Nothing on the device is deleted when it is another one than before.
    async fn contact(self) -> Result<(), Failure> {
        if !self.engine.with_value(|engine| engine.contact) {
            return Ok(());
        }
        let store = self.store.get_value();
        let unreadable = |_| Failure::Network;
        let found = contact(&*store, &Http).await.map_err(unreadable)??;
        if found == Contact::Restored {
            // A round that is under way would write down what it was told before. It looks again at its end.
            let Some(_still) = self.evidence_stands_still() else {
                return Ok(());
            };
            refill(&*store, &Http).await.map_err(unreadable)??;
        }
        self.engine.update_value(|engine| {
            engine.contact = false;
            engine.refilling |= found == Contact::Restored;
        });
        self.look().await;
        Ok(())
    }

    async fn lift_halt(self) -> Result<(), StoreError> {
        let store: Rc<_> = self.store.get_value();
        store
            .put_receipts(&[], &|state: &mut PushState| state.halted = None)
            .await?;
        self.halted.set(None);
        Ok(())
    }
}

impl Engine {
    // A refused size holds until the next receipts.
    fn remember(&mut self, action: Action) -> Action {
        if action == Action::SendLess {
            self.limit = (self.limit / 2).max(1);
        }
        action
    }
}
