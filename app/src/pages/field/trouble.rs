//! The store does not open: what happened, what is safe, what to do. Nothing is ever deleted here.

use super::outside::Outside;
use crate::view::{Node, view};
use crate::{
    components::{Banner, Button, ButtonKind},
    platform::{dom, service_worker},
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::store::StoreError;

/// The whole screen, in place of the app.
#[component]
pub fn TroublePage(error: StoreError) -> Node {
    let i18n = use_i18n();
    let shown = error.clone();
    let title = move || match &shown {
        StoreError::TooNew => t_string!(i18n, field.trouble.too_new),
        StoreError::Blocked => t_string!(i18n, field.trouble.blocked),
        StoreError::Unavailable(_) => t_string!(i18n, field.trouble.unavailable),
        StoreError::Corrupt(_) => t_string!(i18n, field.trouble.corrupt),
        _ => t_string!(i18n, field.trouble.other),
    };
    let private = matches!(error, StoreError::Unavailable(_));
    let detail = error.to_string();
    let newer = error == StoreError::TooNew;
    let again = Callback::new(move |()| spawn_local(try_again(newer)));
    let dock = move || {
        view! { <Button kind=ButtonKind::Main icon="refresh" label=t!(i18n, common.action.reload) on_press=again /> }
    };
    view! {
        <Outside title=title.clone() dock=dock>
            <Banner tone="fail" icon="alert" title=title>
                <p>{move || words::store_error(i18n, &error)}</p>
                {private.then(|| view! { <p>{t!(i18n, field.trouble.unavailable_hint)}</p> })}
                <p class="code">{move || t_string!(i18n, field.trouble.detail, detail = detail.clone())}</p>
            </Banner>
        </Outside>
    }
}

/// The database is not as it was left, and the part of the program that looks into that is not on the device.
#[component]
pub fn UncheckedPage() -> Node {
    let i18n = use_i18n();
    let again = Callback::new(|()| dom::reload());
    let dock = move || {
        view! { <Button kind=ButtonKind::Main icon="refresh" label=t!(i18n, common.action.retry) on_press=again /> }
    };
    view! {
        <Outside title=t!(i18n, field.later.unchecked) dock=dock>
            <p role="alert">{t!(i18n, field.later.unchecked_hint)}</p>
        </Outside>
    }
}

/// While that part is on its way.
#[component]
pub fn CheckingPage() -> Node {
    let i18n = use_i18n();
    view! {
        <Outside title=t!(i18n, field.later.unchecked)>
            <p role="status">{t!(i18n, field.later.loading)}</p>
        </Outside>
    }
}

// A newer database means that a newer app was here: let it come.
async fn try_again(newer: bool) {
    if newer {
        service_worker::look_for_update().await;
        if service_worker::update_waiting().await {
            service_worker::activate_update().await;
            return;
        }
    }
    dom::reload();
}
