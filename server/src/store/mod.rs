//! All SQL of the server, one file a subject. Nothing outside this folder names a table.
//!
//! One connection writes, each request in one `BEGIN IMMEDIATE`; a pool of its own reads. Every query names its tenant;
//! where a secret is the key (session, invite, login name), the row found says which tenant it is.

pub mod audit;
pub mod backups;
pub mod blobs;
pub mod checklists;
pub mod counter;
pub mod devices;
pub mod drafts;
pub mod events;
pub mod feed;
pub mod figures;
pub mod invites;
pub mod log;
pub mod open;
pub mod people;
pub mod projection;
pub mod quarantine;
pub mod records;
pub mod refill;
pub mod sessions;
pub mod settings;
pub mod settlements;
pub mod sites;
pub mod tenants;
pub mod uploads;

use crate::durable;
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction, pool::PoolConnection};
use std::{
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use zhicha_core::event::EventHash;

/// What kept the database from answering. A write that fails was rolled back.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or could not be reached.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// A row does not hold what this version wrote.
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
    /// The start found the database damaged: it is only read.
    #[error("the database is damaged and only read: {0}")]
    Damaged(Arc<str>),
}

/// Result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    read: SqlitePool,
    write: SqlitePool,
    damage: Option<Arc<str>>,
    // How long writers waited for their turn, in microseconds.
    waited: Arc<AtomicU64>,
}

impl Store {
    /// A connection that only reads.
    pub async fn reader(&self) -> Result<PoolConnection<Sqlite>> {
        Ok(self.read.acquire().await?)
    }

    /// Begins the one writing transaction; waits for the one before it.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] always, when the start found damage.
    pub async fn begin(&self) -> Result<Transaction<'static, Sqlite>> {
        self.writes()?;
        let asked = Instant::now();
        let begun = self.write.begin_with("BEGIN IMMEDIATE").await;
        let waited = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waited.fetch_add(waited, Ordering::Relaxed);
        Ok(begun?)
    }

    /// How long writers waited for their turn since the start, all together.
    pub fn waited(&self) -> Duration {
        Duration::from_micros(self.waited.load(Ordering::Relaxed))
    }

    /// Whether anything is written at all.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the start found damage.
    pub fn writes(&self) -> Result<()> {
        match &self.damage {
            Some(words) => Err(StoreError::Damaged(Arc::clone(words))),
            None => Ok(()),
        }
    }

    /// What the start found wrong with the database, in words; nothing is written to it then.
    pub fn damage(&self) -> Option<&str> {
        self.damage.as_deref()
    }

    /// Closes both pools, after which the write-ahead log is folded into the database file.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }
}

/// Commits `tx`. An error means that nobody knows whether it is there: answer 503 and let the client send again.
pub async fn commit(tx: Transaction<'static, Sqlite>) -> Result<()> {
    tx.commit().await.map_err(|error| {
        if is_unsynced(&error) {
            durable::stop("the database", &error);
        }
        error.into()
    })
}

// SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC (<https://www.sqlite.org/rescode.html>).
fn is_unsynced(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code());
    matches!(code.as_deref(), Some("1034" | "1290"))
}

/// The connection that every function here takes.
pub type Conn = SqliteConnection;

fn parse<T: FromStr>(text: &str) -> Result<T> {
    text.parse()
        .map_err(|_| StoreError::Corrupt(format!("“{text}” has not the form of its column")))
}

fn parse_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| StoreError::Corrupt(e.to_string()))
}

fn parse_hash(text: &str) -> Result<EventHash> {
    EventHash::parse(text).ok_or_else(|| StoreError::Corrupt(format!("“{text}” is not a hash")))
}

fn to_json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("rows hold only strings and numbers")
}

// Enums of `core` have their names from serde; SQL uses the same ones.
fn name_of<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => unreachable!("only enums that serialise as their name are stored by name"),
    }
}

fn from_name<T: serde::de::DeserializeOwned>(name: &str) -> Result<T> {
    serde_json::from_value(serde_json::Value::String(name.to_owned()))
        .map_err(|e| StoreError::Corrupt(e.to_string()))
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

// Numbers of devices come from outside; one beyond what SQLite keeps exactly would wrap.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
