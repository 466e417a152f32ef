//! The category of a site: the known kinds are suggested, anything may be typed, and what follows from it is said at once.

use super::edit::Entry;
use crate::view::{Node, view};
use crate::{
    components::Field,
    office::{
        first::{First, first},
        published::Published,
    },
    words::{Locale, Words, pick, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::checklist::{Text, fits::KINDS};

/// The field.
#[component]
pub fn Category(
    /// The form.
    entry: Entry,
) -> Node {
    let i18n = use_i18n();
    let published = Published::get();
    let value = entry.category;
    let said = Signal::derive(move || {
        let published = published.newest();
        // Nothing is said before it is known what is published.
        (!published.is_empty()).then(|| {
            let first = entry
                .checklists
                .with(|named| value.with(|category| first(category, named, &published)));
            words(i18n, &first)
        })
    });
    let kinds = move || {
        let kinds = KINDS.iter().map(|(_, zh, en)| match i18n.get_locale() {
            Locale::zh => *zh,
            Locale::en => *en,
        });
        kinds
            .map(|kind| view! { <option value=kind></option> })
            .collect::<Vec<_>>()
    };
    view! {
        <Field id="site-category" label=t!(i18n, office.site.category) said=said>
            <input
                class="in"
                id="site-category"
                type="text"
                list="site-kinds"
                autocomplete="off"
                spellcheck="false"
                maxlength=64
                aria-describedby="site-category-said"
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            <datalist id="site-kinds">{kinds}</datalist>
        </Field>
    }
}

fn words(i18n: Words, first: &First) -> String {
    let names = |lists: &[Text]| {
        let names: Vec<_> = lists.iter().map(|title| pick(i18n, title)).collect();
        names.join(" · ")
    };
    match first {
        First::Named(lists) => t_string!(i18n, office.site.first_chosen, lists = names(lists)),
        First::Fitting(lists) => t_string!(i18n, office.site.first_fitting, lists = names(lists)),
        First::NoCategory => t_string!(i18n, office.site.no_category).to_owned(),
        First::UnknownCategory => t_string!(i18n, office.site.unknown_category).to_owned(),
        First::Unpublished => t_string!(i18n, office.site.nothing_first).to_owned(),
    }
}
