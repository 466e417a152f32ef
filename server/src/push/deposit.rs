//! The drop box: texts that come without a certificate of ours. They are kept for a person to look at, answered
//! without an echo, and limited in number, so that nobody fills the disk.

use super::read::Refused;
use crate::{
    error::ApiError,
    state::App,
    store::{
        self, counter,
        quarantine::{self, Stray},
        tenants,
    },
};
use zhicha_core::{
    event::{Certificate, EventHash, Payload},
    id::TenantId,
    sync::wire::Reason,
};

/// The most bytes that the drop box of a tenant holds. What does not fit stays on its device, which is told to wait.
const LARGEST: u64 = 256 * 1024 * 1024;
const WAIT_WHEN_FULL_S: u64 = 3_600;

/// Keeps the texts of a refused push, and returns the answer for its sender.
pub async fn keep(app: &App, refused: &Refused, peer: &str) -> ApiError {
    if let Err(wait) = app.fixed.limits.drop_box(peer, app.clock.steady()) {
        return ApiError::too_many_attempts().retry_after(wait);
    }
    match write(app, refused).await {
        Ok(true) => refused.error.clone(),
        Ok(false) => {
            tracing::error!("the drop box for unproven texts is full");
            ApiError::too_many_attempts().retry_after(WAIT_WHEN_FULL_S)
        }
        Err(error) => error.into(),
    }
}

// Whether everything found room; nothing is kept otherwise.
async fn write(app: &App, refused: &Refused) -> store::Result<bool> {
    let mut tx = app.store.begin().await?;
    let known = tenants::all(&mut tx).await?;
    let claimed = Certificate::parse(&refused.certificate)
        .ok()
        .map(|(c, _)| c.tenant);
    for text in &refused.events {
        let payload = Payload::parse(text).ok().map(|(payload, _)| payload);
        let wanted = claimed.or(payload.as_ref().map(|p| p.tenant));
        let Some(tenant) = choose(&known, wanted) else {
            continue;
        };
        let mut stray = Stray {
            tenant,
            tenant_seq: 0,
            epoch: tenants::log(&mut tx, tenant).await?.epoch,
            hash: EventHash::of_text(text),
            device: None,
            device_seq: None,
            user: None,
            kind: payload.as_ref().map(|p| p.kind.clone()),
            record: payload.as_ref().map(|p| p.record_id),
            reason: Reason::Foreign,
            detail: "came without proof of who sent it".to_owned(),
            received_at: app.clock.now(),
            text: text.clone(),
        };
        if quarantine::find(&mut tx, &stray).await?.is_none() {
            if quarantine::unproven_bytes(&mut tx, tenant).await? + text.len() as u64 > LARGEST {
                return Ok(false);
            }
            stray.tenant_seq = counter::next(&mut tx, tenant, counter::LOG).await?;
            quarantine::add(&mut tx, &stray).await?;
        }
    }
    store::commit(tx).await?;
    Ok(true)
}

// The tenant that the text names; where there is only one, that one.
fn choose(known: &[tenants::Tenant], wanted: Option<TenantId>) -> Option<TenantId> {
    let named = known.iter().find(|t| Some(t.tenant) == wanted);
    let only = if known.len() == 1 {
        known.first()
    } else {
        None
    };
    named.or(only).map(|t| t.tenant)
}
