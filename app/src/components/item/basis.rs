//! What an item rests on, as it stood on the day: document, clause, since when, and whether it was ever compared.

use crate::view::{Node, view};
use crate::{
    components::Icon,
    draft::clause::{Cited, Standing},
    platform::intl::Style,
    words::{Words, day, pick, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::checklist::Document;

/// One basis.
#[component]
pub fn BasisLine(
    /// The basis.
    cited: Cited,
) -> Node {
    let i18n = use_i18n();
    let ended = matches!(cited.standing, Standing::Ended { .. } | Standing::From(_));
    let recalled = cited.recalled;
    let cited = StoredValue::new(cited);
    let scope =
        move || cited.with_value(|cited| cited.scope.as_ref().map(|scope| pick(i18n, scope)));
    view! {
        <div class="basis">
            <Icon name="book" />
            <p>{move || cited.with_value(|cited| citation(i18n, cited))}</p>
            {move || scope().map(|scope| view! { <p>{scope}</p> })}
            {recalled.then(|| view! { <p><span class="tag" data-tone="warn">{t!(i18n, inspection.item.recalled)}</span></p> })}
            <p class="quiet" class:said=ended data-tone=ended.then_some("warn")>
                {move || cited.with_value(|cited| standing(i18n, &cited.standing))}
            </p>
        </div>
    }
}

/// Document and clause, as cited in full.
pub fn citation(i18n: Words, cited: &Cited) -> String {
    let name = document(i18n, &cited.document);
    match &cited.clause {
        Some(clause) => format!("{name} {clause}"),
        None => name,
    }
}

/// Number (or name) and clause, where there is little room.
pub fn short(i18n: Words, cited: &Cited) -> String {
    let name = cited
        .document
        .number
        .clone()
        .unwrap_or_else(|| pick(i18n, &cited.document.title));
    match &cited.clause {
        Some(clause) => format!("{name} {clause}"),
        None => name,
    }
}

fn document(i18n: Words, document: &Document) -> String {
    let title = pick(i18n, &document.title);
    match &document.number {
        Some(number) if number != &title => format!("{title} ({number})"),
        _ => title,
    }
}

/// Whether it was in force on the day.
pub fn standing(i18n: Words, standing: &Standing) -> String {
    let date = |at| day(i18n, at, Style::LongDay);
    match standing {
        Standing::InForce(Some(from)) => {
            t_string!(i18n, inspection.item.in_force, date = date(*from))
        }
        Standing::InForce(None) => t_string!(i18n, inspection.item.in_force_unknown).to_owned(),
        Standing::From(from) => t_string!(i18n, inspection.item.not_yet, date = date(*from)),
        Standing::Ended {
            since,
            successor: None,
        } => t_string!(i18n, inspection.item.ended, date = date(*since)),
        Standing::Ended {
            since,
            successor: Some(by),
        } => {
            t_string!(
                i18n,
                inspection.item.ended_by,
                date = date(*since),
                successor = document(i18n, by)
            )
        }
    }
}
