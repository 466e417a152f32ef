//! The frame of pages before enrolment: name, language, no badge and no bar.

use crate::view::{Children, Node, ViewFn, effect, view};
use crate::{
    components::{Button, ButtonKind, Icon},
    platform::dom,
    state::use_prefs,
    words::{Locale, t, use_i18n},
};
use leptos::{prelude::*, text_prop::TextProp};

/// A page that anybody may see.
#[component]
pub fn Outside(
    /// Heading, also the title of the window.
    #[prop(into)]
    title: TextProp,
    /// Whether the heading is a claim in large letters.
    #[prop(optional)]
    large: bool,
    /// What to do now.
    #[prop(optional, into)]
    dock: Option<ViewFn>,
    /// The page.
    children: Children,
) -> Node {
    let i18n = use_i18n();
    let prefs = use_prefs();
    let name = title.clone();
    effect(move || dom::set_title(&name.get()));
    let other = move |()| {
        prefs.set_locale(match prefs.locale.get_untracked() {
            Locale::zh => Locale::en,
            Locale::en => Locale::zh,
        });
    };
    view! {
        <main class="page">
            <section class="pad stack">
                <div class="row">
                    <span class="logo"><Icon name="mark" /></span>
                    <p class="grow"><b>{t!(i18n, common.app.name)}</b></p>
                    <Button kind=ButtonKind::Link icon="lang" label=t!(i18n, field.start.other_language) on_press=Callback::new(other) />
                </div>
            </section>
            <section class="pad stack l">
                <h1 class:num=large>{move || title.get()}</h1>
                {children()}
            </section>
        </main>
        <footer class="foot">{dock.map(|dock| view! { <div class="dock">{move || dock.run()}</div> })}</footer>
    }
}
