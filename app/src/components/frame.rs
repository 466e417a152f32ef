//! The frame of a page of the field app: top, page, dock, bar. Focus goes to the heading on a change of page.

use super::{Icon, StatusBadge, toast::Toasts};
use crate::view::{Children, Node, ViewFn, effect, view};
use crate::{
    platform::dom,
    words::{t, t_string, use_i18n},
};
use leptos::{html, prelude::*, text_prop::TextProp};
use std::cell::Cell;

thread_local! {
    // The first page of a load must not take the focus from where the browser puts it.
    static MOVED: Cell<bool> = const { Cell::new(false) };
}

/// The places of the bottom bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// 今日.
    Today,
    /// 检查.
    Inspect,
    /// 隐患.
    Hazards,
    /// 单位.
    Sites,
    /// 我的.
    Me,
}

impl Tab {
    const ALL: [Self; 5] = [
        Self::Today,
        Self::Inspect,
        Self::Hazards,
        Self::Sites,
        Self::Me,
    ];

    fn href(self) -> &'static str {
        match self {
            Self::Today => "/",
            Self::Inspect => "/inspect",
            Self::Hazards => "/hazards",
            Self::Sites => "/sites",
            Self::Me => "/me",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Inspect => "check",
            Self::Hazards => "hazard",
            Self::Sites => "site",
            Self::Me => "me",
        }
    }
}

/// A page of the enrolled app.
#[component]
pub fn Frame(
    /// Heading, also the title of the window.
    #[prop(into)]
    title: TextProp,
    /// Line below the heading.
    #[prop(optional, into)]
    subtitle: Option<TextProp>,
    /// Where the back button leads.
    #[prop(optional, into)]
    back: Option<String>,
    /// The place in the bottom bar; pages without one have no bar.
    #[prop(optional)]
    tab: Option<Tab>,
    /// Whether the page writes answers: its badge then shows the save status.
    #[prop(optional)]
    writes: bool,
    /// Whether there is a status badge at all (not before enrolment).
    #[prop(default = true)]
    badge: bool,
    /// More rows in the top, for example the rings of the sections.
    #[prop(optional, into)]
    top: Option<ViewFn>,
    /// What to do now.
    #[prop(optional, into)]
    dock: Option<ViewFn>,
    /// Uses the whole width on wide screens.
    #[prop(optional)]
    wide: bool,
    /// The page.
    children: Children,
) -> Node {
    let heading = NodeRef::<html::H1>::new();
    let name = title.clone();
    effect(move || dom::set_title(&name.get()));
    effect(move || {
        if let Some(heading) = heading.get() {
            arrive(&heading);
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
                {badge.then(|| view! { <StatusBadge writes=writes /> })}
            </div>
            {top.map(|top| top.run())}
        </header>
        <main class=if wide { "page wide" } else { "page" }>{children()}</main>
        <footer class="foot">
            <Toasts />
            {dock.map(|dock| view! { <div class="dock">{move || dock.run()}</div> })}
            {tab.map(|tab| view! { <Bar current=tab /> })}
        </footer>
    }
}

// `scroll_to_top` first: focusing must not scroll a restored page again.
fn arrive(heading: &dom::HtmlHeadingElement) {
    if MOVED.replace(true) {
        dom::scroll_to_top();
        dom::focus_element(heading);
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
fn Bar(current: Tab) -> Node {
    let i18n = use_i18n();
    let word = move |tab| match tab {
        Tab::Today => t_string!(i18n, common.nav.today),
        Tab::Inspect => t_string!(i18n, common.nav.inspect),
        Tab::Hazards => t_string!(i18n, common.nav.hazards),
        Tab::Sites => t_string!(i18n, common.nav.sites),
        Tab::Me => t_string!(i18n, common.nav.me),
    };
    let link = move |tab: Tab| {
        view! {
            <a href=tab.href() aria-current=(tab == current).then_some("page")>
                <Icon name=tab.icon() />
                {move || word(tab)}
            </a>
        }
    };
    view! {
        <nav class="bar" aria-label=t!(i18n, common.nav.label)>
            {Tab::ALL.map(link).into_iter().collect::<Vec<_>>()}
        </nav>
    }
}
