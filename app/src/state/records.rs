//! Sealed records as pages read them: the fold of their events, each with what became of it.

use leptos::prelude::{GetValue, LocalStorage, StoredValue, UpdateValue, WithValue};
use std::{collections::BTreeMap, rc::Rc};
use zhicha_core::order;
use zhicha_core::{
    api::Counts,
    event::{Disposition, EventHash, Payload},
    id::{HazardId, RecordId},
    inspection::{FoldedRecord, Hazard, Sealed, fold},
    store::{ReceiptRow, Store, StoreError},
    time::{CivilDate, Timestamp},
};
use zhicha_storage::IdbStore;

/// One event of a record with what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Its hash.
    pub hash: EventHash,
    /// Its kind.
    pub kind: String,
    /// Its number, when this device wrote it.
    pub seq: Option<u64>,
    /// When it was written, by the best clock it had.
    pub at: Timestamp,
    /// The server's verified word.
    pub receipt: Option<ReceiptRow>,
}

/// A record from its events.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// What the events add up to.
    pub folded: FoldedRecord,
    /// All events, in the order of their time.
    pub told: Vec<Told>,
}

/// How far a record got; the worst of its events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// All of it has an `applied` receipt.
    Delivered,
    /// The server has it and will apply it after an upgrade.
    Deferred,
    /// Some of it has no receipt.
    Waiting,
    /// The server keeps some of it without applying it.
    Quarantined,
    /// Some of it was written under an earlier enrolment and never got a receipt.
    Unconfirmed,
}

impl Record {
    /// The seal.
    pub fn sealed(&self) -> Option<&Sealed> {
        self.folded.sealed.as_ref().map(|(_, _, body)| &**body)
    }

    /// Day of the inspection.
    pub fn date(&self) -> Option<CivilDate> {
        let of_seal = self
            .folded
            .sealed
            .as_ref()
            .map(|(_, payload, _)| payload.inspection_date);
        of_seal.or_else(|| {
            self.folded
                .started
                .as_ref()
                .map(|(_, payload, _)| payload.inspection_date)
        })
    }

    /// How far it got.
    pub fn delivery(&self) -> Delivery {
        self.told
            .iter()
            .map(Told::delivery)
            .max()
            .unwrap_or(Delivery::Waiting)
    }

    /// Hazards of the seal and its amendments; whether each was withdrawn.
    pub fn hazards(&self) -> Vec<(Hazard, bool)> {
        let withdrawn: Vec<HazardId> = self
            .folded
            .amended
            .iter()
            .flat_map(|(_, _, a)| a.hazards_withdrawn.clone())
            .collect();
        let sealed = self.sealed().map(|s| s.hazards.clone()).unwrap_or_default();
        let added = self
            .folded
            .amended
            .iter()
            .flat_map(|(_, _, a)| a.hazards_added.clone());
        sealed
            .into_iter()
            .chain(added)
            .map(|hazard| {
                let gone = withdrawn.contains(&hazard.hazard_id);
                (hazard, gone)
            })
            .collect()
    }

    /// Answers of the seal by result.
    pub fn counts(&self) -> Counts {
        self.sealed()
            .map(|sealed| Counts::of(&sealed.answers))
            .unwrap_or_default()
    }
}

impl Told {
    /// How far this event got.
    pub fn delivery(&self) -> Delivery {
        match self.receipt.as_ref().map(|r| r.disposition) {
            None if self.seq.is_none() => Delivery::Unconfirmed,
            None => Delivery::Waiting,
            Some(Disposition::Applied) => Delivery::Delivered,
            Some(Disposition::Deferred) => Delivery::Deferred,
            Some(Disposition::Quarantined) => Delivery::Quarantined,
        }
    }
}

/// Records, kept in memory until something on the disk changes.
#[derive(Clone, Copy)]
pub struct Records {
    store: StoredValue<Rc<IdbStore>, LocalStorage>,
    kept: StoredValue<(u32, BTreeMap<RecordId, Rc<Record>>), LocalStorage>,
}

impl Records {
    /// Over a device's storage.
    pub fn new(store: Rc<IdbStore>) -> Self {
        Self {
            store: StoredValue::new_local(store),
            kept: StoredValue::new_local((0, BTreeMap::new())),
        }
    }

    /// The newest records, at most `limit`. `version` is `Sync::version`: with another one the disk is read again.
    pub async fn newest(self, limit: usize, version: u32) -> Result<Vec<Rc<Record>>, StoreError> {
        let ids = self.store.get_value().records(limit).await?;
        let mut records = Vec::with_capacity(ids.len());
        for id in ids {
            records.extend(self.one(id, version).await?);
        }
        Ok(records)
    }

    /// One record, if there is one. Events about the device itself make none.
    pub async fn one(self, id: RecordId, version: u32) -> Result<Option<Rc<Record>>, StoreError> {
        self.kept.update_value(|kept| {
            if kept.0 != version {
                *kept = (version, BTreeMap::new());
            }
        });
        if let Some(record) = self.kept.with_value(|kept| kept.1.get(&id).cloned()) {
            return Ok(Some(record));
        }
        let record = Rc::new(load(&*self.store.get_value(), id).await?);
        if record.folded.started.is_none() && record.folded.sealed.is_none() {
            return Ok(None);
        }
        self.kept.update_value(|kept| {
            kept.1.insert(id, Rc::clone(&record));
        });
        Ok(Some(record))
    }
}

/// Reads and folds one record.
async fn load(store: &impl Store, id: RecordId) -> Result<Record, StoreError> {
    let mut told = BTreeMap::new();
    let mut payloads = Vec::new();
    for row in store.pulled_of(id).await? {
        let payload = parse(&row.text)?;
        let event = Told {
            hash: row.hash.clone(),
            kind: payload.kind.clone(),
            seq: None,
            at: payload.t.best(),
            receipt: row.receipt,
        };
        told.insert(row.hash.clone(), event);
        payloads.push((row.hash, payload));
    }
    for row in store.events_of(id).await? {
        let payload = parse(&row.text)?;
        let receipt = store.receipt(&row.hash).await?;
        let event = Told {
            hash: row.hash.clone(),
            kind: row.kind,
            seq: Some(row.seq),
            at: payload.t.best(),
            receipt,
        };
        // An own event that also came back is told once, as ours.
        if told.insert(row.hash.clone(), event).is_none() {
            payloads.push((row.hash, payload));
        }
    }
    let mut told: Vec<Told> = told.into_values().collect();
    order::sort_by(&mut told, |a, b| (a.at, &a.hash).cmp(&(b.at, &b.hash)));
    Ok(Record {
        id,
        folded: fold(payloads),
        told,
    })
}

fn parse(text: &str) -> Result<Payload, StoreError> {
    Payload::parse(text)
        .map(|(payload, _)| payload)
        .map_err(|e| StoreError::Corrupt(e.to_string()))
}
