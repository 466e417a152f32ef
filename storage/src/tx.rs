//! The only place where a transaction is built.
//!
//! Rules for the closures that are given to [`Connection::write`] and [`Connection::read`]:
//! they await nothing but the requests of their own transaction (a timer, crypto or fetch would let it commit half
//! done), and they issue their writes in one stretch after the last read, so that no failure falls between two of
//! them.

use crate::{
    error::{from_dom, from_idb},
    open::Connection,
    row,
};
use indexed_db_futures::{
    Build, KeyRange, Result as IdbResult,
    cursor::CursorDirection,
    error::{Error, UnexpectedDataError},
    internals::SystemRepr,
    object_store::ObjectStore,
    prelude::{BuildPrimitive, QuerySource},
    transaction::{
        OnTransactionDrop, Transaction, TransactionDurability, TransactionMode, TransactionOptions,
    },
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::IdbTransaction;
use zhicha_core::store::StoreError;

/// Which rows: a store, or an index of it, and a range of its keys.
pub(crate) struct Query {
    store: &'static str,
    index: Option<&'static str>,
    range: KeyRange<JsValue>,
    limit: u32,
}

impl Query {
    /// All rows of a store, in the order of their keys.
    pub(crate) fn all(store: &'static str) -> Self {
        Self {
            store,
            index: None,
            // Numbers sort before texts and arrays, so this is below every key.
            range: KeyRange::LowerBound(JsValue::from_f64(f64::NEG_INFINITY), false),
            limit: u32::MAX,
        }
    }

    /// In the order of an index; rows that lack its field are left out.
    pub(crate) fn by(self, index: &'static str) -> Self {
        let index = Some(index);
        Self { index, ..self }
    }

    /// Only this range of keys.
    pub(crate) fn within(self, range: KeyRange<JsValue>) -> Self {
        Self { range, ..self }
    }

    /// Only the first `limit` (at least 1) of them.
    pub(crate) fn first(self, limit: usize) -> Self {
        let limit = u32::try_from(limit).unwrap_or(u32::MAX).max(1);
        Self { limit, ..self }
    }
}

/// An open transaction.
pub(crate) struct Tx<'a>(Transaction<'a>);

impl Tx<'_> {
    /// Asks for one row; the request is under way when this returns.
    pub(crate) fn get(
        &self,
        store: &str,
        key: &str,
    ) -> impl Future<Output = Result<Option<JsValue>, StoreError>> + use<> {
        self.get_at(store, JsValue::from_str(key))
    }

    /// As [`Self::get`], for a compound key.
    pub(crate) fn get_at(
        &self,
        store: &str,
        key: JsValue,
    ) -> impl Future<Output = Result<Option<JsValue>, StoreError>> + use<> {
        let request = self
            .store(store)
            .and_then(|store| store.get::<JsValue, JsValue, JsValue>(key).primitive());
        async move { request.map_err(from_idb)?.await.map_err(from_idb) }
    }

    /// Asks for many rows in one request.
    pub(crate) fn get_all(
        &self,
        query: Query,
    ) -> impl Future<Output = Result<Vec<JsValue>, StoreError>> + use<> {
        let request = self.store(query.store).and_then(|store| match query.index {
            None => store
                .get_all::<JsValue>()
                .with_query::<JsValue, _>(query.range)
                .with_limit(query.limit)
                .primitive(),
            Some(index) => store
                .index(index)?
                .get_all::<JsValue>()
                .with_query::<JsValue, _>(query.range)
                .with_limit(query.limit)
                .primitive(),
        });
        async move {
            let rows = request.map_err(from_idb)?.await.map_err(from_idb)?;
            rows.collect::<IdbResult<Vec<_>>>().map_err(from_idb)
        }
    }

    /// The primary keys of the rows that an index holds within `range`.
    pub(crate) async fn keys(
        &self,
        store: &'static str,
        index: &'static str,
        range: KeyRange<JsValue>,
    ) -> Result<Vec<JsValue>, StoreError> {
        let request = self.store(store).and_then(|store| {
            store
                .index(index)?
                .get_all_keys::<JsValue>()
                .with_query::<JsValue, _>(range)
                .primitive()
        });
        let keys = request.map_err(from_idb)?.await.map_err(from_idb)?;
        keys.collect::<IdbResult<Vec<_>>>().map_err(from_idb)
    }

    /// The keys of all rows of a store.
    pub(crate) async fn all_keys(&self, store: &str) -> Result<Vec<JsValue>, StoreError> {
        let request = self
            .store(store)
            .and_then(|store| store.get_all_keys::<JsValue>().primitive());
        let keys = request.map_err(from_idb)?.await.map_err(from_idb)?;
        keys.collect::<IdbResult<Vec<_>>>().map_err(from_idb)
    }

    /// How many rows an index holds.
    pub(crate) async fn count_of(&self, store: &str, index: &str) -> Result<u32, StoreError> {
        let request = self
            .store(store)
            .and_then(|store| store.index(index)?.count().primitive());
        request.map_err(from_idb)?.await.map_err(from_idb)
    }

    /// The greatest `limit` different keys of an index, greatest first, without reading a row.
    pub(crate) async fn greatest(
        &self,
        store: &'static str,
        index: &'static str,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let store = self.store(store).map_err(from_idb)?;
        let index = store.index(index).map_err(from_idb)?;
        let cursor = index
            .open_key_cursor()
            .with_direction(CursorDirection::Prevunique)
            .primitive()
            .map_err(from_idb)?;
        let mut found = Vec::new();
        let Some(mut cursor) = cursor.await.map_err(from_idb)? else {
            return Ok(found);
        };
        while found.len() < limit {
            let Some(key) = cursor.next_key::<String>().await.map_err(from_idb)? else {
                break;
            };
            found.push(key);
        }
        Ok(found)
    }

    /// How many rows of a store have a number above `seq` as their key.
    pub(crate) async fn count_above(&self, store: &str, seq: u64) -> Result<u32, StoreError> {
        let request = self.store(store).and_then(|store| {
            store
                .count()
                .with_query::<JsValue, _>(KeyRange::LowerBound(row::seq_key(seq), true))
                .primitive()
        });
        request.map_err(from_idb)?.await.map_err(from_idb)
    }

    /// Adds or replaces a row. A failure of the request aborts the transaction, so nobody waits for it here.
    pub(crate) fn put(&self, store: &str, row: JsValue) -> Result<(), StoreError> {
        let request = self
            .store(store)
            .and_then(|store| store.put(row).primitive());
        request.map(drop).map_err(from_idb)
    }

    /// Deletes a row or a range of them.
    pub(crate) fn delete(
        &self,
        store: &str,
        keys: impl Into<KeyRange<JsValue>>,
    ) -> Result<(), StoreError> {
        let request = self
            .store(store)
            .and_then(|store| store.delete::<JsValue, _>(keys).primitive());
        request.map(drop).map_err(from_idb)
    }

    /// Deletes all rows of a store.
    pub(crate) fn clear(&self, store: &str) -> Result<(), StoreError> {
        let request = self.store(store).and_then(|store| store.clear());
        request.map(drop).map_err(from_idb)
    }

    fn store(&self, name: &str) -> IdbResult<ObjectStore<'_>> {
        self.0.object_store(name)
    }
}

impl Connection {
    /// Runs `work` in one strict transaction. `Ok` means that the transaction is `complete`; an error of `work`, of
    /// a request or of the commit itself leaves nothing behind.
    pub(crate) async fn write<T>(
        &self,
        stores: &[&str],
        work: impl AsyncFnOnce(&Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let tx = self.begin(stores, TransactionMode::Readwrite)?;
        let raw: IdbTransaction = tx.0.as_sys().clone().unchecked_into();
        match work(&tx).await {
            Ok(value) => match tx.0.commit().await {
                Ok(()) => Ok(value),
                Err(error) => Err(cause(&raw, commit_failure(error))),
            },
            Err(error) => {
                // It fails only when the browser has aborted the transaction already.
                let _ = tx.0.abort().await;
                Err(cause(&raw, error))
            }
        }
    }

    /// Runs `work` in a transaction that only reads.
    pub(crate) async fn read<T>(
        &self,
        stores: &[&str],
        work: impl AsyncFnOnce(&Tx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut tx = self.begin(stores, TransactionMode::Readonly)?;
        // There is nothing to roll back, and aborting would only make noise.
        tx.0.on_drop(OnTransactionDrop::Commit);
        work(&tx).await
    }

    fn begin(&self, stores: &[&str], mode: TransactionMode) -> Result<Tx<'_>, StoreError> {
        if let Some(why) = self.gone() {
            return Err(why);
        }
        let options = TransactionOptions::new().with_durability(TransactionDurability::Strict);
        self.database()
            .transaction(stores)
            .with_mode(mode)
            .with_options(options)
            .build()
            .map(Tx)
            .map_err(from_idb)
    }
}

// A full disk shows only as the transaction's own error (no request fails), so that is what counts when it is there.
fn cause(raw: &IdbTransaction, error: StoreError) -> StoreError {
    raw.error().map_or(error, |exception| from_dom(&exception))
}

fn commit_failure(error: Error) -> StoreError {
    match error {
        Error::MissingData(UnexpectedDataError::TransactionAborted) => {
            StoreError::Aborted("the transaction was aborted without a reason".to_owned())
        }
        other => from_idb(other),
    }
}
