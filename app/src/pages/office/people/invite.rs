//! Inviting a person: name, login, role and regions, then a one-time link.

use super::{link::Link, site_choice::SiteChoice};
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::{Button, ButtonKind, Field, Sheet, TextField},
    office::{
        client::{self, Failure},
        load::Loaded,
    },
    pages::office::parts::FailedLine,
    words::{role, t, t_string, use_i18n},
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use zhicha_core::{
    access::Role,
    api::{InviteLink, NewInvite, Person},
    id::SiteId,
};

/// The sheet with the form, and afterwards the link.
#[component]
pub fn Invite(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Fetched anew afterwards.
    people: Loaded<Vec<Person>>,
) -> Node {
    let i18n = use_i18n();
    view! {
        <Sheet open=open id="invite" title=t!(i18n, office.people.invite)>
            <Steps open=open people=people />
        </Sheet>
    }
}

#[component]
fn Steps(open: RwSignal<bool>, people: Loaded<Vec<Person>>) -> Node {
    let made = RwSignal::new(None::<(String, InviteLink)>);
    Node::live(move || match made.get() {
        Some((name, link)) => view! { <Link name=name link=link open=open /> },
        None => view! { <Form made=made people=people /> },
    })
}

#[derive(Clone, Copy)]
struct Entry {
    name: RwSignal<String>,
    login: RwSignal<String>,
    role: RwSignal<Role>,
    regions: RwSignal<String>,
    site: RwSignal<Option<SiteId>>,
}

impl Entry {
    fn new() -> Self {
        Self {
            name: RwSignal::new(String::new()),
            login: RwSignal::new(String::new()),
            role: RwSignal::new(Role::Inspector),
            regions: RwSignal::new(String::new()),
            site: RwSignal::new(None),
        }
    }

    fn complete(self) -> bool {
        let filled = |s: RwSignal<String>| s.with(|t| !t.trim().is_empty());
        let scoped = match self.role.get() {
            Role::Administrator => true,
            Role::Business => self.site.get().is_some(),
            Role::Inspector | Role::Supervisor => filled(self.regions),
        };
        filled(self.name) && filled(self.login) && scoped
    }

    fn invite(self) -> NewInvite {
        let role = self.role.get_untracked();
        let typed = self.regions.get_untracked();
        let site = self.site.get_untracked().map(|id| format!("site:{id}"));
        let regions = typed
            .split([',', '，', '、', ' '])
            .map(str::trim)
            .filter(|r| !r.is_empty())
            .map(str::to_owned);
        NewInvite {
            name: self.name.get_untracked().trim().to_owned(),
            login: self.login.get_untracked().trim().to_owned(),
            role,
            grants: match role {
                Role::Administrator => vec!["*".to_owned()],
                Role::Business => site.into_iter().collect(),
                Role::Inspector | Role::Supervisor => regions.collect(),
            },
        }
    }
}

#[component]
fn Form(made: RwSignal<Option<(String, InviteLink)>>, people: Loaded<Vec<Person>>) -> Node {
    let i18n = use_i18n();
    let entry = Entry::new();
    let busy = RwSignal::new(false);
    let failed = RwSignal::new(None::<Failure>);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        let invite = entry.invite();
        busy.set(true);
        failed.set(None);
        spawn_local(async move {
            let came = client::invite(&invite).await;
            busy.try_set(false);
            match came {
                Ok(link) => {
                    made.try_set(Some((invite.name, link)));
                    people.reload();
                }
                Err(failure) => {
                    failed.try_set(Some(failure));
                }
            }
        });
    };
    let blocked = Signal::derive(move || busy.get() || !entry.complete());
    let missing = move || (!entry.complete()).then(|| t_string!(i18n, office.invite.missing));
    view! {
        <form class="stack l" on:submit=send>
            <TextField id="invite-name" label=t!(i18n, office.people.name) value=entry.name max=100 />
            <TextField
                id="invite-login"
                label=move || t_string!(i18n, office.people.login)
                value=entry.login
                max=64
                said=Signal::derive(move || Some(t_string!(i18n, office.invite.login_words).to_owned()))
            />
            <RoleChoice chosen=entry.role />
            {move || match entry.role.get() {
                Role::Administrator => Node::Nothing,
                Role::Business => view! { <SiteChoice chosen=entry.site /> },
                Role::Inspector | Role::Supervisor => view! { <Regions value=entry.regions /> },
            }}
            <FailedLine failure=failed />
            <p class="quiet">{missing}</p>
            <Button kind=ButtonKind::Main submit=true label=t!(i18n, office.invite.make) disabled=blocked />
        </form>
    }
}

#[component]
fn Regions(value: RwSignal<String>) -> Node {
    let i18n = use_i18n();
    let said =
        Signal::derive(move || Some(t_string!(i18n, office.invite.regions_words).to_owned()));
    view! { <TextField id="invite-regions" label=t!(i18n, office.people.regions) value=value said=said /> }
}

#[component]
fn RoleChoice(chosen: RwSignal<Role>) -> Node {
    let i18n = use_i18n();
    let options = Role::ALL
        .map(|r| view! { <option value=r.as_str() selected=move || chosen.get() == r>{move || role(i18n, r)}</option> })
        .into_iter()
        .collect::<Vec<_>>();
    let change = move |event| {
        if let Ok(role) = event_target_value(&event).parse() {
            chosen.set(role);
        }
    };
    view! {
        <Field id="invite-role" label=t!(i18n, office.people.role)>
            <select class="in" id="invite-role" on:change=change>
                {options}
            </select>
        </Field>
    }
}
