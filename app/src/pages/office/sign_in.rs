//! Signing in at the office.

use super::{
    me::Language,
    parts::{FailedLine, OfficeFrame},
};
use crate::platform::address::use_address;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Button, ButtonKind, TextField},
    office::{
        client::{self, Failure},
        session::OfficeSession,
    },
    words::{t, t_string, use_i18n},
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

/// The page.
#[component]
pub fn SignIn() -> Node {
    let i18n = use_i18n();
    view! {
        <OfficeFrame title=t!(i18n, office.sign_in.title) subtitle=t!(i18n, office.title)>
            <Form />
            <section class="pad narrow"><Language /></section>
        </OfficeFrame>
    }
}

#[component]
fn Form() -> Node {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    let address = use_address();
    let (login, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<Failure>);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let came = client::sign_in(
                login.get_untracked().trim().to_owned(),
                password.get_untracked(),
            )
            .await;
            busy.try_set(false);
            match came {
                Ok(info) => {
                    let to = session.destination();
                    session.signed_in(info);
                    address.replace(&to);
                }
                Err(failure) => {
                    failed.try_set(Some(failure));
                }
            }
        });
    };
    view! {
        <form class="sheetlike stack l narrow" on:submit=send>
            <TextField id="login" label=t!(i18n, office.people.login) value=login autocomplete="username" max=64 />
            <TextField
                id="password"
                label=move || t_string!(i18n, office.sign_in.password)
                value=password
                kind="password"
                autocomplete="current-password"
                max=256
            />
            <FailedLine failure=failed />
            <Button kind=ButtonKind::Main submit=true label=t!(i18n, common.action.sign_in) disabled=busy />
        </form>
    }
}
