//! The part of 我的 about the app: its build, and a newer one that waits for consent.

use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::{
    components::{Banner, Button, ButtonKind},
    platform::{dom, online, service_worker, timer::Timeout},
    state::use_app,
    words::{t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};

/// Build and update.
#[component]
pub fn About() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let waiting = RwSignal::new(false);
    let refused = RwSignal::new(false);
    effect(move || {
        app.worker.get();
        spawn_local(async move {
            let newer =
                service_worker::update_waiting().await || service_worker::was_overtaken().await;
            waiting.try_set(newer);
        });
    });
    if online::is_online() {
        spawn_local(service_worker::look_for_update());
    }
    let update = Callback::new(move |()| {
        // Never while something is being written or sent.
        if app.save.is_busy() || app.sync.is_busy() {
            refused.set(true);
            return;
        }
        spawn_local(service_worker::activate_update());
        // What the build before it still does for this page may hold it up; and another page may have let it take over. By then
        // the person may be elsewhere in the app, writing: that is left alone, and asked for again here.
        let here = move || waiting.try_with_untracked(|_| ()).is_some();
        let late = move || {
            if here() && !app.save.is_busy() && !app.sync.is_busy() {
                dom::reload();
            }
        };
        Timeout::new(5_000, late).forget();
    });
    view! {
        <section class="sheetlike stack">
            <h2>{t!(i18n, field.me.about)}</h2>
            <dl class="kv"><dt>{t!(i18n, field.me.build)}</dt><dd class="code">{dom::build()}</dd></dl>
            {move || waiting.get().then(|| view! {
                <Banner tone="info" icon="save" title=t!(i18n, field.me.update)>
                    <p>{move || if refused.get() { t_string!(i18n, field.me.update_busy) } else { t_string!(i18n, field.me.update_hint) }}</p>
                    <Button kind=ButtonKind::Main label=t!(i18n, field.me.update_now) on_press=update />
                </Banner>
            })}
            <p class="quiet">{t!(i18n, field.me.licence)}</p>
        </section>
    }
}
