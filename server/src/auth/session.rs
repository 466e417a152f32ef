//! Server-side sessions in a cookie: HttpOnly, SameSite=Strict, and on https `__Host-` and Secure.

use crate::{
    error::ApiError,
    ids,
    state::App,
    store::{
        self,
        people::{self, PersonRow},
        sessions::{self, SessionRow},
    },
};
use axum::http::{HeaderMap, header};
use axum_extra::extract::cookie::{Cookie, SameSite};
use zhicha_core::id::{TenantId, UserId};

const HOUR_MS: i64 = 3_600_000;
/// A session that is not used for so long is over.
pub const IDLE_MS: i64 = 7 * 24 * HOUR_MS;
/// A session is over after so long in any case.
pub const ABSOLUTE_MS: i64 = 30 * 24 * HOUR_MS;
// A session that looks over is kept for so long all the same: after a start with a clock that is a year ahead it is good
// again once the clock is right.
const KEPT_MS: i64 = 400 * 24 * HOUR_MS;
// Noting every use would make each read a write.
const TOUCH_MS: i64 = HOUR_MS / 4;

/// The caller, as the session says.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The person.
    pub person: PersonRow,
    /// The session.
    pub session: SessionRow,
    /// Hash of the session's secret.
    pub token_hash: String,
}

fn cookie_name(app: &App) -> &'static str {
    if app.fixed.https() {
        "__Host-zhicha"
    } else {
        "zhicha"
    }
}

/// The session's secret, from the cookie.
fn token(app: &App, headers: &HeaderMap) -> Option<String> {
    let name = cookie_name(app);
    let lines = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|v| v.to_str().ok());
    lines
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .find(|c| c.name() == name)
        .map(|c| c.value().to_owned())
}

/// Who is calling, if anybody is signed in.
pub async fn caller(app: &App, headers: &HeaderMap) -> Result<Option<Caller>, ApiError> {
    let Some(token) = token(app, headers) else {
        return Ok(None);
    };
    let token_hash = ids::secret_hash(&token);
    let mut conn = app.store.reader().await?;
    let Some(session) = sessions::get(&mut conn, &token_hash).await? else {
        return Ok(None);
    };
    let now = app.clock.steady();
    let over =
        now.0 - session.last_used_at.0 > IDLE_MS || now.0 - session.created_at.0 > ABSOLUTE_MS;
    let person = people::get(&mut conn, session.tenant, session.user).await?;
    drop(conn);
    let Some(person) = person.filter(|p| !over && p.revoked_at.is_none()) else {
        return Ok(None);
    };
    // What cannot be noted now still lets read.
    if now.0 - session.last_used_at.0 > TOUCH_MS && app.store.damage().is_none() {
        let mut tx = app.store.begin().await?;
        sessions::touch(&mut tx, session.tenant, &token_hash, now).await?;
        store::commit(tx).await?;
    }
    Ok(Some(Caller {
        person,
        session,
        token_hash,
    }))
}

/// Begins a session inside `conn`; returns its cookie.
pub async fn begin(
    app: &App,
    conn: &mut store::Conn,
    tenant: TenantId,
    user: UserId,
) -> Result<Cookie<'static>, ApiError> {
    let (secret, now) = (ids::secret(), app.clock.steady());
    let (idle, absolute) = (
        now.plus(-IDLE_MS - KEPT_MS),
        now.plus(-ABSOLUTE_MS - KEPT_MS),
    );
    sessions::sweep(conn, idle, absolute).await?;
    sessions::add(conn, tenant, user, &ids::secret_hash(&secret), now).await?;
    Ok(cookie(app, secret, ABSOLUTE_MS / 1000))
}

/// The cookie that makes the browser forget its session.
pub fn forgotten(app: &App) -> Cookie<'static> {
    cookie(app, String::new(), 0)
}

fn cookie(app: &App, value: String, seconds: i64) -> Cookie<'static> {
    let mut cookie = Cookie::new(cookie_name(app), value);
    cookie.set_path("/");
    cookie.set_http_only(true);
    cookie.set_same_site(SameSite::Strict);
    cookie.set_secure(app.fixed.https());
    cookie.set_max_age(time::Duration::seconds(seconds));
    cookie
}
