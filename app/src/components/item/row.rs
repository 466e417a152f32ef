//! One row: it is there while it is asked, and listens to its own signals only.

use super::{
    Given, RowCx, Touched,
    control::{Control, Wires},
    failure, live,
    raised::Raised,
};
use crate::signal::{Memo, RwSignal};
use crate::view::{Node, view};
use crate::{
    components::{Button, Icon},
    draft::{
        Line,
        clause::{Listed, listed},
    },
    pages::field::later::{Later, Page},
    state::draft::OpenDraft,
    words::{Words, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{
    answer::AnswerValue,
    checklist::{AnswerKind, Text},
    time::CivilDate,
};

/// The row of an item.
#[component]
pub fn ItemRow(
    /// The draft.
    draft: OpenDraft,
    /// Its line.
    line: Line,
    /// The day whose law applies.
    day: CivilDate,
) -> Node {
    let row = RowCx::new(draft, line, day);
    let Some(item) = row.item.get_value() else {
        return Node::Nothing;
    };
    let tag = row
        .checklist
        .with_value(|loaded| listed(&item, &loaded.checklist, day));
    let shape = StoredValue::new(Shape {
        code: item.source,
        text: item.text,
        how: item.how,
        kind: Some(item.answer),
        tag,
        optional: !item.required,
    });
    Node::live(move || {
        row.state
            .asked
            .get()
            .then(|| view! { <Shown row=row shape=shape /> })
    })
}

/// The row of a section's gate. It is always asked.
#[component]
pub fn GateRow(
    /// The draft.
    draft: OpenDraft,
    /// Its line.
    line: Line,
    /// The day whose law applies.
    day: CivilDate,
) -> Node {
    let gate = draft.read(|book| book.section(line.part).gate.clone());
    let row = RowCx::new(draft, line, day);
    let shape = gate.map(|gate| Shape {
        code: String::new(),
        text: gate.text,
        how: gate.how,
        kind: None,
        tag: None,
        optional: false,
    });
    Node::of(shape.map(|shape| view! { <Shown row=row shape=StoredValue::new(shape) /> }))
}

#[derive(Clone)]
struct Shape {
    code: String,
    text: Text,
    how: Option<Text>,
    kind: Option<AnswerKind>,
    tag: Option<Listed>,
    optional: bool,
}

#[component]
fn Shown(row: RowCx, shape: StoredValue<Shape>) -> Node {
    let i18n = use_i18n();
    let Shape {
        code,
        text,
        how,
        kind,
        tag,
        optional,
    } = shape.get_value();
    let open = RwSignal::new(false);
    let how = StoredValue::new(how);
    let (check, gate) = (kind == Some(AnswerKind::Check), kind.is_none());
    let more_code = code.clone();
    let question = row.id("q");
    let wires = Wires {
        id: StoredValue::new(row.id("a")),
        question: StoredValue::new(question.clone()),
        value: Signal::derive(move || row.value()),
        state: Signal::derive(move || row.saving()),
        locked: Signal::derive(move || row.locked()),
        give: Callback::new(move |given: Given| row.give(given)),
        settle: Callback::new(move |()| row.draft.flush()),
    };
    let failed = Memo::new(move |_| row.value() == Some(AnswerValue::Fail));
    let touched = expect_context::<Touched>();
    view! {
        <li class="item" id=row.anchor.get_value() on:focusin=move |_| touched.0.run(row.key.get_value())>
            <div class="row">
                {gate.then(|| view! { <span class="tag" data-tone="info">{t!(i18n, inspection.item.gate)}</span> })}
                {(!code.is_empty()).then(|| view! { <span class="code">{code}</span> })}
                {tag.map(|tag| view! { <span class="tag" data-tone="na">{move || tag_word(i18n, tag)}</span> })}
                {optional.then(|| view! { <span class="quiet">{t!(i18n, inspection.item.optional)}</span> })}
                <button class="icon" type="button" aria-expanded=move || open.get().to_string() aria-controls=row.id("more")
                    aria-label=move || t_string!(i18n, inspection.item.more, code = more_code.clone())
                    on:click=move |_| open.update(|open| *open = !*open)>
                    <Icon name="info" />
                </button>
            </div>
            <h3 id=question>{live(i18n, text)}</h3>
            {move || open.get().then(|| view! { <Later page=Page::More(row, how.get_value()) /> })}
            <Control kind=kind wires=wires />
            <Aside row=row check=check />
            {move || failed.get().then(|| view! { <Raised row=row /> })}
        </li>
    }
}

// What the control itself cannot show: not checked, not applicable, and what did not reach the disk.
#[component]
fn Aside(row: RowCx, check: bool) -> Node {
    let i18n = use_i18n();
    let said = move || match row.value()? {
        AnswerValue::NotChecked { reason } => {
            Some((t_string!(i18n, inspection.item.not_checked), reason))
        }
        AnswerValue::NotApplicable if !check => Some((
            t_string!(i18n, inspection.item.not_applicable),
            String::new(),
        )),
        _ => None,
    };
    let lost = move || failure(i18n, &row.state.saving.get());
    view! {
        {move || said().map(|(word, reason)| view! {
            <p class="row wrap aside"><span class="tag" data-tone="na">{word}</span><span>{reason}</span></p>
        })}
        {move || lost().map(|why| view! {
            <div class="stack aside">
                <p class="said" data-tone="fail">{why}</p>
                <Button label=t!(i18n, inspection.failed.retry) on_press=Callback::new(move |()| row.draft.retry()) />
            </div>
        })}
    }
}

fn tag_word(i18n: Words, tag: Listed) -> &'static str {
    match tag {
        Listed::Listed => t_string!(i18n, inspection.item.listed),
        Listed::Counts => t_string!(i18n, inspection.item.counts),
        Listed::ByRule => t_string!(i18n, inspection.item.by_rule),
    }
}
