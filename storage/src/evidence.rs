//! What was captured, and its bytes: one row for each piece of evidence, and its bytes in stretches, each its own strict
//! transaction. Bytes are kept as bytes, never as Blobs, which not every engine takes. Bytes that no row names are what a
//! crash left; [`IdbStore::sweep_bytes`] deletes them.

use crate::{
    draft::{fenced, put},
    row::{self, Row, key},
    schema::{BLOB_CHUNK, BY_RECORD, DRAFT, EVIDENCE, META, WAITING},
    store::IdbStore,
    tx::{Query, Tx},
};
use indexed_db_futures::KeyRange;
use js_sys::{Array, Uint8Array};
use std::{cell::Cell, collections::BTreeSet, pin::Pin};
use wasm_bindgen::{JsCast, JsValue};
use zhicha_core::{
    id::{BlobId, EvidenceId, RecordId, Uuid},
    inspection::EvidenceRow,
    store::{Append, Fence, STRETCH, StoreError},
    time::Timestamp,
};

/// What the other writers of this crate know of evidence: pointers, so that a program that is loaded in parts can do without
/// the code at first. Nobody captures anything before [`start`].
#[derive(Clone, Copy)]
struct Hooks {
    name: fn(&Tx<'_>, &Append) -> Result<(), StoreError>,
    remove: for<'a> fn(&'a Tx<'a>, RecordId) -> Removed<'a>,
}

type Removed<'a> = Pin<Box<dyn Future<Output = Result<(), StoreError>> + 'a>>;

thread_local! {
    static HOOKS: Cell<Option<Hooks>> = const { Cell::new(None) };
}

/// To be called before anything is captured, sealed or deleted.
pub fn start() {
    HOOKS.set(Some(Hooks {
        name: |tx, append| {
            let event = &append.event;
            let rows = append.captured.rows().iter();
            rows.map(|row| row.named_by(&event.hash, event.seq))
                .try_for_each(|row| put_row(tx, &row))
        },
        remove: |tx, record| Box::pin(remove_all(tx, record)),
    }));
}

/// Brings what an event names to its state after the seal.
pub(crate) fn name(tx: &Tx<'_>, append: &Append) -> Result<(), StoreError> {
    HOOKS.get().map_or(Ok(()), |hooks| (hooks.name)(tx, append))
}

/// Deletes what was captured for a draft.
pub(crate) async fn remove<'a>(tx: &'a Tx<'a>, record: RecordId) -> Result<(), StoreError> {
    match HOOKS.get() {
        Some(hooks) => (hooks.remove)(tx, record).await,
        None => Ok(()),
    }
}

/// Puts evidence; the caller has checked what must hold before.
pub(crate) fn put_row(tx: &Tx<'_>, evidence: &EvidenceRow) -> Result<(), StoreError> {
    let id = evidence.id.to_string();
    let mut row = Row::new()
        .text("id", &id)
        .text("record", &evidence.record.to_string());
    if let (true, Some((_, seq))) = (evidence.is_waiting(), &evidence.sealed) {
        let place = Array::of2(&row::seq_key(*seq), &JsValue::from_str(&id));
        row = row.set("waiting", &place);
    }
    tx.put(EVIDENCE, row.json(evidence)?.done())
}

/// Puts back evidence that the database has lost, with the bytes that were found; what it still has stays as it is.
pub(crate) async fn put_back(
    tx: &Tx<'_>,
    evidence: &EvidenceRow,
    bytes: Vec<(BlobId, Vec<u8>)>,
) -> Result<(), StoreError> {
    if tx.get(EVIDENCE, &evidence.id.to_string()).await?.is_some() {
        return Ok(());
    }
    put_row(tx, evidence)?;
    bytes.into_iter().try_for_each(|(blob, bytes)| {
        let stretches = (0..).zip(bytes.chunks(STRETCH));
        stretches.into_iter().try_for_each(|(n, stretch)| {
            tx.put(BLOB_CHUNK, stretch_row(blob, n, &Uint8Array::from(stretch)))
        })
    })
}

fn stretch_row(blob: BlobId, n: u32, bytes: &Uint8Array) -> JsValue {
    Row::new()
        .text("blob", &blob.to_string())
        .number("n", n)
        .set("bytes", bytes)
        .done()
}

/// Deletes evidence with its bytes.
fn delete(tx: &Tx<'_>, evidence: &EvidenceRow) -> Result<(), StoreError> {
    tx.delete(EVIDENCE, JsValue::from_str(&evidence.id.to_string()))?;
    let mut blobs = evidence.blobs();
    blobs.try_for_each(|blob| tx.delete(BLOB_CHUNK, stretches_of(blob)))
}

async fn remove_all(tx: &Tx<'_>, record: RecordId) -> Result<(), StoreError> {
    let rows = read_all(tx, of(record)).await?;
    rows.iter().try_for_each(|row| delete(tx, row))
}

fn of(record: RecordId) -> Query {
    Query::all(EVIDENCE)
        .by(BY_RECORD)
        .within(KeyRange::Only(JsValue::from_str(&record.to_string())))
}

async fn read_all(tx: &Tx<'_>, query: Query) -> Result<Vec<EvidenceRow>, StoreError> {
    tx.get_all(query).await?.iter().map(row::json).collect()
}

fn stretch_key(blob: BlobId, n: u32) -> JsValue {
    Array::of2(&JsValue::from_str(&blob.to_string()), &n.into()).into()
}

/// Keys of all stretches of some bytes: `[id]` is below and `[id, []]` above every `[id, number]`.
fn stretches_of(blob: BlobId) -> KeyRange<JsValue> {
    let id = blob.to_string();
    let above = Array::of2(&JsValue::from_str(&id), &Array::new());
    KeyRange::Bound(key(&[&id]), false, above.into(), false)
}

impl IdbStore {
    /// Keeps bytes as stretches, in order, without bringing them into the program's memory.
    ///
    /// # Errors
    /// When the device is full or the browser aborts; stretches that were written are deleted then, as far as that goes.
    pub async fn keep_bytes(&self, blob: BlobId, bytes: &Uint8Array) -> Result<(), StoreError> {
        let len = bytes.length();
        for (n, from) in (0..).zip((0..len).step_by(STRETCH)) {
            #[expect(clippy::cast_possible_truncation, reason = "half a MiB")]
            let stretch = bytes.slice(from, len.min(from.saturating_add(STRETCH as u32)));
            if let Err(error) = self.put_stretch(blob, n, stretch).await {
                // What stays is swept at a later start.
                let _ = self.delete_stretches(blob).await;
                return Err(error);
            }
        }
        Ok(())
    }

    /// All stretches of some bytes, for the screen: they become an image without passing through the program's memory.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn stretches(&self, blob: BlobId) -> Result<Vec<JsValue>, StoreError> {
        let query = Query::all(BLOB_CHUNK).within(stretches_of(blob));
        let rows = self
            .connection()
            .read(&[BLOB_CHUNK], async |tx| tx.get_all(query).await)
            .await?;
        rows.iter()
            .map(|stored| row::field(stored, "bytes"))
            .collect()
    }

    /// Deletes bytes that no evidence names: a crash between bytes and row left them. Younger ones than `before` may be on
    /// their way in another tab.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn sweep_bytes(&self, before: Timestamp) -> Result<(), StoreError> {
        self.connection()
            .write(&[EVIDENCE, BLOB_CHUNK], async |tx| {
                let rows = read_all(tx, Query::all(EVIDENCE)).await?;
                let blobs = rows.iter().flat_map(EvidenceRow::blobs);
                let named: BTreeSet<String> = blobs.map(|blob| blob.to_string()).collect();
                let keys = tx.all_keys(BLOB_CHUNK).await?;
                let lost = keys.into_iter().filter(|key| {
                    let id = key.unchecked_ref::<Array>().get(0).as_string();
                    id.is_some_and(|id| !named.contains(&id) && made(&id) < Some(before))
                });
                lost.collect::<Vec<_>>()
                    .into_iter()
                    .try_for_each(|key| tx.delete(BLOB_CHUNK, key))
            })
            .await
    }

    pub(crate) async fn put_stretch(
        &self,
        blob: BlobId,
        n: u32,
        bytes: Uint8Array,
    ) -> Result<(), StoreError> {
        let row = stretch_row(blob, n, &bytes);
        self.connection()
            .write(&[BLOB_CHUNK], async |tx| tx.put(BLOB_CHUNK, row))
            .await
    }

    pub(crate) async fn stretch(
        &self,
        blob: BlobId,
        n: u32,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let stored = self
            .connection()
            .read(&[BLOB_CHUNK], async |tx| {
                tx.get_at(BLOB_CHUNK, stretch_key(blob, n)).await
            })
            .await?;
        let bytes = stored
            .map(|stored| row::field(&stored, "bytes"))
            .transpose()?;
        Ok(bytes.map(|bytes| bytes.unchecked_into::<Uint8Array>().to_vec()))
    }

    pub(crate) async fn delete_stretches(&self, blob: BlobId) -> Result<(), StoreError> {
        self.connection()
            .write(&[BLOB_CHUNK], async |tx| {
                tx.delete(BLOB_CHUNK, stretches_of(blob))
            })
            .await
    }

    pub(crate) async fn save_evidence(
        &self,
        evidence: &EvidenceRow,
        fence: Fence,
    ) -> Result<u64, StoreError> {
        self.connection()
            .write(&[META, DRAFT, EVIDENCE], async |tx| {
                let rev = raise(tx, evidence.record, fence).await?;
                put_row(tx, evidence)?;
                Ok(rev)
            })
            .await
    }

    pub(crate) async fn remove_evidence(
        &self,
        record: RecordId,
        id: EvidenceId,
        fence: Fence,
    ) -> Result<u64, StoreError> {
        self.connection()
            .write(&[META, DRAFT, EVIDENCE, BLOB_CHUNK], async |tx| {
                let stored = tx.get(EVIDENCE, &id.to_string()).await?;
                let evidence = stored.as_ref().map(row::json::<EvidenceRow>).transpose()?;
                let rev = raise(tx, record, fence).await?;
                evidence.iter().try_for_each(|row| delete(tx, row))?;
                Ok(rev)
            })
            .await
    }

    pub(crate) async fn all_evidence_of(
        &self,
        record: RecordId,
    ) -> Result<Vec<EvidenceRow>, StoreError> {
        self.connection()
            .read(&[EVIDENCE], async |tx| read_all(tx, of(record)).await)
            .await
    }

    pub(crate) async fn first_waiting(&self, limit: usize) -> Result<Vec<EvidenceRow>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let query = Query::all(EVIDENCE).by(WAITING).first(limit);
        self.connection()
            .read(&[EVIDENCE], async |tx| read_all(tx, query).await)
            .await
    }

    pub(crate) async fn count_waiting(&self) -> Result<usize, StoreError> {
        let count = self
            .connection()
            .read(&[EVIDENCE], async |tx| tx.count_of(EVIDENCE, WAITING).await)
            .await?;
        Ok(count as usize)
    }

    pub(crate) async fn change_evidence(&self, rows: &[EvidenceRow]) -> Result<(), StoreError> {
        self.connection()
            .write(&[EVIDENCE], async |tx| {
                rows.iter().try_for_each(|row| put_row(tx, row))
            })
            .await
    }
}

// When bytes were taken, from their id (UUIDv7); what has no time is old.
fn made(id: &str) -> Option<Timestamp> {
    let (seconds, nanos) = Uuid::parse_str(id).ok()?.get_timestamp()?.to_unix();
    let ms = seconds.checked_mul(1000)? + u64::from(nanos / 1_000_000);
    i64::try_from(ms).ok().map(Timestamp)
}

async fn raise(tx: &Tx<'_>, record: RecordId, fence: Fence) -> Result<u64, StoreError> {
    let draft = fenced(tx, record, fence).await?;
    let mut draft = draft.ok_or(StoreError::Changed)?;
    draft.rev += 1;
    put(tx, &draft)?;
    Ok(draft.rev)
}
