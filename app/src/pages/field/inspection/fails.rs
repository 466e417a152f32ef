//! The failed items, each with what its finding still lacks.

use crate::view::{Node, view};
use crate::words::counted;
use crate::{
    components::{
        Icon,
        item::raised::{gravity_word, state},
    },
    draft::{Outcome, finding::shown},
    state::draft::{
        OpenDraft,
        album::{Shot, album},
    },
    words::{determination_tone, instance, pick, t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::{
    answer::AnswerKey,
    checklist::Text,
    determination::{Determination, suggest},
    inspection::{EvidenceKind, Finding, Instance},
    time::CivilDate,
};

struct Failed {
    anchor: String,
    code: String,
    which: Option<Instance>,
    text: Text,
    suggested: Determination,
    finding: Option<Finding>,
    key: AnswerKey,
    wants_photo: bool,
}

/// The list; each line opens its finding sheet.
#[component]
pub fn Fails(
    /// The draft.
    draft: OpenDraft,
    /// The day whose law applies.
    day: CivilDate,
) -> Node {
    let i18n = use_i18n();
    let found = failed(draft, day);
    let count = found.len();
    if count == 0 && draft.total.get_untracked().pass == 0 {
        // Nothing was found in order either.
        return Node::Nothing;
    }
    if count == 0 {
        return view! { <p class="pad row"><Icon name="tick" />{t!(i18n, inspection.over.no_fails)}</p> };
    }
    let lines = found
        .into_iter()
        .map(|failed| view! { <FailedLine draft=draft failed=failed /> })
        .collect::<Vec<_>>();
    view! {
        <section>
            <div class="head"><h2>{move || counted!(i18n, inspection.over.fails, count = count)}</h2></div>
            <ul class="list">{lines}</ul>
        </section>
    }
}

fn failed(draft: OpenDraft, day: CivilDate) -> Vec<Failed> {
    draft.read(|book| {
        let lines = book
            .walk()
            .filter(|line| line.result == Some(Outcome::Fail));
        let found = lines.filter_map(|line| {
            let item = book.item(line)?;
            Some(Failed {
                anchor: book.anchor(&line.key),
                code: item.source.clone(),
                which: Instance::of(&book.checklist(line.part).checklist, &line.key, |key| {
                    Some(book.answer(key)?.value.clone())
                }),
                text: item.text.clone(),
                suggested: suggest(item, &book.checklist(line.part).checklist, day),
                finding: book.answer(&line.key).and_then(|a| a.finding.clone()),
                key: line.key.clone(),
                wants_photo: item.photo_on_fail,
            })
        });
        found.collect()
    })
}

#[component]
fn FailedLine(draft: OpenDraft, failed: Failed) -> Node {
    let i18n = use_i18n();
    let Failed {
        anchor,
        code,
        which,
        text,
        suggested,
        finding,
        key,
        wants_photo,
    } = failed;
    let album = album(draft);
    let photos = move || {
        let shots = album.about(Some(&key));
        let is_photo = |shot: &&Shot| shot.row.kind == EvidenceKind::Photo;
        let photos = shots.iter().filter(is_photo).count();
        let words = match (photos, shots.len() - photos) {
            (0, _) if wants_photo => ("warn", t_string!(i18n, evidence.wanted).to_owned()),
            (0, 0) => return None,
            (count, 0) => ("na", counted!(i18n, evidence.count, count = count)),
            (_, _) => ("na", counted!(i18n, evidence.pieces, count = shots.len())),
        };
        Some(words)
    };
    let gravity = shown(finding.as_ref(), suggested);
    let fact = finding
        .as_ref()
        .map(|f| f.fact.trim().to_owned())
        .filter(|fact| !fact.is_empty());
    let title = move || {
        fact.clone().unwrap_or_else(|| {
            t_string!(i18n, inspection.finding.not_true, text = pick(i18n, &text))
        })
    };
    let said = move || state(i18n, finding.as_ref(), suggested);
    view! {
        <li>
            <a class="li" href=format!("/inspect/{}?at={anchor}&finding=1", draft.id)>
                <div class="stack t grow">
                    <p class="row wrap">
                        <span class="tag" class:solid=gravity == Determination::SuspectedMajor data-tone=determination_tone(gravity)>
                            <Icon name="hazard" />{move || gravity_word(i18n, gravity)}
                        </span>
                        <span class="code">{code}</span>
                    </p>
                    <h3>{title}</h3>
                    {which.map(|of| view! { <p class="quiet">{move || instance(i18n, &of)}</p> })}
                    <p class="quiet">{said}</p>
                    {move || photos().map(|(tone, words)| view! { <p class="row said" data-tone=tone><Icon name="camera" small=true />{words}</p> })}
                </div>
                <Icon name="next" />
            </a>
        </li>
    }
}
