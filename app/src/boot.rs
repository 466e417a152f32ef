//! The start order: words for panics, storage, canary, session. Nothing is drawn as usable before the store is open.

use crate::{
    second::{Second, Tools},
    state::device::{self, Loss, Restored},
};
use std::rc::Rc;
use zhicha_core::{
    store::{Store, StoreError},
    sync::wire::Identity,
};
use zhicha_storage::{Gone, IdbStore};

/// What the device holds.
#[derive(Clone)]
pub enum Start {
    /// A person is enrolled here.
    Enrolled {
        /// The open store.
        store: Rc<IdbStore>,
        /// The person.
        identity: Identity,
    },
    /// Records that were here are gone.
    Lost(Lost, Tools),
    /// Records were gone and came back from the copy beside the database.
    Restored(Rc<IdbStore>, Restored, Tools),
    /// The database is not as it was left; the part of the program that looks into that is on its way.
    Checking,
    /// That part was not loaded. Nothing was changed.
    Unchecked,
    /// Nobody is enrolled here.
    Empty,
    /// The store does not open.
    Trouble(StoreError),
}

/// What is no longer on the device.
#[derive(Clone)]
pub struct Lost {
    /// The open store.
    pub store: Rc<IdbStore>,
    /// The person, if the database still knows.
    pub identity: Option<Identity>,
    /// What is missing.
    pub loss: Loss,
}

/// From now on a panic puts its words on the page of a stopped program, which `public/boot.js` shows after any trap.
pub fn panic_words() {
    #[cfg(feature = "panic-words")]
    std::panic::set_hook(Box::new(|info| {
        crate::platform::dom::note_crash(&info.to_string());
    }));
}

/// Opens the store of the person who used this browser last, and compares it with the canary. Calls `checking` when that
/// takes the second file.
pub async fn start(second: Second, checking: impl Fn()) -> Start {
    match open(second, checking).await {
        Ok(start) => start,
        Err(error) => Start::Trouble(error),
    }
}

async fn open(second: Second, checking: impl Fn()) -> Result<Start, StoreError> {
    let Some(store) = device::open_current().await? else {
        return Ok(Start::Empty);
    };
    let store = Rc::new(store);
    if device::fits(&store).await? {
        return Ok(enrolled(&store, store.identity().await?));
    }
    // A database that an enrolment made and did not come to use.
    if device::is_new(&store).await? {
        return Ok(Start::Empty);
    }
    checking();
    let Some(tools) = second.tools().await else {
        return Ok(Start::Unchecked);
    };
    // First: it may put back what the database has lost, the person with it.
    let lost = (tools.compare)(Rc::clone(&store)).await?;
    if let Some(what) = device::restored(&store).await {
        return Ok(Start::Restored(store, what, tools));
    }
    match lost {
        Some(lost) => Ok(Start::Lost(lost, tools)),
        None => Ok(enrolled(&store, store.identity().await?)),
    }
}

/// How it goes on after a loss that could not be signed for: without its key the device still sends what it has.
pub fn after_loss(lost: &Lost) -> Start {
    enrolled(&lost.store, lost.identity.clone())
}

fn enrolled(store: &Rc<IdbStore>, identity: Option<Identity>) -> Start {
    match identity {
        Some(identity) => Start::Enrolled {
            store: Rc::clone(store),
            identity,
        },
        None => Start::Empty,
    }
}

/// What a connection that was closed under us means to a person.
pub fn gone(why: Gone) -> StoreError {
    match why {
        Gone::Upgraded => StoreError::TooNew,
        Gone::Removed => StoreError::Unavailable("closed by the browser".to_owned()),
    }
}
