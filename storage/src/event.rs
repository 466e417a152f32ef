//! Own events: kept verbatim, added together with the new head (and, for a seal, the end of the draft).

use crate::{
    draft, evidence,
    identity::{self, HEAD},
    row::{self, Row, seq_key},
    schema::{ANSWER, BY_RECORD, DRAFT, EVENT, EVIDENCE, META, PULLED},
    store::IdbStore,
    tx::Query,
};
use indexed_db_futures::KeyRange;
use wasm_bindgen::JsValue;
use zhicha_core::{
    id::RecordId,
    order,
    store::{Append, EventRow, Head, StoreError},
};

/// An event's row: the text apart, verbatim, and all else as JSON.
pub(crate) fn row(event: &EventRow) -> Result<JsValue, StoreError> {
    let rest = EventRow {
        text: String::new(),
        ..event.clone()
    };
    Ok(Row::new()
        .seq("seq", event.seq)
        .text("record", &event.record_id.to_string())
        .text("text", &event.text)
        .json(&rest)?
        .done())
}

/// Reads an event's row.
pub(crate) fn read(stored: &JsValue) -> Result<EventRow, StoreError> {
    let rest: EventRow = row::json(stored)?;
    Ok(EventRow {
        text: row::text(stored, "text")?,
        ..rest
    })
}

impl IdbStore {
    pub(crate) async fn add_event(&self, append: &Append) -> Result<(), StoreError> {
        let row = row(&append.event)?;
        let head = Head {
            seq: append.event.seq,
            hash: append.event.hash.clone(),
        };
        self.connection()
            .write(&[META, EVENT, DRAFT, ANSWER, EVIDENCE], async |tx| {
                let stored: Option<Head> = identity::read(tx, HEAD).await?;
                if stored.as_ref() != Some(&append.expect) {
                    return Err(StoreError::Changed);
                }
                if let Some((id, rev, fence)) = append.closes {
                    draft::expect_unchanged(tx, id, rev, fence).await?;
                    draft::remove(tx, id)?;
                }
                tx.put(EVENT, row)?;
                evidence::name(tx, append)?;
                identity::write(tx, HEAD, &head)
            })
            .await
    }

    pub(crate) async fn own_events_after(
        &self,
        after: u64,
        limit: usize,
    ) -> Result<Vec<EventRow>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let query = Query::all(EVENT)
            .within(KeyRange::LowerBound(seq_key(after), true))
            .first(limit);
        let rows = self
            .connection()
            .read(&[EVENT], async |tx| tx.get_all(query).await)
            .await?;
        rows.iter().map(read).collect()
    }

    pub(crate) async fn own_events_of(&self, id: RecordId) -> Result<Vec<EventRow>, StoreError> {
        let query = Query::all(EVENT)
            .by(BY_RECORD)
            .within(KeyRange::Only(JsValue::from_str(&id.to_string())));
        let rows = self
            .connection()
            .read(&[EVENT], async |tx| tx.get_all(query).await)
            .await?;
        rows.iter().map(read).collect()
    }

    pub(crate) async fn newest_records(&self, limit: usize) -> Result<Vec<RecordId>, StoreError> {
        let (own, pulled) = self
            .connection()
            .read(&[EVENT, PULLED], async |tx| {
                Ok((
                    tx.greatest(EVENT, BY_RECORD, limit).await?,
                    tx.greatest(PULLED, BY_RECORD, limit).await?,
                ))
            })
            .await?;
        // Record ids are UUIDv7: the greatest is the newest.
        let all = order::set(own.into_iter().chain(pulled));
        let newest = all.iter().rev().take(limit);
        newest
            .map(|id| {
                id.parse()
                    .map_err(|_| StoreError::Corrupt(format!("“{id}” is no record id")))
            })
            .collect()
    }
}
