//! Opening the database and bringing it to the present form.

use super::{Conn, Result, Store, StoreError, devices, log, tenants};
use anyhow::Context as _;
use sqlx::{
    ConnectOptions as _, Connection as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, sync::Arc, time::Duration};

/// The steps from an empty file to the present form; a new step goes at the end, old ones never change.
const STEPS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_first.sql"),
    include_str!("../../migrations/sqlite/0002_draft.sql"),
    include_str!("../../migrations/sqlite/0003_blob.sql"),
    include_str!("../../migrations/sqlite/0004_upload_metadata.sql"),
    include_str!("../../migrations/sqlite/0005_photo_policy.sql"),
    include_str!("../../migrations/sqlite/0006_backup.sql"),
    include_str!("../../migrations/sqlite/0007_log_tree.sql"),
    include_str!("../../migrations/sqlite/0008_settlement.sql"),
    include_str!("../../migrations/sqlite/0009_feed_covered.sql"),
];
const READERS: u32 = 4;
// In KiB, negative (SQLite's way of saying so): the pages that a town's sites lie on among a hundred towns fit.
const READER_CACHE: &str = "-16384";
// The inner pages of all indexes of a town's log.
const WRITER_CACHE: &str = "-32768";

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
    /// Opens the database at `path`, making or migrating it as needed. One that is damaged is only read
    /// ([`Self::damage`]): whatever is written could make it worse.
    ///
    /// # Errors
    /// When it cannot be opened, or belongs to a newer version of `zhicha`.
    pub async fn open(path: &Path) -> anyhow::Result<Self> {
        migrate(path)
            .await
            .with_context(|| format!("database {}", path.display()))?;
        let mut store = Self::pooled(path).await?;
        store.damage = damage(&store).await.map(Into::into);
        if store.damage.is_none() {
            complete(&store).await?;
        }
        Ok(store)
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
        known(at)?;
        anyhow::ensure!(
            at == STEPS.len(),
            "the database has form {at}, this version of zhicha knows {}; start the server of this version once",
            STEPS.len()
        );
        Self::pooled(path).await
    }

    async fn pooled(path: &Path) -> anyhow::Result<Self> {
        // On a full disk or an I/O error SQLite rolls back by itself (<https://www.sqlite.org/lang_transaction.html>), and
        // sqlx, whose own rollback fails then, takes the transaction for open for ever: such a connection is used no more.
        let write = SqlitePoolOptions::new()
            .max_connections(1)
            .before_acquire(|conn, _| Box::pin(async move { Ok(!conn.is_in_transaction()) }))
            .acquire_timeout(Duration::from_secs(60));
        let read = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(Duration::from_secs(30));
        Ok(Self {
            write: write
                .connect_with(options(path).pragma("cache_size", WRITER_CACHE))
                .await?,
            read: read
                .connect_with(
                    options(path)
                        .pragma("query_only", "ON")
                        .pragma("cache_size", READER_CACHE),
                )
                .await?,
            damage: None,
            waited: Arc::default(),
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

fn known(at: usize) -> anyhow::Result<()> {
    anyhow::ensure!(
        at <= STEPS.len(),
        "数据库属于更新的版本（形式 {at}，本版本只到 {0}）；什么都没有改动，请用那个版本 / it belongs to a newer version of zhicha (form {at}, this one knows {0}); nothing was changed, use that version instead",
        STEPS.len()
    );
    Ok(())
}

// What is wrong with a database at first sight: SQLite's own quick check, and whether the last event of each device is what
// its row says. `zhicha fsck` looks at everything.
async fn damage(store: &Store) -> Option<String> {
    match first_sight(store).await {
        Ok(found) => found,
        Err(error) => Some(error.to_string()),
    }
}

async fn first_sight(store: &Store) -> Result<Option<String>> {
    let mut conn = store.reader().await?;
    let said: Vec<String> = sqlx::query_scalar("PRAGMA quick_check(5)")
        .fetch_all(&mut *conn)
        .await?;
    if said != ["ok"] {
        return Ok(Some(said.join("; ")));
    }
    let wrong = devices::astray(&mut conn).await?;
    Ok((!wrong.is_empty()).then(|| {
        format!(
            "the last event of device {} is not what its row says",
            wrong.join(", ")
        )
    }))
}

async fn migrate(path: &Path) -> anyhow::Result<()> {
    let mut conn = options(path).create_if_missing(true).connect().await?;
    let at = version(&mut conn).await?;
    known(at)?;
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
        failpoint!(FormChanges);
        tx.commit().await?;
        failpoint!(FormChanged);
    }
    conn.close().await?;
    Ok(())
}

// What a step cannot compute in SQL.
async fn complete(store: &Store) -> Result<()> {
    let mut tx = store.begin().await?;
    for tenant in tenants::all(&mut tx).await? {
        log::complete(&mut tx, tenant.tenant).await?;
    }
    super::commit(tx).await
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
    copy_into(conn, &unfinished).await?;
    failpoint!(FormCopied);
    std::fs::rename(&unfinished, &copy)?;
    if let Some(folder) = path.parent().filter(|folder| folder.is_dir()) {
        std::fs::File::open(folder)?.sync_all()?;
    }
    tracing::info!(copy = %copy.display(), "the database as it was before its form changes");
    Ok(())
}

// A whole copy as of one moment, on disk; writers beside it are not held up.
async fn copy_into(conn: &mut Conn, copy: &Path) -> anyhow::Result<()> {
    let name = copy.to_str().context("the path is not UTF-8")?;
    sqlx::query("VACUUM INTO $1")
        .bind(name)
        .execute(conn)
        .await?;
    std::fs::File::open(copy)?.sync_all()?;
    Ok(())
}

/// Copies the database at `path` as it is at one moment to the new file `copy`, also beside a running server.
///
/// # Errors
/// When it cannot be read, or the copy not be written.
pub async fn snapshot(path: &Path, copy: &Path) -> anyhow::Result<()> {
    let mut conn = options(path).connect().await?;
    copy_into(&mut conn, copy)
        .await
        .with_context(|| format!("could not copy the database to {}", copy.display()))?;
    conn.close().await?;
    Ok(())
}

/// Which form of the database this version writes.
pub fn form() -> usize {
    STEPS.len()
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
    let said = sqlx::query_scalar("PRAGMA integrity_check")
        .fetch_all(&mut *conn)
        .await;
    let said: Vec<String> = match said {
        // So damaged that not even this goes through (SQLITE_CORRUPT).
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some("11") => {
            vec![error.to_string()]
        }
        said => said?,
    };
    let mut wrong: Vec<String> = said.into_iter().filter(|line| line != "ok").collect();
    // What is damaged cannot be looked through.
    let orphans = match wrong.is_empty() {
        true => {
            sqlx::query("PRAGMA foreign_key_check")
                .fetch_all(conn)
                .await?
        }
        false => Vec::new(),
    };
    if !orphans.is_empty() {
        wrong.push(format!(
            "{} rows point to rows that are not there",
            orphans.len()
        ));
    }
    Ok((!wrong.is_empty()).then(|| wrong.join("; ")))
}
