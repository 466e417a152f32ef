//! A frozen device enrols again: drafts come along, old events stay readable.

use crate::view::view;
use crate::{
    api,
    components::{Banner, Button, ButtonKind, Frame, LinkButton},
    platform::dom,
    state::{
        App,
        enrol::{EnrolError, enrol},
        use_app,
    },
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{event::Jwk, store::Halt};

/// One tap, after saying what it means.
#[component]
pub fn EnrolPage() -> impl IntoView {
    let i18n = use_i18n();
    let app = use_app();
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<EnrolError>);
    let go = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let done = again(app).await;
            match done {
                Ok(()) => dom::load("/"),
                Err(error) => failed.set(Some(error)),
            }
            busy.set(false);
        });
    });
    let dock = move || {
        view! { <Button kind=ButtonKind::Main icon="key" label=move || if busy.get() { t_string!(i18n, field.start.enrolling) } else { t_string!(i18n, field.enrol.go) } on_press=go /> }
    };
    let said = move || {
        failed.get().map(|error| {
            view! {
                <Banner tone="fail" icon="alert" title=move || t_string!(i18n, field.attention.title)>
                    <p>{move || words::enrol_error(i18n, &error)}</p>
                    <LinkButton label=move || t_string!(i18n, common.action.sign_in) href="/sign-in" />
                </Banner>
            }
        })
    };
    let why = move || match (app.keyless.get(), app.sync.halted()) {
        (true, _) => t_string!(i18n, field.attention.key_hint),
        (_, Some(Halt::Frozen)) => t_string!(i18n, field.enrol.why),
        _ => t_string!(i18n, field.attention.certificate),
    };
    view! {
        <Frame title=move || t_string!(i18n, field.enrol.title) back="/me" dock=dock>
            <section class="pad stack">
                <p>{why}</p>
                <p>{t!(i18n, field.enrol.safe)}</p>
                <p class="quiet">{t!(i18n, field.enrol.need_session)}</p>
                {said}
            </section>
        </Frame>
    }
    .into_any()
}

async fn again(app: App) -> Result<(), EnrolError> {
    let session = api::session().await?;
    let keys = &app.identity().server_keys;
    let pinned = keys.first().map(Jwk::thumbprint);
    let done = enrol(&session, pinned.as_deref()).await.map(drop);
    // What it sent before has receipts now, whatever came of the rest.
    app.sync.refresh().await?;
    done
}
