//! Signing in and out, and who is signed in.

use super::body::{Json, Peer};
use crate::{
    auth::{password, session},
    backup::alarm,
    error::ApiError,
    policy::{Allowed, ByPassword, Open, OwnSession},
    recovery,
    state::App,
    store::{self, Conn, audit, people, people::PersonRow, sessions, tenants},
};
use axum::{extract::State, response::NoContent};
use axum_extra::extract::CookieJar;
use serde_json::json;
use zhicha_core::{
    access::Action,
    api::{SessionInfo, SignIn},
};

/// `POST /api/v1/session`
pub async fn sign_in(
    _: Open<ByPassword>,
    State(app): State<App>,
    peer: Peer,
    Json(body): Json<SignIn>,
) -> Result<(CookieJar, axum::Json<SessionInfo>), ApiError> {
    let (now, steady) = (app.clock.now(), app.clock.steady());
    let limits = &app.fixed.limits;
    limits
        .sign_in(&body.login, &peer.0, steady)
        .map_err(|wait| ApiError::too_many_attempts().retry_after(wait))?;
    let person = people::by_login(&mut *app.store.reader().await?, &body.login).await?;
    let stored = person.as_ref().and_then(|p| p.password.clone());
    let fits = password::verify(body.password, stored).await;
    let mut tx = app.store.begin().await?;
    let Some(person) = person.clone().filter(|p| fits && p.revoked_at.is_none()) else {
        limits.failed(&body.login, steady);
        if let Some(known) = &person {
            audit::write(
                &mut tx,
                known.tenant,
                now,
                Some(known.user),
                "sign_in_failed",
                &json!({}),
            )
            .await?;
            store::commit(tx).await?;
        }
        return Err(ApiError::sign_in_failed());
    };
    limits.succeeded(&body.login);
    let cookie = session::begin(&app, &mut tx, person.tenant, person.user).await?;
    audit::write(
        &mut tx,
        person.tenant,
        now,
        Some(person.user),
        "signed_in",
        &json!({}),
    )
    .await?;
    store::commit(tx).await?;
    let info = info(&app, &mut *app.store.reader().await?, &person).await?;
    Ok((CookieJar::new().add(cookie), axum::Json(info)))
}

/// `GET /api/v1/session`
pub async fn who(
    caller: Allowed<OwnSession>,
    State(app): State<App>,
) -> Result<axum::Json<SessionInfo>, ApiError> {
    Ok(axum::Json(
        info(&app, &mut *app.store.reader().await?, &caller.person).await?,
    ))
}

/// `DELETE /api/v1/session`
pub async fn sign_out(
    caller: Allowed<OwnSession>,
    State(app): State<App>,
) -> Result<(CookieJar, NoContent), ApiError> {
    let mut tx = app.store.begin().await?;
    sessions::end(&mut tx, caller.person.tenant, &caller.token_hash).await?;
    let now = app.clock.now();
    audit::write(
        &mut tx,
        caller.person.tenant,
        now,
        Some(caller.person.user),
        "signed_out",
        &json!({}),
    )
    .await?;
    store::commit(tx).await?;
    Ok((CookieJar::new().add(session::forgotten(&app)), NoContent))
}

/// What a signed-in person is told about herself and the server.
pub async fn info(app: &App, conn: &mut Conn, person: &PersonRow) -> Result<SessionInfo, ApiError> {
    let tenant = tenants::get(conn, person.tenant).await?;
    let backup = alarm::standing(app, conn).await?;
    let refill = match person.role.may(Action::ManagePeople) {
        true => recovery::refill(conn, person.tenant).await?,
        false => None,
    };
    Ok(SessionInfo {
        user: person.user,
        name: person.name.clone(),
        login: person.login.clone().unwrap_or_default(),
        role: person.role,
        grants: person.grants.clone(),
        tenant: tenant.tenant,
        tenant_name: tenant.name,
        zone: tenant.zone,
        photos: tenant.photos,
        server_keys: vec![app.fixed.key.public().clone()],
        public_url: app.fixed.public_url.clone(),
        phones_can_use: app.fixed.phones_can_use(),
        backup_configured: !backup.overdue,
        refill,
        now: app.clock.now(),
    })
}
