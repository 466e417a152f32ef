//! What follows from an event beside its row.

use crate::store::{
    self, Conn, drafts,
    events::EventRow,
    feed::{self, Op},
    projection::Projected,
};
use zhicha_core::{
    event::Payload,
    sync::{
        judge::Incoming,
        wire::{Reason, Stream},
    },
    time::Timestamp,
};

/// Whether the event goes on its person's feed; `sound` is what its text says, when the device's signature fits. What the
/// author's other devices could not verify stays off.
pub fn is_pulled(row: &EventRow, sound: Option<&Payload>) -> bool {
    let own = |p: &Payload| p.device_seq == row.device_seq && p.device_id == row.device;
    sound.is_some_and(own) && row.reason != Some(Reason::Foreign)
}

/// The list row of an event's record; `events` are all of the record.
pub fn projected(row: &EventRow, events: &[EventRow]) -> Option<Projected> {
    let inspection = row.record_type.as_deref() == Some("inspection");
    crate::projection::project(row.record.filter(|_| inspection)?, events)
}

/// What follows from an event that is applied: the row of its record, and that no draft of it is left. `events` are all of the
/// record, in the order of the log.
pub async fn project(conn: &mut Conn, row: &EventRow, events: &[EventRow]) -> store::Result<()> {
    let inspection = row.record_type.as_deref() == Some("inspection");
    let Some(record) = row.record.filter(|_| inspection) else {
        return Ok(());
    };
    store::projection::put(conn, row.tenant, record, events).await?;
    if row.kind.as_deref() == Some("sealed") {
        let key = drafts::Key {
            tenant: row.tenant,
            user: row.user,
            record,
        };
        drafts::remove(conn, key).await?;
    }
    Ok(())
}

/// Puts an event on its person's feed.
pub async fn feed(conn: &mut Conn, row: &EventRow, now: Timestamp) -> store::Result<()> {
    let (scope, key) = (row.user.to_string(), row.tenant_seq.to_string());
    feed::add(
        conn,
        row.tenant,
        Stream::Records,
        &scope,
        &key,
        Op::Put,
        now,
    )
    .await?;
    Ok(())
}

/// What an event says, when its text is sound.
pub fn payload_of(event: &Incoming) -> Option<&Payload> {
    match event {
        Incoming::Sound { payload, .. } => Some(payload),
        Incoming::Damaged { .. } => None,
    }
}
