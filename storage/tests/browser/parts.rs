//! Parts of the tests: fresh databases, and the browser's own API by small scripts, so that no code under test
//! checks itself.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use zhicha_core::{
    client::append::NewEvent,
    event::body::Written,
    id::{RecordId, TenantId, UserId, Uuid},
    inspection::{Mode, Started, evidence::Captured},
    store::{Fence, Store},
    testing,
};
use zhicha_storage::{BrowserIds, IdbStore, Profile, copy, evidence};

/// A profile that nobody has used.
pub fn new_profile() -> Profile {
    let mut ids = BrowserIds;
    Profile {
        tenant: TenantId::new(&mut ids),
        user: UserId::new(&mut ids),
    }
}

/// An empty store of a new person.
pub async fn fresh() -> IdbStore {
    open(&new_profile()).await
}

/// The store of a person, with WebCrypto made slow.
pub async fn open(profile: &Profile) -> IdbStore {
    slow_crypto();
    copy_worker();
    copy::start();
    evidence::start();
    IdbStore::open(profile).await.expect("open")
}

pub fn record(n: u128) -> RecordId {
    RecordId(Uuid::from_u128(n))
}

/// A draft of record `n` in the store, and the fence it was written under.
pub async fn with_draft(store: &impl Store, n: u128) -> Fence {
    let fence = store.take_fence(record(n)).await.expect("fence");
    let draft = testing::draft(n);
    store.put_draft(&draft, fence).await.expect("draft");
    fence
}

/// The beginning of inspection `n`, as an event to append.
pub fn started(n: u128) -> NewEvent {
    let draft = testing::draft(n);
    NewEvent {
        record_id: draft.id,
        parents: vec![],
        checklists: vec![],
        body: Written::of(&Started {
            mode: Mode::SpotCheck,
            site: draft.site,
            checklists: draft.checklists,
            from: draft.from,
        }),
        captured: Captured::default(),
        closes: None,
    }
}

/// Runs a script as the body of an async function of `a`, `b` and `c`.
pub async fn script(body: &str, args: &[JsValue]) -> JsValue {
    let body = format!("return (async () => {{ {body} }})()");
    let function = Function::new_with_args("a, b, c", &body);
    let args: Array = args.iter().collect();
    let promise = function
        .apply(&JsValue::NULL, &args)
        .expect("the script runs");
    JsFuture::from(promise.unchecked_into::<Promise>())
        .await
        .expect("the script ends well")
}

/// Opens database `a` at version `b` (or as it is) by hand, without any ear for `versionchange`; store `c` is made
/// when an upgrade is needed.
pub const RAW_OPEN: &str = "
    return await new Promise((ok, no) => {
        const r = indexedDB.open(a, b);
        r.onupgradeneeded = () => { if (c) r.result.createObjectStore(c); };
        r.onsuccess = () => ok(r.result);
        r.onerror = () => no(r.error);
    });";

/// Replaces a method of a prototype until this is dropped.
pub struct Patch {
    undo: Function,
}

impl Patch {
    /// `method` is a path such as `IDBTransaction.prototype.commit`, `with` an expression for the new function, in
    /// which `original` is the old one.
    pub fn new(method: &str, with: &str) -> Self {
        let (object, name) = method.rsplit_once('.').expect("a path");
        let body = format!(
            "const original = {method}; {object}.{name} = {with}; return () => {{ {object}.{name} = original; }};"
        );
        let undo = Function::new_no_args(&body).call0(&JsValue::NULL);
        Self {
            undo: undo.expect("the patch fits").unchecked_into(),
        }
    }
}

impl Drop for Patch {
    fn drop(&mut self) {
        self.undo.call0(&JsValue::NULL).expect("undone");
    }
}

/// Makes every call of WebCrypto take a macrotask, as it may outside of Chromium: work that waits for it inside a
/// transaction fails then.
pub fn slow_crypto() {
    let body = "
        if (globalThis.slowCrypto) return;
        globalThis.slowCrypto = true;
        for (const name of ['sign', 'verify', 'generateKey', 'importKey', 'exportKey']) {
            const original = SubtleCrypto.prototype[name];
            SubtleCrypto.prototype[name] = async function (...args) {
                await new Promise((ok) => setTimeout(ok, 0));
                return original.apply(this, args);
            };
        }";
    let slow = Function::new_no_args(body).call0(&JsValue::NULL);
    slow.expect("the browser has WebCrypto");
}

/// What `public/boot.js` does for the worker that keeps the copy.
pub fn copy_worker() {
    let body = "
        if (globalThis.zhichaWork) return;
        const url = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }));
        const worker = new Worker(url);
        globalThis.zhichaWork = (name, job) => new Promise((resolve) => {
            const { port1, port2 } = new MessageChannel();
            port1.onmessage = (event) => resolve(event.data);
            worker.postMessage(job, [port2]);
        });";
    let source = JsValue::from_str(include_str!("../../../public/copy.js"));
    let made = Function::new_with_args("source", body).call1(&JsValue::NULL, &source);
    made.expect("the browser has workers");
}

/// What a browser does that needs space, or finds its files damaged.
pub async fn evict(store: IdbStore) {
    let name = store.profile().database_name();
    drop(store);
    script(
        "await new Promise((ok, no) => { const r = indexedDB.deleteDatabase(a); r.onsuccess = ok; r.onerror = no; });",
        &[name.into()],
    )
    .await;
}

/// Makes every commit an abort.
pub fn failing_commits() -> Patch {
    Patch::new(
        "IDBTransaction.prototype.commit",
        "function () { this.abort(); }",
    )
}
