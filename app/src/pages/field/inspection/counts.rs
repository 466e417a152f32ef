//! The counters as a bar and as words, and the items without an answer.

use crate::signal::Memo;
use crate::view::{Node, Show, view};
use crate::words::counted;
use crate::{
    components::{Banner, Icon},
    draft::Tally,
    platform::{clock, intl::Style},
    state::{draft::OpenDraft, use_app},
    words::{Words, moment, pick, t, t_string, use_i18n},
};
use leptos::prelude::*;

/// Most missing items that are listed by name.
const LISTED: usize = 8;

/// Answers by result.
#[component]
pub fn Counts(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let app = use_app();
    let total = draft.total;
    let from = draft.form.with_untracked(|form| form.from);
    let minutes = (clock::now().0 - from.0).max(0) / 60_000;
    let time = move || {
        t_string!(
            i18n,
            inspection.over.since,
            time = moment(i18n, from, app.zone(), Style::DayClock)
        )
    };
    view! {
        <section class="pad stack">
            <div class="row wrap">
                <p class="grow">
                    <span class="num">{move || total.get().answered()}</span>" "
                    <span class="quiet">{move || t_string!(i18n, inspection.over.answered, asked = total.get().asked())}</span>
                </p>
                <p class="quiet">{time}<br />{move || counted!(i18n, inspection.over.minutes, count = minutes)}</p>
            </div>
            {move || view! { <Bar tally=total.get() /> }}
        </section>
    }
}

#[component]
fn Bar(tally: Tally) -> Node {
    let i18n = use_i18n();
    let parts = [
        ("f-pass", tally.pass),
        ("f-fail", tally.fail),
        ("f-na", tally.not_applicable + tally.not_checked),
        ("f-info", tally.filled),
        ("f-hole", tally.missing),
    ];
    let all = f64::from(tally.asked().max(1));
    let mut at = 0.0;
    let rects = parts
        .into_iter()
        .filter(|(_, n)| *n > 0)
        .map(|(class, n)| {
            let (x, width) = (at, f64::from(n) / all * 100.0);
            at += width;
            view! { <rect class=class x=format!("{x:.2}%") width=format!("{:.2}%", (width - 0.8).max(0.6)) y="1.5" height="17" rx="4"></rect> }
        })
        .collect::<Vec<_>>();
    let label = t_string!(
        i18n,
        inspection.over.chart,
        pass = tally.pass,
        fail = tally.fail,
        na = tally.not_applicable,
        nc = tally.not_checked,
        filled = tally.filled,
        missing = tally.missing
    );
    view! {
        <svg class="plot" role="img" aria-label=label>{rects}</svg>
        <ul class="legend">{legend(i18n, tally)}</ul>
    }
}

fn legend(i18n: Words, tally: Tally) -> Vec<Node> {
    let lines = [
        (
            "f-pass",
            tally.pass,
            t_string!(i18n, inspection.over.pass, n = tally.pass),
        ),
        (
            "f-fail",
            tally.fail,
            t_string!(i18n, inspection.over.fail, n = tally.fail),
        ),
        (
            "f-na",
            tally.not_applicable,
            t_string!(i18n, inspection.over.na, n = tally.not_applicable),
        ),
        (
            "f-na",
            tally.not_checked,
            t_string!(i18n, inspection.over.nc, n = tally.not_checked),
        ),
        (
            "f-info",
            tally.filled,
            t_string!(i18n, inspection.over.filled, n = tally.filled),
        ),
        (
            "f-hole",
            tally.missing,
            t_string!(i18n, inspection.over.missing, n = tally.missing),
        ),
    ];
    let shown = |(class, _, text): (&'static str, u32, String)| {
        view! { <li class="row"><svg class="key" viewBox="0 0 16 16" aria-hidden="true"><rect class=class x="2" y="2" width="12" height="12" rx="2"></rect></svg>{text}</li> }
    };
    lines
        .into_iter()
        .filter(|(_, n, _)| *n > 0)
        .map(shown)
        .collect::<Vec<_>>()
}

/// What has no answer, with links.
#[component]
pub fn Missing(
    /// The draft.
    draft: OpenDraft,
) -> Node {
    let i18n = use_i18n();
    let missing = Memo::new(move |_| draft.total.get().missing);
    let title = move || counted!(i18n, inspection.over.missing_title, count = missing.get());
    let body = move || {
        view! {
            <section class="pad">
                <Banner tone="warn" icon="info" title=title>
                    <p>{t!(i18n, inspection.over.missing_hint)}</p>
                    <ul>{links(i18n, draft)}</ul>
                    {rest(i18n, missing.get())}
                </Banner>
            </section>
        }
    };
    view! { <Show when=move || { missing.get() > 0 }>{body}</Show> }
}

fn rest(i18n: Words, missing: u32) -> Option<Node> {
    let more = usize::try_from(missing)
        .unwrap_or_default()
        .saturating_sub(LISTED);
    (more > 0).then(
        || view! { <p>{move || counted!(i18n, inspection.over.missing_more, count = more)}</p> },
    )
}

fn links(i18n: Words, draft: OpenDraft) -> Vec<Node> {
    let found: Vec<(String, String, zhicha_core::checklist::Text)> = draft.read(|book| {
        let line = |line: &crate::draft::Line| {
            let section = book.section(line.part);
            let (code, text) = match book.item(line) {
                Some(item) => (item.source.clone(), item.text.clone()),
                None => (
                    String::new(),
                    section
                        .gate
                        .as_ref()
                        .map_or_else(|| section.title.clone(), |gate| gate.text.clone()),
                ),
            };
            let place = if line.key.instance.is_empty() {
                String::new()
            } else {
                format!(" {}", line.key.instance)
            };
            (book.anchor(&line.key), format!("{code}{place}"), text)
        };
        book.walk()
            .filter(|line| line.missing)
            .take(LISTED)
            .map(line)
            .collect()
    });
    let link = move |(anchor, code, text): (String, String, _)| {
        view! {
            <li>
                <a class="link missing" href=format!("/inspect/{}?at={anchor}", draft.id)>
                    <span class="clip">{move || format!("{code} {}", pick(i18n, &text))}</span>
                    <Icon name="next" small=true />
                </a>
            </li>
        }
    };
    found.into_iter().map(link).collect::<Vec<_>>()
}
