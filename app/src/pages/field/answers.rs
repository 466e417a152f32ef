//! The answers of a sealed record by checklist and section, with the wording of the very version that was used.

use crate::signal::RwSignal;
use crate::view::{Node, view};
use crate::{
    components::Icon,
    platform::intl::Style,
    state::{records::Record, use_app},
    words::{self, Words, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{AnswerKind, Checklist, Loaded, Section, Text},
    inspection::{ChecklistAnswers, RecordedAnswer},
};

/// All answers.
#[component]
pub fn Answers(record: Rc<Record>) -> Node {
    let groups = record
        .sealed()
        .map(|s| s.answers.clone())
        .unwrap_or_default();
    Node::of(
        groups
            .into_iter()
            .map(|group| view! { <Group group=group /> })
            .collect::<Vec<_>>(),
    )
}

/// The answers to one checklist; read when it is opened, since a record may hold hundreds.
#[component]
fn Group(group: ChecklistAnswers) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let digest = group.checklist.clone();
    let loaded = RwSignal::new(None::<Option<Rc<Loaded>>>);
    spawn_local(async move {
        let found = app.reference.checklist(&digest).await.ok().flatten();
        loaded.try_set(Some(found));
    });
    let count = group.answers.len();
    let open = RwSignal::new(false);
    let answers = StoredValue::new(group.answers);
    let title = move || {
        let name = loaded
            .get()
            .flatten()
            .map(|l| words::pick(i18n, &l.checklist.title));
        name.unwrap_or_else(|| t_string!(i18n, field.record.answers).to_owned())
    };
    let body = move || {
        let (true, Some(found)) = (open.get(), loaded.get()) else {
            return Node::Nothing;
        };
        match found {
            Some(loaded) => {
                view! { <Sections checklist=loaded answers=answers.get_value() /> }
            }
            None => view! { <Bare answers=answers.get_value() /> },
        }
    };
    view! {
        <details class="sheetlike stack" on:toggle=move |_| open.set(true)>
            <summary class="row"><h2 class="grow">{title}</h2><span class="quiet">{move || words::number(i18n, count)}</span><Icon name="open" /></summary>
            <div class="stack l">{body}</div>
        </details>
    }
}

#[component]
fn Sections(checklist: Rc<Loaded>, answers: Vec<RecordedAnswer>) -> Node {
    let i18n = use_i18n();
    let checklist = &checklist.checklist;
    let of = |section: &Section| -> Vec<RecordedAnswer> {
        let here = |id: &str| {
            section.items.iter().any(|i| i.id == id)
                || section.gate.as_ref().is_some_and(|g| g.id == id)
        };
        answers
            .iter()
            .filter(|answer| here(&answer.item))
            .cloned()
            .collect()
    };
    Node::of(
        checklist
            .sections
            .iter()
            .map(|section| {
                let title = section.title.clone();
                let lines: Vec<_> = of(section)
                    .into_iter()
                    .map(|answer| line(i18n, checklist, answer))
                    .collect();
                (!lines.is_empty()).then(|| {
                    view! {
                        <section class="stack">
                            <h3>{move || words::pick(i18n, &title)}</h3>
                            <ul class="stack">{lines}</ul>
                        </section>
                    }
                })
            })
            .collect::<Vec<_>>(),
    )
}

/// Without the checklist on the device only ids can be shown, and the page says so.
#[component]
fn Bare(answers: Vec<RecordedAnswer>) -> Node {
    let i18n = use_i18n();
    let lines: Vec<_> = answers
        .into_iter()
        .map(|answer| entry(i18n, None, None, answer))
        .collect();
    view! { <p class="quiet">{t!(i18n, field.record.no_checklist)}</p><ul class="stack">{lines}</ul> }
}

fn line(i18n: Words, checklist: &Checklist, answer: RecordedAnswer) -> Node {
    let item = checklist
        .sections
        .iter()
        .flat_map(|s| &s.items)
        .find(|i| i.id == answer.item);
    let gate = checklist
        .sections
        .iter()
        .filter_map(|s| s.gate.as_ref())
        .find(|g| g.id == answer.item);
    let text = item
        .map(|i| i.text.clone())
        .or_else(|| gate.map(|g| g.text.clone()));
    entry(i18n, text, item.map(|i| i.answer.clone()), answer)
}

fn entry(
    i18n: Words,
    text: Option<Text>,
    kind: Option<AnswerKind>,
    answer: RecordedAnswer,
) -> Node {
    let (value, id, instance) = (answer.value, answer.item, answer.instance);
    let (icon, tone) = mark(&value);
    let words = move || {
        text.as_ref()
            .map_or_else(|| id.clone(), |text| words::pick(i18n, text))
    };
    let said = move || said(i18n, &value, kind.as_ref());
    view! {
        <li class="stack t">
            <p>
                {(!instance.is_empty()).then(|| view! { <span class="code">{move || t_string!(i18n, field.record.instance, n = instance.clone())}" "</span> })}
                {words}
            </p>
            <p class="row wrap"><span class="tag" data-tone=tone>{icon.map(|name| view! { <Icon name=name /> })}{said}</span></p>
        </li>
    }
}

fn mark(value: &AnswerValue) -> (Option<&'static str>, &'static str) {
    match value {
        AnswerValue::Pass => (Some("tick"), "pass"),
        AnswerValue::Fail => (Some("cross"), "fail"),
        AnswerValue::NotApplicable => (Some("na"), "na"),
        AnswerValue::NotChecked { .. } => (Some("clock"), "warn"),
        _ => (None, "na"),
    }
}

/// The words for an answer, also used for amendments.
pub fn said(i18n: Words, value: &AnswerValue, kind: Option<&AnswerKind>) -> String {
    let option = |id: &str| -> String {
        let options = match kind {
            Some(AnswerKind::Single { options } | AnswerKind::Multiple { options }) => {
                options.as_slice()
            }
            _ => &[],
        };
        match (options.iter().find(|o| o.id == id), id) {
            (Some(found), _) => words::pick(i18n, &found.text),
            (None, "yes") => t_string!(i18n, common.result.yes).to_owned(),
            (None, "no") => t_string!(i18n, common.result.no).to_owned(),
            (None, id) => id.to_owned(),
        }
    };
    match value {
        AnswerValue::Pass => t_string!(i18n, common.result.pass).to_owned(),
        AnswerValue::Fail => t_string!(i18n, common.result.fail).to_owned(),
        AnswerValue::NotApplicable => t_string!(i18n, common.result.not_applicable).to_owned(),
        AnswerValue::NotChecked { reason } => {
            t_string!(i18n, common.result.not_checked_why, reason = reason.clone())
        }
        AnswerValue::Number { value } => match kind {
            Some(AnswerKind::Number { unit, .. }) => format!("{value} {unit}").trim().to_owned(),
            _ => value.to_string(),
        },
        AnswerValue::Choice { value } => option(value),
        AnswerValue::Choices { value } => value
            .iter()
            .map(|v| option(v))
            .collect::<Vec<_>>()
            .join(t_string!(i18n, common.list.and)),
        AnswerValue::Text { value } => value.clone(),
        AnswerValue::Date { value } => words::day(i18n, *value, Style::LongDay),
    }
}

/// What [`item_of`] finds.
pub type ItemOf = RwSignal<Option<(Text, AnswerKind)>>;

/// Statement and kind of answer of an item, once its checklist is read; stays empty when it is not on the device.
pub fn item_of(key: &AnswerKey) -> ItemOf {
    let app = use_app();
    let key = key.clone();
    let item = RwSignal::new(None);
    spawn_local(async move {
        let loaded = app.reference.checklist(&key.checklist).await.ok().flatten();
        let mut items = loaded
            .iter()
            .flat_map(|l| &l.checklist.sections)
            .flat_map(|s| &s.items);
        let found = items.find(|i| i.id == key.item);
        item.try_set(found.map(|i| (i.text.clone(), i.answer.clone())));
    });
    item
}
