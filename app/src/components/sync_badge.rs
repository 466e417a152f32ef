//! Saved and sent, in the same place on every page and in the same few words.

use super::LiveIcon;
use crate::signal::Memo;
use crate::view::{Node, view};
use crate::words::counted;
use crate::{
    state::{save::SaveState, use_app},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::sync::status::Badge;

/// Icon and word of the save status: 保存中, 已存本机, or 没存上.
#[component]
pub fn SaveWord() -> Node {
    let i18n = use_i18n();
    let save = use_app().save;
    let icon = Signal::derive(move || match save.get() {
        SaveState::Saving => "saving",
        SaveState::Saved => "saved",
        SaveState::Failed(_) => "alert",
    });
    let word = move || match save.get() {
        SaveState::Saving => t_string!(i18n, common.save.saving),
        SaveState::Saved => t_string!(i18n, common.save.saved),
        SaveState::Failed(_) => t_string!(i18n, common.save.failed),
    };
    view! { <LiveIcon name=icon />{word} }
}

/// The save status.
#[component]
pub fn SaveBadge() -> Node {
    let save = use_app().save;
    let state = move || save.get().as_str();
    view! {
        <span class="state" data-testid="save-status" data-state=state>
            <SaveWord />
        </span>
    }
}

/// The sync status: what waits, what is on its way, and 已送达 only for verified receipts.
#[component]
pub fn SyncBadge() -> Node {
    let i18n = use_i18n();
    let sync = use_app().sync;
    let icon = Signal::derive(move || match sync.badge() {
        Badge::Offline => "offline",
        Badge::Pending | Badge::Saved => "saved",
        Badge::Sending => "sending",
        Badge::Delivered => "delivered",
        Badge::Attention => "alert",
    });
    let word = move || match sync.badge() {
        Badge::Offline | Badge::Pending => {
            counted!(i18n, common.sync.pending, count = sync.waiting())
        }
        Badge::Sending => {
            let (done, total) = sync.progress();
            t_string!(i18n, common.sync.sending, done = done, total = total)
        }
        Badge::Saved => t_string!(i18n, common.save.saved).to_owned(),
        Badge::Delivered => t_string!(i18n, common.sync.delivered).to_owned(),
        Badge::Attention => t_string!(i18n, common.sync.attention).to_owned(),
    };
    let state = move || sync.badge().as_str();
    view! {
        <span class="state" data-testid="sync-status" data-state=state data-count=move || sync.waiting().to_string()>
            <LiveIcon name=icon />
            {move || {
                let offline = sync.badge() == Badge::Offline;
                offline.then(|| view! { <span class="vh">{t!(i18n, common.sync.offline)}</span> })
            }}
            {word}
        </span>
    }
}

/// The badge at the top end of each page. Both states are in it; the one that matters now is seen: trouble before
/// all, then a write under way, then (on pages that write) what was saved, else what was sent. It leads to 我的.
#[component]
pub fn StatusBadge(
    /// Whether this page writes answers.
    #[prop(optional)]
    writes: bool,
) -> Node {
    let app = use_app();
    let saving_first = Memo::new(move |_| match app.save.get() {
        SaveState::Failed(_) => true,
        _ if app.sync.badge() == Badge::Attention => false,
        SaveState::Saving => true,
        SaveState::Saved => writes,
    });
    let tone = move || match (saving_first.get(), app.save.get(), app.sync.badge()) {
        (true, SaveState::Failed(_), _) | (false, _, Badge::Attention) => "fail",
        (false, _, Badge::Sending) => "info",
        (false, _, Badge::Delivered) => "pass",
        _ => "na",
    };
    view! {
        <a class="sync" href="/me" data-tone=tone>
            <span class="live" aria-live="polite">
                <span class:vh=move || !saving_first.get() aria-hidden=move || (!saving_first.get()).then_some("true")>
                    <SaveBadge />
                </span>
                <span class:vh=move || saving_first.get() aria-hidden=move || saving_first.get().then_some("true")>
                    <SyncBadge />
                </span>
            </span>
        </a>
    }
}
