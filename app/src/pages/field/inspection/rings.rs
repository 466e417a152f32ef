//! The sections as rings: arc = answered, tick = complete, red dot = has a failure, filled disc = current.

use crate::signal::{Memo, RwSignal};
use crate::view::{Node, effect, view};
use crate::words::counted;
use crate::{
    components::Icon,
    draft::Tally,
    platform::dom,
    state::draft::{OpenDraft, PartState},
    words::{Words, pick, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::checklist::Text;

/// One ring for each section.
#[component]
pub fn Rings(
    /// The draft.
    draft: OpenDraft,
    /// The section that is shown.
    current: RwSignal<usize>,
    /// Shows another section.
    go: Callback<usize>,
) -> Node {
    let i18n = use_i18n();
    let ring = |(at, state): (usize, PartState)| {
        let title = draft.read(|book| book.section(at).title.clone());
        view! { <Ring at=at state=state title=title current=current go=go /> }
    };
    view! {
        <nav class="rings" aria-label=t!(i18n, inspection.check.parts)>
            {draft.parts().into_iter().enumerate().map(ring).collect::<Vec<_>>()}
        </nav>
    }
}

#[component]
fn Ring(
    at: usize,
    state: PartState,
    title: Text,
    current: RwSignal<usize>,
    go: Callback<usize>,
) -> Node {
    let i18n = use_i18n();
    let tally = state.tally;
    let done = move || tally.get().complete();
    let here = Memo::new(move |_| current.get() == at);
    effect(move || {
        if here.get() {
            request_animation_frame(move || dom::reveal(&format!("ring-{at}")));
        }
    });
    let arc = move || {
        (tally.get().answered() > 0).then(|| {
        view! { <circle cx="20" cy="20" r="17" attr:pathLength="100" attr:stroke-dasharray=format!("{} 100", tally.get().percent())></circle> }
    })
    };
    let mark = move || match done() && !here.get() {
        true => view! { <Icon name="tick" small=true /> },
        false => view! { <b>{at + 1}</b> },
    };
    view! {
        <button
            class="ring"
            type="button"
            id=format!("ring-{at}")
            class:done=done
            aria-current=move || here.get().then_some("true")
            aria-label=move || label(i18n, &pick(i18n, &title), tally.get())
            on:click=move |_| go.run(at)
        >
            <svg viewBox="0 0 40 40" aria-hidden="true"><circle cx="20" cy="20" r="17"></circle>{arc}</svg>
            {mark}
            {move || (tally.get().fail > 0).then(|| view! { <i></i> })}
        </button>
    }
}

fn label(i18n: Words, name: &str, tally: Tally) -> String {
    let (name, done, asked, failed) =
        (name.to_owned(), tally.answered(), tally.asked(), tally.fail);
    match failed {
        0 => t_string!(
            i18n,
            inspection.check.ring,
            name = name,
            done = done,
            asked = asked
        ),
        _ => t_string!(
            i18n,
            inspection.check.ring_failed,
            name = name,
            done = done,
            asked = asked,
            failed = failed
        ),
    }
}

/// Name of a section and what it lacks.
#[component]
pub fn PartHead(
    /// The draft.
    draft: OpenDraft,
    /// The section.
    part: usize,
) -> Node {
    let i18n = use_i18n();
    let title = draft.read(|book| book.section(part).title.clone());
    let tally = draft.part(part).tally;
    let left = move || match tally.get() {
        Tally { missing: 0, .. } if tally.get().answered() == 0 => {
            t_string!(i18n, inspection.check.nothing_asked).to_owned()
        }
        Tally { missing: 0, .. } => t_string!(i18n, inspection.check.complete).to_owned(),
        Tally { missing, .. } => counted!(i18n, inspection.check.left, count = missing),
    };
    let name = move || {
        t_string!(
            i18n,
            inspection.check.part,
            number = part + 1,
            name = pick(i18n, &title)
        )
    };
    view! {
        <div class="head">
            <h2 id="part" tabindex="-1">{name}</h2>
            <span class="quiet nowrap" role="status">{left}</span>
        </div>
    }
}

/// Names of the checklists, for the line below the heading.
pub fn lists(i18n: Words, draft: OpenDraft) -> String {
    let names: Vec<String> = draft.read(|book| {
        book.checklists()
            .map(|list| pick(i18n, &list.checklist.title))
            .collect()
    });
    names.join(t_string!(i18n, common.list.comma))
}
