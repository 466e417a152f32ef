//! Tenants and the lives of their logs.

use super::{Conn, Result, counter, parse, unsigned};
use sqlx::Row as _;
use zhicha_core::{
    id::{EpochId, TenantId},
    sync::{epoch::Seen, wire::PhotoPolicy},
    time::{Timestamp, ZoneOffset},
};

const ORIGINALS: &str = "originals";
const WORKING_COPIES: &str = "working_copies";

/// One organisation.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its id.
    pub tenant: TenantId,
    /// Its name.
    pub name: String,
    /// Its zone.
    pub zone: ZoneOffset,
    /// What its devices keep of a photo.
    pub photos: PhotoPolicy,
}

/// All tenants, oldest first.
pub async fn all(conn: &mut Conn) -> Result<Vec<Tenant>> {
    let rows =
        sqlx::query("SELECT tenant, name, zone, photos FROM tenant ORDER BY created_at, tenant")
            .fetch_all(conn)
            .await?;
    rows.iter().map(read).collect()
}

/// One tenant.
pub async fn get(conn: &mut Conn, tenant: TenantId) -> Result<Tenant> {
    let row = sqlx::query("SELECT tenant, name, zone, photos FROM tenant WHERE tenant = $1")
        .bind(tenant.to_string())
        .fetch_one(conn)
        .await?;
    read(&row)
}

fn read(row: &sqlx::sqlite::SqliteRow) -> Result<Tenant> {
    let zone: i64 = row.try_get("zone")?;
    Ok(Tenant {
        tenant: parse(row.try_get("tenant")?)?,
        name: row.try_get("name")?,
        zone: ZoneOffset(i16::try_from(zone).unwrap_or(ZoneOffset::CHINA.0)),
        photos: match row.try_get::<String, _>("photos")?.as_str() {
            WORKING_COPIES => PhotoPolicy::WorkingCopies,
            _ => PhotoPolicy::Originals,
        },
    })
}

/// Decides what the devices of a tenant keep of a photo; whether that is a change.
pub async fn set_photos(conn: &mut Conn, tenant: TenantId, photos: PhotoPolicy) -> Result<bool> {
    let word = match photos {
        PhotoPolicy::Originals => ORIGINALS,
        PhotoPolicy::WorkingCopies => WORKING_COPIES,
    };
    let done = sqlx::query("UPDATE tenant SET photos = $2 WHERE tenant = $1 AND photos <> $2")
        .bind(tenant.to_string())
        .bind(word)
        .execute(conn)
        .await?;
    Ok(done.rows_affected() > 0)
}

/// Adds a tenant with the first life of its log.
pub async fn add(conn: &mut Conn, tenant: &Tenant, epoch: EpochId, now: Timestamp) -> Result<()> {
    sqlx::query("INSERT INTO tenant (tenant, name, zone, created_at) VALUES ($1, $2, $3, $4)")
        .bind(tenant.tenant.to_string())
        .bind(&tenant.name)
        .bind(i64::from(tenant.zone.0))
        .bind(now.0)
        .execute(&mut *conn)
        .await?;
    sqlx::query("INSERT INTO epoch (tenant, life, epoch, predecessor, size, began_at) VALUES ($1, 1, $2, NULL, 0, $3)")
        .bind(tenant.tenant.to_string())
        .bind(epoch.to_string())
        .bind(now.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// Begins a new life of a tenant's log; notes which life was before it and how many texts the log held then.
pub async fn new_life(
    conn: &mut Conn,
    tenant: TenantId,
    epoch: EpochId,
    now: Timestamp,
) -> Result<Seen> {
    let before = log(conn, tenant).await?;
    sqlx::query(
        "INSERT INTO epoch (tenant, life, epoch, predecessor, size, began_at)
         SELECT $1, max(life) + 1, $2, $3, $4, $5 FROM epoch WHERE tenant = $1",
    )
    .bind(tenant.to_string())
    .bind(epoch.to_string())
    .bind(before.epoch.to_string())
    .bind(i64::try_from(before.size).unwrap_or(i64::MAX))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(Seen {
        epoch,
        size: before.size,
    })
}

/// A life of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Life {
    /// The life.
    pub epoch: EpochId,
    /// How many texts the log held when it began.
    pub size: u64,
    /// When it began.
    pub began_at: Timestamp,
}

/// The lives of a tenant's log, the present one last.
pub async fn lives(conn: &mut Conn, tenant: TenantId) -> Result<Vec<Life>> {
    let rows =
        sqlx::query("SELECT epoch, size, began_at FROM epoch WHERE tenant = $1 ORDER BY life")
            .bind(tenant.to_string())
            .fetch_all(conn)
            .await?;
    rows.iter()
        .map(|row| {
            Ok(Life {
                epoch: parse(row.try_get("epoch")?)?,
                size: unsigned(row.try_get("size")?),
                began_at: Timestamp(row.try_get("began_at")?),
            })
        })
        .collect()
}

/// The log as it is now: its life, and how many texts it holds.
pub async fn log(conn: &mut Conn, tenant: TenantId) -> Result<Seen> {
    let epoch: String =
        sqlx::query_scalar("SELECT epoch FROM epoch WHERE tenant = $1 ORDER BY life DESC LIMIT 1")
            .bind(tenant.to_string())
            .fetch_one(&mut *conn)
            .await?;
    Ok(Seen {
        epoch: parse(&epoch)?,
        size: counter::last(conn, tenant, counter::LOG).await?,
    })
}
