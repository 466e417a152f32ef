//! Refuses requests that another site's page makes in a signed-in person's browser.

use crate::{error::ApiError, state::App};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// Lets reads through, and changes only when the browser says that they come from our own pages. Callers that are no
/// browsers send neither header.
pub async fn check(State(app): State<App>, request: Request, next: Next) -> Response {
    let reads = matches!(
        *request.method(),
        Method::GET | Method::HEAD | Method::OPTIONS
    );
    if reads || same_site(request.headers(), &app.fixed.public_url) {
        return next.run(request).await;
    }
    ApiError::cross_site().into_response()
}

fn same_site(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name: header::HeaderName| headers.get(name).map(|v| v.to_str().unwrap_or("\u{0}"));
    let fetch = headers.get("sec-fetch-site").map(|v| v.as_bytes());
    if fetch.is_some_and(|site| site != b"same-origin" && site != b"none") {
        return false;
    }
    let Some(origin) = text(header::ORIGIN) else {
        return true;
    };
    let host = text(header::HOST);
    let own = |scheme: &str| host.is_some_and(|host| origin == format!("{scheme}://{host}"));
    origin == public_url || own("http") || own("https")
}
