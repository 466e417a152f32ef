//! Enrolment: binds a browser's key to the person who is signed in.

use super::body::Json;
use crate::{
    error::ApiError,
    ids::Ids,
    policy::{Allowed, EnrolDevice},
    state::App,
    store::{self, audit, devices, devices::DeviceRow, sessions, tenants},
};
use axum::extract::State;
use serde_json::json;
use zhicha_core::{
    event::{Certificate, Jwk, certificate::Confirmation},
    id::DeviceId,
    sync::wire::{EnrolReply, EnrolRequest},
};

const LONGEST_LABEL: usize = 200;

// Both the form that we hash for the thumbprint and a point of the curve.
fn is_key(jwk: &Jwk) -> bool {
    let on_curve =
        serde_json::to_string(jwk).is_ok_and(|text| p256::PublicKey::from_jwk_str(&text).is_ok());
    jwk.coordinates().is_some() && on_curve
}

/// `POST /api/v1/devices`
pub async fn enrol(
    caller: Allowed<EnrolDevice>,
    State(app): State<App>,
    Json(body): Json<EnrolRequest>,
) -> Result<axum::Json<EnrolReply>, ApiError> {
    if !is_key(&body.jwk) {
        return Err(ApiError::invalid(
            "设备密钥无效。",
            "The device key is not a P-256 public key.",
        ));
    }
    let now = app.clock.now();
    let person = &caller.person;
    let certificate = Certificate {
        tenant: person.tenant,
        device_id: DeviceId::new(&mut Ids(&app.clock)),
        kid: body.jwk.thumbprint(),
        user: person.user,
        name: person.name.clone(),
        role: person.role,
        grants: person.grants.clone(),
        iat: now,
        cnf: Confirmation { jwk: body.jwk },
    };
    let text = app.fixed.key.certificate(&certificate);
    let hash = Certificate::hash(&text);
    let row = DeviceRow {
        tenant: person.tenant,
        device: certificate.device_id,
        user: person.user,
        kid: certificate.kid,
        label: body
            .label
            .chars()
            .filter(|c| !c.is_control())
            .take(LONGEST_LABEL)
            .collect(),
        certificate: text.clone(),
        certificate_hash: hash.clone(),
        enrolled_at: now,
        last_seen_at: None,
        last_seq: 0,
        last_hash: hash,
        gap: false,
        unsent: 0,
        seen: None,
        frozen_at: None,
        revoked_at: None,
        recovered: false,
    };
    let mut tx = app.store.begin().await?;
    devices::add(&mut tx, &row).await?;
    sessions::set_device(&mut tx, person.tenant, &caller.token_hash, row.device).await?;
    let detail = json!({ "device": row.device, "kid": row.kid });
    audit::write(
        &mut tx,
        person.tenant,
        now,
        Some(person.user),
        "device_enrolled",
        &detail,
    )
    .await?;
    let log = tenants::log(&mut tx, person.tenant).await?;
    let tenant = tenants::get(&mut tx, person.tenant).await?;
    failpoint!(EnrolCommits);
    store::commit(tx).await?;
    failpoint!(EnrolCommitted);
    Ok(axum::Json(EnrolReply {
        certificate: text,
        server_keys: vec![app.fixed.key.public().clone()],
        tenant_name: tenant.name,
        zone: tenant.zone,
        log,
        now,
    }))
}
