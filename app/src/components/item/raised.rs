//! What a failure raised, below the answer: how grave it may be, until when, what the finding still lacks.

use super::{OpenFinding, RowCx, basis::short};
use crate::signal::Memo;
use crate::view::{Node, view};
use crate::{
    components::Icon,
    draft::{
        clause::{cited, criteria},
        finding::{Lack, lacks, shown},
    },
    platform::intl::Style,
    words::{Words, day, determination_tone, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{
    determination::{Determination, suggest},
    inspection::Finding,
};

/// The button that opens the finding sheet.
#[component]
pub fn Raised(
    /// The row.
    row: RowCx,
) -> Node {
    let i18n = use_i18n();
    let open = expect_context::<OpenFinding>();
    let Some(item) = row.item.get_value() else {
        return Node::Nothing;
    };
    let (suggested, clause) = row.checklist.with_value(|loaded| {
        let bases = cited(&loaded.checklist, criteria(&item), row.day);
        (
            suggest(&item, &loaded.checklist, row.day),
            bases.into_iter().next(),
        )
    });
    let clause = StoredValue::new(clause.filter(|_| suggested != Determination::General));
    let finding = move || {
        row.state
            .answer
            .with(|a| a.as_ref().and_then(|a| a.finding.clone()))
    };
    let gravity = Memo::new(move |_| shown(finding().as_ref(), suggested));
    let clause = move || clause.with_value(|c| c.as_ref().map(|c| short(i18n, c)));
    view! {
        <button class="raised" type="button" data-tone=move || determination_tone(gravity.get())
            on:click=move |_| open.0.run(row.key.get_value())>
            <span class="row wrap">
                <span class="tag" class:solid=move || gravity.get() == Determination::SuspectedMajor>
                    <Icon name="hazard" />{move || gravity_word(i18n, gravity.get())}
                </span>
                {move || clause().map(|clause| view! { <span>{clause}</span> })}
            </span>
            <span class="row">
                <span class="grow">{move || state(i18n, finding().as_ref(), suggested)}</span>
                <Icon name="next" />
            </span>
        </button>
    }
}

/// The words for a gravity; never "major" without "suspected".
pub fn gravity_word(i18n: Words, gravity: Determination) -> &'static str {
    match gravity {
        Determination::SuspectedMajor => t_string!(i18n, inspection.finding.suspected),
        Determination::Pending => t_string!(i18n, inspection.finding.pending),
        Determination::General | Determination::NotApplicable => {
            t_string!(i18n, inspection.finding.general)
        }
    }
}

/// Deadline and what is still missing, in one line.
pub fn state(i18n: Words, finding: Option<&Finding>, suggested: Determination) -> String {
    let lacking: Vec<&str> = lacks(finding, suggested)
        .into_iter()
        .map(|lack| lack_word(i18n, lack))
        .collect();
    let mut said = Vec::new();
    match finding {
        Some(finding) if finding.corrected_on_site => {
            said.push(t_string!(i18n, inspection.finding.raised_on_site).to_owned());
        }
        Some(Finding { due: Some(due), .. }) => {
            said.push(t_string!(
                i18n,
                inspection.finding.raised_due,
                date = day(i18n, *due, Style::Day)
            ));
        }
        _ => {}
    }
    if !lacking.is_empty() {
        let what = lacking.join(t_string!(i18n, common.list.and));
        said.push(t_string!(i18n, inspection.finding.lacks, what = what));
    }
    said.join(t_string!(i18n, common.list.comma))
}

fn lack_word(i18n: Words, lack: Lack) -> &'static str {
    match lack {
        Lack::Fact => t_string!(i18n, inspection.finding.lack.fact),
        Lack::Judged => t_string!(i18n, inspection.finding.lack.judged),
        Lack::Correction => t_string!(i18n, inspection.finding.lack.correction),
        Lack::Due => t_string!(i18n, inspection.finding.lack.due),
        Lack::Responsible => t_string!(i18n, inspection.finding.lack.responsible),
    }
}
