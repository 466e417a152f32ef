//! The hazards of the record; one that was none is withdrawn, and stays readable.

use super::Desk;
use crate::view::{Node, view};
use crate::words::{determination, determination_tone, pick, t, use_i18n};
use leptos::prelude::*;
use zhicha_core::inspection::Hazard;

/// The list with a switch for each.
#[component]
pub fn Hazards(desk: Desk) -> Node {
    let i18n = use_i18n();
    let open: Vec<Hazard> = desk.record.with_value(|record| {
        let all = record.hazards().into_iter();
        all.filter(|(_, withdrawn)| !withdrawn)
            .map(|(hazard, _)| hazard)
            .collect()
    });
    if open.is_empty() {
        return Node::Nothing;
    }
    let line = |hazard: Hazard| view! { <Line desk=desk hazard=hazard /> };
    view! {
        <section>
            <div class="head"><h2>{t!(i18n, inspection.amend.hazards)}</h2></div>
            <ul class="list">{open.into_iter().map(line).collect::<Vec<_>>()}</ul>
        </section>
    }
}

#[component]
fn Line(desk: Desk, hazard: Hazard) -> Node {
    let i18n = use_i18n();
    let id = hazard.hazard_id;
    let gravity = hazard.judged.unwrap_or(hazard.suggested);
    let text = desk.lists.with_value(|lists| {
        let list = lists.iter().find(|l| l.digest == hazard.key.checklist)?;
        list.checklist
            .sections
            .iter()
            .flat_map(|s| &s.items)
            .find(|i| i.id == hazard.key.item)
            .map(|i| i.text.clone())
    });
    let title = move || {
        text.as_ref()
            .map_or_else(|| hazard.key.item.clone(), |text| pick(i18n, text))
    };
    let control = format!("withdraw-{id}");
    let label_for = control.clone();
    let on = move || desk.amendment.with(|a| a.withdrawn.contains(&id));
    view! {
        <li class="sheetlike stack">
            <p><span class="tag" data-tone=determination_tone(gravity)>{move || determination(i18n, gravity)}</span></p>
            <h3>{title}</h3>
            <p>{hazard.fact}</p>
            <label class="sw" for=label_for>
                <span>{t!(i18n, inspection.amend.withdraw)}</span>
                <input type="checkbox" role="switch" id=control prop:checked=on on:change=move |_| desk.amendment.update(|a| a.toggle(id)) />
            </label>
        </li>
    }
}
