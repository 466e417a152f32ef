//! The table of sites.

use super::Editing;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Button, Empty},
    office::{client::SiteList, published::Published},
    words::{number, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::sync::wire::Site;

/// What was found.
#[component]
pub fn Table(
    /// The sites.
    found: SiteList,
    /// Set to open the sheet.
    editing: RwSignal<Option<Editing>>,
    /// Set to show the code for its gate.
    gate: RwSignal<Option<Site>>,
    /// Whether the reader may change sites.
    manages: bool,
) -> Node {
    let i18n = use_i18n();
    if found.sites.is_empty() {
        return view! {
            <Empty icon="site" title=t!(i18n, office.site.none) hint=t!(i18n, office.site.none_hint) />
        };
    }
    let (shown, total) = (
        found.sites.len(),
        usize::try_from(found.total).unwrap_or(usize::MAX),
    );
    let rows = found
        .sites
        .into_iter()
        .map(|site| view! { <SiteOf site=site editing=editing gate=gate manages=manages /> })
        .collect::<Vec<_>>();
    view! {
        <p class="pad quiet" role="status">
            {move || t_string!(i18n, office.site.shown, shown = number(i18n, shown), total = number(i18n, total))}
        </p>
        <div class="sheetlike flush">
            <table class="records" role="table">
                <caption class="vh">{t!(i18n, office.nav.sites)}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">{t!(i18n, office.record.name)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.record.region)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.site.category)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, inspection.new.checklists)}</th>
                        <th role="columnheader" scope="col"><span class="vh">{t!(i18n, office.people.act)}</span></th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn SiteOf(
    site: Site,
    editing: RwSignal<Option<Editing>>,
    gate: RwSignal<Option<Site>>,
    manages: bool,
) -> Node {
    let i18n = use_i18n();
    let (read, printed) = (site.clone(), site.clone());
    let (published, checklists) = (Published::get(), site.checklists.clone());
    let open = Callback::new(move |()| editing.set(Some(Editing::Old(read.clone()))));
    let show = Callback::new(move |()| gate.set(Some(printed.clone())));
    view! {
        <tr role="row">
            <td role="cell">
                <p><b>{site.name}</b></p>
                <p class="quiet">{site.address}</p>
                {site.credit_code.map(|code| view! { <p class="code">{code}</p> })}
            </td>
            <td role="cell" data-label=t!(i18n, office.record.region)>{site.region}</td>
            <td role="cell" data-label=t!(i18n, office.site.category)>{site.category}</td>
            <td role="cell" data-label=t!(i18n, inspection.new.checklists)>{move || published.names(i18n, &checklists)}</td>
            <td role="cell"><div class="row wrap">
                <Button icon="qr" label=t!(i18n, office.gate.show) on_press=show />
                {manages.then(|| view! { <Button icon="edit" label=t!(i18n, office.site.edit) on_press=open /> })}
            </div></td>
        </tr>
    }
}
