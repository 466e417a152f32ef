//! Lets a page through only for a signed-in person who may see it. The server decides again on each call; this only
//! spares people pages that would refuse them.

use super::{Failed, OfficeFrame, Place, shown::Waiting};
use crate::view::view;
use crate::{
    components::Banner,
    office::{load::Load, session::OfficeSession},
    platform::dom,
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use zhicha_core::access::Action;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Gate {
    Waiting,
    Failed,
    SignedOut,
    Denied,
    Open,
}

/// The page behind `action`.
#[component]
pub fn Guard(
    /// What the person must be allowed to do.
    action: Action,
    /// The page.
    children: ChildrenFn,
) -> impl IntoView {
    let session = OfficeSession::get();
    let gate = Memo::new(move |_| match session.state().get() {
        Load::Waiting => Gate::Waiting,
        Load::Failed(_) => Gate::Failed,
        Load::Ready(None) => Gate::SignedOut,
        Load::Ready(Some(info)) if info.role.may(action) => Gate::Open,
        Load::Ready(Some(_)) => Gate::Denied,
    });
    move || match gate.get() {
        Gate::Waiting => view! { <Opening /> }.into_any(),
        Gate::Failed => view! { <NoServer /> }.into_any(),
        Gate::SignedOut => view! { <ToSignIn /> }.into_any(),
        Gate::Denied => view! { <Denied /> }.into_any(),
        Gate::Open => children().into_any(),
    }
}

#[component]
fn Opening() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <OfficeFrame title=move || t_string!(i18n, office.title)>
            <Waiting />
        </OfficeFrame>
    }
}

#[component]
fn NoServer() -> impl IntoView {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    let retry = Callback::new(move |()| session.ask());
    view! {
        <OfficeFrame title=move || t_string!(i18n, office.title)>
            <div class="pad">
                {move || match session.state().get() {
                    Load::Failed(failure) => Some(view! { <Failed failure=failure retry=retry /> }),
                    _ => None,
                }}
            </div>
        </OfficeFrame>
    }
}

#[component]
fn ToSignIn() -> impl IntoView {
    let navigate = use_navigate();
    OfficeSession::get().remember(dom::path());
    Effect::new(move |_| {
        navigate(
            "/office/sign-in",
            NavigateOptions {
                replace: true,
                ..NavigateOptions::default()
            },
        );
    });
}

#[component]
fn Denied() -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <OfficeFrame title=move || t_string!(i18n, office.title) place=Place::Received>
            <div class="pad">
                <Banner tone="warn" icon="key" title=move || t_string!(i18n, office.denied.title)>
                    <p>{t!(i18n, office.denied.words)}</p>
                    <a class="btn" href="/" rel="external">{t!(i18n, office.denied.field)}</a>
                </Banner>
            </div>
        </OfficeFrame>
    }
}
