//! What the database knows about an event beyond its device: what hinders it, and what there is to note.

use crate::{
    projection,
    store::{
        self, Conn, checklists,
        devices::DeviceRow,
        events::{self, EventRow},
    },
};
use zhicha_core::{
    access::Role,
    api::Flag,
    event::{Body, Disposition, Payload},
    sync::wire::Reason,
    time::Timestamp,
};

/// What the record itself says against the event: it has a seal already, or belongs to somebody else.
pub async fn hindrance(
    conn: &mut Conn,
    row: &EventRow,
    body: &Body,
    role: Role,
) -> store::Result<Option<(Reason, &'static str)>> {
    let Some(record) = row.record else {
        return Ok(None);
    };
    let before = events::of_record(conn, row.tenant, record).await?;
    let applied = || {
        before
            .iter()
            .filter(|e| e.disposition == Disposition::Applied)
    };
    let foreign = applied().any(|e| e.user != row.user);
    let hindrance = match body {
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
    };
    Ok(hindrance)
}

/// What there is to note about an event that is applied.
pub async fn flags(
    conn: &mut Conn,
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
        if !events::has(conn, payload.tenant, parent.as_str()).await?
            && !flags.contains(&Flag::UnknownParent)
        {
            flags.push(Flag::UnknownParent);
        }
    }
    for digest in &payload.checklists {
        let unknown = !checklists::is_published(conn, payload.tenant, digest).await?;
        if unknown && !flags.contains(&Flag::UnknownChecklist) {
            flags.push(Flag::UnknownChecklist);
        }
    }
    Ok(flags)
}
