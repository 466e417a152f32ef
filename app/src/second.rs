//! The second file of the program, as the first one sees it: what the first checklist can do without comes later, so that
//! the first start on a weak network is short. It is fetched once the first page is drawn; both files are in the precache list.

use crate::signal::RwSignal;
use crate::{
    boot::Lost,
    pages::field::later::Page,
    state::{
        enrol::{Before, EnrolError},
        sync::Sync,
    },
    view::Node,
};
use leptos::{prelude::Callback, task::spawn_local};
use std::{future::Future, pin::Pin, rc::Rc};
use zhicha_core::{client::pull::PullError, store::StoreError, sync::wire::Identity};
use zhicha_storage::{IdbStore, Restored};

/// A future on the heap, so that its code can lie in the other file.
pub type Later<T> = Pin<Box<dyn Future<Output = T>>>;

/// What the store says, later.
pub type FromStore<T> = Later<Result<T, StoreError>>;

/// What the second file can do. The first one has nothing but these pointers, so the code behind them is not in it.
#[derive(Clone, Copy)]
pub struct Tools {
    /// Draws a page, or a part of one.
    pub draw: fn(Page) -> Node,
    /// Draws what was lost, and calls back when the person goes on without signing.
    pub lost: fn(Lost, Callback<()>) -> Node,
    /// Draws what came back from the copy beside the database.
    pub restored: fn(Rc<IdbStore>, Restored) -> Node,
    /// Compares a database with its canary and puts back what the copy has (`boot`).
    pub compare: fn(Rc<IdbStore>) -> FromStore<Option<Lost>>,
    /// Before an enrolment over an earlier one: finds losses and sends what has no receipt.
    pub clear: fn(Rc<IdbStore>) -> Later<Result<Before, EnrolError>>,
    /// Writes such an enrolment down and tells the server of the losses.
    pub settle: fn(Rc<IdbStore>, Identity, Before) -> FromStore<()>,
    /// Starts sending and receiving.
    pub start: fn(Sync),
    /// Downloads the person's own records and counts them.
    pub pull_records: fn(Sync) -> Later<Result<usize, PullError>>,
}

/// Loads the second file, or finds it loaded; nothing if it could not be loaded. The split point is in `bin/field.rs`: in this
/// library it would keep these pages in the office app too.
pub type Load = fn() -> Later<Option<Tools>>;

/// Where the loading stands; all that waits for the file shares it.
#[derive(Clone, Copy)]
pub struct Second {
    load: Load,
    state: RwSignal<Arrival>,
}

/// How far the second file is.
#[derive(Clone, Copy)]
pub enum Arrival {
    /// On its way, or nobody asked for it yet.
    Waiting,
    /// It could not be loaded; asking again may help.
    Failed,
    /// There.
    There(Tools),
}

impl Second {
    /// Nothing is loaded yet.
    pub fn new(load: Load) -> Self {
        Self {
            load,
            state: RwSignal::new(Arrival::Waiting),
        }
    }

    /// Where the loading stands; tracked.
    pub fn arrival(self) -> Arrival {
        self.state.get()
    }

    /// Whether the last attempt failed. Not tracked.
    pub fn has_failed(self) -> bool {
        matches!(self.state.get_untracked(), Arrival::Failed)
    }

    /// Fetches it, ahead of its use or anew.
    pub fn fetch(self) {
        if !matches!(self.state.get_untracked(), Arrival::There(_)) {
            self.state.set(Arrival::Waiting);
            spawn_local(async move { self.arrived((self.load)().await) });
        }
    }

    /// What it can do, as soon as it is there; nothing if it could not be loaded.
    pub async fn tools(self) -> Option<Tools> {
        if let Arrival::There(tools) = self.state.get_untracked() {
            return Some(tools);
        }
        let tools = (self.load)().await;
        self.arrived(tools);
        tools
    }

    fn arrived(self, tools: Option<Tools>) {
        self.state
            .set(tools.map_or(Arrival::Failed, Arrival::There));
    }
}
