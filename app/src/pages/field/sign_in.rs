//! Signing in again, as the person of this device, and what pauses until then.

use crate::platform::address::use_address;
use crate::signal::{Memo, RwSignal};
use crate::view::{Node, view};
use crate::{
    api,
    components::{Button, ButtonKind, Frame, LinkButton, TextField},
    state::{session::SessionState, use_app},
    words::{self, t, t_string, use_i18n},
};
use leptos::{ev, prelude::*, task::spawn_local};
use zhicha_core::client::Failure;

/// What went wrong.
#[derive(Clone)]
enum Trouble {
    Failed(Failure),
    OtherPerson(String),
}

/// The page of `/sign-in`, which anybody may open by its address: it says how the session stands, and asks for a
/// password only where that helps.
#[component]
pub fn SignInPage() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    spawn_local(app.session.ask(app.identity().user));
    let stands = Memo::new(move |_| match app.sync.signed_out() {
        true => None,
        false => Some(app.session.get()),
    });
    let said = move || match stands.get() {
        None => t_string!(i18n, field.attention.signed_out_hint),
        Some(SessionState::SignedOut) => t_string!(i18n, field.start.sign_in_hint),
        Some(SessionState::SignedIn) => t_string!(i18n, field.me.signed_in),
        Some(SessionState::Unknown) => t_string!(i18n, field.me.session_unknown),
    };
    let signed_in = move || stands.get() == Some(SessionState::SignedIn);
    let form = move || match signed_in() {
        true => view! { <LinkButton label=t!(i18n, field.lost_page.go) href="/" /> },
        false => view! { <Form /> },
    };
    view! {
        <Frame title=t!(i18n, field.start.sign_in_title) back="/me">
            <section class="pad stack">
                <p role="status">{said}</p>
                {form}
            </section>
        </Frame>
    }
}

#[component]
fn Form() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let address = use_address();
    let (login, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let trouble = RwSignal::new(None::<Trouble>);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        trouble.set(None);
        spawn_local(async move {
            match sign_in(
                app.identity().user,
                login.get_untracked(),
                password.get_untracked(),
            )
            .await
            {
                Ok(()) => {
                    app.session.set(SessionState::SignedIn);
                    app.sync.try_now();
                    address.go("/me");
                }
                Err(why) => trouble.set(Some(why)),
            }
            busy.set(false);
        });
    };
    let said = move || {
        trouble.get().map(|why| match why {
            Trouble::Failed(failure) => words::failure(i18n, &failure),
            Trouble::OtherPerson(name) => t_string!(
                i18n,
                field.start.other_person,
                name = name,
                owner = app.identity().name.clone()
            ),
        })
    };
    view! {
        <form class="stack" on:submit=submit>
            <TextField id="login" autocomplete="username" label=t!(i18n, field.start.login) value=login />
            <TextField id="password" kind="password" autocomplete="current-password" label=t!(i18n, field.start.password) value=password />
            <p role="alert">{said}</p>
            <Button kind=ButtonKind::Main submit=true label=move || if busy.get() { t_string!(i18n, field.start.signing_in) } else { t_string!(i18n, common.action.sign_in) } />
        </form>
        <p class="quiet">{t!(i18n, field.start.forgot)}</p>
    }
}

async fn sign_in(
    owner: zhicha_core::id::UserId,
    login: String,
    password: String,
) -> Result<(), Trouble> {
    let session = api::sign_in(login.trim(), &password)
        .await
        .map_err(Trouble::Failed)?;
    if session.user == owner {
        return Ok(());
    }
    // Another person's session must not pull into this person's database.
    let _ = api::sign_out().await;
    Err(Trouble::OtherPerson(session.name))
}
