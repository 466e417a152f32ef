//! The form of a finding: gravity to confirm, facts, correction, deadline, responsible person, 立行立改.

use super::{
    basis::{citation, standing},
    due::Due,
    raised::gravity_word,
};
use crate::view::{Node, view};
use crate::{
    components::Icon,
    draft::{
        clause::Cited,
        finding::{Edit, asks_judgement},
    },
    words::{Words, determination_tone, pick, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{
    checklist::{Severity, Text},
    determination::Determination,
    inspection::Finding,
    time::CivilDate,
};

/// What the form is about; does not change while it is open.
#[derive(Clone)]
pub struct About {
    /// Prefix of ids.
    pub id: String,
    /// Text of the item.
    pub text: Text,
    /// Its severity.
    pub severity: Severity,
    /// What the rules suggest.
    pub suggested: Determination,
    /// What the gravity rests on.
    pub criteria: Vec<Cited>,
    /// Today.
    pub today: CivilDate,
}

/// The form. Each change goes to `edit` at once.
#[component]
pub fn FindingForm(
    /// What it is about.
    about: About,
    /// The finding as on screen.
    finding: Signal<Finding>,
    /// Takes each change.
    edit: Callback<Edit>,
    /// What is typed is due now.
    settle: Callback<()>,
) -> Node {
    let i18n = use_i18n();
    let (id, today) = (about.id.clone(), about.today);
    let due = Signal::derive(move || finding.with(|f| f.due));
    let on_site = move || finding.with(|f| f.corrected_on_site);
    let area = move |name: &'static str,
                     label: fn(Words) -> &'static str,
                     get: fn(&Finding) -> &String,
                     make: fn(String) -> Edit,
                     rows: &'static str| {
        let id = format!("{id}-{name}");
        view! {
            <div class="field">
                <label for=id.clone()>{move || label(i18n)}</label>
                <textarea class="in" id=id rows=rows maxlength="1000" prop:value=move || finding.with(|f| get(f).clone())
                    on:input=move |event| edit.run(make(event_target_value(&event))) on:blur=move |_| settle.run(())></textarea>
            </div>
        }
    };
    let prefix = about.id.clone();
    let switch = format!("{prefix}-on-site");
    let label_for = switch.clone();
    view! {
        <Gravity about=about finding=finding edit=edit />
        {area("fact", |w| t_string!(w, inspection.finding.fact), |f| &f.fact, Edit::Fact, "3")}
        <div class="stack">
            {area("fix", |w| t_string!(w, inspection.finding.correction), |f| &f.correction, Edit::Correction, "3")}
            <p class="quiet">{t!(i18n, inspection.finding.correction_hint)}</p>
        </div>
        <label class="sw" for=label_for>
            <span><b>{t!(i18n, inspection.finding.on_site)}</b><br /><span class="quiet">{t!(i18n, inspection.finding.on_site_hint)}</span></span>
            <input type="checkbox" role="switch" id=switch prop:checked=on_site
                on:change=move |event| edit.run(Edit::OnSite(event_target_checked(&event))) />
        </label>
        {move || (!on_site() || due.get().is_some()).then(|| view! { <Due id=prefix.clone() due=due today=today edit=edit /> })}
        {area("who", |w| t_string!(w, inspection.finding.responsible), |f| &f.responsible, Edit::Responsible, "1")}
    }
}

#[component]
fn Gravity(about: About, finding: Signal<Finding>, edit: Callback<Edit>) -> Node {
    let i18n = use_i18n();
    let suggested = about.suggested;
    let hint = move || match (suggested, about.severity) {
        (Determination::SuspectedMajor, _) => {
            Some(t_string!(i18n, inspection.finding.suspected_hint))
        }
        (Determination::Pending, _) => Some(t_string!(i18n, inspection.finding.pending_hint)),
        (_, Severity::CountsTowardsMajor) => Some(t_string!(i18n, inspection.finding.counts_hint)),
        _ => None,
    };
    let judged = move || finding.with(|f| f.judged);
    let general = move || {
        (asks_judgement(suggested) && judged() == Some(Determination::General))
            .then(|| t_string!(i18n, inspection.finding.judged_general))
    };
    let criteria = if suggested == Determination::General {
        Vec::new()
    } else {
        about.criteria
    };
    view! {
        <section class="banner" data-tone=determination_tone(suggested)>
            <Icon name="hazard" />
            <h2>{move || gravity_word(i18n, suggested)}</h2>
            <p>{move || t_string!(i18n, inspection.finding.not_true, text = pick(i18n, &about.text))}</p>
            {move || hint().map(|hint| view! { <p>{hint}</p> })}
            {criteria.into_iter().map(|cited| view! { <Criterion cited=cited /> }).collect::<Vec<_>>()}
            {asks_judgement(suggested).then(|| view! { <Judged id=about.id judged=Signal::derive(judged) edit=edit /> })}
            {move || general().map(|text| view! { <p>{text}</p> })}
        </section>
    }
}

#[component]
fn Criterion(cited: Cited) -> Node {
    let i18n = use_i18n();
    let recalled = cited.recalled;
    let cited = StoredValue::new(cited);
    view! {
        <div class="basis">
            <Icon name="book" />
            <p>{move || cited.with_value(|c| citation(i18n, c))}</p>
            {recalled.then(|| view! { <p><span class="tag" data-tone="warn">{t!(i18n, inspection.item.recalled)}</span></p> })}
            <p class="quiet">{move || cited.with_value(|c| standing(i18n, &c.standing))}</p>
        </div>
    }
}

#[component]
fn Judged(id: String, judged: Signal<Option<Determination>>, edit: Callback<Edit>) -> Node {
    let i18n = use_i18n();
    let name = format!("{id}-judged");
    let option = |(value, tone): (Determination, &'static str)| {
        view! {
            <label data-tone=tone>
                <input type="radio" name=name.clone() prop:checked=move || judged.get() == Some(value)
                    on:change=move |_| edit.run(Edit::Judged(value)) />
                <span>{move || judge_word(i18n, value)}</span>
            </label>
        }
    };
    let options = [
        (Determination::SuspectedMajor, "fail"),
        (Determination::Pending, "warn"),
        (Determination::General, "na"),
    ];
    view! {
        <fieldset class="seg" aria-label=t!(i18n, inspection.finding.judged)>
            {options.map(option).into_iter().collect::<Vec<_>>()}
        </fieldset>
    }
}

fn judge_word(i18n: Words, value: Determination) -> &'static str {
    match value {
        Determination::SuspectedMajor => t_string!(i18n, inspection.finding.judge_suspected),
        Determination::Pending => t_string!(i18n, inspection.finding.judge_pending),
        Determination::General | Determination::NotApplicable => {
            t_string!(i18n, inspection.finding.judge_general)
        }
    }
}
