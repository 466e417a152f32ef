//! Names of stores and indexes, and the steps that make them.
//!
//! A new step goes to the end of [`MIGRATIONS`] with a fixture of the version before. Steps only add; what a step
//! replaces is dropped one release later. No step may touch what an earlier one made differently in the past.

use crate::row;
use wasm_bindgen::JsValue;
use web_sys::{IdbDatabase, IdbObjectStore, IdbObjectStoreParameters};

/// One row for each draft, key `id`.
pub(crate) const DRAFT: &str = "draft";
/// One row for each answer, key `[draft, checklist, item, instance]`.
pub(crate) const ANSWER: &str = "answer";
/// What was captured, key `id`.
pub(crate) const EVIDENCE: &str = "evidence";
/// Its bytes, in stretches, key `[blob, n]`.
pub(crate) const BLOB_CHUNK: &str = "blob_chunk";
/// Own events, key `seq`.
pub(crate) const EVENT: &str = "event";
/// Receipts, key `hash`.
pub(crate) const RECEIPT: &str = "receipt";
/// Events that came from the server or belong to an earlier enrolment, key `hash`.
pub(crate) const PULLED: &str = "pulled";
/// Sites, key `id`.
pub(crate) const REF_SITE: &str = "ref_site";
/// Published checklists, key `digest`.
pub(crate) const REF_CHECKLIST: &str = "ref_checklist";
/// Where pulling stands, key `stream`.
pub(crate) const CURSOR: &str = "cursor";
/// Device keys (`CryptoKeyPair`), key `kid`.
pub(crate) const KEYS: &str = "keys";
/// Single rows: identity, head, push state, fences, notes; key `name`.
pub(crate) const META: &str = "meta";

/// Index over `record` of events, pulled events and evidence.
pub(crate) const BY_RECORD: &str = "record";
/// Index over `waiting` of evidence (number of the event, id): what was sealed and lacks a receipt for some of its bytes.
pub(crate) const WAITING: &str = "waiting";
/// Index over `troubled` of receipts; rows without the field are not in it.
pub(crate) const BY_TROUBLE: &str = "troubled";
/// Index over `generation` of everything pulled: which snapshot named the row last.
pub(crate) const BY_GENERATION: &str = "generation";

/// Brings a database from one version to the next, inside the upgrade transaction.
pub type Step = fn(&IdbDatabase) -> Result<(), JsValue>;

/// All steps; their number is the version of the database.
pub const MIGRATIONS: &[Step] = &[version_1, version_2];

fn version_1(db: &IdbDatabase) -> Result<(), JsValue> {
    make(db, DRAFT, &["id"])?;
    make(db, ANSWER, &["draft", "checklist", "item", "instance"])?;
    index(&make(db, EVENT, &["seq"])?, BY_RECORD, "record")?;
    index(&make(db, RECEIPT, &["hash"])?, BY_TROUBLE, "troubled")?;
    let pulled = make(db, PULLED, &["hash"])?;
    index(&pulled, BY_RECORD, "record")?;
    index(&pulled, BY_GENERATION, "generation")?;
    index(&make(db, REF_SITE, &["id"])?, BY_GENERATION, "generation")?;
    let checklists = make(db, REF_CHECKLIST, &["digest"])?;
    index(&checklists, BY_GENERATION, "generation")?;
    make(db, CURSOR, &["stream"])?;
    make(db, KEYS, &["kid"])?;
    make(db, META, &["name"])?;
    Ok(())
}

fn version_2(db: &IdbDatabase) -> Result<(), JsValue> {
    let evidence = make(db, EVIDENCE, &["id"])?;
    index(&evidence, BY_RECORD, "record")?;
    index(&evidence, WAITING, "waiting")?;
    make(db, BLOB_CHUNK, &["blob", "n"])?;
    Ok(())
}

fn make(db: &IdbDatabase, name: &str, key_path: &[&str]) -> Result<IdbObjectStore, JsValue> {
    // A key path of one name gives plain keys, a sequence of names compound ones.
    let path = match key_path {
        [one] => JsValue::from_str(one),
        many => row::key(many),
    };
    let parameters = IdbObjectStoreParameters::new();
    parameters.set_key_path(&path);
    db.create_object_store_with_optional_parameters(name, &parameters)
}

fn index(store: &IdbObjectStore, name: &str, field: &str) -> Result<(), JsValue> {
    store.create_index_with_str(name, field).map(drop)
}
