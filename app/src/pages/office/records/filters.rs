//! The filter of the list: words, days, mode, checklist, and two switches.

use crate::view::{Node, view};
use crate::{
    components::{Button, ButtonKind, Field, Icon},
    office::{published::Published, query::RecordQuery, received::Received},
    words::{mode, pick, t, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::inspection::Mode;

const MODES: [(Mode, &str); 3] = [
    (Mode::SpotCheck, "spot_check"),
    (Mode::SelfInspection, "self_inspection"),
    (Mode::ReInspection, "re_inspection"),
];

/// The filter.
#[component]
pub fn Filters() -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    let filtered = move || list.query.with(RecordQuery::filters);
    let clear = Callback::new(move |()| list.filter(|q| *q = RecordQuery::default()));
    view! {
        <search class="filters" aria-label=t!(i18n, office.filter.label)>
            <Words />
            <Day id="from" label=t!(i18n, office.filter.from) get=|q| &q.from set=|q, v| q.from = v />
            <Day id="to" label=t!(i18n, office.filter.to) get=|q| &q.to set=|q, v| q.to = v />
            <ModeChoice />
            <ChecklistChoice />
            <div class="chips switches">
                <Switch word=t!(i18n, office.filter.with_fails) get=|q| q.with_fails set=|q, v| q.with_fails = v />
                <Switch word=t!(i18n, office.filter.unsealed) get=|q| q.unsealed set=|q, v| q.unsealed = v />
                {move || {
                    filtered()
                        .then(|| view! { <Button kind=ButtonKind::Link label=t!(i18n, office.filter.clear) on_press=clear /> })
                }}
            </div>
        </search>
    }
}

#[component]
fn Words() -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    view! {
        <div class="field words">
            <label for="words">{t!(i18n, office.filter.words)}</label>
            <div class="find">
                <Icon name="search" />
                <input
                    class="in"
                    id="words"
                    type="search"
                    maxlength=100
                    prop:value=move || list.query.with(|q| q.words.clone())
                    on:input=move |event| list.filter(|q| q.words = event_target_value(&event))
                />
            </div>
        </div>
    }
}

#[component]
fn Day(
    id: &'static str,
    #[prop(into)] label: leptos::text_prop::TextProp,
    get: fn(&RecordQuery) -> &String,
    set: fn(&mut RecordQuery, String),
) -> Node {
    let list = Received::get();
    view! {
        <Field id=id label=label>
            <input
                class="in"
                id=id
                type="date"
                prop:value=move || list.query.with(|q| get(q).clone())
                on:change=move |event| list.filter(|q| set(q, event_target_value(&event)))
            />
        </Field>
    }
}

#[component]
fn ModeChoice() -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    let chosen = move |name: &str| list.query.with(|q| q.mode == name);
    let options = MODES
        .map(|(value, name)| view! { <option value=name selected=move || chosen(name)>{move || mode(i18n, value)}</option> })
        .into_iter()
        .collect::<Vec<_>>();
    view! {
        <Field id="mode" label=t!(i18n, office.filter.mode)>
            <select class="in" id="mode" on:change=move |event| list.filter(|q| q.mode = event_target_value(&event))>
                <option value="" selected=move || chosen("")>{t!(i18n, office.filter.all)}</option>
                {options}
            </select>
        </Field>
    }
}

#[component]
fn ChecklistChoice() -> Node {
    let i18n = use_i18n();
    let list = Received::get();
    let published = Published::get();
    let chosen = move |id: &str| list.query.with(|q| q.checklist == id);
    let options = move || {
        published
            .newest()
            .into_iter()
            .map(|info| {
                let selected = chosen(&info.id);
                view! { <option value=info.id selected=selected>{move || pick(i18n, &info.title)}</option> }
            })
            .collect::<Vec<_>>()
    };
    view! {
        <Field id="checklist" label=t!(i18n, office.filter.checklist)>
            <select class="in" id="checklist" on:change=move |event| list.filter(|q| q.checklist = event_target_value(&event))>
                <option value="" selected=move || chosen("")>{t!(i18n, office.filter.all)}</option>
                {options}
            </select>
        </Field>
    }
}

#[component]
fn Switch(
    #[prop(into)] word: leptos::text_prop::TextProp,
    get: fn(&RecordQuery) -> bool,
    set: fn(&mut RecordQuery, bool),
) -> Node {
    let list = Received::get();
    view! {
        <label>
            <input
                type="checkbox"
                prop:checked=move || list.query.with(get)
                on:change=move |event| list.filter(|q| set(q, event_target_checked(&event)))
            />
            <span>{move || word.get()}</span>
        </label>
    }
}
