//! Opening the database and bringing it to the present form.

use super::{Conn, Result, Store, StoreError};
use anyhow::Context as _;
use sqlx::{
    ConnectOptions as _, Connection as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, time::Duration};

/// The steps from an empty file to the present form; a new step goes at the end, old ones never change.
const STEPS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_first.sql"),
    include_str!("../../migrations/sqlite/0002_draft.sql"),
    include_str!("../../migrations/sqlite/0003_blob.sql"),
    include_str!("../../migrations/sqlite/0004_upload_metadata.sql"),
    include_str!("../../migrations/sqlite/0005_photo_policy.sql"),
];
const READERS: u32 = 4;

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(Duration::from_secs(10))
        .disable_statement_logging()
}

impl Store {
    /// Opens the database at `path`, making or migrating it as needed.
    ///
    /// # Errors
    /// When it cannot be opened, or belongs to a newer version of `zhicha`.
    pub async fn open(path: &Path) -> anyhow::Result<Self> {
        migrate(path)
            .await
            .with_context(|| format!("database {}", path.display()))?;
        Self::pooled(path).await
    }

    /// Opens an existing database of this version's form; changes nothing.
    ///
    /// # Errors
    /// When there is none, or it has another form.
    pub async fn open_existing(path: &Path) -> anyhow::Result<Self> {
        anyhow::ensure!(path.exists(), "there is no database at {}", path.display());
        let mut conn = options(path).connect().await?;
        let at = version(&mut conn).await?;
        conn.close().await?;
        anyhow::ensure!(
            at == STEPS.len(),
            "the database has form {at}, this version of zhicha knows {}; start the server of this version once",
            STEPS.len()
        );
        Self::pooled(path).await
    }

    async fn pooled(path: &Path) -> anyhow::Result<Self> {
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(Duration::from_secs(60));
        let read = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(Duration::from_secs(30));
        Ok(Self {
            write: write.connect_with(options(path)).await?,
            read: read
                .connect_with(options(path).pragma("query_only", "ON"))
                .await?,
        })
    }

    /// The two pools as (reading, writing), for tests of what the database itself guarantees.
    pub fn pools(&self) -> (&SqlitePool, &SqlitePool) {
        (&self.read, &self.write)
    }
}

async fn version(conn: &mut Conn) -> Result<usize> {
    let at: i64 = sqlx::query_scalar("PRAGMA user_version")
        .fetch_one(conn)
        .await?;
    Ok(usize::try_from(at).unwrap_or(usize::MAX))
}

async fn migrate(path: &Path) -> anyhow::Result<()> {
    let mut conn = options(path).create_if_missing(true).connect().await?;
    let at = version(&mut conn).await?;
    anyhow::ensure!(
        at <= STEPS.len(),
        "it belongs to a newer version of zhicha (form {at}, this one knows {}); start that version instead",
        STEPS.len()
    );
    if (1..STEPS.len()).contains(&at) {
        set_aside(&mut conn, path, at)
            .await
            .context("the copy before the change of form could not be made")?;
    }
    for (index, step) in STEPS.iter().enumerate().skip(at) {
        let version = index + 1;
        let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(*step).execute(&mut *tx).await?;
        let set = sqlx::AssertSqlSafe(format!("PRAGMA user_version = {version}"));
        sqlx::raw_sql(set).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    conn.close().await?;
    Ok(())
}

// Before a database changes its form, a whole copy of the old one lies beside it. An unfinished copy is made anew.
async fn set_aside(conn: &mut Conn, path: &Path, at: usize) -> anyhow::Result<()> {
    let copy = path.with_extension(format!("form-{at}.sqlite"));
    if copy.exists() {
        return Ok(());
    }
    let unfinished = copy.with_extension("unfinished");
    match std::fs::remove_file(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let name = unfinished.to_str().context("the path is not UTF-8")?;
    sqlx::query("VACUUM INTO $1")
        .bind(name)
        .execute(conn)
        .await?;
    let file = std::fs::File::open(&unfinished)?;
    file.sync_all()?;
    std::fs::rename(&unfinished, &copy)?;
    if let Some(folder) = path.parent().filter(|folder| folder.is_dir()) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    tracing::info!(copy = %copy.display(), "the database as it was before its form changes");
    Ok(())
}

/// Whether the database answers.
pub async fn answers(store: &Store) -> Result<()> {
    let mut conn = store.reader().await?;
    let one: i64 = sqlx::query_scalar("SELECT 1").fetch_one(&mut *conn).await?;
    if one == 1 {
        Ok(())
    } else {
        Err(StoreError::Corrupt("SELECT 1".to_owned()))
    }
}

/// What SQLite's own check finds, in words.
pub async fn integrity(conn: &mut Conn) -> Result<Option<String>> {
    let said: Vec<String> = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut *conn)
        .await?;
    let orphans = sqlx::query("PRAGMA foreign_key_check")
        .fetch_all(conn)
        .await?;
    let mut wrong: Vec<String> = said.into_iter().filter(|line| line != "ok").collect();
    if !orphans.is_empty() {
        wrong.push(format!(
            "{} rows point to rows that are not there",
            orphans.len()
        ));
    }
    Ok((!wrong.is_empty()).then(|| wrong.join("; ")))
}
