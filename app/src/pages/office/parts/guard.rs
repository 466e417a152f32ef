//! Lets a page through only for a signed-in person who may see it. The server decides again on each call; this only
//! spares people pages that would refuse them.

use super::{Failed, OfficeFrame, Place, shown::Waiting};
use crate::platform::address::use_address;
use crate::signal::Memo;
use crate::view::{ChildrenFn, Node, effect, view};
use crate::{
    components::Banner,
    office::{load::Load, session::OfficeSession},
    platform::dom,
    words::{t, use_i18n},
};
use leptos::prelude::*;
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
) -> Node {
    let session = OfficeSession::get();
    let gate = Memo::new(move |_| match session.state().get() {
        Load::Waiting => Gate::Waiting,
        Load::Failed(_) => Gate::Failed,
        Load::Ready(None) => Gate::SignedOut,
        Load::Ready(Some(info)) if info.role.may(action) => Gate::Open,
        Load::Ready(Some(_)) => Gate::Denied,
    });
    Node::live(move || match gate.get() {
        Gate::Waiting => view! { <Opening /> },
        Gate::Failed => view! { <NoServer /> },
        Gate::SignedOut => view! { <ToSignIn /> },
        Gate::Denied => view! { <Denied /> },
        Gate::Open => children(),
    })
}

#[component]
fn Opening() -> Node {
    let i18n = use_i18n();
    view! {
        <OfficeFrame title=t!(i18n, office.title)>
            <Waiting />
        </OfficeFrame>
    }
}

#[component]
fn NoServer() -> Node {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    let retry = Callback::new(move |()| session.ask());
    view! {
        <OfficeFrame title=t!(i18n, office.title)>
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
fn ToSignIn() -> Node {
    let address = use_address();
    OfficeSession::get().remember(dom::path());
    effect(move || {
        address.replace("/office/sign-in");
    });
    Node::Nothing
}

#[component]
fn Denied() -> Node {
    let i18n = use_i18n();
    view! {
        <OfficeFrame title=t!(i18n, office.title) place=Place::Received>
            <div class="pad">
                <Banner tone="warn" icon="key" title=t!(i18n, office.denied.title)>
                    <p>{t!(i18n, office.denied.words)}</p>
                    <a class="btn" href="/" rel="external">{t!(i18n, office.denied.field)}</a>
                </Banner>
            </div>
        </OfficeFrame>
    }
}
