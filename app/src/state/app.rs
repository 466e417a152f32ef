//! What every page of the enrolled app has at hand.

use super::{
    Prefs, device, records::Records, reference::Reference, save::SaveStatus, session::Session,
    sync::Sync,
};
use crate::signal::RwSignal;
use leptos::{
    prelude::{GetValue, LocalStorage, StoredValue, expect_context},
    task::spawn_local,
};
use std::{ops::Deref, rc::Rc};
use zhicha_core::{
    sync::wire::Identity,
    time::{CivilDate, Timestamp, ZoneOffset},
};
use zhicha_storage::IdbStore;

use crate::{
    platform::{clock, service_worker},
    second::Second,
};

/// The enrolled app. One word, and made once in the life of a page: every closure of a view may hold it.
#[derive(Clone, Copy)]
pub struct App(&'static Parts);

impl Deref for App {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        self.0
    }
}

/// Storage, person, and the states that pages show.
pub struct Parts {
    store: StoredValue<Rc<IdbStore>, LocalStorage>,
    identity: StoredValue<Rc<Identity>, LocalStorage>,
    /// Theme and language.
    pub prefs: Prefs,
    /// Sites and checklists.
    pub reference: Reference,
    /// Sealed records.
    pub records: Records,
    /// Whether all writes are on disk.
    pub save: SaveStatus,
    /// Sending and receiving.
    pub sync: Sync,
    /// Whether the server knows who is there.
    pub session: Session,
    /// Whether the device's key is gone: it sends what it has and can sign nothing new.
    pub keyless: RwSignal<bool>,
    /// Changes whenever the service worker installed or took over a build.
    pub worker: RwSignal<u32>,
}

impl App {
    /// Over an open store whose identity is known.
    pub fn new(store: Rc<IdbStore>, identity: Identity, prefs: Prefs, second: Second) -> Self {
        let save = SaveStatus::default();
        let reference = Reference::new(Rc::clone(&store));
        let session = Session::default();
        let parts = Parts {
            sync: Sync::new(Rc::clone(&store), reference, session, second),
            records: Records::new(Rc::clone(&store)),
            store: StoredValue::new_local(store),
            identity: StoredValue::new_local(Rc::new(identity)),
            prefs,
            reference,
            save,
            session,
            keyless: RwSignal::new(false),
            worker: RwSignal::new(0),
        };
        Self(Box::leak(Box::new(parts)))
    }

    /// Starts what runs as long as the page lives: sending, and watching for builds.
    pub fn start(self) {
        self.sync.start_when_there();
        spawn_local(async move {
            self.keyless.set(!device::has_key(&self.store()).await);
        });
        spawn_local(service_worker::on_change(move || {
            self.worker.update(|n| *n += 1);
        }));
    }

    /// The device's storage.
    pub fn store(self) -> Rc<IdbStore> {
        self.store.get_value()
    }

    /// Who is enrolled here.
    pub fn identity(self) -> Rc<Identity> {
        self.identity.get_value()
    }

    /// The tenant's zone.
    pub fn zone(self) -> ZoneOffset {
        self.identity.get_value().zone
    }

    /// Today in the tenant's zone, by the best clock there is.
    pub fn today(self) -> CivilDate {
        CivilDate::of(self.best_now(), self.zone())
    }

    /// Now, corrected by the last measured offset to the server.
    pub fn best_now(self) -> Timestamp {
        clock::now().plus(self.sync.offset().map_or(0, |(ms, _)| ms))
    }
}

/// The app's state; panics on the pages before enrolment, which have none.
pub fn use_app() -> App {
    expect_context()
}
