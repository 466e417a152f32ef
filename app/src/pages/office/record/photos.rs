//! What was captured: photos large and, on request, two side by side, each with moment and place as the sensors said.

use super::{Reading, answers::Asked, other::Others};
use crate::platform::dom;
use crate::{
    components::{
        Button, Icon, Sheet as Panel,
        codes::Says,
        photos::words::{kind, place, spot_label, time_label},
    },
    office::{session::OfficeSession, sheet::Sheet, when},
    pages::office::parts::Tag,
    signal::RwSignal,
    view::{Node, effect, view},
    words::{t, t_string, use_i18n},
};
use leptos::prelude::*;
use std::sync::Arc;
use zhicha_core::{
    access::Action,
    answer::AnswerKey,
    api::{BlobSort, RecordBlob},
    event::Payload,
    id::RecordId,
    inspection::{
        Evidence, EvidenceKind,
        evidence::{Capture, Role, is_marked},
    },
    time::ZoneOffset,
};

/// A piece of evidence, with what the server has of it.
#[derive(Clone)]
pub(super) struct Piece {
    pub evidence: Evidence,
    pub about: Option<AnswerKey>,
    shown: Option<RecordBlob>,
    // The working copy behind a marked one: who looks at it needs the right to originals, and is noted.
    unmarked: Option<RecordBlob>,
    is_marked: bool,
    pub original: Option<RecordBlob>,
    named: usize,
    here: usize,
}

/// All pieces of a record: those of a kind that is looked at, and the others.
#[derive(Clone)]
pub(super) struct Shelf {
    pub record: RecordId,
    pub zone: ZoneOffset,
    pieces: Arc<Vec<Piece>>,
    pub others: Arc<Vec<Piece>>,
}

impl Piece {
    fn of(evidence: &Evidence, payload: &Payload, blobs: &[RecordBlob]) -> Self {
        let named = evidence.blobs.iter();
        let refs: Vec<_> = named
            .filter_map(|at| payload.blobs.get(usize::try_from(*at).ok()?))
            .collect();
        let held = |role: Role| {
            let part = refs.iter().rev().find(|part| part.role == role.as_str())?;
            blobs
                .iter()
                .find(|blob| blob.sha256 == part.sha256)
                .cloned()
        };
        let found = refs
            .iter()
            .filter_map(|part| blobs.iter().find(|blob| blob.sha256 == part.sha256));
        let about = evidence.about.as_ref().and_then(|about| {
            let at = usize::try_from(about.checklist).ok()?;
            Some(AnswerKey {
                checklist: payload.checklists.get(at)?.clone(),
                item: about.item.clone(),
                instance: about.instance.clone(),
            })
        });
        let here = |blob: &RecordBlob| blob.received_at.is_some();
        let first = |order: &[Role]| {
            let all = order.iter().filter_map(|role| held(*role));
            all.into_iter().find(here)
        };
        let copies = [Role::Working, Role::Original];
        let is_marked = refs.iter().any(|part| is_marked(part));
        // What marks cover is not shown in their place while they are on the way.
        let (shown, unmarked) = match is_marked {
            true => (first(&[Role::Marked]), first(&copies)),
            false => (first(&copies), None),
        };
        Self {
            about,
            shown,
            unmarked,
            is_marked,
            original: held(Role::Original),
            named: refs.len(),
            here: found.filter(|blob| here(blob)).count(),
            evidence: evidence.clone(),
        }
    }

    // A reading stands in its table, with the photo of its display among the photos.
    fn is_listed(&self) -> bool {
        let kind = self.evidence.kind;
        kind == EvidenceKind::Reading
            || (matches!(kind, EvidenceKind::Voice | EvidenceKind::File)
                && !self.shown.as_ref().is_some_and(|blob| is_picture(&blob)))
    }

    fn is_seen(&self) -> bool {
        !self.is_listed() || self.named > 0 && self.evidence.kind == EvidenceKind::Reading
    }

    /// Whether the server has all of it.
    pub fn is_here(&self) -> bool {
        self.here == self.named
    }
}

fn is_picture(blob: &&RecordBlob) -> bool {
    blob.sort == Some(BlobSort::Picture)
}

// Sign-offs stand by themselves.
fn captured(evidence: &[Evidence]) -> impl Iterator<Item = &Evidence> {
    let other = |one: &&Evidence| one.kind != EvidenceKind::Signature;
    evidence.iter().filter(other)
}

impl Shelf {
    fn of(reading: &Reading) -> Self {
        let blobs = &reading.detail.blobs;
        let folded = &reading.sheet.record;
        let sealed = folded.sealed.iter();
        let sealed = sealed.flat_map(|(_, payload, body)| {
            captured(&body.evidence).map(move |e| Piece::of(e, payload, blobs))
        });
        let amended = folded.amended.iter().flat_map(|(_, payload, body)| {
            captured(&body.evidence).map(move |e| Piece::of(e, payload, blobs))
        });
        let all: Vec<Piece> = sealed.chain(amended).collect();
        Self {
            record: reading.detail.summary.record_id,
            zone: OfficeSession::get().zone(),
            pieces: Arc::new(
                all.iter()
                    .filter(|piece| piece.is_seen())
                    .cloned()
                    .collect(),
            ),
            others: Arc::new(all.into_iter().filter(Piece::is_listed).collect()),
        }
    }

    // How many pieces there are.
    fn count(&self) -> usize {
        let unseen = self.others.iter().filter(|piece| !piece.is_seen());
        self.pieces.len() + unseen.count()
    }

    fn address(&self, at: usize, size: &str) -> Option<String> {
        let shown = self.pieces.get(at)?.shown.as_ref();
        Some(address(self.record, shown.filter(is_picture)?, size))
    }

    fn unmarked(&self, at: usize) -> Option<String> {
        let unmarked = self.pieces.get(at)?.unmarked.as_ref();
        Some(address(self.record, unmarked.filter(is_picture)?, "view"))
    }
}

/// Where a file of a record is.
pub(super) fn address(record: RecordId, blob: &RecordBlob, size: &str) -> String {
    format!("/api/v1/records/{record}/blobs/{}?as={size}", blob.sha256)
}

/// The section; nothing for a record without evidence.
#[component]
pub fn Photos(
    /// The record.
    reading: Reading,
) -> Node {
    let i18n = use_i18n();
    let shelf = Shelf::of(&reading);
    let count = shelf.count();
    if count == 0 {
        return Node::Nothing;
    }
    let unseen = shelf.others.iter().filter(|piece| !piece.is_seen());
    let all = shelf.pieces.iter().chain(unseen);
    let (named, here) = all.fold((0, 0), |(named, here), piece| {
        (named + piece.named, here + piece.here)
    });
    let target = RwSignal::new(None::<usize>);
    let tiles = (0..shelf.pieces.len())
        .map(|at| view! { <Tile shelf=shelf.clone() sheet=reading.sheet.clone() at=at target=target /> })
        .collect::<Vec<_>>();
    view! {
        <section class="sheetlike stack">
            <div class="row wrap"><h2 class="grow">{move || t_string!(i18n, evidence.office.title, count = count)}</h2>
                {(here < named).then(|| view! { <Tag tone="warn" icon="saving" word=move || t_string!(i18n, evidence.office.sending, here = here, named = named) /> })}
            </div>
            {(!tiles.is_empty()).then(|| view! { <ul class="gallery">{tiles}</ul> })}
            <Others shelf=shelf.clone() sheet=reading.sheet.clone() />
            <Compare shelf=shelf sheet=reading.sheet target=target />
        </section>
    }
}

#[component]
fn Tile(shelf: Shelf, sheet: Arc<Sheet>, at: usize, target: RwSignal<Option<usize>>) -> Node {
    let i18n = use_i18n();
    let image = shelf.address(at, "thumb");
    let Some(piece) = shelf.pieces.get(at).cloned() else {
        return Node::Nothing;
    };
    let (waiting, sort) = (piece.here < piece.named, piece.evidence.kind);
    let at_time = when::minute(piece.evidence.capture.t.best(), shelf.zone);
    let code = piece.about.as_ref().map(|key| code(&sheet, key));
    let says = (sort == EvidenceKind::Code).then(|| view! { <Says text=piece.evidence.text /> });
    let label = {
        let at_time = at_time.clone();
        move || format!("{} {} {at_time}", kind(i18n, sort), at + 1)
    };
    view! {
        <li>
            <button type="button" aria-label=label on:click=move |_| target.set(Some(at))>
                {match image {
                    Some(src) => view! { <img src=src alt="" loading="lazy" /> },
                    None => view! { <span class="blank"><Icon name=if waiting { "saving" } else { "file" } /></span> },
                }}
                <span class="row wrap">{code.map(|code| view! { <span class="code">{code}</span> })}<span class="quiet">{at_time}</span>
                    {waiting.then(|| view! { <Icon name="saving" small=true /> })}</span>
            </button>
            {says}
        </li>
    }
}

/// What people call an item.
pub(super) fn code(sheet: &Sheet, key: &AnswerKey) -> String {
    let code = match sheet.question(key) {
        crate::office::sheet::Question::Item(item) => item.source.clone(),
        _ => key.item.clone(),
    };
    match key.instance.as_str() {
        "" => code,
        instance => format!("{code} #{instance}"),
    }
}

// One large, and another beside it when it is asked for.
#[component]
fn Compare(shelf: Shelf, sheet: Arc<Sheet>, target: RwSignal<Option<usize>>) -> Node {
    let i18n = use_i18n();
    let open = RwSignal::new(false);
    let other = RwSignal::new(None::<usize>);
    effect(move || {
        if target.get().is_some() {
            other.set(None);
            open.set(true);
        }
    });
    effect(move || {
        if !open.get() {
            target.set(None);
        }
    });
    let (shelf, sheet) = (StoredValue::new(shelf), StoredValue::new(sheet));
    let figure = move |at: Option<usize>| {
        at.map(|at| view! { <Figure shelf=shelf.get_value() sheet=sheet.get_value() at=at /> })
    };
    let choices = move || {
        let chosen = target.get();
        let all = shelf.with_value(|shelf| shelf.pieces.len());
        (0..all)
            .filter(|at| Some(*at) != chosen)
            .map(|at| view! { <Choice shelf=shelf.get_value() at=at other=other /> })
            .collect::<Vec<_>>()
    };
    let several = shelf.with_value(|shelf| shelf.pieces.len() > 1);
    view! {
        <Panel open=open id="evidence" title=t!(i18n, evidence.office.large)>
            <div class="pair" id="pair">{move || figure(target.get())}{move || figure(other.get())}</div>
            {several.then(|| view! {
                <div class="stack"><h3>{t!(i18n, evidence.office.beside)}</h3><ul class="choices">{choices}</ul></div>
            })}
        </Panel>
    }
}

#[component]
fn Choice(shelf: Shelf, at: usize, other: RwSignal<Option<usize>>) -> Node {
    let i18n = use_i18n();
    let image = shelf.address(at, "thumb");
    let chosen = move || other.get() == Some(at);
    let label = move || t_string!(i18n, evidence.office.beside_one, n = at + 1);
    let choose = move |_| {
        other.update(|now| *now = (*now != Some(at)).then_some(at));
        // Both are to be seen whole, side by side.
        request_animation_frame(|| {
            dom::scroll_to_start("pair");
        });
    };
    view! {
        <li>
            <button type="button" aria-label=label aria-pressed=move || chosen().to_string()
                on:click=choose>
                {match image {
                    Some(src) => view! { <img src=src alt="" loading="lazy" /> },
                    None => view! { <span class="blank"><Icon name="file" /></span> },
                }}
            </button>
        </li>
    }
}

#[component]
fn Figure(shelf: Shelf, sheet: Arc<Sheet>, at: usize) -> Node {
    let i18n = use_i18n();
    let large = shelf.address(at, "view");
    let Some(piece) = shelf.pieces.get(at).cloned() else {
        return Node::Nothing;
    };
    let Piece {
        evidence,
        about,
        shown,
        is_marked,
        original,
        named,
        here,
        ..
    } = piece;
    let (zone, kind_of) = (shelf.zone, evidence.kind);
    let capture = StoredValue::new(evidence.capture.clone());
    let received = shown.and_then(|blob| blob.received_at);
    let question = about.map(|key| (sheet.question(&key), key.item));
    let reads = OfficeSession::get().may(Action::ReadOriginals);
    let original = original.filter(|blob| reads && blob.received_at.is_some());
    let link = original.map(|blob| address(shelf.record, &blob, "original"));
    let alt = move || kind(i18n, kind_of);
    let bare = RwSignal::new(false);
    let unmarked = StoredValue::new(shelf.unmarked(at).filter(|_| reads));
    let picture = move || {
        let src = bare.get().then(|| unmarked.get_value()).flatten();
        match src.or_else(|| large.clone()) {
            Some(src) => view! { <img class="shot" src=src alt=alt /> },
            None if here < named => {
                view! { <p class="said" data-tone="warn">{t!(i18n, evidence.office.not_here)}</p> }
            }
            None => view! { <p class="said" data-tone="na">{t!(i18n, evidence.office.opaque)}</p> },
        }
    };
    view! {
        <figure class="stack">
            {picture}
            {is_marked.then(|| view! { <Marked bare=bare can=unmarked.with_value(Option::is_some) /> })}
            <figcaption class="stack">
                {(!evidence.text.is_empty()).then(|| says(&evidence))}
                {question.map(|(question, id)| view! { <Asked question=question id=id /> })}
                <dl class="kv">
                    <dt>{move || time_label(i18n, kind_of, capture.with_value(|c| c.source))}</dt>
                    <dd>{capture.with_value(|c| when::second(c.t.wall, zone))}{move || capture.with_value(|c| estimate(i18n, c, zone)).map(|words| view! { <br /><span class="quiet">{words}</span> })}</dd>
                    <dt>{t!(i18n, evidence.office.received)}</dt>
                    <dd>{move || received.map_or_else(|| t_string!(i18n, evidence.office.not_yet).to_owned(), |at| when::second(at, zone))}</dd>
                    <dt>{move || spot_label(i18n, kind_of)}</dt>
                    <dd>{move || capture.with_value(|c| place(i18n, c))}
                        {evidence.capture.heading.map(|degrees| view! { <br />{move || t_string!(i18n, evidence.heading, degrees = degrees)} })}</dd>
                </dl>
                {link.map(|href| view! { <a class="btn" href=href download=true rel="external"><Icon name="save" />{t!(i18n, evidence.office.original)}</a> })}
            </figcaption>
        </figure>
    }
}

// What a marked copy says of itself, and the way to what is behind the marks.
#[component]
fn Marked(bare: RwSignal<bool>, can: bool) -> Node {
    let i18n = use_i18n();
    let said = move || match bare.get() {
        true => t_string!(i18n, evidence.office.unmarked_now),
        false => t_string!(i18n, evidence.marks.kept),
    };
    let word = move || match bare.get() {
        true => t_string!(i18n, evidence.office.marked),
        false => t_string!(i18n, evidence.office.unmarked),
    };
    let turn = Callback::new(move |()| bare.update(|bare| *bare = !*bare));
    view! {
        <div class="row wrap">
            <p class="row grow kept" role="status"><Icon name="edit" small=true />{said}</p>
            {can.then(|| view! { <Button fit=true label=word on_press=turn /> })}
        </div>
    }
}

fn says(evidence: &Evidence) -> Node {
    let text = evidence.text.clone();
    match evidence.kind {
        EvidenceKind::Code => view! { <Says text=text /> },
        _ => view! { <p><b class="pre">{text}</b></p> },
    }
}

// The server's time at the capture as the device knew it, with its uncertainty.
fn estimate(i18n: crate::words::Words, capture: &Capture, zone: ZoneOffset) -> Option<String> {
    let (at, uncertainty) = capture.t.server_est.zip(capture.t.uncertainty)?;
    let seconds = (uncertainty + 999) / 1000;
    Some(t_string!(
        i18n,
        evidence.clock,
        time = when::second(at, zone),
        s = seconds.to_string()
    ))
}
