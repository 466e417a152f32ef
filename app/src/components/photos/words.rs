//! Words about what was captured: when, where, and why something is not on the disk.

use crate::{
    platform::intl::Style,
    state::draft::album::Trouble,
    words::{Words, moment, store_error, t_string},
};
use zhicha_core::{
    inspection::{
        EvidenceKind,
        evidence::{Capture, NoPlace, Source},
        said::Reading,
    },
    store::StoreError,
    time::ZoneOffset,
};

/// Why it is not on the disk, what is safe, and what to do.
pub fn trouble(i18n: Words, trouble: &Trouble) -> String {
    match trouble {
        Trouble::Store(StoreError::Quota) => t_string!(i18n, evidence.failed.quota).to_owned(),
        Trouble::Store(error) => store_error(i18n, error).to_owned(),
        Trouble::Bytes(error) => match error.name.as_str() {
            "Empty" => t_string!(i18n, evidence.failed.empty).to_owned(),
            "TooLarge" => t_string!(i18n, evidence.failed.large).to_owned(),
            "WrongKind" => t_string!(i18n, evidence.failed.kind).to_owned(),
            "Silent" => t_string!(i18n, evidence.failed.silent).to_owned(),
            "NoRoom" => t_string!(i18n, evidence.failed.no_room).to_owned(),
            "NotReadableError" | "NotFoundError" => {
                t_string!(i18n, evidence.failed.unreadable).to_owned()
            }
            _ => t_string!(i18n, evidence.failed.other, why = error.words.clone()),
        },
    }
}

/// Whether reading the same bytes once more may succeed.
pub fn is_worth_another_try(trouble: &Trouble) -> bool {
    let never = ["Empty", "TooLarge", "WrongKind", "Silent", "NoRoom"];
    !matches!(trouble, Trouble::Bytes(error) if never.contains(&error.name.as_str()))
}

/// The kind of evidence.
pub fn kind(i18n: Words, kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Photo => t_string!(i18n, evidence.kind.photo),
        EvidenceKind::Signature => t_string!(i18n, evidence.kind.signature),
        EvidenceKind::Voice => t_string!(i18n, evidence.kind.voice),
        EvidenceKind::File => t_string!(i18n, evidence.kind.file),
        EvidenceKind::Code => t_string!(i18n, evidence.kind.code),
        EvidenceKind::Reading => t_string!(i18n, evidence.kind.reading),
    }
}

/// The title of one that is looked at.
pub fn view_title(i18n: Words, of: EvidenceKind) -> &'static str {
    match of {
        EvidenceKind::Photo => t_string!(i18n, evidence.view),
        other => kind(i18n, other),
    }
}

/// The question before one is deleted.
pub fn remove_title(i18n: Words, of: EvidenceKind) -> &'static str {
    match of {
        EvidenceKind::Photo => t_string!(i18n, evidence.remove.ask),
        _ => t_string!(i18n, evidence.remove.ask_piece),
    }
}

/// Instrument and its number; nothing when nobody said.
pub fn instrument(reading: &Reading) -> Option<String> {
    let said = [reading.instrument.as_str(), reading.serial.as_str()];
    let said: Vec<_> = said.into_iter().filter(|part| !part.is_empty()).collect();
    (!said.is_empty()).then(|| said.join(" · "))
}

/// The place with its uncertainty, or why there is none.
pub fn place(i18n: Words, capture: &Capture) -> String {
    match (&capture.place, capture.no_place) {
        (Some(place), _) => t_string!(
            i18n,
            evidence.place.at,
            lat = place.lat.to_string(),
            lon = place.lon.to_string(),
            m = place.accuracy_m
        ),
        (None, Some(why)) => no_place(i18n, why).to_owned(),
        (None, None) => t_string!(i18n, evidence.place.unknown).to_owned(),
    }
}

/// Why there is no place.
pub fn no_place(i18n: Words, why: NoPlace) -> &'static str {
    match why {
        NoPlace::Refused => t_string!(i18n, evidence.place.refused),
        NoPlace::Unavailable => t_string!(i18n, evidence.place.unavailable),
        NoPlace::TimedOut => t_string!(i18n, evidence.place.timed_out),
    }
}

/// What the time of a capture is the time of.
pub fn time_label(i18n: Words, kind: EvidenceKind, source: Source) -> &'static str {
    match (kind, source) {
        (EvidenceKind::Photo, Source::App) => t_string!(i18n, evidence.taken_at),
        (EvidenceKind::Photo, Source::Picked) => t_string!(i18n, evidence.picked_at),
        (_, Source::App) => t_string!(i18n, evidence.made_at),
        (_, Source::Picked) => t_string!(i18n, evidence.added_at),
    }
}

/// What the place of a capture is the place of.
pub fn spot_label(i18n: Words, kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Photo => t_string!(i18n, evidence.spot),
        _ => t_string!(i18n, evidence.where_it),
    }
}

/// The device's time, and the server's estimate beside it where there is one.
pub fn time(i18n: Words, capture: &Capture, zone: ZoneOffset) -> String {
    let write = |at| moment(i18n, at, zone, Style::Whole);
    let wall = write(capture.t.wall);
    let Some((estimate, uncertainty)) = capture.t.server_est.zip(capture.t.uncertainty) else {
        return wall;
    };
    let seconds = (uncertainty + 999) / 1000;
    let clock = t_string!(
        i18n,
        evidence.clock,
        time = write(estimate),
        s = seconds.to_string()
    );
    format!("{wall}{}{clock}", t_string!(i18n, common.list.comma))
}
