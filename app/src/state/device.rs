//! The device below the app: which store is open, the key that signs, which tab leads, what was lost.

use crate::{
    boot::Lost,
    platform::{clock, dom},
};
use std::{cell::RefCell, rc::Rc};
use zhicha_core::{
    client::{AppendError, Context, Gap, append::NewEvent},
    event::body::{DeviceLoss, Written},
    id::{DeviceId, RecordId},
    inspection::Captured,
    store::{EventRow, Store, StoreError},
};
use zhicha_storage::{
    BrowserIds, DeviceKey, IdbStore, Profile, canary,
    channel::{self, Listener, Notice},
    copy, evidence,
    locks::{self, Held},
};
pub use zhicha_storage::{Restored, canary::Loss};

thread_local! {
    // Both live as long as the page.
    static LEAD: RefCell<Option<Held>> = const { RefCell::new(None) };
    static EARS: RefCell<Option<Listener>> = const { RefCell::new(None) };
    static KEY: RefCell<Option<Rc<DeviceKey>>> = const { RefCell::new(None) };
}

/// Opens the store of the person who used this browser last. Nothing when nobody did.
pub async fn open_current() -> Result<Option<IdbStore>, StoreError> {
    match Profile::current().await {
        Some(profile) => IdbStore::open(&profile).await.map(Some),
        None => Ok(None),
    }
}

/// Whether the database has all that the canary knows of, and nobody is to be told of anything: the usual start.
pub async fn fits(store: &IdbStore) -> Result<bool, StoreError> {
    canary::fits(store, clock::page_session()).await
}

/// Whether nothing is known of its person here.
pub async fn is_new(store: &IdbStore) -> Result<bool, StoreError> {
    canary::is_new(store, clock::page_session()).await
}

/// Where it does not fit: puts back what the copy has, and returns what nobody has acknowledged of the rest.
pub async fn compare(store: Rc<IdbStore>) -> Result<Option<Lost>, StoreError> {
    copy::start();
    let losses = canary::check(&store, clock::page_session()).await?;
    let Some(loss) = losses.into_iter().next() else {
        return Ok(None);
    };
    let identity = store.identity().await?;
    Ok(Some(Lost {
        store,
        identity,
        loss,
    }))
}

/// What came back from the copy beside the database and nobody has acknowledged yet.
pub async fn restored(store: &IdbStore) -> Option<Restored> {
    canary::restored(store).await
}

/// The person has seen what came back.
pub async fn admit_restored(store: &IdbStore) {
    canary::accept_restored(store).await;
}

/// From here on things may be captured.
pub fn start_evidence() {
    evidence::start();
}

/// Whether the device can sign; without its key it can only send what it has.
pub async fn has_key(store: &IdbStore) -> bool {
    // A key that cannot be read now says so when it is needed.
    !matches!(DeviceKey::load(store).await, Ok(None))
}

/// The person has seen a loss: a signed event tells the server, then it is not shown again.
pub async fn admit_loss(store: &IdbStore, loss: &Loss) -> Result<(), AppendError> {
    let note = format!(
        "the browser's storage ended before no. {}; {} of them were unsent",
        loss.from, loss.unsent
    );
    report(store, loss.device_id, (loss.from, loss.to), note).await?;
    canary::accept(store, loss).await;
    Ok(())
}

/// The person has seen which numbers are missing between others: a signed event tells the server, and what is here of them follows.
pub async fn admit_gap(store: &IdbStore, gap: Gap) -> Result<(), AppendError> {
    let identity = store.identity().await?.ok_or(AppendError::NotEnrolled)?;
    let note = format!(
        "no. {} to {}: {} are gone, the others follow",
        gap.from, gap.to, gap.missing
    );
    report(store, identity.device_id, (gap.from, gap.to), note).await
}

async fn report(
    store: &IdbStore,
    device_id: DeviceId,
    (from, to): (u64, u64),
    note: String,
) -> Result<(), AppendError> {
    let body = DeviceLoss {
        device_id,
        from,
        to,
        note,
    };
    let new = NewEvent {
        record_id: RecordId::new(&mut BrowserIds),
        parents: Vec::new(),
        checklists: Vec::new(),
        body: Written::of(&body),
        captured: Captured::default(),
        closes: None,
    };
    append(store, &new).await?;
    Ok(())
}

/// Signs an event and writes it; returns once it is on disk. The caller tells `Sync::appended`.
pub async fn append(store: &IdbStore, new: &NewEvent) -> Result<EventRow, AppendError> {
    let key = key(store).await?;
    let build = dom::build();
    let cx = Context {
        store,
        signer: &*key,
        clock: &clock::PageClock,
        app_build: &build,
    };
    zhicha_storage::append(&cx, &mut BrowserIds, new).await
}

async fn key(store: &IdbStore) -> Result<Rc<DeviceKey>, AppendError> {
    if let Some(key) = KEY.with_borrow(Clone::clone) {
        return Ok(key);
    }
    let key = DeviceKey::load(store)
        .await
        .map_err(|e| AppendError::Sign(e.to_string()))?;
    let key = Rc::new(key.ok_or(AppendError::NotEnrolled)?);
    KEY.set(Some(Rc::clone(&key)));
    Ok(key)
}

/// A new enrolment has another key.
pub fn forget_key() {
    KEY.set(None);
}

/// Calls `then` once this tab may lead, which can be never: another tab does then.
pub fn lead(then: impl Fn() + 'static) {
    locks::hold_when_free(locks::SYNC_LEADER, move |held| {
        // A browser without locks has one tab that matters; the server tells doubled pushes apart.
        LEAD.set(held.ok());
        then();
    });
}

/// Calls `heard` for each notice of another tab.
pub fn on_news(heard: impl Fn(Notice) + 'static) {
    EARS.set(Some(channel::listen(heard)));
}

/// Tells the other tabs what to read again.
pub fn announce(notice: Notice) {
    channel::post(notice);
}
