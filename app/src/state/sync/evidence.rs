//! Photos and other bytes, after the events that name them: one round at a time, by the leading tab. What the server does not
//! take is told and tried again at the next start, or when a person asks.

use super::Sync;
use crate::{
    api::Http,
    platform::{
        clock, online,
        timer::{self, Timeout},
        upload::Tus,
    },
    state::device,
};
use leptos::{prelude::GetValue, task::spawn_local};
use std::cell::{Cell, RefCell};
use zhicha_core::{
    client::{
        Contact, Failure, contact,
        evidence::{Ended, Follower, Round, Server, send_evidence},
    },
    store::{Store, StoreError},
    sync::{backoff::delay_ms, push::Input},
};
use zhicha_storage::channel::Notice;

// How long the numbers of a round stand still on screen.
const LOOK_MS: u32 = 1_000;
// How long receipts wait for others, to be written with them.
const WRITE_MS: i64 = 300;

thread_local! {
    // Somebody is about to read the numbers.
    static LOOKING: Cell<bool> = const { Cell::new(false) };
    // When receipts were last written down.
    static WRITTEN: Cell<i64> = const { Cell::new(0) };
    static SENDING: Cell<bool> = const { Cell::new(false) };
    // Something came up while a round went on, which may have passed it by.
    static MORE: Cell<bool> = const { Cell::new(false) };
    // A look at the server's log waits for the end of the round.
    static LOG: Cell<bool> = const { Cell::new(false) };
    // A person wants the originals sent too, whatever they cost; until a round has sent all.
    static ASKED: Cell<bool> = const { Cell::new(false) };
    // What was refused before this page is tried once more.
    static AGAIN: Cell<bool> = const { Cell::new(true) };
    static REFUSED: Cell<usize> = const { Cell::new(0) };
    static FAILED: Cell<u32> = const { Cell::new(0) };
    static TIMER: RefCell<Option<Timeout>> = const { RefCell::new(None) };
}

/// While it is there, no round of evidence begins.
pub(super) struct Still;

impl Drop for Still {
    fn drop(&mut self) {
        SENDING.set(false);
    }
}

impl Sync {
    /// A person asks: what was refused goes again too, and nothing waits for its time.
    pub(super) fn send_evidence_again(self) {
        AGAIN.set(true);
        ASKED.set(true);
        FAILED.set(0);
        TIMER.set(None);
        self.send_evidence();
    }

    /// Keeps rounds from beginning until it is dropped; nothing while one is under way. The next round asks about everything before
    /// it sends: the server may have lost what it had.
    pub(super) fn evidence_stands_still(self) -> Option<Still> {
        if SENDING.replace(true) {
            LOG.set(true);
            return None;
        }
        AGAIN.set(true);
        TIMER.set(None);
        Some(Still)
    }

    /// What was refused is tried once more: events that name it are there now.
    pub(super) fn evidence_once_more(self) {
        AGAIN.set(true);
    }

    /// There may be another network: nothing waits for its time.
    pub(super) fn evidence_wait_is_over(self) {
        TIMER.set(None);
    }

    /// Sends what waits, if this tab leads, there is a network, and no round is under way or waits for its time.
    pub(super) fn send_evidence(self) {
        let resting = TIMER.with_borrow(Option::is_some);
        if !self.leads() || !online::is_online() || resting {
            return;
        }
        if SENDING.replace(true) {
            MORE.set(true);
            return;
        }
        MORE.set(false);
        spawn_local(async move {
            let ended = self.evidence_round().await;
            self.count_refused().await;
            SENDING.set(false);
            self.evidence.set(false);
            match ended {
                Ok(Ended { failure: None, .. }) => {
                    FAILED.set(0);
                    if MORE.get() {
                        self.send_evidence();
                    }
                }
                Ok(Ended { failure, .. }) => self.evidence_later(failure),
                Err(_) => self.evidence_later(None),
            }
            self.look().await;
            // Only then: a look that failed is tried again in its own time.
            if LOG.replace(false) {
                self.input(&Input::Wake);
            }
        });
    }

    fn evidence_later(self, failure: Option<Failure>) {
        FAILED.set(FAILED.get().saturating_add(1));
        let after = match failure {
            Some(Failure::Problem { retry_after_s, .. }) => retry_after_s,
            _ => None,
        };
        let ms = delay_ms(FAILED.get(), clock::random(), after);
        let wait = Timeout::new(u32::try_from(ms).unwrap_or(u32::MAX), move || {
            TIMER.set(None);
            self.send_evidence();
        });
        TIMER.set(Some(wait));
    }

    async fn evidence_round(self) -> Result<Ended, StoreError> {
        let (asked, again) = (ASKED.replace(false), AGAIN.replace(false));
        let ended = self.one_round(asked, again).await;
        let all = matches!(
            ended,
            Ok(Ended {
                failure: None,
                early: 0,
                ..
            })
        );
        // What a person wants holds until a round has tried everything.
        ASKED.set(ASKED.get() || asked && !all);
        AGAIN.set(AGAIN.get() || again && !all);
        ended
    }

    async fn one_round(self, asked: bool, again: bool) -> Result<Ended, StoreError> {
        let store = self.store.get_value();
        let waiting = store.waiting_count().await?;
        let Some(identity) = store.identity().await?.filter(|_| waiting > 0) else {
            return Ok(Ended::default());
        };
        // Newer receipts would hide that the server has lost what it gave the last ones for.
        match contact(&*store, &Http).await? {
            Ok(Contact::Known) => {}
            Ok(Contact::Restored) => {
                self.contact_is_due();
                LOG.set(true);
                return Ok(Ended {
                    early: waiting,
                    ..Ended::default()
                });
            }
            Err(failure) => {
                return Ok(Ended {
                    failure: Some(failure),
                    ..Ended::default()
                });
            }
        }
        self.evidence.set(true);
        let total = u64::try_from(waiting).unwrap_or(u64::MAX);
        self.run.set((0, total));
        let follower = Numbers {
            sync: self,
            total,
            asked,
        };
        let round = Round {
            originals: asked || !online::is_metered(),
            refused: again,
            singly: FAILED.get() > 0,
        };
        let server = Server {
            tenant: identity.tenant,
            keys: &identity.server_keys,
        };
        let verifier = self.verifier.get_value();
        send_evidence(&*store, &Tus, &*verifier, server, round, &follower).await
    }

    /// Deletes bytes that a crash left behind, a day later at the earliest.
    pub(super) async fn sweep_bytes(self) {
        let before = clock::now().plus(-24 * 60 * 60 * 1000);
        // What stays is swept at another start.
        let _ = self.store.get_value().sweep_bytes(before).await;
    }

    // Of all that the disk says only this changes while evidence is sent.
    async fn count_evidence(self) -> Option<u64> {
        let left = self.store.get_value().waiting_count().await.ok()?;
        let left = u64::try_from(left).unwrap_or(u64::MAX);
        self.snapshot.update(|now| now.evidence = left);
        self.evidence_version.update(|n| *n += 1);
        Some(left)
    }

    /// Counts anew how many parts the server does not take.
    pub(super) async fn count_refused(self) {
        let waiting = self.store.get_value().waiting_evidence(usize::MAX).await;
        // The count stays as it was when the disk cannot be read.
        if let Ok(rows) = waiting {
            let parts = rows.iter().flat_map(|row| &row.parts);
            REFUSED.set(parts.filter(|part| part.refused.is_some()).count());
        }
    }
}

// The numbers on screen and the rows on the disk follow a little later, so that reading and writing them do not hold up the
// sending.
struct Numbers {
    sync: Sync,
    total: u64,
    // A person wants the originals sent, whatever they cost.
    asked: bool,
}

impl Follower for Numbers {
    fn told(&self) {
        if LOOKING.replace(true) {
            return;
        }
        let (sync, total) = (self.sync, self.total);
        spawn_local(async move {
            timer::sleep(LOOK_MS).await;
            LOOKING.set(false);
            let left = sync.count_evidence().await;
            if let Some(left) = left.filter(|_| SENDING.get()) {
                sync.run.set((total.saturating_sub(left), total));
            }
            device::announce(Notice::Records);
        });
    }

    fn is_due(&self) -> bool {
        let now = clock::mono();
        let due = now.saturating_sub(WRITTEN.get()) >= WRITE_MS;
        if due {
            WRITTEN.set(now);
        }
        due
    }

    fn may_send_originals(&self) -> bool {
        self.asked || !online::is_metered()
    }
}

/// How many parts the server does not take, as last counted.
pub(super) fn refused() -> usize {
    REFUSED.get()
}
