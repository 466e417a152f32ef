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
    inspection::{ChecklistAnswers, Instance, RecordedAnswer, combined::counted_in_each},
    order,
};

/// All answers.
#[component]
pub fn Answers(record: Rc<Record>) -> Node {
    let app = use_app();
    let groups = record
        .sealed()
        .map(|s| s.answers.clone())
        .unwrap_or_default();
    let shown = RwSignal::new(None::<Vec<ChecklistAnswers>>);
    let record = StoredValue::new_local(record);
    spawn_local(async move {
        let mut lists = Vec::new();
        for group in &groups {
            let list = app.reference.checklist(&group.checklist).await;
            lists.extend(list.ok().flatten());
        }
        let lists: Vec<&Loaded> = lists.iter().map(AsRef::as_ref).collect();
        shown.try_set(Some(counted_in_each(&groups, &lists)));
    });
    Node::live(move || {
        let groups = shown.get().unwrap_or_default();
        let groups = groups.into_iter();
        Node::of(
            groups
                .map(|group| view! { <Group record=record group=group /> })
                .collect::<Vec<_>>(),
        )
    })
}

/// The answers to one checklist; read when it is opened, since a record may hold hundreds.
#[component]
fn Group(record: StoredValue<Rc<Record>, LocalStorage>, group: ChecklistAnswers) -> Node {
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
                view! { <Sections record=record.get_value() checklist=loaded answers=answers.get_value() /> }
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
fn Sections(record: Rc<Record>, checklist: Rc<Loaded>, answers: Vec<RecordedAnswer>) -> Node {
    let i18n = use_i18n();
    let Loaded {
        digest, checklist, ..
    } = &*checklist;
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
                let mut answers = of(section);
                // One thing after the other.
                order::sort_by_key(&mut answers, |a| a.instance.parse::<u16>().unwrap_or(0));
                let mut last = None;
                let mut lines = Vec::new();
                for mut answer in answers {
                    let key = AnswerKey {
                        checklist: digest.clone(),
                        item: answer.item.clone(),
                        instance: answer.instance.clone(),
                    };
                    let which = Instance::in_record(checklist, &key, &record.folded);
                    // What stands in the heading is not said again with each answer.
                    if which.is_some() {
                        answer.instance.clear();
                    }
                    if which != last {
                        last.clone_from(&which);
                        lines.extend(which.map(
                            |of| view! { <li><h4>{move || words::instance(i18n, &of)}</h4></li> },
                        ));
                    }
                    lines.push(line(i18n, checklist, answer));
                }
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

/// Which of several things `key` is about, once its checklist is read.
pub fn instance_of(record: &Rc<Record>, key: &AnswerKey) -> RwSignal<Option<Instance>> {
    let app = use_app();
    let (record, key) = (Rc::clone(record), key.clone());
    let which = RwSignal::new(None);
    spawn_local(async move {
        let loaded = app.reference.checklist(&key.checklist).await.ok().flatten();
        let found = loaded.and_then(|l| Instance::in_record(&l.checklist, &key, &record.folded));
        which.try_set(found);
    });
    which
}
