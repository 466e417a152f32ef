//! What the service worker says about this build, and taking over a newer one when a person agrees.

use super::dom;
use js_sys::{Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    MessageChannel, MessageEvent, ServiceWorker, ServiceWorkerContainer, ServiceWorkerRegistration,
    ServiceWorkerState,
};

/// Whether this build is on the device whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Precache {
    /// Files of the build.
    pub files: u32,
    /// How many of them are on the device.
    pub cached: u32,
}

impl Precache {
    /// Whether the app opens without a network.
    pub fn complete(self) -> bool {
        self.files > 0 && self.files == self.cached
    }
}

fn container() -> Option<ServiceWorkerContainer> {
    let navigator = dom::window().navigator();
    // The getter is there even where service workers are not; ask the object itself.
    Reflect::has(&navigator, &JsValue::from_str("serviceWorker"))
        .ok()
        .filter(|there| *there)?;
    Some(navigator.service_worker())
}

async fn registration() -> Option<ServiceWorkerRegistration> {
    let found = JsFuture::from(container()?.get_registration()).await.ok()?;
    found.dyn_into().ok()
}

/// Asks the worker that serves this page what it has. Nothing when there is none yet.
pub async fn precache() -> Option<Precache> {
    let worker = match container()?.controller() {
        Some(worker) => worker,
        None => registration().await?.active()?,
    };
    let reply = ask(&worker, "status").await?;
    let number = |name: &str| {
        let value = Reflect::get(&reply, &JsValue::from_str(name))
            .ok()?
            .as_f64()?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a count of files"
        )]
        Some(value as u32)
    };
    Some(Precache {
        files: number("files")?,
        cached: number("cached")?,
    })
}

async fn ask(worker: &ServiceWorker, kind: &str) -> Option<JsValue> {
    let channel = MessageChannel::new().ok()?;
    let message = message(kind);
    let promise = Promise::new(&mut |resolve, _| {
        let answer = Closure::once_into_js(move |event: MessageEvent| {
            let _ = resolve.call1(&JsValue::UNDEFINED, &event.data());
        });
        channel.port1().set_onmessage(Some(answer.unchecked_ref()));
        // A worker that is busy or gone answers nothing; the page must not wait for ever.
        let silence = channel.port1();
        super::timer::Timeout::new(3_000, move || silence.close()).forget();
        let ports = js_sys::Array::of1(&channel.port2());
        let _ = worker.post_message_with_transferable(&message, &ports);
    });
    let timeout = Promise::new(&mut |resolve, _| {
        let late = Closure::once_into_js(move || {
            let _ = resolve.call1(&JsValue::UNDEFINED, &JsValue::NULL);
        });
        let _ = dom::window()
            .set_timeout_with_callback_and_timeout_and_arguments_0(late.unchecked_ref(), 3_000);
    });
    let first = Promise::race(&js_sys::Array::of2(&promise, &timeout));
    JsFuture::from(first).await.ok().filter(JsValue::is_object)
}

fn message(kind: &str) -> Object {
    let message = Object::new();
    let _ = Reflect::set(
        &message,
        &JsValue::from_str("type"),
        &JsValue::from_str(kind),
    );
    message
}

/// Whether a newer build lies on the device, whole, waiting for consent.
pub async fn update_waiting() -> bool {
    registration().await.is_some_and(|r| r.waiting().is_some())
}

/// Looks for a newer build now.
pub async fn look_for_update() {
    if let Some(found) = registration().await
        && let Ok(promise) = found.update()
    {
        // Offline: there is nothing to find.
        let _ = JsFuture::from(promise).await;
    }
}

/// Lets the newer build take over and loads the page anew with it.
pub async fn activate_update() {
    let (Some(container), Some(found)) = (container(), registration().await) else {
        return;
    };
    let reload = Closure::once_into_js(dom::reload);
    let _ = container.add_event_listener_with_callback("controllerchange", reload.unchecked_ref());
    if let Some(waiting) = found.waiting() {
        let _ = waiting.post_message(&message("activate"));
    }
}

/// Whether a newer build serves this page, which another page let take over: it begins with the next loading.
pub async fn was_overtaken() -> bool {
    let Some(worker) = container().and_then(|container| container.controller()) else {
        return false;
    };
    let status = ask(&worker, "status").await;
    let build = status.and_then(|status| Reflect::get(&status, &JsValue::from_str("build")).ok());
    build
        .and_then(|build| build.as_string())
        .is_some_and(|build| build != dom::build())
}

/// Calls `act` when the worker's state changes: a build was installed, or took over.
pub async fn on_change(act: impl Fn() + Clone + 'static) {
    let Some(container) = container() else { return };
    let taken = act.clone();
    listen(container.as_ref(), "controllerchange", taken);
    // Until boot.js has registered the worker there is nothing to watch; `ready` waits for it.
    let Ok(ready) = container.ready() else { return };
    let Some(found) = JsFuture::from(ready)
        .await
        .ok()
        .and_then(|r| r.dyn_into::<ServiceWorkerRegistration>().ok())
    else {
        return;
    };
    act();
    // An installation may have begun before this page listened.
    watch(&found, act.clone());
    let watched = found.clone();
    listen(found.as_ref(), "updatefound", move || {
        watch(&watched, act.clone());
    });
}

// Tells when the build that is being installed is there whole, or failed.
fn watch(found: &ServiceWorkerRegistration, act: impl Fn() + 'static) {
    let Some(worker) = found.installing() else {
        return;
    };
    let state = worker.clone();
    listen(worker.as_ref(), "statechange", move || {
        if state.state() != ServiceWorkerState::Installing {
            act();
        }
    });
}

/// Calls `act` when the worker wakes the page (a background `sync` event).
pub fn on_wake(act: impl Fn() + 'static) {
    if let Some(container) = container() {
        listen(container.as_ref(), "message", act);
    }
}

fn listen(target: &web_sys::EventTarget, event: &str, act: impl Fn() + 'static) {
    let closure = Closure::<dyn Fn()>::new(act);
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}
