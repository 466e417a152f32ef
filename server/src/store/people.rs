//! People who can sign in.

use super::{Conn, Result, name_of, parse, parse_json, to_json, unsigned};
use sqlx::{Row as _, sqlite::SqliteRow};
use zhicha_core::{
    access::Role,
    id::{TenantId, UserId},
    time::Timestamp,
};

/// A person.
#[derive(Clone, Debug)]
pub struct PersonRow {
    /// Tenant.
    pub tenant: TenantId,
    /// Id.
    pub user: UserId,
    /// Name.
    pub name: String,
    /// Login name; absent for a person known only from a recovered device's certificate.
    pub login: Option<String>,
    /// Role.
    pub role: Role,
    /// Regions granted (`*` is all), and for a business `site:<id>`.
    pub grants: Vec<String>,
    /// Argon2id hash; absent until the invite is used.
    pub password: Option<String>,
    /// Raised when role, grants or revocation change.
    pub authz_version: u64,
    /// When revoked.
    pub revoked_at: Option<Timestamp>,
}

impl PersonRow {
    /// What the person may see of sites and records: regions, `*`, or `site:<id>`. A business sees its own sites only,
    /// and an administrator all.
    pub fn scope(&self) -> Vec<String> {
        match self.role {
            Role::Administrator => vec!["*".to_owned()],
            Role::Business => self
                .grants
                .iter()
                .filter(|g| g.starts_with("site:"))
                .cloned()
                .collect(),
            Role::Inspector | Role::Supervisor => self.grants.clone(),
        }
    }
}

const COLUMNS: &str =
    "tenant, user_id, name, login, role, grants, password, authz_version, revoked_at";

fn read(row: &SqliteRow) -> Result<PersonRow> {
    Ok(PersonRow {
        tenant: parse(row.try_get("tenant")?)?,
        user: parse(row.try_get("user_id")?)?,
        name: row.try_get("name")?,
        login: row.try_get("login")?,
        role: parse(row.try_get("role")?)?,
        grants: parse_json(row.try_get("grants")?)?,
        password: row.try_get("password")?,
        authz_version: unsigned(row.try_get("authz_version")?),
        revoked_at: row.try_get::<Option<i64>, _>("revoked_at")?.map(Timestamp),
    })
}

/// The person with this login name, of whatever tenant: signing in names no tenant.
pub async fn by_login(conn: &mut Conn, login: &str) -> Result<Option<PersonRow>> {
    let sql = const_format("WHERE login = $1");
    let row = sqlx::query(sql).bind(login).fetch_optional(conn).await?;
    row.as_ref().map(read).transpose()
}

/// One person.
pub async fn get(conn: &mut Conn, tenant: TenantId, user: UserId) -> Result<Option<PersonRow>> {
    let sql = const_format("WHERE tenant = $1 AND user_id = $2");
    let row = sqlx::query(sql)
        .bind(tenant.to_string())
        .bind(user.to_string())
        .fetch_optional(conn)
        .await?;
    row.as_ref().map(read).transpose()
}

/// All people of a tenant, by name.
pub async fn all(conn: &mut Conn, tenant: TenantId) -> Result<Vec<PersonRow>> {
    let sql = const_format("WHERE tenant = $1 ORDER BY revoked_at IS NOT NULL, name, user_id");
    let rows = sqlx::query(sql)
        .bind(tenant.to_string())
        .fetch_all(conn)
        .await?;
    rows.iter().map(read).collect()
}

// The clause is one of the literals above, never input.
fn const_format(clause: &str) -> sqlx::AssertSqlSafe<String> {
    sqlx::AssertSqlSafe(format!("SELECT {COLUMNS} FROM person {clause}"))
}

/// Adds a person.
pub async fn add(conn: &mut Conn, person: &PersonRow, now: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO person (tenant, user_id, name, login, role, grants, password, authz_version, created_at, revoked_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, NULL)",
    )
    .bind(person.tenant.to_string())
    .bind(person.user.to_string())
    .bind(&person.name)
    .bind(&person.login)
    .bind(name_of(&person.role))
    .bind(to_json(&person.grants))
    .bind(&person.password)
    .bind(i64::try_from(person.authz_version).unwrap_or(1))
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets the password hash.
pub async fn set_password(
    conn: &mut Conn,
    tenant: TenantId,
    user: UserId,
    hash: &str,
) -> Result<()> {
    sqlx::query("UPDATE person SET password = $3 WHERE tenant = $1 AND user_id = $2")
        .bind(tenant.to_string())
        .bind(user.to_string())
        .bind(hash)
        .execute(conn)
        .await?;
    Ok(())
}

/// Revokes a person; whether this changed anything.
pub async fn revoke(
    conn: &mut Conn,
    tenant: TenantId,
    user: UserId,
    now: Timestamp,
) -> Result<bool> {
    let done = sqlx::query(
        "UPDATE person SET revoked_at = $3, authz_version = authz_version + 1
         WHERE tenant = $1 AND user_id = $2 AND revoked_at IS NULL",
    )
    .bind(tenant.to_string())
    .bind(user.to_string())
    .bind(now.0)
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Whether the tenant has an administrator who can sign in.
pub async fn has_administrator(conn: &mut Conn, tenant: TenantId) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM person
         WHERE tenant = $1 AND role = 'administrator' AND password IS NOT NULL AND revoked_at IS NULL)",
    )
    .bind(tenant.to_string())
    .fetch_one(conn)
    .await?)
}
