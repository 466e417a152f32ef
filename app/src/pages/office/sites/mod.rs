//! 单位: the register of sites; search, add, change.

mod category;
mod conflict;
mod edit;
mod gate;
mod table;

use super::parts::{OfficeFrame, Place, Shown};
use crate::signal::RwSignal;
use crate::view::{Node, ViewFn, view};
use crate::{
    components::{Button, ButtonKind, Icon},
    office::{client, load::Loaded, published::Published, session::OfficeSession},
    platform::timer::Timeout,
    words::{t, use_i18n},
};
use edit::Edit;
use gate::Gate;
use leptos::prelude::*;
use table::Table;
use zhicha_core::{access::Action, sync::wire::Site};

/// How long typing must rest before the server is asked.
const REST_MS: u32 = 250;

/// What the sheet is open for.
#[derive(Clone, Debug, PartialEq)]
pub enum Editing {
    /// A new site.
    New,
    /// The version that was read.
    Old(Site),
}

/// The page.
#[component]
pub fn Sites() -> Node {
    let i18n = use_i18n();
    Published::provide();
    let words = RwSignal::new(String::new());
    let sites = Loaded::new(move || {
        let words = words.get();
        async move { client::sites(&words).await }
    });
    let editing = RwSignal::new(None::<Editing>);
    let gate = RwSignal::new(None::<Site>);
    let manages = OfficeSession::get().may(Action::ManageSites);
    let add = Callback::new(move |()| editing.set(Some(Editing::New)));
    let act = move || {
        manages.then(|| view! { <Button kind=ButtonKind::Main icon="plus" label=t!(i18n, office.site.add) on_press=add /> })
    };
    view! {
        <OfficeFrame title=t!(i18n, office.nav.sites) place=Place::Sites act=ViewFn::from(act)>
            <div class="stack l" class:noprint=move || gate.with(Option::is_some)>
            <Search words=words />
            <Shown loaded=sites render=move |found| view! { <Table found=found editing=editing gate=gate manages=manages /> } />
            </div>
            <Edit editing=editing sites=sites />
            <Gate site=gate />
        </OfficeFrame>
    }
}

#[component]
fn Search(words: RwSignal<String>) -> Node {
    let i18n = use_i18n();
    let typed = RwSignal::new(String::new());
    let input = move |event| {
        let text = event_target_value(&event);
        typed.set(text.clone());
        Timeout::new(REST_MS, move || {
            // A page that was left has no signals any more.
            if typed.try_with_untracked(|t| *t == text) == Some(true) {
                words.try_set(text);
            }
        })
        .forget();
    };
    view! {
        <search class="pad field">
            <label for="site-words">{t!(i18n, office.site.search)}</label>
            <div class="find">
                <Icon name="search" />
                <input class="in" id="site-words" type="search" maxlength=100 on:input=input />
            </div>
        </search>
    }
}
