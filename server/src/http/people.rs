//! People and their devices.

use super::body::Id;
use crate::{
    error::ApiError,
    policy::{Allowed, ManagePeople, ReadPeople},
    state::App,
    store::{self, audit, devices, devices::DeviceRow, invites, people, sessions},
};
use axum::{extract::State, response::NoContent};
use serde_json::json;
use zhicha_core::{
    api::{Device, Person},
    id::{DeviceId, UserId},
};

/// `GET /api/v1/people`
pub async fn list(
    caller: Allowed<ReadPeople>,
    State(app): State<App>,
) -> Result<axum::Json<Vec<Person>>, ApiError> {
    let tenant = caller.person.tenant;
    let mut conn = app.store.reader().await?;
    let open = invites::open(&mut conn, tenant, app.clock.now()).await?;
    let devices = devices::all(&mut conn, tenant).await?;
    let people = people::all(&mut conn, tenant).await?;
    let person = |p: people::PersonRow| Person {
        user: p.user,
        name: p.name,
        login: p.login.unwrap_or_default(),
        role: p.role,
        grants: p.grants,
        invited: p.password.is_none() && open.contains(&p.user),
        revoked_at: p.revoked_at,
        devices: devices
            .iter()
            .filter(|d| d.user == p.user)
            .map(device)
            .collect(),
    };
    Ok(axum::Json(people.into_iter().map(person).collect()))
}

fn device(row: &DeviceRow) -> Device {
    Device {
        device_id: row.device,
        label: row.label.clone(),
        enrolled_at: row.enrolled_at,
        last_seen_at: row.last_seen_at,
        last_seq: row.last_seq,
        unsent: row.unsent,
        frozen: row.frozen_at.is_some(),
        revoked_at: row.revoked_at,
        recovered: row.recovered,
    }
}

/// `POST /api/v1/people/{user}/revoke`: reads end at once; what the person's devices still send is quarantined.
pub async fn revoke(
    caller: Allowed<ManagePeople>,
    State(app): State<App>,
    Id(user): Id<UserId>,
) -> Result<NoContent, ApiError> {
    let tenant = caller.person.tenant;
    if user == caller.person.user {
        return Err(ApiError::own_account());
    }
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    people::get(&mut tx, tenant, user)
        .await?
        .ok_or_else(ApiError::not_found)?;
    if people::revoke(&mut tx, tenant, user, now).await? {
        sessions::end_of_person(&mut tx, tenant, user).await?;
        audit::write(
            &mut tx,
            tenant,
            now,
            Some(caller.person.user),
            "person_revoked",
            &json!({ "user": user }),
        )
        .await?;
    }
    store::commit(tx).await?;
    Ok(NoContent)
}

/// `POST /api/v1/devices/{id}/revoke`
pub async fn revoke_device(
    caller: Allowed<ManagePeople>,
    State(app): State<App>,
    Id(device): Id<DeviceId>,
) -> Result<NoContent, ApiError> {
    let tenant = caller.person.tenant;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    devices::get(&mut tx, tenant, device)
        .await?
        .ok_or_else(ApiError::not_found)?;
    if devices::revoke(&mut tx, tenant, device, now).await? {
        sessions::end_of_device(&mut tx, tenant, device).await?;
        let detail = json!({ "device": device });
        audit::write(
            &mut tx,
            tenant,
            now,
            Some(caller.person.user),
            "device_revoked",
            &detail,
        )
        .await?;
    }
    store::commit(tx).await?;
    Ok(NoContent)
}
