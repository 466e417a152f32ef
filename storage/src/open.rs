//! Opening the database: upgrade, newer version, blocked by another tab, refused by the browser.
//!
//! Nothing here deletes a database, whatever went wrong: unsent evidence may lie in it.

use crate::{
    error::from_open,
    global::{set_timeout, timer},
    schema::{MIGRATIONS, Step},
};
use indexed_db_futures::{Build, OpenDbResult, database::Database, internals::SystemRepr};
use js_sys::{Array, Promise};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, future_to_promise};
use web_sys::{IdbDatabase, IdbOpenDbRequest, IdbVersionChangeEvent};
use zhicha_core::store::StoreError;

/// How long another tab may take to let go once the browser has called the opening blocked.
const BLOCKED_MS: i32 = 3_000;
/// How long the browser may stay silent altogether.
const SILENT_MS: i32 = 10_000;

/// Why a connection was closed under us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gone {
    /// A newer version of the app, in another tab, upgrades the database: load the app again.
    Upgraded,
    /// The database was removed or the browser closed it: load the app again, and compare with the canary.
    Removed,
}

impl Gone {
    fn error(self) -> StoreError {
        match self {
            Self::Upgraded => StoreError::TooNew,
            Self::Removed => {
                StoreError::Unavailable("the browser has closed the database".to_owned())
            }
        }
    }
}

type Listener = Rc<RefCell<Option<Box<dyn Fn(Gone)>>>>;

/// An open database, and the ears that notice when it must be let go.
pub struct Connection {
    database: Database,
    gone: Rc<Cell<Option<Gone>>>,
    listener: Listener,
    _on_versionchange: Closure<dyn FnMut(IdbVersionChangeEvent)>,
    _on_close: Closure<dyn FnMut()>,
}

impl Connection {
    /// Opens a database and brings it to the newest form.
    pub(crate) async fn open(name: &str) -> Result<Self, StoreError> {
        Self::open_with(name, MIGRATIONS).await
    }

    /// As [`Self::open`], with other steps.
    pub async fn open_with(name: &str, steps: &'static [Step]) -> Result<Self, StoreError> {
        open_in_time(name.to_owned(), steps).await.map(Self::new)
    }

    fn new(database: Database) -> Self {
        let gone = Rc::new(Cell::new(None));
        let listener = Listener::default();
        let tell = {
            let (gone, listener) = (Rc::clone(&gone), Rc::clone(&listener));
            move |why: Gone| {
                if gone.replace(Some(why)).is_none()
                    && let Some(listener) = &*listener.borrow()
                {
                    listener(why);
                }
            }
        };
        let on_versionchange = Closure::<dyn FnMut(IdbVersionChangeEvent)>::new({
            let (tell, database) = (tell.clone(), database.clone());
            move |event: IdbVersionChangeEvent| {
                // Close first: the other tab waits for it. Running transactions still end.
                database.clone().close();
                let removed = event.new_version().is_none();
                tell(if removed {
                    Gone::Removed
                } else {
                    Gone::Upgraded
                });
            }
        });
        let on_close = Closure::<dyn FnMut()>::new(move || tell(Gone::Removed));
        let raw = database.as_sys();
        raw.set_onversionchange(Some(on_versionchange.as_ref().unchecked_ref()));
        raw.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Self {
            database,
            gone,
            listener,
            _on_versionchange: on_versionchange,
            _on_close: on_close,
        }
    }

    /// The open database.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// Why nothing can be read or written any more, if so.
    pub fn gone(&self) -> Option<StoreError> {
        self.gone.get().map(Gone::error)
    }

    /// Calls `listener` once, when the connection is closed under us.
    pub(crate) fn on_gone(&self, listener: Box<dyn Fn(Gone)>) {
        *self.listener.borrow_mut() = Some(listener);
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        let raw = self.database.as_sys();
        raw.set_onversionchange(None);
        raw.set_onclose(None);
        raw.close();
    }
}

type Slot = Rc<RefCell<Option<OpenDbResult<Database>>>>;

/// Opens, or says `Blocked` instead of hanging.
async fn open_in_time(name: String, steps: &'static [Step]) -> Result<Database, StoreError> {
    let slot = Slot::default();
    let given_up = Rc::new(Cell::new(false));
    let (blocked_long, on_blocked) = after_blocked();
    let opened = future_to_promise({
        let (slot, given_up) = (Rc::clone(&slot), Rc::clone(&given_up));
        // The request runs to its end even when nobody waits any more: dropping it would drop the upgrade
        // step with it, and the browser would still raise the version of an empty database.
        async move {
            match (request(&name, steps, on_blocked).await, given_up.get()) {
                (Ok(database), true) => database.close(),
                (result, _) => *slot.borrow_mut() = Some(result),
            }
            Ok(JsValue::UNDEFINED)
        }
    });
    let all = Array::of3(&opened, &timer(SILENT_MS), &blocked_long);
    // None of the promises is ever rejected.
    let _ = JsFuture::from(Promise::race(&all)).await;
    match slot.borrow_mut().take() {
        Some(result) => result.map_err(from_open),
        None => {
            given_up.set(true);
            Err(StoreError::Blocked)
        }
    }
}

/// What is to be called when the opening is blocked, and a promise that resolves some time after that.
fn after_blocked() -> (Promise, impl FnOnce() + 'static) {
    let mut resolve = None;
    let promise = Promise::new(&mut |yes, _| resolve = Some(yes));
    (promise, move || {
        if let Some(resolve) = resolve {
            set_timeout(&resolve, BLOCKED_MS);
        }
    })
}

// The steps run in listeners of our own: those of the library print what went wrong, and can print any value for it.
async fn request(
    name: &str,
    steps: &'static [Step],
    on_blocked: impl FnOnce() + 'static,
) -> OpenDbResult<Database> {
    let version = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    let request = Database::open(name).with_version(version).build()?;
    let raw = request.as_sys().clone();
    let upgrade = {
        let raw = raw.clone();
        // An exception in here aborts the upgrade, so the version stays as it was.
        Closure::once(move |event: IdbVersionChangeEvent| upgrade(&raw, &event, steps))
    };
    let blocked = Closure::once(on_blocked);
    raw.set_onupgradeneeded(Some(upgrade.as_ref().unchecked_ref()));
    raw.set_onblocked(Some(blocked.as_ref().unchecked_ref()));
    let result = request.await;
    raw.set_onupgradeneeded(None);
    raw.set_onblocked(None);
    result
}

fn upgrade(
    request: &IdbOpenDbRequest,
    event: &IdbVersionChangeEvent,
    steps: &'static [Step],
) -> Result<(), JsValue> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "versions are small whole numbers"
    )]
    let old = event.old_version() as usize;
    let db: IdbDatabase = request.result()?.unchecked_into();
    steps.iter().skip(old).try_for_each(|step| step(&db))
}
