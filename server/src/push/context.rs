//! What the database knows about an event beyond its device: what hinders it, and what there is to note.

use crate::{
    error::ApiError,
    projection,
    store::{
        self, Conn, checklists,
        devices::DeviceRow,
        events::{self, EventRow},
    },
};
use std::collections::HashSet;
use zhicha_core::{
    access::Role,
    api::Flag,
    event::{Body, Disposition, Payload},
    sync::{judge::Incoming, wire::Reason},
    time::Timestamp,
};

/// What this push has found in the database, which need not be asked again within its transaction.
#[derive(Debug, Default)]
pub struct Known {
    /// Hashes of events that the log holds.
    pub events: HashSet<String>,
    /// Digests of published checklists.
    published: HashSet<String>,
}

// What the record itself says against the event: it has a seal already, or belongs to somebody else. `before` are the
// events that claim the record.
fn hindrance(
    before: &[EventRow],
    row: &EventRow,
    body: &Body,
    role: Role,
) -> Option<(Reason, &'static str)> {
    let applied = || {
        before
            .iter()
            .filter(|e| e.disposition == Disposition::Applied)
    };
    // Whoever began or sealed it is its author; a supervisor's amendment may be here before both, at a server that was restored.
    let authored = |e: &&EventRow| matches!(e.kind.as_deref(), Some("started" | "sealed"));
    let foreign = applied().filter(authored).any(|e| e.user != row.user);
    match body {
        Body::Sealed(_) if applied().any(|e| e.kind.as_deref() == Some("sealed")) => {
            Some((Reason::SealedTwice, "the record has a seal already"))
        }
        Body::Started(_) | Body::Sealed(_) if foreign => {
            Some((Reason::NotPermitted, "the record is another person's"))
        }
        Body::Amended(_) if foreign && role != Role::Supervisor => Some((
            Reason::NotPermitted,
            "only the author and a supervisor may amend a record",
        )),
        _ => None,
    }
}

/// Whose event it is, as the database knows them.
#[derive(Clone, Copy)]
pub struct Author<'a> {
    /// The device.
    pub device: &'a DeviceRow,
    /// The role of its person now.
    pub role: Role,
}

/// What becomes of an event that may be applied, and its flags: written into `row`. `before` are the events of its record.
pub async fn weigh(
    conn: &mut Conn,
    known: &mut Known,
    row: &mut EventRow,
    event: &Incoming,
    before: &[EventRow],
    author: Author<'_>,
    after_gap: bool,
) -> Result<(), ApiError> {
    let Incoming::Sound {
        payload,
        body: Ok(Some(body)),
        ..
    } = event
    else {
        return Err(ApiError::internal());
    };
    if let Some((reason, detail)) = hindrance(before, row, body, author.role) {
        (row.disposition, row.reason, row.detail) =
            (Disposition::Quarantined, Some(reason), detail.to_owned());
        return Ok(());
    }
    let came = row.received_at;
    row.flags = flags(conn, known, payload, body, author.device, after_gap, came).await?;
    (row.disposition, row.reason) = (Disposition::Applied, None);
    Ok(())
}

async fn flags(
    conn: &mut Conn,
    known: &mut Known,
    payload: &Payload,
    body: &Body,
    device: &DeviceRow,
    after_gap: bool,
    now: Timestamp,
) -> store::Result<Vec<Flag>> {
    let sealed = if let Body::Sealed(sealed) = body {
        Some(&**sealed)
    } else {
        None
    };
    let mut flags = projection::notes(payload, sealed, now);
    if after_gap {
        flags.push(Flag::Gap);
    }
    if device.recovered {
        flags.push(Flag::Recovered);
    }
    for parent in &payload.parents {
        let is_known = known.events.contains(parent.as_str())
            || events::has(conn, payload.tenant, parent.as_str()).await?;
        if !is_known && !flags.contains(&Flag::UnknownParent) {
            flags.push(Flag::UnknownParent);
        }
    }
    for digest in &payload.checklists {
        let is_known = known.published.contains(&digest.0)
            || checklists::is_published(conn, payload.tenant, digest).await?;
        if is_known {
            known.published.insert(digest.0.clone());
        } else if !flags.contains(&Flag::UnknownChecklist) {
            flags.push(Flag::UnknownChecklist);
        }
    }
    Ok(flags)
}
