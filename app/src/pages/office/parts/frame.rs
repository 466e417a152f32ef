//! The frame of an office page: heading, page, dock, and the places that the person may visit.

use crate::view::{Children, Node, ViewFn, effect, view};
use crate::{
    components::{Icon, toast::Toasts},
    office::session::OfficeSession,
    platform::dom,
    words::{t, t_string, use_i18n},
};
use leptos::{html, prelude::*, text_prop::TextProp};
use std::cell::Cell;
use zhicha_core::access::Action;

thread_local! {
    // The first page of a load must not take the focus from where the browser puts it.
    static MOVED: Cell<bool> = const { Cell::new(false) };
}

/// The places of the bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// 收到的检查.
    Received,
    /// 隔离.
    Quarantine,
    /// 人员和设备.
    People,
    /// 单位.
    Sites,
    /// 检查表.
    Checklists,
    /// 我的.
    Me,
}

impl Place {
    const ALL: [Self; 6] = [
        Self::Received,
        Self::Quarantine,
        Self::People,
        Self::Sites,
        Self::Checklists,
        Self::Me,
    ];

    fn href(self) -> &'static str {
        match self {
            Self::Received => "/office/",
            Self::Quarantine => "/office/quarantine",
            Self::People => "/office/people",
            Self::Sites => "/office/sites",
            Self::Checklists => "/office/checklists",
            Self::Me => "/office/me",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Received => "check",
            Self::Quarantine => "alert",
            Self::People => "people",
            Self::Sites => "site",
            Self::Checklists => "book",
            Self::Me => "me",
        }
    }

    /// What a person must be allowed to do to see it.
    pub fn action(self) -> Action {
        match self {
            Self::Received | Self::Checklists => Action::ReadRecords,
            Self::Quarantine => Action::ReadQuarantine,
            Self::People => Action::ReadPeople,
            Self::Sites => Action::ReadSites,
            Self::Me => Action::OwnSession,
        }
    }
}

/// A page of the office.
#[component]
pub fn OfficeFrame(
    /// Heading, also the title of the window.
    #[prop(into)]
    title: TextProp,
    /// Line below the heading.
    #[prop(optional, into)]
    subtitle: Option<TextProp>,
    /// Where the back button leads.
    #[prop(optional, into)]
    back: Option<String>,
    /// The place in the bar; pages without one have no bar.
    #[prop(optional)]
    place: Option<Place>,
    /// At the end of the top row.
    #[prop(optional, into)]
    act: Option<ViewFn>,
    /// What to do now.
    #[prop(optional, into)]
    dock: Option<ViewFn>,
    /// The page.
    children: Children,
) -> Node {
    let heading = NodeRef::<html::H1>::new();
    let name = title.clone();
    effect(move || dom::set_title(&name.get()));
    effect(move || {
        if let Some(heading) = heading.get()
            && MOVED.replace(true)
        {
            dom::scroll_to_top();
            dom::focus_element(&heading);
        }
    });
    view! {
        <header class="top">
            <div class="top-row">
                {back.map(|href| view! { <BackLink href=href /> })}
                <div>
                    <h1 node_ref=heading tabindex="-1">{move || title.get()}</h1>
                    {subtitle.map(|text| view! { <p>{move || text.get()}</p> })}
                </div>
                {act.map(|act| act.run())}
            </div>
        </header>
        <main class="page wide office">{children()}</main>
        <footer class="foot">
            <Toasts />
            {dock.map(|dock| move || dock.run())}
            {place.map(|place| view! { <Bar current=place /> })}
        </footer>
    }
}

#[component]
fn BackLink(href: String) -> Node {
    let i18n = use_i18n();
    view! {
        <a class="icon" href=href aria-label=t!(i18n, common.action.back)>
            <Icon name="back" />
        </a>
    }
}

#[component]
fn Bar(current: Place) -> Node {
    let i18n = use_i18n();
    let session = OfficeSession::get();
    let word = move |place| match place {
        Place::Received => t_string!(i18n, office.nav.received),
        Place::Quarantine => t_string!(i18n, office.nav.quarantine),
        Place::People => t_string!(i18n, office.nav.people),
        Place::Sites => t_string!(i18n, office.nav.sites),
        Place::Checklists => t_string!(i18n, office.nav.checklists),
        Place::Me => t_string!(i18n, office.nav.me),
    };
    let link = move |place: Place| {
        view! {
            <a href=place.href() aria-current=(place == current).then_some("page")>
                <Icon name=place.icon() />
                {move || word(place)}
            </a>
        }
    };
    let open = move || {
        Place::ALL
            .into_iter()
            .filter(|place| session.may(place.action()))
            .map(link)
            .collect::<Vec<_>>()
    };
    view! { <nav class="bar" aria-label=t!(i18n, common.nav.label)>{open}</nav> }
}
