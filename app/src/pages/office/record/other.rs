//! What was captured besides photos: voice notes to be heard, readings in a table, files to be saved. Hearing and saving are
//! noted in the audit log, so nothing is fetched before a person asks.

use super::photos::{Piece, Shelf, address, code};
use crate::{
    components::{
        Icon,
        photos::{face, words::place},
    },
    office::{sheet::Sheet, when},
    platform::{fetch, picture::Picture},
    signal::RwSignal,
    view::{Node, view},
    words::{failure, t, t_string, use_i18n},
};
use leptos::{prelude::*, task::spawn_local};
use std::sync::Arc;
use zhicha_core::{
    api::BlobSort,
    client::Failure,
    inspection::{
        EvidenceKind,
        said::{self, Reading, Voice},
    },
};

/// The lists; nothing where there is none of it.
#[component]
pub(super) fn Others(
    /// All of the record.
    shelf: Shelf,
    /// The checklists.
    sheet: Arc<Sheet>,
) -> Node {
    let i18n = use_i18n();
    let of = |kind: EvidenceKind| {
        let all = shelf
            .others
            .iter()
            .filter(move |piece| piece.evidence.kind == kind);
        all.cloned().collect::<Vec<_>>()
    };
    let heard = of(EvidenceKind::Voice).into_iter().map(|piece| {
        view! { <Line shelf=shelf.clone() sheet=sheet.clone() piece=piece /> }
    });
    let filed = of(EvidenceKind::File).into_iter().map(|piece| {
        view! { <Line shelf=shelf.clone() sheet=sheet.clone() piece=piece /> }
    });
    let read = of(EvidenceKind::Reading).into_iter().map(|piece| {
        view! { <Row shelf=shelf.clone() sheet=sheet.clone() piece=piece /> }
    });
    let (heard, filed, read): (Vec<_>, Vec<_>, Vec<_>) =
        (heard.collect(), filed.collect(), read.collect());
    view! {
        {(!heard.is_empty()).then(|| view! { <h3>{t!(i18n, evidence.office.voices)}</h3><ul class="lines">{heard}</ul> })}
        {(!read.is_empty()).then(|| view! {
            <h3>{t!(i18n, evidence.office.readings)}</h3>
            <table class="records">
                <thead><tr><th>{t!(i18n, evidence.office.reading_value)}</th><th>{t!(i18n, evidence.office.reading_instrument)}</th>
                    <th>{t!(i18n, evidence.office.item)}</th><th>{t!(i18n, evidence.office.at)}</th><th>{t!(i18n, evidence.where_it)}</th></tr></thead>
                <tbody>{read}</tbody>
            </table>
        })}
        {(!filed.is_empty()).then(|| view! { <h3>{t!(i18n, evidence.office.files)}</h3><ul class="lines">{filed}</ul> })}
    }
}

#[component]
fn Row(shelf: Shelf, sheet: Arc<Sheet>, piece: Piece) -> Node {
    let i18n = use_i18n();
    let Piece {
        evidence, about, ..
    } = piece;
    let read = Reading::of(&evidence.text);
    let value = read
        .as_ref()
        .map_or_else(|| evidence.text.clone(), Reading::measured);
    let instrument = read
        .as_ref()
        .and_then(crate::components::photos::words::instrument);
    let item = about.map(|key| code(&sheet, &key));
    let at = when::second(evidence.capture.t.best(), shelf.zone);
    let capture = StoredValue::new(evidence.capture);
    view! {
        <tr>
            <td data-label=t!(i18n, evidence.office.reading_value)><b>{value}</b></td>
            <td data-label=t!(i18n, evidence.office.reading_instrument)><span>{instrument.unwrap_or_else(|| "–".to_owned())}</span></td>
            <td data-label=t!(i18n, evidence.office.item)><span class="code nowrap">{item.unwrap_or_else(|| "–".to_owned())}</span></td>
            <td data-label=t!(i18n, evidence.office.at)><span>{at}</span></td>
            <td data-label=t!(i18n, evidence.where_it)><span>{move || capture.with_value(|c| place(i18n, c))}</span></td>
        </tr>
    }
}

// A voice note or a file: what it is, of which item, when and where, and the way to it.
#[component]
fn Line(shelf: Shelf, sheet: Arc<Sheet>, piece: Piece) -> Node {
    let i18n = use_i18n();
    let here = piece.is_here();
    let Piece {
        evidence,
        about,
        original,
        ..
    } = piece;
    let kind = evidence.kind;
    let voice = Voice::of(&evidence.text).filter(|_| kind == EvidenceKind::Voice);
    let cut = voice.as_ref().is_some_and(|voice| voice.cut);
    let caption = voice
        .as_ref()
        .and_then(|_| said::caption(kind, &evidence.text));
    let caption = caption.filter(|caption| !caption.is_empty());
    let text = evidence.text.clone();
    let size = original
        .as_ref()
        .map(|blob| format!("{} KB", blob.len.div_ceil(1024)));
    let item = about.map(|key| code(&sheet, &key));
    let at = when::second(evidence.capture.t.best(), shelf.zone);
    let capture = StoredValue::new(evidence.capture);
    let way = match original.filter(|_| here) {
        Some(blob) => match (kind, blob.sort) {
            (EvidenceKind::Voice, Some(BlobSort::Sound)) => {
                view! { <Player address=address(shelf.record, &blob, "sound") /> }
            }
            (EvidenceKind::File, Some(BlobSort::Document)) => {
                let href = address(shelf.record, &blob, "document");
                view! { <a class="btn" href=href download=true rel="external"><Icon name="save" />{t!(i18n, evidence.office.fetch)}</a> }
            }
            (EvidenceKind::Voice, _) => {
                view! { <p class="said" data-tone="na">{t!(i18n, evidence.office.not_sound)}</p> }
            }
            _ => view! { <p class="said" data-tone="na">{t!(i18n, evidence.office.not_file)}</p> },
        },
        None => {
            view! { <p class="said" data-tone="warn">{t!(i18n, evidence.office.not_here_yet)}</p> }
        }
    };
    view! {
        <li class="stack t">
            <p class="row wrap">{face::icon(kind)}<b class="wrap-anywhere">{move || face::brief(i18n, kind, &text)}</b>
                {item.map(|item| view! { <span class="code">{item}</span> })}{size.map(|size| view! { <span class="quiet">{size}</span> })}</p>
            {caption.map(|caption| view! { <p>{caption}</p> })}
            {cut.then(|| view! { <p class="said" data-tone="warn">{t!(i18n, evidence.voice.cut)}</p> })}
            <p class="quiet">{move || format!("{at}{}{}", t_string!(i18n, common.list.comma), capture.with_value(|c| place(i18n, c)))}</p>
            {way}
        </li>
    }
}

// Fetched whole once, so that hearing it is one row of the audit log.
#[component]
fn Player(address: String) -> Node {
    let i18n = use_i18n();
    let sound = StoredValue::new_local(None::<Picture>);
    let heard = RwSignal::new(None::<String>);
    let (busy, failed) = (RwSignal::new(false), RwSignal::new(None::<Failure>));
    let play = move |_| {
        let address = address.clone();
        busy.set(true);
        spawn_local(async move {
            match fetch::bytes(&address).await {
                Ok(found) => {
                    heard.try_set(Some(found.address()));
                    sound.try_set_value(Some(found));
                    failed.try_set(None);
                }
                Err(why) => {
                    failed.try_set(Some(why));
                }
            }
            busy.try_set(false);
        });
    };
    view! {
        {move || match heard.get() {
            Some(src) => view! { <audio controls=true autoplay=true src=src aria-label=t!(i18n, evidence.kind.voice)></audio> },
            None => view! { <div><button class="btn" type="button" disabled=move || busy.get() on:click=play.clone()><Icon name="next" />{t!(i18n, evidence.office.play)}</button></div> },
        }}
        {move || failed.get().map(|why| view! { <p class="said" data-tone="fail" role="alert">{failure(i18n, &why)}</p> })}
    }
}
