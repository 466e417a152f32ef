//! The list row of an inspection, computed from its events alone: deterministic, so that a rebuild gives the same.

use crate::store::{events::EventRow, projection::Projected};
use zhicha_core::{
    api::{Counts, Flag, RecordSummary},
    determination::Determination,
    event::{Disposition, Payload},
    id::RecordId,
    inspection::{ChecklistRef, FoldedRecord, Mode, Sealed, SiteSnapshot, Started, fold},
    time::{CivilDate, Timestamp},
};

/// The list row of `record`, when one of its applied events begins or seals an inspection.
pub fn project(record: RecordId, events: &[EventRow]) -> Option<Projected> {
    let applied: Vec<&EventRow> = events
        .iter()
        .filter(|e| e.disposition == Disposition::Applied)
        .collect();
    let folded = fold(
        applied
            .iter()
            .filter_map(|e| Some((e.hash.clone(), Payload::parse(&e.text).ok()?.0))),
    );
    let row_of = |hash: &_| applied.iter().find(|e| &e.hash == hash);
    let (hash, date, begun) = match (&folded.sealed, &folded.started) {
        (Some((hash, payload, sealed)), _) => {
            (hash, payload.inspection_date, Begun::of_seal(sealed))
        }
        (None, Some((hash, payload, started))) => {
            (hash, payload.inspection_date, Begun::of_start(started))
        }
        (None, None) => return None,
    };
    let row = row_of(hash)?;
    let mut summary = summary(record, begun, date, row.received_at, &folded);
    for flag in applied.iter().flat_map(|e| &e.flags) {
        if !summary.flags.contains(flag) {
            summary.flags.push(*flag);
        }
    }
    let first_seq = applied.iter().map(|e| e.tenant_seq).min()?;
    Some(Projected {
        first_seq,
        user: row.user,
        search: search_text(&summary),
        summary,
    })
}

#[derive(Clone, Copy)]
struct Begun<'a> {
    mode: Mode,
    site: &'a SiteSnapshot,
    checklists: &'a [ChecklistRef],
    from: Timestamp,
    sealed: Option<&'a Sealed>,
}

impl<'a> Begun<'a> {
    fn of_seal(sealed: &'a Sealed) -> Self {
        Self {
            mode: sealed.mode,
            site: &sealed.site,
            checklists: &sealed.checklists,
            from: sealed.from,
            sealed: Some(sealed),
        }
    }

    fn of_start(started: &'a Started) -> Self {
        Self {
            mode: started.mode,
            site: &started.site,
            checklists: &started.checklists,
            from: started.from,
            sealed: None,
        }
    }
}

fn summary(
    record_id: RecordId,
    begun: Begun<'_>,
    inspection_date: CivilDate,
    received_at: Timestamp,
    folded: &FoldedRecord,
) -> RecordSummary {
    RecordSummary {
        record_id,
        sealed: begun.sealed.is_some(),
        mode: begun.mode,
        site_name: begun.site.name.clone(),
        site_address: begun.site.address.clone(),
        site_id: begun.site.site_id,
        region: begun.site.region.clone(),
        checklists: begun.checklists.iter().map(|c| c.id.clone()).collect(),
        inspectors: begun
            .sealed
            .map(|s| s.inspectors.iter().map(|i| i.name.clone()).collect())
            .unwrap_or_default(),
        inspection_date,
        from: begun.from,
        to: begun.sealed.map(|s| s.to),
        visit: begun.sealed.map(|s| s.outcome.visit),
        // As sealed; amendments stand beside it and are not counted in.
        counts: begun
            .sealed
            .map(|sealed| Counts::of(&sealed.answers))
            .unwrap_or_default(),
        suspected_major: begun.sealed.map_or(0, suspected_major),
        amendments: folded.amended.len() as u64,
        received_at,
        flags: Vec::new(),
        // Not of the events alone: `store::records` counts when somebody asks.
        blobs_named: 0,
        blobs_here: 0,
    }
}

// What a person said goes before what the rules suggest.
fn suspected_major(sealed: &Sealed) -> u64 {
    let grave = |h: &&zhicha_core::inspection::Hazard| {
        h.judged.unwrap_or(h.suggested) == Determination::SuspectedMajor
    };
    sealed.hazards.iter().filter(grave).count() as u64
}

fn search_text(summary: &RecordSummary) -> String {
    let mut words = vec![
        summary.site_name.clone(),
        summary.site_address.clone(),
        crate::http::sites::initials(&summary.site_name),
    ];
    words.extend(summary.inspectors.iter().cloned());
    words.push(summary.record_id.to_string());
    words.join(" ").to_lowercase()
}

/// What there is to note about an event when it is applied, beyond what the judge says.
pub fn notes(payload: &Payload, sealed: Option<&Sealed>, received_at: Timestamp) -> Vec<Flag> {
    const SKEW_MS: i64 = 120_000;
    let mut flags = Vec::new();
    let off = payload
        .t
        .server_est
        .map_or(0, |est| (est.0 - payload.t.wall.0).abs());
    if off > SKEW_MS || payload.t.wall.0.saturating_sub(received_at.0) > SKEW_MS {
        flags.push(Flag::ClockSkew);
    }
    if sealed.is_some_and(|s| s.mode == Mode::SpotCheck && s.inspectors.len() < 2) {
        flags.push(Flag::OneInspector);
    }
    flags
}
