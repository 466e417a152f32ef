//! The answers by section, in the words of the checklist that was used, with later changes beside them.

use super::Reading;
use crate::view::{Node, view};
use crate::{
    components::Icon,
    office::{
        session::OfficeSession,
        sheet::{Group, Line, Part, Question, Sheet, bases},
        when, words,
    },
    pages::office::{
        parts::{Bases, Tag},
        records::Figures,
    },
    words::{counted, instance, pick, t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::sync::Arc;
use zhicha_core::{
    answer::AnswerValue,
    checklist::{AnswerKind, Digest, Item},
    time::CivilDate,
};

/// All answers.
#[component]
pub fn Answers(
    /// The record.
    reading: Reading,
) -> Node {
    let Reading { detail, sheet } = reading;
    let day = detail.summary.inspection_date;
    // With one checklist its figures are those of the record.
    let several = sheet.parts.len() > 1;
    let parts = sheet.parts.iter().map(
        |part| view! { <PartOf part=part.clone() several=several sheet=sheet.clone() day=day /> },
    );
    Node::of(parts.collect::<Vec<_>>())
}

#[component]
fn PartOf(part: Part, several: bool, sheet: Arc<Sheet>, day: CivilDate) -> Node {
    let i18n = use_i18n();
    let (digest, counts) = (part.digest, part.counts);
    let lines = part.groups.iter().flat_map(|group| &group.lines);
    let shared = lines.filter(|line| !line.shared.is_empty()).count();
    let known = part.title.is_some();
    let version = part.version.unwrap_or_default();
    let title = part.title.clone();
    let name = move || {
        title.as_ref().map_or_else(
            || t_string!(i18n, office.answer.unknown_checklist).to_owned(),
            |t| pick(i18n, t),
        )
    };
    let empty = part.groups.is_empty();
    let groups = part
        .groups
        .into_iter()
        .map(|group| view! { <GroupOf group=group digest=digest.clone() sheet=sheet.clone() day=day /> })
        .collect::<Vec<_>>();
    view! {
        <section class="sheetlike stack l">
            <div class="stack t">
                <h2>{name} " " <span class="quiet">{move || t_string!(i18n, office.answer.version, version = version)}</span></h2>
                <p class="code wrap-anywhere">{digest.to_string()}</p>
                {several.then(|| view! { <Figures counts=counts /> })}
                {(shared > 0).then(|| view! { <p class="quiet">{move || counted!(i18n, office.answer.shared, count = shared)}</p> })}
                {(!known).then(|| view! { <p class="quiet">{t!(i18n, office.answer.unknown_words)}</p> })}
                {(empty && !several).then(|| view! { <p class="quiet">{t!(i18n, office.records.no_data)}</p> })}
            </div>
            {groups}
        </section>
    }
}

#[component]
fn GroupOf(group: Group, digest: Digest, sheet: Arc<Sheet>, day: CivilDate) -> Node {
    let i18n = use_i18n();
    let (title, which) = (group.title, group.instance);
    let name = move || {
        let title = title.as_ref().map_or_else(
            || t_string!(i18n, office.answer.other).to_owned(),
            |t| pick(i18n, t),
        );
        match &which {
            Some(of) => format!("{title} · {}", instance(i18n, of)),
            None => title,
        }
    };
    let lines = group
        .lines
        .into_iter()
        .map(
            |line| view! { <LineOf line=line digest=digest.clone() sheet=sheet.clone() day=day /> },
        )
        .collect::<Vec<_>>();
    view! {
        <section class="stack">
            <h3>{name}</h3>
            <ul class="lines">{lines}</ul>
        </section>
    }
}

#[component]
fn LineOf(line: Line, digest: Digest, sheet: Arc<Sheet>, day: CivilDate) -> Node {
    let i18n = use_i18n();
    let zone = OfficeSession::get().zone();
    let kind = line.question.kind().cloned();
    let at = line.at.map(|at| when::clock(at, zone, day));
    let item = match &line.question {
        Question::Item(item) => Some((**item).clone()),
        Question::Gate(_) | Question::Unknown => None,
    };
    let cited = item.map(|item| view! { <Cited item=item sheet=sheet digest=digest day=day /> });
    let others = line.shared;
    let shared = (!others.is_empty()).then(|| {
        let names = move || {
            let names = others.iter().map(|title| pick(i18n, title));
            names.collect::<Vec<_>>().join(" · ")
        };
        view! { <p class="quiet">{move || t_string!(i18n, office.answer.shared_with, lists = names())}</p> }
    });
    view! {
        <li class="line">
            <div class="grow stack t">
                <Asked question=line.question.clone() id=line.key.item.clone() />
                {shared}
                {cited}
            </div>
            <div class="said-answer">
                <Value value=line.value.clone() kind=kind.clone() replaced=!line.changes.is_empty() />
                {line
                    .changes
                    .into_iter()
                    .map(|(at, value)| view! { <Changed amendment=at value=value kind=kind.clone() /> })
                    .collect::<Vec<_>>()}
                <span class="quiet">{at}</span>
            </div>
        </li>
    }
}

/// The statement or question, with the row of the fact base it comes from.
#[component]
pub fn Asked(
    /// What was asked.
    question: Question,
    /// The id, for who looks for it and for what is not known.
    id: String,
) -> Node {
    let i18n = use_i18n();
    let (code, text) = match question {
        Question::Item(item) => (item.source, Some(item.text)),
        Question::Gate(text) => (String::new(), Some(text)),
        Question::Unknown => (id, None),
    };
    let words = move || {
        text.as_ref().map_or_else(
            || t_string!(i18n, office.answer.unknown_item).to_owned(),
            |t| pick(i18n, t),
        )
    };
    view! { <p>{(!code.is_empty()).then(|| view! { <span class="code">{code.clone()}</span> " " })} {words}</p> }
}

#[component]
fn Cited(item: Item, sheet: Arc<Sheet>, digest: Digest, day: CivilDate) -> Node {
    let i18n = use_i18n();
    let Some(loaded) = sheet.checklists.get(&digest) else {
        return Node::Nothing;
    };
    let checklist = &loaded.checklist;
    let shown = bases(&item, checklist, day);
    let recalled = shown.iter().any(|b| b.recalled);
    let superseded = item.only_superseded(checklist, day);
    if shown.is_empty() {
        return Node::Nothing;
    }
    view! {
        <div class="cited">
            {recalled.then(|| view! { <Tag tone="warn" word=t!(i18n, office.basis.recalled) /> })}
            {superseded.then(|| view! { <Tag tone="warn" word=t!(i18n, office.basis.superseded) /> })}
            <details>
                <summary>{t!(i18n, office.basis.title)}</summary>
                <Bases bases=shown />
            </details>
        </div>
    }
}

/// An answer as a tag or as words.
#[component]
pub fn Value(
    /// The answer; none where only an amendment gives one.
    value: Option<AnswerValue>,
    /// What kind the item takes.
    kind: Option<AnswerKind>,
    /// Struck through, because an amendment says otherwise.
    replaced: bool,
) -> Node {
    let i18n = use_i18n();
    let Some(value) = value else {
        return view! { <span class="quiet">{t!(i18n, common.result.unanswered)}</span> };
    };
    let (tone, icon) = words::value_look(&value);
    let text = move || words::value(i18n, &value, kind.as_ref());
    if replaced {
        return view! { <del>{text}</del> };
    }
    view! { <Tag tone=tone icon=icon word=text /> }
}

#[component]
fn Changed(amendment: usize, value: AnswerValue, kind: Option<AnswerKind>) -> Node {
    let i18n = use_i18n();
    let number = amendment + 1;
    view! {
        <span class="row wrap">
            <Icon name="next" small=true />
            <Value value=Some(value) kind=kind replaced=false />
        </span>
        <a class="link" href=format!("#amendment-{number}") rel="external">
            {move || t_string!(i18n, office.amendment.by, number = number)}
        </a>
    }
}
