//! Settings of the whole server, by name.

use super::{Conn, Result};

/// The public URL that was last accepted.
pub const PUBLIC_URL: &str = "public_url";

/// Where the bytes are that events name, as `--blob-url` said at the last start; empty for the data folder.
pub const BLOB_URL: &str = "blob_url";

/// The public key that backups are encrypted to.
pub const BACKUP_RECIPIENT: &str = "backup_recipient";

/// A setting.
pub async fn get(conn: &mut Conn, name: &str) -> Result<Option<String>> {
    Ok(
        sqlx::query_scalar("SELECT value FROM setting WHERE name = $1")
            .bind(name)
            .fetch_optional(conn)
            .await?,
    )
}

/// Sets a setting.
pub async fn put(conn: &mut Conn, name: &str, value: &str) -> Result<()> {
    sqlx::query("INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .bind(name)
        .bind(value)
        .execute(conn)
        .await?;
    Ok(())
}
