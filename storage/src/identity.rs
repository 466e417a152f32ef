//! Single rows of `meta`: who is enrolled, the head of the chain, notes. A new enrolment begins a new chain.

use crate::{
    event, receipt, reference,
    row::{self, Row},
    schema::{EVENT, META, PULLED, RECEIPT},
    store::IdbStore,
    tx::{Query, Tx},
};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::HashMap;
use zhicha_core::{
    event::{Certificate, EventHash},
    store::{Head, PulledEvent, PushState, ReceiptRow, StoreError},
    sync::wire::Identity,
};

pub(crate) const IDENTITY: &str = "identity";
pub(crate) const HEAD: &str = "head";
pub(crate) const PUSH: &str = "push";
/// Hashes of events of earlier enrolments that had no receipt when those ended.
pub(crate) const UNCONFIRMED: &str = "unconfirmed";

/// Reads a row of `meta`.
pub(crate) async fn read<T: DeserializeOwned>(
    tx: &Tx<'_>,
    name: &str,
) -> Result<Option<T>, StoreError> {
    tx.get(META, name)
        .await?
        .as_ref()
        .map(row::json)
        .transpose()
}

/// Makes a row of `meta`.
pub(crate) fn write<T: Serialize>(tx: &Tx<'_>, name: &str, value: &T) -> Result<(), StoreError> {
    tx.put(META, Row::new().text("name", name).json(value)?.done())
}

impl IdbStore {
    /// Reads one row of `meta` in a transaction of its own.
    pub(crate) async fn meta<T: DeserializeOwned>(
        &self,
        name: &str,
    ) -> Result<Option<T>, StoreError> {
        self.connection()
            .read(&[META], async |tx| read(tx, name).await)
            .await
    }

    /// Writes one row of `meta` in a transaction of its own.
    pub(crate) async fn write_meta<T: Serialize>(
        &self,
        name: &str,
        value: &T,
    ) -> Result<(), StoreError> {
        self.connection()
            .write(&[META], async |tx| write(tx, name, value))
            .await
    }

    /// `unsent_too`: events without a receipt do not hinder, and are kept without one.
    pub(crate) async fn enrol(
        &self,
        identity: &Identity,
        unsent_too: bool,
    ) -> Result<(), StoreError> {
        let stores = [META, EVENT, RECEIPT, PULLED];
        self.connection()
            .write(&stores, async |tx| {
                let old: Option<Identity> = read(tx, IDENTITY).await?;
                if old.is_none_or(|old| old.device_id != identity.device_id) {
                    let archive = archive(tx).await?;
                    let unsent = archive.iter().filter(|row| row.receipt.is_none());
                    let unsent: Vec<EventHash> = unsent.map(|row| row.hash.clone()).collect();
                    if !unsent.is_empty() && !unsent_too {
                        return Err(StoreError::Unsent(unsent.len() as u64));
                    }
                    let mut unconfirmed: Vec<EventHash> =
                        read(tx, UNCONFIRMED).await?.unwrap_or_default();
                    unconfirmed.extend(unsent);
                    write(tx, UNCONFIRMED, &unconfirmed)?;
                    begin_chain(tx, identity, &archive)?;
                }
                write(tx, IDENTITY, identity)
            })
            .await
    }

    /// Keeps pulled events whatever snapshots name, and notes which of all such have no receipt.
    pub(crate) async fn archive_pulled(&self, events: &[PulledEvent]) -> Result<(), StoreError> {
        self.connection()
            .write(&[META, PULLED], async |tx| {
                let mut noted: Vec<EventHash> = read(tx, UNCONFIRMED).await?.unwrap_or_default();
                for event in events {
                    reference::put_archived(tx, event)?;
                    if !noted.contains(&event.hash) {
                        noted.push(event.hash.clone());
                    }
                }
                let mut lacking = Vec::new();
                for hash in noted {
                    if let Some(row) = tx.get(PULLED, hash.as_str()).await?
                        && reference::read_pulled(&row)?.receipt.is_none()
                    {
                        lacking.push(hash);
                    }
                }
                write(tx, UNCONFIRMED, &lacking)
            })
            .await
    }

    /// Events of earlier enrolments that no page has brought a receipt for since.
    pub(crate) async fn never_confirmed(&self) -> Result<Vec<EventHash>, StoreError> {
        self.connection()
            .read(&[META, PULLED], async |tx| {
                let mut lacking = Vec::new();
                let noted: Vec<EventHash> = read(tx, UNCONFIRMED).await?.unwrap_or_default();
                for hash in noted {
                    if let Some(row) = tx.get(PULLED, hash.as_str()).await?
                        && reference::read_pulled(&row)?.receipt.is_none()
                    {
                        lacking.push(hash);
                    }
                }
                Ok(lacking)
            })
            .await
    }
}

fn begin_chain(
    tx: &Tx<'_>,
    identity: &Identity,
    archive: &[PulledEvent],
) -> Result<(), StoreError> {
    for event in archive {
        reference::put_archived(tx, event)?;
    }
    tx.clear(EVENT)?;
    let head = Head {
        seq: 0,
        hash: Certificate::hash(&identity.certificate),
    };
    write(tx, HEAD, &head)?;
    write(tx, PUSH, &PushState::default())
}

/// The events of the enrolment before, each with its receipt if it has one.
async fn archive(tx: &Tx<'_>) -> Result<Vec<PulledEvent>, StoreError> {
    let (events, receipts) = (
        tx.get_all(Query::all(EVENT)),
        tx.get_all(Query::all(RECEIPT)),
    );
    let events = events.await?;
    let mut known: HashMap<EventHash, ReceiptRow> = HashMap::new();
    for row in receipts.await? {
        let row = receipt::read(&row)?;
        known.insert(row.hash.clone(), row);
    }
    let mut archive = Vec::new();
    for row in events {
        let event = event::read(&row)?;
        let receipt = known.get(&event.hash).cloned();
        archive.push(PulledEvent {
            v: 1,
            hash: event.hash,
            record_id: event.record_id,
            text: event.text,
            receipt,
        });
    }
    Ok(archive)
}
