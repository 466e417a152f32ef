//! A record as the sum of its events: deterministic, total, and the same in whatever order they arrive.

use super::{Amended, Sealed, Started};
use crate::{
    event::{Body, EventHash, Payload},
    order,
};

/// A record with what was added to it. The sealed body is never changed; amendments stand beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoldedRecord {
    /// The beginning, where one was sent.
    pub started: Option<(EventHash, Payload, Started)>,
    /// The seal. Of several (which a server refuses), the one with the smallest hash.
    pub sealed: Option<(EventHash, Payload, Box<Sealed>)>,
    /// Amendments, by the author's time, then by hash.
    pub amended: Vec<(EventHash, Payload, Amended)>,
    /// Events of kinds that this build does not know.
    pub unknown: Vec<EventHash>,
}

/// Folds the events of one record.
pub fn fold(events: impl IntoIterator<Item = (EventHash, Payload)>) -> FoldedRecord {
    let ordered = order::map(events);
    let mut record = FoldedRecord::default();
    for (hash, payload) in ordered {
        match payload.body() {
            Ok(Some(Body::Started(body))) if record.started.is_none() => {
                record.started = Some((hash, payload, body));
            }
            Ok(Some(Body::Sealed(body))) if record.sealed.is_none() => {
                record.sealed = Some((hash, payload, body));
            }
            Ok(Some(Body::Amended(body))) => record.amended.push((hash, payload, body)),
            _ => record.unknown.push(hash),
        }
    }
    order::sort_by(&mut record.amended, |a, b| {
        (a.1.t.best(), &a.0).cmp(&(b.1.t.best(), &b.0))
    });
    record
}
