//! Whose push it is: the device and its person, made again when a restored database does not know them.

use super::Batch;
use crate::{
    error::ApiError,
    store::{
        Conn, audit,
        devices::{self, DeviceRow},
        people::{self, PersonRow},
        tenants,
    },
};
use serde_json::json;
use zhicha_core::time::Timestamp;

/// The device and its person. A certificate of ours that has no row comes from before a restore: it gets one again.
/// Nothing, when tenant, key or person are not the ones that this database has.
pub async fn holder(
    conn: &mut Conn,
    batch: &Batch,
    now: Timestamp,
) -> Result<Option<(DeviceRow, PersonRow)>, ApiError> {
    let c = &batch.certificate;
    if !tenants::all(conn)
        .await?
        .iter()
        .any(|t| t.tenant == c.tenant)
    {
        return Ok(None);
    }
    let person = match people::get(conn, c.tenant, c.user).await? {
        Some(person) => person,
        None => {
            let person = PersonRow {
                tenant: c.tenant,
                user: c.user,
                name: c.name.clone(),
                login: None,
                role: c.role,
                grants: c.grants.clone(),
                password: None,
                authz_version: 1,
                revoked_at: None,
            };
            people::add(conn, &person, now).await?;
            person
        }
    };
    if let Some(device) = devices::get(conn, c.tenant, c.device_id).await? {
        return Ok((device.kid == c.kid && device.user == c.user).then_some((device, person)));
    }
    let device = DeviceRow {
        tenant: c.tenant,
        device: c.device_id,
        user: c.user,
        kid: c.kid.clone(),
        label: String::new(),
        certificate: batch.certificate_text.clone(),
        certificate_hash: batch.certificate_hash.clone(),
        enrolled_at: c.iat,
        last_seen_at: None,
        last_seq: 0,
        last_hash: batch.certificate_hash.clone(),
        gap: false,
        unsent: 0,
        seen: None,
        frozen_at: None,
        revoked_at: None,
        recovered: true,
    };
    devices::add(conn, &device).await?;
    let detail = json!({ "device": c.device_id, "user": c.user });
    audit::write(conn, c.tenant, now, None, "device_recovered", &detail).await?;
    tracing::warn!(device = %c.device_id, "a device came back that this database did not know");
    Ok(Some((device, person)))
}
