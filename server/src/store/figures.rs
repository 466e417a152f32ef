//! Numbers of all tenants together, for `crate::metrics`: how much there is and what waits. No ids, no names.

use super::{Conn, Result, counter, unsigned};
use sqlx::Row as _;
use zhicha_core::time::Timestamp;

/// The numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Figures {
    /// Texts in the logs.
    pub log: u64,
    /// Texts in quarantine.
    pub quarantined: u64,
    /// Devices that are not revoked.
    pub devices: u64,
    /// Of them, frozen ones.
    pub frozen: u64,
    /// Of them, those that hold unsent events.
    pub with_unsent: u64,
    /// How many events these said.
    pub unsent: u64,
    /// The last contact of the one that was silent longest.
    pub oldest_unsent: Option<Timestamp>,
    /// Files with a receipt.
    pub blobs: u64,
    /// Their bytes.
    pub blob_bytes: u64,
}

/// All of them.
pub async fn all(conn: &mut Conn) -> Result<Figures> {
    let row = sqlx::query(
        "SELECT
           (SELECT ifnull(sum(seq), 0) FROM counter WHERE stream = $1) AS log,
           (SELECT count(*) FROM event_now WHERE disposition = 'quarantined') + (SELECT count(*) FROM quarantine) AS quarantined,
           (SELECT count(*) FROM device WHERE revoked_at IS NULL) AS devices,
           (SELECT count(*) FROM device WHERE revoked_at IS NULL AND frozen_at IS NOT NULL) AS frozen,
           (SELECT count(*) FROM device WHERE revoked_at IS NULL AND unsent > 0) AS with_unsent,
           (SELECT ifnull(sum(unsent), 0) FROM device WHERE revoked_at IS NULL) AS unsent,
           (SELECT min(last_seen_at) FROM device WHERE revoked_at IS NULL AND unsent > 0) AS oldest_unsent,
           (SELECT count(*) FROM blob) AS blobs,
           (SELECT ifnull(sum(len), 0) FROM blob) AS blob_bytes",
    )
    .bind(counter::LOG)
    .fetch_one(conn)
    .await?;
    let number = |name: &str| -> Result<u64> { Ok(unsigned(row.try_get(name)?)) };
    Ok(Figures {
        log: number("log")?,
        quarantined: number("quarantined")?,
        devices: number("devices")?,
        frozen: number("frozen")?,
        with_unsent: number("with_unsent")?,
        unsent: number("unsent")?,
        oldest_unsent: row
            .try_get::<Option<i64>, _>("oldest_unsent")?
            .map(Timestamp),
        blobs: number("blobs")?,
        blob_bytes: number("blob_bytes")?,
    })
}
