//! The rows of one section: its gate first, then its items, once for each instance where it repeats.

use super::rings::PartHead;
use crate::signal::RwSignal;
use crate::view::{For, Node, view};
use crate::words::counted;
use crate::{
    components::{
        Button, ButtonKind,
        item::{GateRow, ItemRow},
    },
    pages::field::later::{Later, Page},
    state::draft::OpenDraft,
    words::{pick, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{checklist::GateState, time::CivilDate};

/// From how many rows on a section counts as long.
const MANY: usize = 60;
/// How many rows of a long section are drawn in one frame.
const BATCH: usize = 12;

/// A section.
#[component]
pub fn PartView(
    /// The draft.
    draft: OpenDraft,
    /// The section.
    part: usize,
    /// The day whose law applies.
    day: CivilDate,
    /// Shows another section.
    go: Callback<usize>,
) -> Node {
    let repeat = draft.read(|book| book.section(part).repeat.clone());
    let i18n = use_i18n();
    let (gated, shared) =
        draft.read(|book| (book.section(part).gate.is_some(), book.elsewhere(part)));
    let gate = draft.lines(part, true, "").into_iter().next();
    let items = match repeat {
        None => view! { <Items draft=draft part=part instance=String::new() day=day /> },
        Some(repeat) => {
            view! { <Later page=Page::Instances(draft, part, repeat, day) /> }
        }
    };
    view! {
        <section>
            <PartHead draft=draft part=part />
            {gate.map(|line| view! { <ol class="list"><GateRow draft=draft line=line day=day /></ol> })}
            {gated.then(|| view! { <GateWord draft=draft part=part /> })}
            {items}
            {(shared > 0).then(|| view! { <p class="pad quiet">{move || counted!(i18n, inspection.check.shared, count = shared)}</p> })}
        </section>
        <Neighbours draft=draft part=part go=go />
    }
}

/// The items of a section, or of one of its instances.
#[component]
pub fn Items(
    /// The draft.
    draft: OpenDraft,
    /// The section.
    part: usize,
    /// The number of the instance; empty for a section without.
    instance: String,
    /// The day whose law applies.
    day: CivilDate,
) -> Node {
    let lines = draft.lines(part, false, &instance);
    let all = lines.len();
    let row = move |line| view! { <ItemRow draft=draft line=line day=day /> };
    if all <= MANY {
        return view! { <ol class="list">{lines.into_iter().map(row).collect::<Vec<_>>()}</ol> };
    }
    // A long section is drawn a few rows a frame, so that the first ones can be tapped at once.
    let (lines, drawn) = (StoredValue::new(lines), RwSignal::new(BATCH));
    draw_more(drawn, all);
    let nth = move |at: usize| row(lines.with_value(|lines| lines[at].clone()));
    view! { <ol class="list many"><For each=move || 0..drawn.get() key=|at| *at children=nth /></ol> }
}

fn draw_more(drawn: RwSignal<usize>, all: usize) {
    request_animation_frame(move || {
        let next = drawn.try_update(|drawn| {
            *drawn = (*drawn + BATCH).min(all);
            *drawn
        });
        if next.is_some_and(|next| next < all) {
            draw_more(drawn, all);
        }
    });
}

#[component]
fn GateWord(draft: OpenDraft, part: usize) -> Node {
    let i18n = use_i18n();
    let gate = draft.part(part).gate;
    let said = move || match gate.get() {
        GateState::Open => None,
        GateState::NotApplicable => Some(t_string!(i18n, inspection.check.gated)),
        GateState::NotChecked => Some(t_string!(i18n, inspection.check.gate_unchecked)),
        GateState::Unanswered => Some(t_string!(i18n, inspection.check.gate_first)),
    };
    Node::live(move || {
        said().map(|text| view! { <p class="pad quiet gate-word" role="status">{text}</p> })
    })
}

#[component]
fn Neighbours(draft: OpenDraft, part: usize, go: Callback<usize>) -> Node {
    let i18n = use_i18n();
    let title =
        move |at: usize| StoredValue::new(draft.read(|book| book.section(at).title.clone()));
    let last = draft.parts().len() - 1;
    let name = move |title: StoredValue<zhicha_core::checklist::Text>| {
        title.with_value(|title| pick(i18n, title))
    };
    let next = (part < last).then(|| {
        let title = title(part + 1);
        let label = move || t_string!(i18n, inspection.check.next_part, name = name(title));
        view! { <Button label=label on_press=Callback::new(move |()| go.run(part + 1)) /> }
    });
    let previous = (part > 0).then(|| {
        let title = title(part - 1);
        let label = move || t_string!(i18n, inspection.check.previous_part, name = name(title));
        view! { <Button kind=ButtonKind::Link label=label on_press=Callback::new(move |()| go.run(part - 1)) /> }
    });
    view! { <div class="pad stack">{next}{previous}</div> }
}
