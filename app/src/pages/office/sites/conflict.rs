//! Two people changed a site: both versions side by side, and the person decides.

use super::edit::Entry;
use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::{
    components::{Banner, Button},
    office::{client::Failure, published::Published},
    platform::dom,
    words::{Words, t, t_string, use_i18n},
};
use leptos::{html, prelude::*};
use zhicha_core::sync::wire::Site;

/// Shown while somebody else's version is known.
#[component]
pub fn Conflict(
    /// What somebody else saved.
    theirs: RwSignal<Option<Site>>,
    /// What is typed here.
    entry: Entry,
    /// Cleared once decided.
    failed: RwSignal<Option<Failure>>,
) -> Node {
    Node::live(move || {
        theirs
            .get()
            .map(|site| view! { <Both site=site entry=entry theirs=theirs failed=failed /> })
    })
}

#[component]
fn Both(
    site: Site,
    entry: Entry,
    theirs: RwSignal<Option<Site>>,
    failed: RwSignal<Option<Failure>>,
) -> Node {
    let i18n = use_i18n();
    let published = Published::get();
    let top = NodeRef::<html::Div>::new();
    effect(move || {
        if top.get().is_some() {
            dom::scroll_to("site-conflict");
        }
    });
    let (taken, kept) = (site.clone(), site.clone());
    let done = move || {
        theirs.set(None);
        failed.set(None);
    };
    let take = Callback::new(move |()| {
        entry.take(&taken);
        done();
    });
    let keep = Callback::new(move |()| {
        entry.keep_over(&kept);
        done();
    });
    view! {
        <div id="site-conflict" node_ref=top>
        <Banner tone="warn" icon="people" title=t!(i18n, office.conflict.title)>
            <div class="scroll" tabindex="0" role="region" aria-label=t!(i18n, office.conflict.title)>
                <table>
                    <thead>
                        <tr>
                            <td></td>
                            <th scope="col">{t!(i18n, office.conflict.theirs)}</th>
                            <th scope="col">{t!(i18n, office.conflict.yours)}</th>
                        </tr>
                    </thead>
                    <tbody>{move || rows(i18n, published, &site, entry)}</tbody>
                </table>
            </div>
            <div class="row wrap">
                <Button label=t!(i18n, office.conflict.take) on_press=take />
                <Button label=t!(i18n, office.conflict.keep) on_press=keep />
            </div>
        </Banner>
        </div>
    }
}

// Only what differs.
fn rows(i18n: Words, published: Published, theirs: &Site, entry: Entry) -> Node {
    let mine = entry.edit();
    let code = |c: &Option<String>| c.clone().unwrap_or_default();
    let all = [
        (
            t_string!(i18n, office.record.name),
            theirs.name.clone(),
            mine.name.clone(),
        ),
        (
            t_string!(i18n, office.record.address),
            theirs.address.clone(),
            mine.address.clone(),
        ),
        (
            t_string!(i18n, office.record.region),
            theirs.region.clone(),
            mine.region.clone(),
        ),
        (
            t_string!(i18n, office.record.credit_code),
            code(&theirs.credit_code),
            code(&mine.credit_code),
        ),
        (
            t_string!(i18n, office.site.category),
            theirs.category.clone(),
            mine.category.clone(),
        ),
        (
            t_string!(i18n, inspection.new.checklists),
            published.names(i18n, &theirs.checklists),
            published.names(i18n, &mine.checklists),
        ),
    ];
    Node::of(all.into_iter()
        .filter(|(_, theirs, mine)| theirs != mine)
        .map(|(name, theirs, mine)| view! { <tr><th scope="row">{name}</th><td>{theirs}</td><td>{mine}</td></tr> })
        .collect::<Vec<_>>())
}
