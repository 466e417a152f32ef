//! A section that is answered for each of several things: rooms, dust collectors, tenants.

use super::part::Items;
use crate::view::{For, Node, Show, view};
use crate::words::counted;
use crate::{
    components::{Button, ButtonKind},
    state::draft::{OpenDraft, Standing},
    words::{pick, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{
    checklist::{GateState, Repeat},
    time::CivilDate,
};

/// The instances of a section.
#[component]
pub fn Instances(
    /// The draft.
    draft: OpenDraft,
    /// The section.
    part: usize,
    /// What one is called, and how many there may be.
    repeat: Repeat,
    /// The day whose law applies.
    day: CivilDate,
) -> Node {
    let i18n = use_i18n();
    let state = draft.part(part);
    let (noun, max) = (StoredValue::new(repeat.noun), repeat.max);
    let open = move || state.gate.get() == GateState::Open;
    let count = move || state.instances.get();
    let locked = Signal::derive(move || draft.standing.get() != Standing::Ours || count() >= max);
    // The counters change with every answer of the section, and with them whether the last set is empty.
    let removable = move || {
        state.tally.track();
        count() > 0
            && draft.standing.get() == Standing::Ours
            && draft.read(|book| book.may_remove(part))
    };
    let name = move |n: u16| {
        t_string!(
            i18n,
            inspection.repeat.instance,
            noun = noun.with_value(|noun| pick(i18n, noun)),
            n = n,
            count = count()
        )
    };
    let add = move || {
        t_string!(
            i18n,
            inspection.repeat.add,
            noun = noun.with_value(|noun| pick(i18n, noun))
        )
    };
    view! {
        <Show when=open>
            <For each=move || 1..=count() key=|n| *n let:n>
                <div class="head instance"><h3>{move || name(n)}</h3></div>
                <Items draft=draft part=part instance=n.to_string() day=day />
            </For>
            <div class="pad stack repeat">
                {move || (count() == 0).then(|| view! { <p class="quiet">{t!(i18n, inspection.repeat.none)}</p> })}
                <div id="add-instance" tabindex="-1">
                    <Button icon="plus" label=add disabled=locked on_press=Callback::new(move |()| { draft.add_instance(part); }) />
                </div>
                {move || (count() >= max).then(|| view! { <p class="quiet">{move || counted!(i18n, inspection.repeat.full, count = max)}</p> })}
                {move || removable().then(|| view! {
                    <Button kind=ButtonKind::Link label=t!(i18n, inspection.repeat.remove) on_press=Callback::new(move |()| draft.remove_instance(part)) />
                })}
            </div>
        </Show>
    }
}
