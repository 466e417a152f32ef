//! Nobody is enrolled in this browser: how to get in.

use super::{outside::Outside, setup::Setup};
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    api,
    components::{Button, ButtonKind, TextField},
    second::Second,
    state::{
        App,
        enrol::{EnrolError, enrol},
        use_prefs,
    },
    words::{self, t, t_string, use_i18n},
};
use leptos::{ev, prelude::*, task::spawn_local};

/// The first page of a browser that nobody has used: a link, or login and password.
#[component]
pub fn StartPage() -> Node {
    let joined = RwSignal::new(None::<App>);
    Node::live(move || match joined.get() {
        Some(app) => view! { <Setup app=app /> },
        None => view! { <Welcome joined=joined /> },
    })
}

#[component]
fn Welcome(joined: RwSignal<Option<App>>) -> Node {
    let i18n = use_i18n();
    let (prefs, second) = (use_prefs(), expect_context());
    let (login, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<EnrolError>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            match sign_in(login.get_untracked(), password.get_untracked(), second).await {
                Ok(app) => joined.set(Some(App::new(app.0, app.1, prefs, second))),
                Err(error) => failed.set(Some(error)),
            }
            busy.set(false);
        });
    };
    view! {
        <Outside title=t!(i18n, field.start.claim) large=true>
            <section class="stack t">
                <h2>{t!(i18n, field.start.how)}</h2>
                <p>{t!(i18n, field.start.how_hint)}</p>
            </section>
            <section class="stack">
                <div class="stack t">
                    <h2>{t!(i18n, field.start.have_account)}</h2>
                    <p class="quiet">{t!(i18n, field.start.have_account_hint)}</p>
                </div>
                <form class="stack" on:submit=submit>
                    <TextField id="login" autocomplete="username" label=t!(i18n, field.start.login) value=login />
                    <TextField id="password" kind="password" autocomplete="current-password" label=t!(i18n, field.start.password) value=password />
                    {move || failed.get().map(|error| view! { <p role="alert">{move || words::enrol_error(i18n, &error)}</p> })}
                    <Button kind=ButtonKind::Main submit=true label=move || if busy.get() { t_string!(i18n, field.start.signing_in) } else { t_string!(i18n, common.action.sign_in) } />
                </form>
                <p class="quiet">{t!(i18n, field.start.forgot)}</p>
            </section>
        </Outside>
    }
}

async fn sign_in(
    login: String,
    password: String,
    second: Second,
) -> Result<
    (
        std::rc::Rc<zhicha_storage::IdbStore>,
        zhicha_core::sync::wire::Identity,
    ),
    EnrolError,
> {
    let session = api::sign_in(login.trim(), &password).await?;
    enrol(&session, None, second).await
}
