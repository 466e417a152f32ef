//! What stands for a piece of evidence where there is no room for more: its picture, or what it is and says in a few words.

use super::{
    icons::{Gauge, Microphone},
    image::StoredImage,
    words,
};
use crate::{
    components::Icon,
    view::{Node, view},
    words::{Words, t_string, use_i18n},
};
use leptos::prelude::*;
use zhicha_core::inspection::{EvidenceKind, EvidenceRow, said};

/// The inside of a tile. `saved` is whether a picture that is missing will not come.
#[component]
pub fn Face(
    /// What it is of.
    row: EvidenceRow,
    /// Whether it is on the disk.
    saved: bool,
) -> Node {
    let i18n = use_i18n();
    let kind = row.kind;
    let opaque = row.thumb.is_none() && (saved || kind != EvidenceKind::Photo);
    let icon = opaque.then(|| icon(kind));
    let row = StoredValue::new(row);
    let thumb = row.with_value(|row| row.thumb);
    let over = (kind != EvidenceKind::Photo).then(|| {
        view! { <span class="over">{move || row.with_value(|row| brief(i18n, row.kind, &row.text))}</span> }
    });
    view! {
        <StoredImage blob=Signal::stored(thumb) alt="" />
        {icon}
        {over}
    }
}

/// The icon of a kind.
pub fn icon(kind: EvidenceKind) -> Node {
    match kind {
        EvidenceKind::Voice => view! { <Microphone /> },
        EvidenceKind::Reading => view! { <Gauge /> },
        EvidenceKind::Code => view! { <Icon name="qr" /> },
        EvidenceKind::Signature => view! { <Icon name="sign" /> },
        EvidenceKind::Photo | EvidenceKind::File => view! { <Icon name="file" /> },
    }
}

/// What it says, in a few words; its kind where it says nothing.
pub fn brief(i18n: Words, kind: EvidenceKind, text: &str) -> String {
    let said = match kind {
        EvidenceKind::Voice => said::Voice::of(text).map(|voice| voice.length()),
        EvidenceKind::Reading => said::Reading::of(text).map(|reading| reading.measured()),
        _ => text.lines().next().map(str::to_owned),
    };
    said.filter(|said| !said.is_empty())
        .unwrap_or_else(|| words::kind(i18n, kind).to_owned())
}

/// Kind, and what it says in a few words: what a tile is called.
pub fn name(i18n: Words, row: &EvidenceRow) -> String {
    let kind = words::kind(i18n, row.kind);
    match brief(i18n, row.kind, &row.text) {
        brief if brief == kind || row.kind == EvidenceKind::Photo => kind.to_owned(),
        brief => format!("{kind}{}{brief}", t_string!(i18n, common.list.comma)),
    }
}
