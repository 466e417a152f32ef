//! Putting back from the copy beside the database what the database has lost. Runs at the start, before anything is written.

use crate::{
    BrowserIds, IdbStore, WebVerifier, canary, copy, event, evidence,
    identity::{self, HEAD, IDENTITY, PUSH},
    opfs,
    schema::{BLOB_CHUNK, EVENT, EVIDENCE, META},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use zhicha_core::{
    checklist::Digest,
    client::{
        copy::{Here, Restore, read, restore},
        evidence::LOST,
    },
    id::BlobId,
    inspection::{EvidenceRow, evidence::rows_named},
    store::{EventRow, Head, StoreError},
    sync::wire::Identity,
};

/// What was put back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// How many events.
    pub count: u64,
    /// First number.
    pub from: u64,
    /// Last number.
    pub to: u64,
    /// Whether the whole database was gone: key and drafts did not come back.
    pub anew: bool,
}

/// Puts back what the copy has and the database lacks; nothing if that is nothing.
///
/// # Errors
/// When the database can be neither read nor written; it is as before then, and so is the copy.
pub(crate) async fn from_copy(store: &IdbStore) -> Result<Option<Restored>, StoreError> {
    let text = text(store).await;
    if text.is_empty() {
        return Ok(None);
    }
    let profile = store.profile();
    let saved = read(
        &WebVerifier::default(),
        (profile.tenant, profile.user),
        &text,
    )
    .await;
    let here = here(store).await?;
    let Some(back) = restore(saved, &here) else {
        return Ok(None);
    };
    put_back(store, &here, &back).await?;
    let number = |event: Option<&EventRow>| event.map_or(0, |event| event.seq);
    Ok(Some(Restored {
        count: back.events.len() as u64,
        from: number(back.events.first()),
        to: number(back.events.last()),
        anew: back.anew,
    }))
}

// Another tab may be writing the file anew: what it has moved to the second file is in the first one before or after.
pub(crate) async fn text(store: &IdbStore) -> String {
    let name = copy::name(store);
    let mut text = String::new();
    for name in [&name, &format!("{name}.2"), &name] {
        text += &opfs::read(name).await.unwrap_or_default();
        text.push('\n');
    }
    text
}

async fn here(store: &IdbStore) -> Result<Here, StoreError> {
    let (identity, head, push) = canary::standing(store).await?;
    let events = store.own_events_after(push.acked, usize::MAX).await?;
    Ok(Here {
        identity,
        head,
        push,
        events,
    })
}

// What the copy has is on the device again, and waits.
fn with_bytes(
    mut row: EvidenceRow,
    bytes: &BTreeMap<Digest, Vec<u8>>,
) -> (EvidenceRow, Vec<(BlobId, Vec<u8>)>) {
    let mut found = Vec::new();
    for part in &mut row.parts {
        if let Some(held) = bytes.get(&part.sha256) {
            part.refused = None;
            part.dropped = false;
            found.push((part.blob, held.clone()));
        }
    }
    (row, found)
}

async fn put_back(store: &IdbStore, here: &Here, back: &Restore) -> Result<(), StoreError> {
    let rows = back
        .events
        .iter()
        .map(event::row)
        .collect::<Result<Vec<_>, _>>()?;
    let captured: Vec<_> = back
        .events
        .iter()
        .flat_map(|event| rows_named(event, LOST, &mut BrowserIds))
        .map(|row| with_bytes(row, &back.bytes))
        .collect();
    store
        .connection()
        .write(&[META, EVENT, EVIDENCE, BLOB_CHUNK], async |tx| {
            let identity: Option<Identity> = identity::read(tx, IDENTITY).await?;
            let head: Option<Head> = identity::read(tx, HEAD).await?;
            if identity != here.identity || head != here.head {
                return Err(StoreError::Changed);
            }
            for row in rows {
                tx.put(EVENT, row)?;
            }
            for (evidence, bytes) in captured {
                evidence::put_back(tx, &evidence, bytes).await?;
            }
            if back.anew {
                identity::write(tx, IDENTITY, &back.identity)?;
                identity::write(tx, PUSH, &back.push)?;
            }
            identity::write(tx, HEAD, &back.head)
        })
        .await
}
