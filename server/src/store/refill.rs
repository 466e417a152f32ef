//! Making the feeds of a tenant anew from what they are about: the register of sites, the published checklists and the
//! events. Old numbers mean nothing afterwards, so every person's devices take a fresh snapshot.

use super::{Conn, Result, checklists, feed, feed::Op, signed};
use std::collections::BTreeMap;
use zhicha_core::{
    id::{TenantId, UserId},
    sync::wire::Stream,
    time::Timestamp,
};

/// Fills all feeds of a tenant anew; `events` are the places in the log that belong on the feed of a person.
pub async fn refill(
    conn: &mut Conn,
    tenant: TenantId,
    events: &BTreeMap<u64, UserId>,
    now: Timestamp,
) -> Result<()> {
    let sites = feed::of_sites(conn, tenant).await?;
    let lists = checklists::all(conn, tenant).await?;
    empty(conn, tenant).await?;
    for site in sites {
        let (scope, key) = (&site.scope, &site.key);
        let seq = feed::add(conn, tenant, Stream::Sites, scope, key, Op::Put, now).await?;
        sqlx::query("UPDATE site SET feed_seq = $3 WHERE tenant = $1 AND site_id = $2")
            .bind(tenant.to_string())
            .bind(key)
            .bind(signed(seq))
            .execute(&mut *conn)
            .await?;
    }
    for list in lists {
        let key = &list.digest.0;
        feed::add(conn, tenant, Stream::Checklists, "*", key, Op::Put, now).await?;
    }
    for (place, user) in events {
        let (scope, key) = (user.to_string(), place.to_string());
        feed::add(conn, tenant, Stream::Records, &scope, &key, Op::Put, now).await?;
    }
    snapshots(conn, tenant).await
}

async fn empty(conn: &mut Conn, tenant: TenantId) -> Result<()> {
    sqlx::query("DELETE FROM feed WHERE tenant = $1")
        .bind(tenant.to_string())
        .execute(&mut *conn)
        .await?;
    for stream in Stream::ALL {
        sqlx::query("DELETE FROM counter WHERE tenant = $1 AND stream = $2")
            .bind(tenant.to_string())
            .bind(stream.as_str())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

// A cursor of other rights is answered by a snapshot, in which everything that is not named leaves the device.
async fn snapshots(conn: &mut Conn, tenant: TenantId) -> Result<()> {
    sqlx::query("UPDATE person SET authz_version = authz_version + 1 WHERE tenant = $1")
        .bind(tenant.to_string())
        .execute(conn)
        .await?;
    Ok(())
}
