//! Numbers that are missing in the middle on this device: an event that was not sent yet is gone, later ones are there. The
//! server takes nothing behind a number that it lacks, so a signed report gives up the missing ones, as one for a lost
//! database does (`docs/formats.md`, "device_loss"). What it names and is here all the same goes after it, under its own number.

use crate::{
    event::{Body, EventHash, Kind, Payload, body::DeviceLoss},
    store::{EventRow, Store, StoreError},
};

/// What is missing behind the events that the server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The first missing number, which is the one that the server asks for.
    pub from: u64,
    /// The last number that this device has written: a report covers everything up to it.
    pub to: u64,
    /// How many of these numbers are not here.
    pub missing: u64,
}

/// The gap that stops sending; nothing when the next event is here, or a report of the gap.
///
/// # Errors
/// When the store cannot be read.
pub async fn gap<S: Store>(store: &S) -> Result<Option<Gap>, StoreError> {
    let from = store.push_state().await?.acked + 1;
    let to = store.head().await?.map_or(0, |head| head.seq);
    let here = store.events_after(from - 1, usize::MAX).await?;
    if to < from || here.first().is_some_and(|event| event.seq == from) {
        return Ok(None);
    }
    let missing = (to - from + 1).saturating_sub(here.len() as u64);
    let reported = here.iter().any(|event| reports(event, from));
    Ok((!reported).then_some(Gap { from, to, missing }))
}

/// The report that gives up number `seq`, if this device has written one.
///
/// # Errors
/// When the store cannot be read.
pub(super) async fn report_of<S: Store>(
    store: &S,
    seq: u64,
) -> Result<Option<EventRow>, StoreError> {
    let behind = store.events_after(seq, usize::MAX).await?;
    Ok(behind.into_iter().find(|event| reports(event, seq)))
}

fn reports(event: &EventRow, seq: u64) -> bool {
    loss_of(event).is_some_and(|loss| (loss.from..=loss.to).contains(&seq))
}

/// The numbers before its own that an event gives up, if it is a report of a loss.
pub(super) fn loss_of(event: &EventRow) -> Option<DeviceLoss> {
    // One that was altered on the disk gives up nothing: the server does not take it, and another one has to.
    if event.kind != Kind::DeviceLoss.as_str() || EventHash::of_text(&event.text) != event.hash {
        return None;
    }
    match Payload::parse(&event.text).ok()?.0.body().ok()? {
        Some(Body::DeviceLoss(loss)) if loss.to + 1 == event.seq => Some(loss),
        _ => None,
    }
}
