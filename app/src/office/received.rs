//! The list of received inspections: filter, pages and choice. Lives as long as the app, so that coming back from a
//! record finds the list as it was left. Its methods are the only writers.

use super::{
    client::{self, Failure},
    load::Load,
    query::RecordQuery,
    session::OfficeSession,
};
use crate::platform::timer::Timeout;
use crate::signal::RwSignal;
use leptos::{prelude::*, task::spawn_local};
use std::collections::BTreeSet;
use zhicha_core::{
    api::{RecordPage, RecordSummary},
    id::RecordId,
};

/// How long typing must rest before the server is asked.
const REST_MS: u32 = 250;

/// The list, provided once as a context.
#[derive(Clone, Copy)]
pub struct Received {
    /// The filter; write it and call [`Self::look`].
    pub query: RwSignal<RecordQuery>,
    rows: RwSignal<Vec<RecordSummary>>,
    total: RwSignal<u64>,
    next: RwSignal<Option<String>>,
    state: RwSignal<Load<()>>,
    fetching_more: RwSignal<bool>,
    more_failed: RwSignal<Option<Failure>>,
    chosen: RwSignal<BTreeSet<RecordId>>,
    turn: StoredValue<u64>,
    session: OfficeSession,
}

impl Received {
    /// Provides an empty list to everything below.
    pub fn provide(session: OfficeSession) {
        provide_context(Self {
            query: RwSignal::new(RecordQuery::default()),
            rows: RwSignal::new(Vec::new()),
            total: RwSignal::new(0),
            next: RwSignal::new(None),
            state: RwSignal::new(Load::Waiting),
            fetching_more: RwSignal::new(false),
            more_failed: RwSignal::new(None),
            chosen: RwSignal::new(BTreeSet::new()),
            turn: StoredValue::new(0),
            session,
        });
    }

    /// The list of this app.
    pub fn get() -> Self {
        use_context().expect("the office provides its list at the start")
    }

    /// Asks for the first page, at once.
    pub fn look(self) {
        self.fetch(0);
    }

    /// Changes the filter and asks once typing rests.
    pub fn filter(self, change: impl FnOnce(&mut RecordQuery)) {
        self.query.update(change);
        self.fetch(REST_MS);
    }

    fn fetch(self, wait_ms: u32) {
        let mine = self.next_turn();
        if matches!(self.state.get_untracked(), Load::Failed(_)) {
            self.state.set(Load::Waiting);
        }
        if wait_ms == 0 {
            self.ask(mine);
        } else {
            Timeout::new(wait_ms, move || self.ask(mine)).forget();
        }
    }

    fn ask(self, mine: u64) {
        if self.turn.get_value() != mine {
            return;
        }
        let query = self.query.get_untracked();
        spawn_local(async move {
            let came = client::records(&query, None).await;
            if self.turn.get_value() != mine {
                return;
            }
            match came {
                Ok(page) => self.first_page(page),
                Err(failure) => self.failed(failure),
            }
        });
    }

    fn first_page(self, mut page: RecordPage) {
        self.narrow(&mut page);
        // What is no longer listed is no longer chosen: an export holds only what is seen.
        let listed: BTreeSet<_> = page.records.iter().map(|r| r.record_id).collect();
        self.chosen
            .update(|chosen| chosen.retain(|id| listed.contains(id)));
        self.rows.set(page.records);
        self.total.set(page.total);
        self.next.set(page.next);
        self.more_failed.set(None);
        self.state.set(Load::Ready(()));
    }

    // A server that does not know the filter sends sealed records too; its total then counts them, so it is not
    // shown: nothing untrue stands on screen.
    fn narrow(self, page: &mut RecordPage) {
        if self.query.with_untracked(|q| q.unsealed) {
            page.records.retain(|r| !r.sealed);
        }
    }

    /// Asks for the next page and adds it.
    pub fn more(self) {
        let Some(after) = self.next.get_untracked() else {
            return;
        };
        let mine = self.turn.get_value();
        self.fetching_more.set(true);
        self.more_failed.set(None);
        spawn_local(async move {
            let query = self.query.get_untracked();
            let came = client::records(&query, Some(&after)).await;
            self.fetching_more.set(false);
            if self.turn.get_value() != mine {
                return;
            }
            match came {
                Ok(mut page) => {
                    self.narrow(&mut page);
                    self.rows.update(|rows| rows.extend(page.records));
                    self.next.set(page.next);
                }
                Err(failure) if failure.signed_out() => self.failed(failure),
                Err(failure) => self.more_failed.set(Some(failure)),
            }
        });
    }

    fn failed(self, failure: Failure) {
        if failure.signed_out() {
            self.session.ended();
        }
        self.state.set(Load::Failed(failure));
    }

    fn next_turn(self) -> u64 {
        self.turn.update_value(|n| *n += 1);
        self.turn.get_value()
    }

    /// Forgets everything; another person may sign in next.
    pub fn clear(self) {
        self.next_turn();
        self.query.set(RecordQuery::default());
        self.rows.set(Vec::new());
        self.chosen.set(BTreeSet::new());
        self.next.set(None);
        self.state.set(Load::Waiting);
    }

    /// Chooses a record for the export, or no longer.
    pub fn choose(self, id: RecordId, on: bool) {
        self.chosen.update(|chosen| {
            if on {
                chosen.insert(id)
            } else {
                chosen.remove(&id)
            };
        });
    }

    /// Chooses all records on screen, or none.
    pub fn choose_all(self, on: bool) {
        let all = self
            .rows
            .with_untracked(|rows| rows.iter().map(|r| r.record_id).collect());
        self.chosen.set(if on { all } else { BTreeSet::new() });
    }

    /// What is chosen.
    pub fn chosen(self) -> Signal<BTreeSet<RecordId>> {
        self.chosen.into()
    }

    /// The records on screen.
    pub fn rows(self) -> Signal<Vec<RecordSummary>> {
        self.rows.into()
    }

    /// How many fit the filter.
    pub fn total(self) -> Signal<u64> {
        self.total.into()
    }

    /// Whether there are more than those on screen.
    pub fn has_more(self) -> bool {
        self.next.with(Option::is_some)
    }

    /// Whether the next page is on its way.
    pub fn fetching_more(self) -> Signal<bool> {
        self.fetching_more.into()
    }

    /// Why the next page did not come.
    pub fn more_failed(self) -> Signal<Option<Failure>> {
        self.more_failed.into()
    }

    /// Whether the list is there.
    pub fn state(self) -> Signal<Load<()>> {
        self.state.into()
    }
}
