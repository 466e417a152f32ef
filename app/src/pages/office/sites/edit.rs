//! Adding or changing a site: compare-and-set on the version that was read, so that nobody's change is lost unseen.

use super::{Editing, category::Category, conflict::Conflict};
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Button, ButtonKind, Sheet, TextField},
    office::{
        client::{self, Failure, SiteList},
        load::Loaded,
        published::Published,
    },
    pages::office::parts::{FailedLine, open_with},
    words::{pick, t, t_string, use_i18n},
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use std::collections::BTreeSet;
use zhicha_core::{
    api::{ChecklistInfo, SiteEdit},
    id::SiteId,
    sync::wire::Site,
};

/// The sheet.
#[component]
pub fn Edit(
    /// What it is open for.
    editing: RwSignal<Option<Editing>>,
    /// Fetched anew afterwards.
    sites: Loaded<SiteList>,
) -> Node {
    let i18n = use_i18n();
    let open = open_with(editing);
    let title = move || match editing.get() {
        Some(Editing::Old(_)) => t_string!(i18n, office.site.edit),
        _ => t_string!(i18n, office.site.add),
    };
    view! {
        <Sheet open=open id="site" title=title>
            {move || editing.get().map(|what| view! { <Form what=what open=open sites=sites /> })}
        </Sheet>
    }
}

/// What is typed.
#[derive(Clone, Copy)]
pub struct Entry {
    id: Option<SiteId>,
    version: RwSignal<u32>,
    name: RwSignal<String>,
    address: RwSignal<String>,
    region: RwSignal<String>,
    credit_code: RwSignal<String>,
    /// What kind of place it is.
    pub category: RwSignal<String>,
    /// Checklists named for it.
    pub checklists: RwSignal<BTreeSet<String>>,
}

impl Entry {
    fn new(what: &Editing) -> Self {
        let old = if let Editing::Old(site) = what {
            Some(site)
        } else {
            None
        };
        let text = |get: fn(&Site) -> String| RwSignal::new(old.map(get).unwrap_or_default());
        Self {
            id: old.map(|s| s.site_id),
            version: RwSignal::new(old.map_or(0, |s| s.version)),
            name: text(|s| s.name.clone()),
            address: text(|s| s.address.clone()),
            region: text(|s| s.region.clone()),
            credit_code: text(|s| s.credit_code.clone().unwrap_or_default()),
            category: text(|s| s.category.clone()),
            checklists: RwSignal::new(
                old.map(|s| s.checklists.iter().cloned().collect())
                    .unwrap_or_default(),
            ),
        }
    }

    /// Takes over what somebody else saved.
    pub fn take(self, theirs: &Site) {
        self.version.set(theirs.version);
        self.name.set(theirs.name.clone());
        self.address.set(theirs.address.clone());
        self.region.set(theirs.region.clone());
        self.credit_code
            .set(theirs.credit_code.clone().unwrap_or_default());
        self.category.set(theirs.category.clone());
        self.checklists
            .set(theirs.checklists.iter().cloned().collect());
    }

    /// Keeps what is typed, on top of what somebody else saved.
    pub fn keep_over(self, theirs: &Site) {
        self.version.set(theirs.version);
    }

    /// What will be saved.
    pub fn edit(self) -> SiteEdit {
        let text = |s: RwSignal<String>| s.with(|t| t.trim().to_owned());
        let code = text(self.credit_code);
        SiteEdit {
            version: self.version.get(),
            name: text(self.name),
            address: text(self.address),
            region: text(self.region),
            credit_code: (!code.is_empty()).then_some(code),
            category: text(self.category),
            checklists: self.checklists.with(|c| c.iter().cloned().collect()),
        }
    }

    fn complete(self) -> bool {
        [self.name, self.address, self.region]
            .iter()
            .all(|s| s.with(|t| !t.trim().is_empty()))
    }
}

#[component]
fn Form(what: Editing, open: RwSignal<bool>, sites: Loaded<SiteList>) -> Node {
    let i18n = use_i18n();
    let entry = Entry::new(&what);
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<Failure>);
    let theirs = RwSignal::new(None::<Site>);
    let name_before = entry.name.get_untracked();
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let edit = untrack(|| entry.edit());
        let names = [name_before.clone(), edit.name.clone(), edit.address.clone()];
        busy.set(true);
        failed.set(None);
        theirs.set(None);
        spawn_local(async move {
            let done = client::save_site(entry.id, &edit).await;
            busy.try_set(false);
            match done {
                Ok(_) => {
                    open.set(false);
                    sites.reload();
                }
                Err(failure) => {
                    if let (true, Some(id)) = (failure.conflict(), entry.id) {
                        theirs.try_set(client::site(id, &names).await.ok().flatten());
                    }
                    failed.try_set(Some(failure));
                }
            }
        });
    };
    let blocked = Signal::derive(move || busy.get() || !entry.complete());
    let missing = move || (!entry.complete()).then(|| t_string!(i18n, office.site.missing));
    view! {
        <form class="stack l" on:submit=send>
            <Fields entry=entry />
            <FailedLine failure=failed />
            <Conflict theirs=theirs entry=entry failed=failed />
            <p class="quiet">{missing}</p>
            <Button kind=ButtonKind::Main submit=true icon="save" label=t!(i18n, office.site.save) disabled=blocked />
        </form>
    }
}

#[component]
fn Fields(entry: Entry) -> Node {
    let i18n = use_i18n();
    view! {
        <TextField id="site-name" label=t!(i18n, office.record.name) value=entry.name />
        <TextField id="site-address" label=t!(i18n, office.record.address) value=entry.address max=300 />
        <TextField id="site-region" label=t!(i18n, office.record.region) value=entry.region max=64 />
        <TextField id="site-code" label=t!(i18n, office.record.credit_code) value=entry.credit_code max=18 />
        <Category entry=entry />
        <Fitting chosen=entry.checklists />
    }
}

/// Checklists named for the site, instead of those that fit its category; ids that are not published here stay named.
#[component]
fn Fitting(chosen: RwSignal<BTreeSet<String>>) -> Node {
    let i18n = use_i18n();
    let published = Published::get();
    let choice = move |info: ChecklistInfo| {
        let (id, asked) = (info.id.clone(), info.id);
        let change = move |event| {
            let on = event_target_checked(&event);
            chosen.update(|c| {
                if on {
                    c.insert(id.clone())
                } else {
                    c.remove(&id)
                };
            });
        };
        view! {
            <label>
                <input type="checkbox" prop:checked=move || chosen.with(|c| c.contains(&asked)) on:change=change />
                <span>{move || pick(i18n, &info.title)}</span>
            </label>
        }
    };
    let choices = move || {
        published
            .newest()
            .into_iter()
            .map(choice)
            .collect::<Vec<_>>()
    };
    view! {
        <fieldset class="stack">
            <legend>{t!(i18n, office.site.fitting)}</legend>
            <p class="quiet">{t!(i18n, office.site.fitting_hint)}</p>
            <div class="chips">{choices}</div>
        </fieldset>
    }
}
