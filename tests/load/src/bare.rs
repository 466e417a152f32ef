//! What SQLite alone needs for the rows that the server wrote: same file form, same settings, as many transactions.

use crate::fill::opened;
use anyhow::Context as _;
use sqlx::{
    AssertSqlSafe, Column as _, ConnectOptions as _, Connection as _, Row as _, SqliteConnection,
    TypeInfo as _, ValueRef as _,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqliteRow, SqliteSynchronous,
    },
};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const FILE: &str = "zhicha.sqlite";

/// A copy of the database of a folder of which no server runs.
pub async fn copy(folder: &Path) -> anyhow::Result<TempDir> {
    // Opening and closing folds the log into the file.
    opened(folder).await?.close().await;
    let copy = TempDir::new()?;
    std::fs::copy(folder.join(FILE), copy.path().join(FILE))?;
    Ok(copy)
}

// As the server opens it (`server/src/store/open.rs`).
async fn connect(folder: &Path) -> anyhow::Result<SqliteConnection> {
    let options = SqliteConnectOptions::new()
        .filename(folder.join(FILE))
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .disable_statement_logging();
    Ok(options.connect().await?)
}

enum Value {
    Null,
    Integer(i64),
    Text(String),
    Blob(Vec<u8>),
}

struct Table {
    name: String,
    insert: String,
    // The last row that was there before.
    last: i64,
    rows: Vec<Vec<Value>>,
}

/// The rows that were added to a database.
pub struct Rows(Vec<Table>);

impl Rows {
    /// What is in `after` and not in `before`.
    pub async fn since(before: &TempDir, after: &Path) -> anyhow::Result<Self> {
        opened(after).await?.close().await;
        let (mut old, mut new) = (connect(before.path()).await?, connect(after).await?);
        let names: Vec<String> = sqlx::query_scalar(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid",
        )
        .fetch_all(&mut new)
        .await?;
        let mut tables = Vec::new();
        for name in names {
            let last = format!("SELECT ifnull(max(rowid), 0) FROM {name}");
            let last: i64 = sqlx::query_scalar(AssertSqlSafe(last))
                .fetch_one(&mut old)
                .await?;
            let added = format!("SELECT * FROM {name} WHERE rowid > {last} ORDER BY rowid");
            let rows = sqlx::query(AssertSqlSafe(added))
                .fetch_all(&mut new)
                .await?;
            let Some(first) = rows.first() else { continue };
            let marks = vec!["?"; first.columns().len()].join(", ");
            tables.push(Table {
                insert: format!("INSERT INTO {name} VALUES ({marks})"),
                name,
                last,
                rows: rows.iter().map(values).collect::<anyhow::Result<_>>()?,
            });
        }
        Ok(Self(tables))
    }

    /// How many.
    pub fn count(&self) -> usize {
        self.0.iter().map(|table| table.rows.len()).sum()
    }

    /// Inserts them into a copy of `before`, one statement a row, in `batches` transactions; how long.
    pub async fn one_by_one(&self, before: &TempDir, batches: usize) -> anyhow::Result<Duration> {
        let file = copy(before.path()).await?;
        let mut conn = connect(file.path()).await?;
        let begun = Instant::now();
        for batch in 0..batches {
            let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
            for table in &self.0 {
                for row in &table.rows[table.part(batch, batches)] {
                    let mut query =
                        sqlx::query::<sqlx::Sqlite>(AssertSqlSafe(table.insert.as_str()));
                    for value in row {
                        query = bind(query, value);
                    }
                    query.execute(&mut *tx).await?;
                }
            }
            tx.commit().await?;
        }
        Ok(begun.elapsed())
    }

    /// Lets SQLite copy them into a copy of `before` by itself, in `batches` transactions; how long.
    pub async fn by_sqlite(
        &self,
        before: &TempDir,
        after: &Path,
        batches: usize,
    ) -> anyhow::Result<Duration> {
        let file = copy(before.path()).await?;
        let mut conn = connect(file.path()).await?;
        let from = after.join(FILE);
        sqlx::query("ATTACH $1 AS source")
            .bind(from.to_str().context("a path in UTF-8")?)
            .execute(&mut conn)
            .await?;
        let begun = Instant::now();
        for batch in 0..batches {
            let mut tx = conn.begin_with("BEGIN IMMEDIATE").await?;
            for table in &self.0 {
                let part = table.part(batch, batches);
                // The server never deletes from these tables, so their numbers have no gaps.
                let insert = format!(
                    "INSERT INTO main.{0} SELECT * FROM source.{0} WHERE rowid > $1 AND rowid <= $2",
                    table.name
                );
                sqlx::query(AssertSqlSafe(insert))
                    .bind(table.last + i64::try_from(part.start)?)
                    .bind(table.last + i64::try_from(part.end)?)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        }
        Ok(begun.elapsed())
    }
}

impl Table {
    // The rows that the n-th transaction inserts.
    fn part(&self, batch: usize, batches: usize) -> std::ops::Range<usize> {
        let at = |batch: usize| self.rows.len() * batch / batches;
        at(batch)..at(batch + 1)
    }
}

type Query<'q> = sqlx::query::Query<'q, sqlx::Sqlite, SqliteArguments>;

fn bind<'q>(query: Query<'q>, value: &'q Value) -> Query<'q> {
    match value {
        Value::Null => query.bind(None::<i64>),
        Value::Integer(number) => query.bind(number),
        Value::Text(text) => query.bind(text.as_str()),
        Value::Blob(bytes) => query.bind(bytes.as_slice()),
    }
}

fn values(row: &SqliteRow) -> anyhow::Result<Vec<Value>> {
    let value = |at: usize| {
        let raw = row.try_get_raw(at)?;
        if raw.is_null() {
            return Ok(Value::Null);
        }
        Ok(match raw.type_info().name() {
            "INTEGER" => Value::Integer(row.try_get(at)?),
            "BLOB" => Value::Blob(row.try_get(at)?),
            "TEXT" => Value::Text(row.try_get(at)?),
            other => anyhow::bail!("a column of type {other}"),
        })
    };
    row.columns()
        .iter()
        .map(|column| value(column.ordinal()))
        .collect()
}
