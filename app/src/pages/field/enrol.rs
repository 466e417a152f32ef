//! A device that the server does not accept any more enrols again: drafts come along, old events stay readable.

use crate::signal::{Memo, RwSignal};
use crate::view::{Node, view};
use crate::{
    api,
    components::{Banner, Button, ButtonKind, Frame, LinkButton},
    platform::dom,
    second::Second,
    state::{
        App,
        enrol::{EnrolError, enrol},
        use_app,
    },
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{event::Jwk, store::Halt};

/// Why the device has to enrol again.
#[derive(Clone, Copy, PartialEq)]
enum Need {
    Key,
    Frozen,
    Certificate,
}

fn need(app: App) -> Option<Need> {
    match (app.keyless.get(), app.sync.halted()) {
        (true, _) => Some(Need::Key),
        (_, Some(Halt::Frozen)) => Some(Need::Frozen),
        (_, Some(Halt::Certificate)) => Some(Need::Certificate),
        _ => None,
    }
}

/// The page of `/enrol`, which anybody may open by its address: what it says holds only for a device that has to.
#[component]
pub fn EnrolPage() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    // What was the matter stays on the page, also when the deposit before the enrolment mends it.
    let why = Memo::new(move |before: Option<&Option<Need>>| {
        let now = need(app);
        before.copied().flatten().or(now)
    });
    let none = move || {
        view! {
            <p>{t!(i18n, field.enrol.not_needed)}</p>
            <LinkButton label=t!(i18n, field.lost_page.go) href="/" />
        }
    };
    Node::live(move || match why.get() {
        Some(need) => view! { <Again need=need /> },
        None => view! {
            <Frame title=t!(i18n, field.enrol.title) back="/me">
                <section class="pad stack">{move || app.sync.is_read().then(none)}</section>
            </Frame>
        },
    })
}

/// One tap, after saying what it means.
#[component]
fn Again(need: Need) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let why = move || match need {
        Need::Key => t_string!(i18n, field.attention.key_hint),
        Need::Frozen => t_string!(i18n, field.enrol.why),
        Need::Certificate => t_string!(i18n, field.attention.certificate),
    };
    let second = expect_context::<Second>();
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<EnrolError>);
    let go = Callback::new(move |()| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        spawn_local(async move {
            let done = again(app, second).await;
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
                <Banner tone="fail" icon="alert" title=t!(i18n, field.attention.title)>
                    <p>{move || words::enrol_error(i18n, &error)}</p>
                    <LinkButton label=t!(i18n, common.action.sign_in) href="/sign-in" />
                </Banner>
            }
        })
    };
    view! {
        <Frame title=t!(i18n, field.enrol.title) back="/me" dock=dock>
            <section class="pad stack">
                <p>{why}</p>
                <p>{t!(i18n, field.enrol.safe)}</p>
                <p class="quiet">{t!(i18n, field.enrol.need_session)}</p>
                {said}
            </section>
        </Frame>
    }
}

async fn again(app: App, second: Second) -> Result<(), EnrolError> {
    let session = api::session().await?;
    let keys = &app.identity().server_keys;
    let pinned = keys.first().map(Jwk::thumbprint);
    let done = enrol(&session, pinned.as_deref(), second).await.map(drop);
    // What it sent before has receipts now, whatever came of the rest.
    app.sync.refresh().await?;
    done
}
