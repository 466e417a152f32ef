//! 隐患: what was found in the records on this device, the most urgent first. Read-only.

use super::answers::{instance_of, item_of};
use crate::signal::RwSignal;
use crate::view::{Node, effect, view};
use crate::{
    components::{Empty, Frame, Icon, Tab},
    state::{App, records::Record, use_app},
    words::{self, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::rc::Rc;
use zhicha_core::order;
use zhicha_core::{
    determination::Determination, inspection::Hazard, store::StoreError, time::CivilDate,
};

/// Most records that are looked at.
const RECORDS: usize = 500;

/// A hazard with where it was found.
#[derive(Clone)]
struct Line {
    hazard: Hazard,
    withdrawn: bool,
    site: String,
    record: Rc<Record>,
}

async fn read(app: App, version: u32) -> Result<Vec<Line>, StoreError> {
    let mut lines = Vec::new();
    for record in app.records.newest(RECORDS, version).await? {
        let site = record
            .sealed()
            .map(|s| s.site.name.clone())
            .unwrap_or_default();
        let of_record = record.hazards().into_iter();
        lines.extend(of_record.map(|(hazard, withdrawn)| Line {
            hazard,
            withdrawn,
            site: site.clone(),
            record: Rc::clone(&record),
        }));
    }
    order::sort_by_key(&mut lines, |line| urgency(&line.hazard, line.withdrawn));
    Ok(lines)
}

/// Open before done, then by deadline (none last), then grave before general.
fn urgency(hazard: &Hazard, withdrawn: bool) -> (bool, bool, Option<CivilDate>, bool) {
    (
        withdrawn || hazard.corrected_on_site,
        hazard.due.is_none(),
        hazard.due,
        gravity(hazard) != Determination::SuspectedMajor,
    )
}

/// What the inspector said, else what the rules suggest.
fn gravity(hazard: &Hazard) -> Determination {
    hazard.judged.unwrap_or(hazard.suggested)
}

/// The page.
#[component]
pub fn Hazards() -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let lines = RwSignal::new(None::<Vec<Line>>);
    effect(move || {
        let version = app.sync.version();
        spawn_local(async move {
            if let Ok(found) = read(app, version).await {
                lines.try_set(Some(found));
            }
        });
    });
    let shown = move || {
        lines.get().map(|lines| {
            if lines.is_empty() {
                return view! { <Empty icon="hazard" title=t!(i18n, field.hazards.none) hint=t!(i18n, field.hazards.none_hint) /> };
            }
            let rows = lines.into_iter().map(|l| view! { <HazardLine record=l.record hazard=l.hazard withdrawn=l.withdrawn site=Some(l.site) /> });
            view! { <section><h2 class="vh">{t!(i18n, field.record.hazards)}</h2><ul class="list">{rows.collect::<Vec<_>>()}</ul></section> }
        })
    };
    view! {
        <Frame title=t!(i18n, field.hazards.title) subtitle=t!(i18n, field.hazards.lead) tab=Tab::Hazards>
            {shown}
        </Frame>
    }
}

/// A hazard in a list; inside its record it has no site and no link.
#[component]
pub fn HazardLine(
    record: Rc<Record>,
    hazard: Hazard,
    withdrawn: bool,
    site: Option<String>,
) -> Node {
    let i18n = use_i18n();
    let grave = gravity(&hazard);
    let judged = hazard.judged.is_some();
    let (fact, correction, responsible) = (
        hazard.fact.clone(),
        hazard.correction.clone(),
        hazard.responsible.clone(),
    );
    let item = item_of(&hazard.key);
    let which = instance_of(&record, &hazard.key);
    let link = site.is_some().then_some(record.id);
    let title = move || match (fact.is_empty(), item.get()) {
        (false, _) => fact.clone(),
        (true, Some((text, _))) => {
            t_string!(i18n, field.hazards.not_met, text = words::pick(i18n, &text))
        }
        (true, None) => t_string!(i18n, field.hazards.no_fact).to_owned(),
    };
    let whose = move || {
        if judged {
            t_string!(i18n, field.hazards.judged)
        } else {
            t_string!(i18n, field.hazards.suggested)
        }
    };
    let body = view! {
        {(!withdrawn).then(|| view! { <Due due=hazard.due corrected=hazard.corrected_on_site /> })}
        <div class="stack t grow">
            <h3>{title}</h3>
            {site.map(|site| view! { <p class="quiet">{site}</p> })}
            {move || which.get().map(|of| view! { <p class="quiet">{move || words::instance(i18n, &of)}</p> })}
            {(!correction.is_empty()).then(|| view! { <p>{move || t_string!(i18n, field.hazards.correction, text = correction.clone())}</p> })}
            {(!responsible.is_empty()).then(|| view! { <p class="quiet">{move || t_string!(i18n, field.hazards.responsible, name = responsible.clone())}</p> })}
            <p class="row wrap">
                <span class="tag" data-tone=words::determination_tone(grave)><Icon name="hazard" />{move || words::determination(i18n, grave)}</span>
                <span class="quiet">{whose}</span>
                {hazard.corrected_on_site.then(|| view! { <span class="tag" data-tone="pass"><Icon name="tick" />{t!(i18n, field.hazards.corrected)}</span> })}
                {withdrawn.then(|| view! { <span class="tag" data-tone="na">{t!(i18n, field.hazards.withdrawn)}</span> })}
            </p>
        </div>
    };
    match link {
        Some(id) => {
            view! { <li><a class="li" href=format!("/records/{id}")>{body}</a></li> }
        }
        None => view! { <li class="li">{body}</li> },
    }
}

/// The tile with the days that are left; overdue is red because somebody must act. A withdrawn hazard has none.
#[component]
fn Due(due: Option<CivilDate>, corrected: bool) -> Node {
    let i18n = use_i18n();
    let today = use_app().today();
    if corrected {
        return view! {
            <div class="due" data-tone="pass">{t!(i18n, field.hazards.done_label)}<span>{t!(i18n, field.hazards.done)}</span></div>
        };
    }
    let Some(due) = due else {
        return view! {
            <div class="due" data-tone="na">{t!(i18n, field.hazards.no_due_label)}<span>{t!(i18n, field.hazards.no_due)}</span></div>
        };
    };
    let left = due.days_since(today);
    let (class, tone) = match left {
        ..0 => ("due solid", "fail"),
        0 => ("due", "fail"),
        1..=3 => ("due", "warn"),
        _ => ("due", "na"),
    };
    let days = left.unsigned_abs();
    if left == 0 {
        return view! { <div class=class data-tone=tone>{t!(i18n, field.hazards.today)}</div> };
    }
    let above = move || {
        if left < 0 {
            t_string!(i18n, field.hazards.overdue)
        } else {
            t_string!(i18n, field.hazards.left)
        }
    };
    let unit = move || match days {
        1 => t_string!(i18n, field.hazards.days.one),
        _ => t_string!(i18n, field.hazards.days.other),
    };
    view! { <div class=class data-tone=tone>{above}<b>{days}</b><span>{unit}</span></div> }
}
