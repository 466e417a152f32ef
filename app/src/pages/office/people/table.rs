//! The table of people.

use super::revoke::Revocation;
use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::Button,
    office::{session::OfficeSession, when},
    pages::office::parts::Tag,
    words::{Words, role, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::api::Person;

/// All people.
#[component]
pub fn Table(
    /// The people.
    people: Vec<Person>,
    /// What is about to be revoked.
    revoking: RwSignal<Option<Revocation>>,
    /// Whether the reader may revoke.
    manages: bool,
) -> Node {
    let i18n = use_i18n();
    let rows = people
        .into_iter()
        .map(|person| view! { <PersonOf person=person revoking=revoking manages=manages /> })
        .collect::<Vec<_>>();
    view! {
        <div class="sheetlike flush">
            <table class="records" role="table">
                <caption class="vh">{t!(i18n, office.people.people)}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">{t!(i18n, office.people.name)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.people.role)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.people.regions)}</th>
                        <th role="columnheader" scope="col">{t!(i18n, office.people.state)}</th>
                        {manages.then(|| view! { <th role="columnheader" scope="col"><span class="vh">{t!(i18n, office.people.act)}</span></th> })}
                    </tr>
                </thead>
                <tbody role="rowgroup">{rows}</tbody>
            </table>
        </div>
    }
}

/// Regions in words; `*` is all of them, `site:…` one site of a business.
pub fn regions(i18n: Words, grants: &[String]) -> String {
    if grants.iter().any(|g| g == "*") {
        t_string!(i18n, office.people.all_regions).to_owned()
    } else if grants.is_empty() {
        t_string!(i18n, office.people.no_regions).to_owned()
    } else if grants.iter().all(|g| g.starts_with("site:")) {
        t_string!(i18n, office.people.own_sites, count = grants.len())
    } else {
        grants.join(t_string!(i18n, common.list.and))
    }
}

#[component]
fn PersonOf(person: Person, revoking: RwSignal<Option<Revocation>>, manages: bool) -> Node {
    let i18n = use_i18n();
    let own = OfficeSession::get()
        .info()
        .is_some_and(|i| i.user == person.user);
    let (held, grants) = (person.role, person.grants.clone());
    let target = person.clone();
    let ask = Callback::new(move |()| revoking.set(Some(Revocation::Person(target.clone()))));
    let can = manages && !own && person.revoked_at.is_none();
    view! {
        <tr role="row">
            <td role="cell">
                <p><b>{person.name.clone()}</b></p>
                <p class="quiet">{person.login.clone()}</p>
            </td>
            <td role="cell" data-label=t!(i18n, office.people.role)>{move || role(i18n, held)}</td>
            <td role="cell" data-label=t!(i18n, office.people.regions)>{move || regions(i18n, &grants)}</td>
            <td role="cell" data-label=t!(i18n, office.people.state)><State person=person own=own /></td>
            {manages
                .then(|| {
                    view! {
                        <td role="cell">
                            {can.then(|| view! { <Button label=t!(i18n, office.people.revoke) on_press=ask /> })}
                        </td>
                    }
                })}
        </tr>
    }
}

#[component]
fn State(person: Person, own: bool) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let devices = person
        .devices
        .iter()
        .filter(|d| d.revoked_at.is_none())
        .count();
    let word = move || match (person.revoked_at, person.invited) {
        (Some(at), _) => t_string!(i18n, office.people.revoked, at = when::minute(at, zone)),
        (None, true) => t_string!(i18n, office.people.invited).to_owned(),
        (None, false) => t_string!(i18n, office.people.active, count = devices),
    };
    let tone = if person.revoked_at.is_some() {
        "warn"
    } else {
        "na"
    };
    view! {
        <p class="row wrap">
            <Tag tone=tone word=word />
            {own.then(|| view! { <Tag tone="info" word=t!(i18n, office.people.you) /> })}
        </p>
    }
}
