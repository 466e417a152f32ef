//! The copy beside the database (`docs/formats.md`): sealed events without a receipt, and the canary, in files that survive
//! when the browser loses its database. The worker `public/copy.js` writes them; this side says what is to be there.
//!
//! A failure here never fails a write, since the database has it; 我的 says when there is no copy.

use crate::{
    IdbStore, canary,
    global::{object, worker},
};
use js_sys::{Promise, Reflect};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use zhicha_core::{
    client::copy::{MOST_BYTES, bytes_line, event_line, identity_line},
    inspection::{EvidenceKind, EvidenceRow},
    store::{EventRow, PushState},
    sync::wire::Identity,
};

/// How many events go to the worker at once.
const AT_ONCE: usize = 50;

thread_local! {
    static WAITING: RefCell<BTreeMap<String, (IdbStore, String)>> = const { RefCell::new(BTreeMap::new()) };
    static WORKING: Cell<bool> = const { Cell::new(false) };
    static STARTED: Cell<Option<fn()>> = const { Cell::new(None) };
}

/// Name of a person's copy.
pub(crate) fn name(store: &IdbStore) -> String {
    let profile = store.profile();
    format!("zhicha.unsent.{}.{}", profile.tenant, profile.user)
}

/// From now on, and with what has waited so far, the copy is kept. A program that is loaded in parts calls it in a later one.
pub fn start() {
    STARTED.set(Some(work));
    work();
}

/// Brings the copy and the canary's file up to date in the background, once [`start`] was called.
pub(crate) fn update_later(store: &IdbStore, canary: String) {
    WAITING.with_borrow_mut(|waiting| waiting.insert(name(store), (store.clone(), canary)));
    if let Some(work) = STARTED.get() {
        work();
    }
}

fn work() {
    if WORKING.replace(true) {
        return;
    }
    spawn_local(async {
        while let Some((_, (store, canary))) = WAITING.with_borrow_mut(BTreeMap::pop_first) {
            let _ = update(&store, &canary).await;
        }
        WORKING.set(false);
    });
}

/// Whether this browser keeps a copy, and everything that has no receipt is in it.
pub async fn is_kept(store: &IdbStore) -> bool {
    update(store, "").await.is_some()
}

async fn update(store: &IdbStore, canary: &str) -> Option<()> {
    let (identity, _, push) = canary::standing(store).await.ok()?;
    let acked = push.acked;
    let mut job = Job::new(store, identity, &push)?;
    job.set("canaryText", &canary.into());
    let mut expected = 0;
    loop {
        let last = job.done().await?;
        if last < expected {
            return None;
        }
        let events = store
            .own_events_after(last.max(acked), AT_ONCE)
            .await
            .ok()?;
        let Some(newest) = events.last() else {
            return Some(());
        };
        expected = newest.seq;
        let mut lines = String::new();
        for event in &events {
            lines += &signed_lines(store, event).await;
            lines += &event_line(event);
        }
        job.set("canaryText", &"".into());
        job.set("lines", &lines.into());
    }
}

// What people signed and how. What cannot be read is left out: the event is worth a copy of its own.
async fn signed_lines(store: &IdbStore, event: &EventRow) -> String {
    let rows = store.all_evidence_of(event.record_id).await;
    let own = |row: &EvidenceRow| {
        let named = row
            .sealed
            .as_ref()
            .is_some_and(|(_, seq)| *seq == event.seq);
        named && row.kind == EvidenceKind::Signature
    };
    let mut lines = String::new();
    for row in rows.unwrap_or_default().into_iter().filter(own) {
        for part in row.parts.iter().filter(|part| part.len <= MOST_BYTES) {
            if let Ok(Some(bytes)) = store.stretch(part.blob, 0).await {
                lines += &bytes_line(event, &bytes);
            }
        }
    }
    lines
}

/// What `public/copy.js` is told.
struct Job(JsValue);

impl Job {
    fn new(store: &IdbStore, identity: Option<Identity>, push: &PushState) -> Option<Self> {
        let device = identity
            .as_ref()
            .map_or_else(String::new, |i| i.device_id.to_string());
        let line = identity.map_or_else(|| Ok(String::new()), |i| identity_line(&i));
        #[expect(
            clippy::cast_precision_loss,
            reason = "sequence numbers stay below 2^53, core refuses larger ones"
        )]
        let acked = push.acked as f64;
        let job = object(&[
            ("name", name(store).into()),
            ("canary", canary::name(store).into()),
            ("identity", line.ok()?.into()),
            ("device", device.into()),
            ("acked", acked.into()),
            ("lines", "".into()),
        ]);
        Some(Self(job.into()))
    }

    fn set(&self, name: &str, value: &JsValue) {
        // Setting a field of a plain object cannot fail.
        let _ = Reflect::set(&self.0, &name.into(), value);
    }

    /// The last number of this enrolment that is in the file; nothing when it could not be written.
    async fn done(&mut self) -> Option<u64> {
        let promise = worker()?
            .call2(&JsValue::UNDEFINED, &"copy".into(), &self.0)
            .ok()?;
        let reply = JsFuture::from(promise.unchecked_into::<Promise>())
            .await
            .ok()?;
        let last = Reflect::get(&reply, &"last".into()).ok()?.as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a sequence number"
        )]
        Some(last as u64)
    }
}
