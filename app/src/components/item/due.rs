//! The deadline: a date, and shortcuts that only fill it in. Nothing is chosen beforehand: no deadline is law.

use crate::view::{Node, view};
use crate::words::counted;
use crate::{
    draft::finding::{DUE_DAYS, Edit, shortcut},
    platform::intl::Style,
    words::{Words, day, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::time::CivilDate;

/// Shortcuts, date field, and the date in words.
#[component]
pub fn Due(
    /// Prefix of ids.
    id: String,
    /// The deadline.
    due: Signal<Option<CivilDate>>,
    /// Today.
    today: CivilDate,
    /// Takes the change.
    edit: Callback<Edit>,
) -> Node {
    let i18n = use_i18n();
    let name = format!("{id}-days");
    let date_id = id + "-date";
    let chip = |days: i64| {
        view! {
            <label>
                <input type="radio" name=name.clone() prop:checked=move || shortcut(due.get(), today) == Some(days)
                    on:change=move |_| edit.run(Edit::Due(Some(today.plus_days(days)))) />
                <span>{move || days_word(i18n, days)}</span>
            </label>
        }
    };
    let chips = DUE_DAYS.map(chip).into_iter().collect::<Vec<_>>();
    let typed = move |event| edit.run(Edit::Due(event_target_value(&event).parse().ok()));
    let words = move || match due.get() {
        Some(due) => t_string!(
            i18n,
            inspection.finding.due_until,
            date = day(i18n, due, Style::Day)
        ),
        None => t_string!(i18n, inspection.finding.due_none).to_owned(),
    };
    view! {
        <section class="stack">
            <h3>{t!(i18n, inspection.finding.due)}</h3>
            <fieldset class="chips"><legend class="vh">{t!(i18n, inspection.finding.due)}</legend>{chips}</fieldset>
            <div class="field">
                <label for=date_id.clone()>{t!(i18n, inspection.finding.due_date)}</label>
                <input class="in" type="date" id=date_id min=today.to_string()
                    prop:value=move || due.get().map(|d| d.to_string()).unwrap_or_default() on:change=typed />
            </div>
            <p role="status"><b>{words}</b><br /><span class="quiet">{t!(i18n, inspection.finding.due_hint)}</span></p>
        </section>
    }
}

fn days_word(i18n: Words, days: i64) -> String {
    match days {
        0 => t_string!(i18n, inspection.finding.today).to_owned(),
        days => counted!(i18n, inspection.finding.days, count = days),
    }
}
