//! What is pulled: sites, checklists and the person's own records from elsewhere. A page and its cursor are one
//! transaction; absence deletes nothing, only a `drop` row or a whole snapshot does.

use crate::{
    identity,
    row::{self, Row},
    schema::{BY_GENERATION, BY_RECORD, CURSOR, META, PULLED, REF_CHECKLIST, REF_SITE},
    store::IdbStore,
    tx::{Query, Tx},
};
use indexed_db_futures::KeyRange;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use zhicha_core::order;
use zhicha_core::{
    checklist::Loaded,
    id::RecordId,
    store::{ChecklistRow, PulledEvent, StoreError},
    sync::wire::{PullPage, PullRow, Site, Stream},
};

/// Which snapshot of a stream the device is in: every row carries the number of the snapshot that named it last.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
struct Snapshot {
    generation: u32,
    /// Whether pages of it are still to come.
    open: bool,
}

fn snapshot_name(stream: Stream) -> String {
    format!("snapshot:{}", stream.as_str())
}

fn store_of(stream: Stream) -> &'static str {
    match stream {
        Stream::Sites => REF_SITE,
        Stream::Checklists => REF_CHECKLIST,
        Stream::Records => PULLED,
    }
}

enum Change {
    Put(Row),
    Delete(JsValue),
}

/// Checks and prepares the rows of a page before any transaction is open.
fn changes(page: &PullPage) -> Result<Vec<Change>, StoreError> {
    page.rows
        .iter()
        .filter_map(|row| match row {
            PullRow::Site { site } => Some(site_row(site).map(Change::Put)),
            PullRow::Checklist { digest, json } => {
                Some(checklist_row(digest, json).map(Change::Put))
            }
            PullRow::Drop { key } => Some(Ok(Change::Delete(JsValue::from_str(key)))),
            PullRow::Event { .. } => None,
        })
        .collect()
}

fn site_row(site: &Site) -> Result<Row, StoreError> {
    Row::new().text("id", &site.site_id.to_string()).json(site)
}

fn checklist_row(digest: &zhicha_core::checklist::Digest, text: &str) -> Result<Row, StoreError> {
    let loaded = Loaded::expect(text.as_bytes(), digest)
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let row = ChecklistRow {
        v: 1,
        digest: digest.clone(),
        id: loaded.checklist.id,
        version: loaded.checklist.version,
        json: String::new(),
    };
    Row::new()
        .text("digest", &digest.0)
        .text("text", text)
        .json(&row)
}

fn pulled_row(event: &PulledEvent) -> Result<Row, StoreError> {
    let rest = PulledEvent {
        text: String::new(),
        ..event.clone()
    };
    Row::new()
        .text("hash", event.hash.as_str())
        .text("record", &event.record_id.to_string())
        .text("text", &event.text)
        .json(&rest)
}

/// Adds an event that was written here under an earlier enrolment. It has no generation, so that no snapshot drops it.
pub(crate) fn put_archived(tx: &Tx<'_>, event: &PulledEvent) -> Result<(), StoreError> {
    tx.put(PULLED, pulled_row(event)?.done())
}

pub(crate) fn read_pulled(stored: &JsValue) -> Result<PulledEvent, StoreError> {
    let rest: PulledEvent = row::json(stored)?;
    Ok(PulledEvent {
        text: row::text(stored, "text")?,
        ..rest
    })
}

fn read_checklist(stored: &JsValue) -> Result<ChecklistRow, StoreError> {
    let rest: ChecklistRow = row::json(stored)?;
    Ok(ChecklistRow {
        json: row::text(stored, "text")?,
        ..rest
    })
}

impl IdbStore {
    pub(crate) async fn apply(
        &self,
        page: &PullPage,
        pulled: &[PulledEvent],
    ) -> Result<(), StoreError> {
        let changes = changes(page)?;
        let pulled = pulled
            .iter()
            .map(pulled_row)
            .collect::<Result<Vec<_>, _>>()?;
        let store = store_of(page.stream);
        let cursor = Row::new()
            .text("stream", page.stream.as_str())
            .text("text", &page.cursor)
            .done();
        self.connection()
            .write(&[META, CURSOR, store, PULLED], async |tx| {
                let (snapshot, gone) = advance(tx, page).await?;
                for key in gone {
                    tx.delete(store, key)?;
                }
                for change in changes {
                    match change {
                        Change::Put(row) => tx.put(store, numbered(row, snapshot))?,
                        Change::Delete(key) => tx.delete(store, key)?,
                    }
                }
                for row in pulled {
                    tx.put(PULLED, numbered(row, snapshot))?;
                }
                identity::write(tx, &snapshot_name(page.stream), &snapshot)?;
                tx.put(CURSOR, cursor)
            })
            .await
    }

    pub(crate) async fn cursor_of(&self, stream: Stream) -> Result<Option<String>, StoreError> {
        let row = self
            .connection()
            .read(&[CURSOR], async |tx| tx.get(CURSOR, stream.as_str()).await)
            .await?;
        row.map(|row| row::text(&row, "text")).transpose()
    }

    pub(crate) async fn pulled_events_of(
        &self,
        id: RecordId,
    ) -> Result<Vec<PulledEvent>, StoreError> {
        let query = Query::all(PULLED)
            .by(BY_RECORD)
            .within(KeyRange::Only(JsValue::from_str(&id.to_string())));
        let rows = self
            .connection()
            .read(&[PULLED], async |tx| tx.get_all(query).await)
            .await?;
        rows.iter().map(read_pulled).collect()
    }

    pub(crate) async fn all_sites(&self) -> Result<Vec<Site>, StoreError> {
        let rows = self
            .connection()
            .read(&[REF_SITE], async |tx| {
                tx.get_all(Query::all(REF_SITE)).await
            })
            .await?;
        let mut sites: Vec<Site> = rows.iter().map(row::json).collect::<Result<_, _>>()?;
        order::sort_by(&mut sites, |a, b| {
            (&a.name, a.site_id).cmp(&(&b.name, b.site_id))
        });
        Ok(sites)
    }

    pub(crate) async fn all_checklists(&self) -> Result<Vec<ChecklistRow>, StoreError> {
        let query = Query::all(REF_CHECKLIST);
        let rows = self
            .connection()
            .read(&[REF_CHECKLIST], async |tx| tx.get_all(query).await)
            .await?;
        rows.iter().map(read_checklist).collect()
    }
}

fn numbered(row: Row, snapshot: Snapshot) -> JsValue {
    row.number("generation", snapshot.generation).done()
}

/// The snapshot after this page, and the keys of the rows that it ends without having named. The rows of the page
/// itself may be among them; they are put back after the deletion.
async fn advance(tx: &Tx<'_>, page: &PullPage) -> Result<(Snapshot, Vec<JsValue>), StoreError> {
    let stored: Option<Snapshot> = identity::read(tx, &snapshot_name(page.stream)).await?;
    let mut snapshot = stored.unwrap_or_default();
    if page.snapshot {
        snapshot.generation += 1;
        snapshot.open = true;
    }
    if !snapshot.open || page.more {
        return Ok((snapshot, Vec::new()));
    }
    snapshot.open = false;
    let before = KeyRange::UpperBound(JsValue::from_f64(snapshot.generation.into()), true);
    let gone = tx
        .keys(store_of(page.stream), BY_GENERATION, before)
        .await?;
    Ok((snapshot, gone))
}
