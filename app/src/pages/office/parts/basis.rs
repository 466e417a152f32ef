//! What an item rests on, as of a day: documents, clauses, and what is not certain about them.

use crate::view::{Node, view};
use crate::{
    components::Icon,
    office::sheet::ShownBasis,
    words::{pick, t_string, use_i18n},
};
use leptos::prelude::*;

/// The bases of an item.
#[component]
pub fn Bases(
    /// The bases.
    bases: Vec<ShownBasis>,
) -> Node {
    let rows = bases
        .into_iter()
        .map(|basis| view! { <Basis basis=basis /> })
        .collect::<Vec<_>>();
    view! { <ul class="stack t">{rows}</ul> }
}

#[component]
fn Basis(basis: ShownBasis) -> Node {
    let i18n = use_i18n();
    let cited = StoredValue::new(basis.clone());
    let words = move || {
        cited.with_value(|b| {
            let scope = b
                .scope
                .as_ref()
                .map(|s| t_string!(i18n, office.basis.scope, scope = pick(i18n, s)));
            [
                Some(pick(i18n, &b.title)),
                b.number.clone(),
                b.clause.clone(),
                scope,
            ]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(" ")
        })
    };
    let ended = move || {
        cited.with_value(|b| match &b.successor {
            Some(next) => t_string!(i18n, office.basis.ended_for, next = pick(i18n, next)),
            None => t_string!(i18n, office.basis.ended).to_owned(),
        })
    };
    view! {
        <li class="basis">
            <Icon name="book" />
            <div class="row wrap">
                <span>{words}</span>
                {basis
                    .recalled
                    .then(|| view! { <span class="tag" data-tone="warn">{move || t_string!(i18n, office.basis.recalled)}</span> })}
                {(!basis.in_force).then(|| view! { <span class="tag" data-tone="warn">{ended}</span> })}
            </div>
        </li>
    }
}
