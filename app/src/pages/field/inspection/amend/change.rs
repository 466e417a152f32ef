//! The answers of the record, found by code or text; a changed one opens its control.

use super::Desk;
use crate::signal::{Memo, RwSignal};
use crate::view::{For, Node, view};
use crate::words::counted;
use crate::{
    components::{
        Button, ButtonKind, Icon,
        item::{Control, FindingForm, Given, control::Wires, finding::About, live},
    },
    draft::{
        amendment::keys,
        clause::{cited, criteria},
    },
    pages::field::answers::said,
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::rc::Rc;
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{Item, Loaded},
    determination::suggest,
    id::HazardId,
};
use zhicha_storage::BrowserIds;

/// Most answers that are listed.
const LISTED: usize = 30;

#[derive(Clone)]
struct Entry {
    key: AnswerKey,
    item: Item,
    loaded: Rc<Loaded>,
}

/// The list.
#[component]
pub fn Changes(desk: Desk) -> Node {
    let i18n = use_i18n();
    let query = RwSignal::new(String::new());
    let all = StoredValue::new_local(entries(desk));
    let found = move || {
        let query = query.get().trim().to_lowercase();
        let fits = |e: &Entry| {
            let texts = [&e.item.source, &e.item.text.zh, &e.item.text.en];
            texts
                .into_iter()
                .any(|text| text.to_lowercase().contains(&query))
        };
        all.with_value(|all| {
            (0..all.len())
                .filter(|at| fits(&all[*at]))
                .collect::<Vec<_>>()
        })
    };
    let rest = move || found().len().saturating_sub(LISTED);
    let label = move || t_string!(i18n, inspection.amend.find);
    let shown = move || found().into_iter().take(LISTED).collect::<Vec<_>>();
    let line =
        move |at: usize| view! { <Line desk=desk entry=all.with_value(|all| all[at].clone()) /> };
    view! {
        <section class="stack">
            <div class="head"><h2>{t!(i18n, inspection.amend.answers)}</h2></div>
            <div class="pad"><div class="find">
                <Icon name="search" />
                <input class="in" type="search" id="amend-find" autocomplete="off" aria-label=label placeholder=label
                    prop:value=move || query.get() on:input=move |event| query.set(event_target_value(&event)) />
            </div></div>
            <ol class="list">
                <For each=shown key=|at| *at children=line />
            </ol>
            {move || (rest() > 0).then(|| view! { <p class="pad quiet">{move || counted!(i18n, inspection.amend.more, count = rest())}</p> })}
        </section>
    }
}

fn entries(desk: Desk) -> Vec<Entry> {
    let record = desk.record.get_value();
    let Some(sealed) = record.sealed() else {
        return Vec::new();
    };
    let entry = |key: AnswerKey| {
        let loaded = desk
            .lists
            .with_value(|lists| lists.iter().find(|l| l.digest == key.checklist).cloned())?;
        let item = loaded
            .checklist
            .sections
            .iter()
            .flat_map(|s| &s.items)
            .find(|i| i.id == key.item)?
            .clone();
        Some(Entry { key, item, loaded })
    };
    keys(sealed).into_iter().filter_map(entry).collect()
}

#[component]
fn Line(desk: Desk, entry: Entry) -> Node {
    let i18n = use_i18n();
    let record = desk.record.get_value();
    let was = record
        .sealed()
        .and_then(|sealed| sealed.answer(&entry.key))
        .cloned();
    let id = format!("am-{}-{}", entry.item.id, entry.key.instance);
    let key = StoredValue::new(entry.key.clone());
    let open = RwSignal::new(
        desk.amendment
            .with_untracked(|a| a.answers.contains_key(&entry.key)),
    );
    let kind = entry.item.answer.clone();
    let was = StoredValue::new(was);
    let before = move || {
        let value = was.with_value(|was| was.as_ref().map(|was| said(i18n, was, Some(&kind))));
        let value = value.unwrap_or_else(|| t_string!(i18n, inspection.value.none).to_owned());
        t_string!(i18n, inspection.amend.was, value = value)
    };
    let toggle = move |()| {
        if open.get_untracked() {
            key.with_value(|key| keep_hazards_in_step(desk, key, None));
            desk.amendment.update(|a| {
                key.with_value(|key| a.change(key, None, None, || HazardId::new(&mut BrowserIds)));
            });
        }
        open.update(|open| *open = !*open);
    };
    let label = move || {
        if open.get() {
            t_string!(i18n, inspection.amend.keep)
        } else {
            t_string!(i18n, inspection.amend.change)
        }
    };
    let place = (!entry.key.instance.is_empty()).then(|| format!(" {}", entry.key.instance));
    let entry = StoredValue::new_local(entry);
    view! {
        <li class="item">
            <div class="row"><span class="code">{entry.with_value(|e| e.item.source.clone())}{place}</span></div>
            <h3 id=format!("{id}-q")>{entry.with_value(|e| live(i18n, e.item.text.clone()))}</h3>
            <p class="quiet">{before}</p>
            <Button kind=ButtonKind::Link label=label on_press=Callback::new(toggle) />
            {move || open.get().then(|| view! { <Editor desk=desk entry=entry.get_value() id=id.clone() /> })}
        </li>
    }
}

#[component]
fn Editor(desk: Desk, entry: Entry, id: String) -> Node {
    let i18n = use_i18n();
    let key = StoredValue::new(entry.key.clone());
    let item = StoredValue::new(entry.item.clone());
    let value = Memo::new(move |_| {
        desk.amendment
            .with(|a| key.with_value(|key| a.answers.get(key).cloned()))
    });
    let locale = desk.app.prefs.locale;
    let give = move |given: Given| {
        let to = match given {
            Given::Now(value) | Given::Typed(value) => Some(value),
            Given::Nothing => None,
        };
        keep_hazards_in_step(desk, &key.get_value(), to.as_ref());
        let suggestion = item.with_value(|item| item.suggestion.clone()).map(|text| {
            match locale.get_untracked() {
                crate::words::Locale::zh => text.zh,
                crate::words::Locale::en => text.en,
            }
        });
        desk.amendment.update(|a| {
            key.with_value(|key| {
                a.change(key, to, suggestion.as_deref(), || {
                    HazardId::new(&mut BrowserIds)
                });
            });
        });
    };
    let wires = Wires {
        id: StoredValue::new(format!("{id}-a")),
        question: StoredValue::new(format!("{id}-q")),
        value: value.into(),
        state: Signal::derive(|| "saved"),
        locked: Signal::derive(|| false),
        give: Callback::new(give),
        settle: Callback::new(|()| {}),
    };
    let failed = move || value.get() == Some(AnswerValue::Fail);
    let kind = entry.item.answer.clone();
    let entry = StoredValue::new_local(entry);
    view! {
        <Control kind=Some(kind) wires=wires />
        {move || failed().then(|| view! {
            <div class="stack l more">
                <p class="quiet">{t!(i18n, inspection.amend.added)}</p>
                <NewHazard desk=desk entry=entry.get_value() id=id.clone() />
            </div>
        })}
    }
}

// A failure that is taken back takes its hazard with it; the switch of the hazard shows it and can be turned again.
fn keep_hazards_in_step(desk: Desk, key: &AnswerKey, to: Option<&AnswerValue>) {
    let gone = to.is_some_and(|to| *to != AnswerValue::Fail);
    let raised: Vec<HazardId> = desk.record.with_value(|record| {
        let all = record.hazards().into_iter();
        all.filter(|(hazard, withdrawn)| !withdrawn && &hazard.key == key)
            .map(|(hazard, _)| hazard.hazard_id)
            .collect()
    });
    for hazard in raised {
        if desk
            .amendment
            .with_untracked(|a| a.withdrawn.contains(&hazard))
            != gone
        {
            desk.amendment.update(|a| a.toggle(hazard));
        }
    }
}

#[component]
fn NewHazard(desk: Desk, entry: Entry, id: String) -> Node {
    let key = StoredValue::new(entry.key);
    let day = desk
        .record
        .with_value(|r| r.date())
        .unwrap_or_else(|| desk.app.today());
    let about = About {
        id,
        text: entry.item.text.clone(),
        severity: entry.item.severity,
        suggested: suggest(&entry.item, &entry.loaded.checklist, day),
        criteria: cited(&entry.loaded.checklist, criteria(&entry.item), day),
        today: desk.app.today(),
    };
    let Some(first) = desk
        .amendment
        .with_untracked(|a| key.with_value(|key| a.findings.get(key).cloned()))
    else {
        return Node::Nothing;
    };
    let first = StoredValue::new(first);
    let finding = Signal::derive(move || {
        desk.amendment
            .with(|a| key.with_value(|key| a.findings.get(key).cloned()))
            .unwrap_or_else(|| first.get_value())
    });
    let edit = Callback::new(move |change: crate::draft::finding::Edit| {
        desk.amendment.update(|a| {
            if let Some(finding) = key.with_value(|key| a.findings.get_mut(key)) {
                change.apply(finding);
            }
        });
    });
    view! { <FindingForm about=about finding=finding edit=edit settle=Callback::new(|()| {}) /> }
}
