//! The audit log: append-only, each row chained to the one before by its hash. No secrets, no evidence text.

use super::{Conn, Result, counter, signed};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use zhicha_core::{
    checklist::digest::hex,
    id::{TenantId, UserId},
    time::Timestamp,
};

const BEFORE_FIRST: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Writes one row.
pub async fn write(
    conn: &mut Conn,
    tenant: TenantId,
    at: Timestamp,
    actor: Option<UserId>,
    action: &str,
    detail: &Value,
) -> Result<()> {
    let seq = counter::next(conn, tenant, counter::AUDIT).await?;
    let prev: Option<String> =
        sqlx::query_scalar("SELECT hash FROM audit WHERE tenant = $1 AND seq = $2")
            .bind(tenant.to_string())
            .bind(signed(seq) - 1)
            .fetch_optional(&mut *conn)
            .await?;
    let prev = prev.unwrap_or_else(|| BEFORE_FIRST.to_owned());
    let actor = actor.map(|a| a.to_string());
    let detail = detail.to_string();
    let hash = link(
        &prev,
        &tenant.to_string(),
        signed(seq),
        at.0,
        actor.as_deref(),
        action,
        &detail,
    );
    sqlx::query(
        "INSERT INTO audit (tenant, seq, at, actor, action, detail, prev, hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tenant.to_string())
    .bind(signed(seq))
    .bind(at.0)
    .bind(actor)
    .bind(action)
    .bind(detail)
    .bind(prev)
    .bind(hash)
    .execute(conn)
    .await?;
    Ok(())
}

// A JSON array separates the fields beyond doubt, whatever they hold.
fn link(
    prev: &str,
    tenant: &str,
    seq: i64,
    at: i64,
    actor: Option<&str>,
    action: &str,
    detail: &str,
) -> String {
    let row = serde_json::json!([prev, tenant, seq, at, actor, action, detail]).to_string();
    hex(&Sha256::digest(row))
}

/// Recomputes the chain; returns the number of the first row that does not fit.
pub async fn broken_at(conn: &mut Conn, tenant: TenantId) -> Result<Option<i64>> {
    let rows = sqlx::query("SELECT seq, at, actor, action, detail, prev, hash FROM audit WHERE tenant = $1 ORDER BY seq")
        .bind(tenant.to_string())
        .fetch_all(&mut *conn)
        .await?;
    let mut prev = BEFORE_FIRST.to_owned();
    for (index, row) in (1_i64..).zip(&rows) {
        let seq: i64 = row.try_get("seq")?;
        let hash: String = row.try_get("hash")?;
        let actor: Option<String> = row.try_get("actor")?;
        let (action, detail): (String, String) = (row.try_get("action")?, row.try_get("detail")?);
        let stored_prev: String = row.try_get("prev")?;
        let right = link(
            &prev,
            &tenant.to_string(),
            seq,
            row.try_get("at")?,
            actor.as_deref(),
            &action,
            &detail,
        );
        if seq != index || stored_prev != prev || hash != right {
            return Ok(Some(index));
        }
        prev = hash;
    }
    let last = signed(counter::last(conn, tenant, counter::AUDIT).await?);
    let found = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    Ok((found != last).then_some(found + 1))
}
