//! Evidence that is no photo, at its full size: a voice note to be heard, a reading, a file.

use super::{face, image::StoredImage, image::StoredSound, words};
use crate::{
    view::{Node, view},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::inspection::{
    EvidenceKind, EvidenceRow,
    said::{Reading, Voice},
};

/// A voice note.
#[component]
pub fn Sound(
    /// Its row.
    row: EvidenceRow,
) -> Node {
    let i18n = use_i18n();
    let part = row.parts.first().filter(|part| !part.dropped).cloned();
    let said = Voice::of(&row.text);
    let cut = said.as_ref().is_some_and(|said| said.cut);
    let player = part.map(|part| {
        let label = t!(i18n, evidence.kind.voice);
        view! { <StoredSound blob=Signal::stored(Some(part.blob)) mime=part.mime label=label /> }
    });
    view! {
        <div class="sound stack t">
            {said.map(|said| view! { <p class="clock">{said.length()}</p> })}
            {player}
            {cut.then(|| view! { <p class="said" data-tone="warn">{t!(i18n, evidence.voice.cut)}</p> })}
        </div>
    }
}

/// A reading, with the photo of the display if there is one.
#[component]
pub fn Measured(
    /// Its row.
    row: EvidenceRow,
) -> Node {
    let i18n = use_i18n();
    let shown = row.shown().filter(|part| !part.dropped).cloned();
    let picture = shown.filter(|_| row.thumb.is_some()).map(|part| {
        let alt = t!(i18n, evidence.reading.display);
        view! { <div class="large"><StoredImage blob=Signal::stored(Some(part.blob)) mime=part.mime alt=alt /></div> }
    });
    let Some(read) = Reading::of(&row.text) else {
        return view! { {picture}<p>{row.text}</p> };
    };
    let instrument = words::instrument(&read);
    view! {
        <p class="clock">{read.measured()}</p>
        {instrument.map(|instrument| view! { <p>{instrument}</p> })}
        {picture}
    }
}

/// What is neither: nothing of it is shown here.
#[component]
pub fn Filed(
    /// Its row.
    row: EvidenceRow,
) -> Node {
    let i18n = use_i18n();
    let (kind, text) = (row.kind, row.text);
    view! {
        <p class="row">{face::icon(kind)}<b class="wrap-anywhere">{move || face::brief(i18n, kind, &text)}</b></p>
        <p class="said" data-tone="na">{move || match kind {
            EvidenceKind::File => t_string!(i18n, evidence.kept_as_is),
            _ => t_string!(i18n, evidence.cannot_show),
        }}</p>
    }
}
