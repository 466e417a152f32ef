//! One-time links: the first administrator's, and those by which an administrator invites a person.

use super::body::{Json, Peer};
use crate::{
    auth::{password, session},
    error::ApiError,
    ids::{self, Ids},
    keys::ServerKey,
    policy::{Allowed, ByLink, ManagePeople, Open},
    state::App,
    store::{
        self, Conn, audit,
        invites::{self, InviteRow},
        people::{self, PersonRow},
        sessions, tenants,
    },
};
use axum::extract::State;
use axum_extra::extract::CookieJar;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use zhicha_core::{
    access::Role,
    api::{AcceptInvite, InviteInfo, InviteLink, NewInvite, SessionInfo},
    id::{TenantId, UserId},
    time::Timestamp,
};

/// How long a link works.
pub const VALID_MS: i64 = 7 * 24 * 3_600_000;
/// Path of the page on which administrators use their links.
pub const OFFICE: &str = "/office/join";
/// Path of the page on which everybody else does.
pub const FIELD: &str = "/join";
const LONGEST_NAME: usize = 100;

/// `POST /api/v1/invites`
pub async fn invite(
    caller: Allowed<ManagePeople>,
    State(app): State<App>,
    Json(body): Json<NewInvite>,
) -> Result<axum::Json<InviteLink>, ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let person = match people::by_login(&mut tx, body.login.trim()).await? {
        // A lost link is replaced; somebody who has signed in already is not invited again.
        Some(known)
            if known.tenant == caller.person.tenant
                && known.password.is_none()
                && known.revoked_at.is_none() =>
        {
            known
        }
        Some(_) => return Err(ApiError::login_taken()),
        None => {
            let person = new_person(&app, caller.person.tenant, &body)?;
            people::add(&mut tx, &person, now).await?;
            person
        }
    };
    let link = link(
        &app,
        &mut tx,
        person.tenant,
        Some((person.user, person.role)),
        now,
    )
    .await?;
    let detail = json!({ "user": person.user, "role": person.role, "grants": person.grants });
    audit::write(
        &mut tx,
        person.tenant,
        now,
        Some(caller.person.user),
        "invited",
        &detail,
    )
    .await?;
    store::commit(tx).await?;
    Ok(axum::Json(link))
}

/// A person from an invitation, not yet stored.
pub fn new_person(app: &App, tenant: TenantId, body: &NewInvite) -> Result<PersonRow, ApiError> {
    let (name, login) = (trimmed(&body.name)?, trimmed(&body.login)?);
    if login.chars().any(char::is_whitespace) {
        return Err(ApiError::invalid(
            "登录名不得包含空格。",
            "A login name may not contain spaces.",
        ));
    }
    let grants: Vec<String> = body
        .grants
        .iter()
        .map(|g| g.trim().to_owned())
        .filter(|g| !g.is_empty())
        .collect();
    Ok(PersonRow {
        tenant,
        user: UserId::new(&mut Ids(&app.clock)),
        name,
        login: Some(login),
        role: body.role,
        grants,
        password: None,
        authz_version: 1,
        revoked_at: None,
    })
}

fn trimmed(text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > LONGEST_NAME || text.chars().any(char::is_control)
    {
        return Err(ApiError::invalid(
            "姓名和登录名须为1至100个字符。",
            "Name and login name need 1 to 100 characters.",
        ));
    }
    Ok(text.to_owned())
}

/// Makes a link: for a person, or for the first administrator.
pub async fn link(
    app: &App,
    conn: &mut Conn,
    tenant: TenantId,
    invited: Option<(UserId, Role)>,
    now: Timestamp,
) -> Result<InviteLink, ApiError> {
    // Administrators have no business in the field app; everybody else scans this with a phone.
    let office = invited.is_none_or(|(_, role)| role == Role::Administrator);
    let page = format!(
        "{}{}",
        app.fixed.public_url,
        if office { OFFICE } else { FIELD }
    );
    let (user, key) = (invited.map(|(user, _)| user), &app.fixed.key);
    Ok(link_to(&page, key, conn, tenant, user, (now, now.plus(VALID_MS))).await?)
}

/// Makes a link to `page` that works from a moment until another, for a person or, without one, for a new administrator.
pub async fn link_to(
    page: &str,
    key: &ServerKey,
    conn: &mut Conn,
    tenant: TenantId,
    user: Option<UserId>,
    (now, expires_at): (Timestamp, Timestamp),
) -> store::Result<InviteLink> {
    let secret = ids::secret();
    let hash = ids::secret_hash(&secret);
    invites::add(conn, tenant, user, &hash, now, expires_at).await?;
    Ok(InviteLink {
        url: format!("{page}#{secret}.{}", key.public().thumbprint()),
        expires_at,
    })
}

/// Body of `POST /api/v1/invites/look`.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "InviteLook")]
pub struct Look {
    /// The token after `#` in the link.
    token: String,
}

/// `POST /api/v1/invites/look`
pub async fn look(
    _: Open<ByLink>,
    State(app): State<App>,
    peer: Peer,
    Json(body): Json<Look>,
) -> Result<axum::Json<InviteInfo>, ApiError> {
    slow_down(&app, &peer)?;
    let mut conn = app.store.reader().await?;
    let invite = open(&app, &mut conn, &body.token).await?;
    let tenant = tenants::get(&mut conn, invite.tenant).await?;
    let person = match invite.user {
        Some(user) => Some(
            people::get(&mut conn, invite.tenant, user)
                .await?
                .ok_or_else(ApiError::invite)?,
        ),
        None => None,
    };
    Ok(axum::Json(InviteInfo {
        first: person.is_none(),
        role: person.as_ref().map_or(Role::Administrator, |p| p.role),
        login: person
            .as_ref()
            .and_then(|p| p.login.clone())
            .unwrap_or_default(),
        name: person.map(|p| p.name).unwrap_or_default(),
        tenant_name: tenant.name,
    }))
}

/// `POST /api/v1/invites/accept`
pub async fn accept(
    _: Open<ByLink>,
    State(app): State<App>,
    peer: Peer,
    Json(body): Json<AcceptInvite>,
) -> Result<(CookieJar, axum::Json<SessionInfo>), ApiError> {
    slow_down(&app, &peer)?;
    let (invite, person) = {
        let mut conn = app.store.reader().await?;
        let invite = open(&app, &mut conn, &body.token).await?;
        let user = invite.user.ok_or_else(ApiError::invite)?;
        let person = people::get(&mut conn, invite.tenant, user).await?;
        (
            invite,
            person
                .filter(|p| p.revoked_at.is_none())
                .ok_or_else(ApiError::invite)?,
        )
    };
    password::acceptable(&body.password, person.login.as_deref().unwrap_or_default())?;
    let hash = password::hash(body.password).await?;
    finish(&app, &invite, &body.token, person, &hash, false).await
}

/// `POST /api/v1/first-administrator`
pub async fn first_administrator(
    _: Open<ByLink>,
    State(app): State<App>,
    peer: Peer,
    Json(body): Json<AcceptInvite>,
) -> Result<(CookieJar, axum::Json<SessionInfo>), ApiError> {
    slow_down(&app, &peer)?;
    let invite = open(&app, &mut *app.store.reader().await?, &body.token).await?;
    if invite.user.is_some() {
        return Err(ApiError::invite());
    }
    let wanted = NewInvite {
        name: body.name.unwrap_or_default(),
        login: body.login.unwrap_or_default(),
        role: Role::Administrator,
        grants: vec!["*".to_owned()],
    };
    let person = new_person(&app, invite.tenant, &wanted)?;
    password::acceptable(&body.password, &wanted.login)?;
    let hash = password::hash(body.password).await?;
    finish(&app, &invite, &body.token, person, &hash, true).await
}

// Uses the link, stores the password and signs in, all or nothing.
async fn finish(
    app: &App,
    invite: &InviteRow,
    token: &str,
    mut person: PersonRow,
    hash: &str,
    new: bool,
) -> Result<(CookieJar, axum::Json<SessionInfo>), ApiError> {
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    if !invites::take(
        &mut tx,
        invite.tenant,
        &ids::secret_hash(secret_of(token)),
        now,
    )
    .await?
    {
        return Err(ApiError::invite());
    }
    if new {
        let login = person.login.clone().unwrap_or_default();
        if people::by_login(&mut tx, &login).await?.is_some() {
            return Err(ApiError::login_taken());
        }
        person.password = Some(hash.to_owned());
        people::add(&mut tx, &person, now).await?;
    } else {
        people::set_password(&mut tx, person.tenant, person.user, hash).await?;
        // Whoever knew the password before is out.
        sessions::end_of_person(&mut tx, person.tenant, person.user).await?;
    }
    let cookie = session::begin(app, &mut tx, person.tenant, person.user).await?;
    audit::write(
        &mut tx,
        person.tenant,
        now,
        Some(person.user),
        "invite_accepted",
        &json!({ "first": new }),
    )
    .await?;
    store::commit(tx).await?;
    let info = super::session::info(app, &mut *app.store.reader().await?, &person).await?;
    Ok((CookieJar::new().add(cookie), axum::Json(info)))
}

// The link carries the server key's thumbprint behind the secret; either form is taken.
fn secret_of(token: &str) -> &str {
    token.split('.').next().unwrap_or_default()
}

async fn open(app: &App, conn: &mut Conn, token: &str) -> Result<InviteRow, ApiError> {
    let invite = invites::get(conn, &ids::secret_hash(secret_of(token))).await?;
    let invite = invite
        .filter(|i| i.used_at.is_none())
        .ok_or_else(ApiError::invite)?;
    if invite.expires_at <= app.clock.now() {
        return Err(ApiError::invite_expired());
    }
    Ok(invite)
}

fn slow_down(app: &App, peer: &Peer) -> Result<(), ApiError> {
    let limits = &app.fixed.limits;
    limits
        .links(&peer.0, app.clock.steady())
        .map_err(|wait| ApiError::too_many_attempts().retry_after(wait))
}
