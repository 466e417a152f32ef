//! The headers of every answer, exactly as `docs/security.md` lists them. `Clear-Site-Data` is never among them: it would
//! erase records that have not been sent.

use crate::state::App;
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

const PAGE_CSP: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-src 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types app-url";
const API_CSP: &str = "default-src 'none'; frame-ancestors 'none'";

const ALWAYS: [(HeaderName, &str); 6] = [
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-embedder-policy"),
        "require-corp",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(self), geolocation=(self), microphone=(self), payment=(), usb=()",
    ),
];

/// Adds them.
pub async fn add(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let ours =
        path.starts_with("/api/") || path == "/api" || path == "/healthz" || path == "/readyz";
    let (method, shown) = (request.method().clone(), path.to_owned());
    let mut response = next.run(request).await;
    // The path only: queries hold what people search for.
    tracing::debug!(%method, path = shown, status = response.status().as_u16());
    set(response.headers_mut(), ours, app.fixed.https());
    response
}

fn set(headers: &mut HeaderMap, api: bool, https: bool) {
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let csp = if api { API_CSP } else { PAGE_CSP };
    // Files that people handed in have set a stricter one already.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(csp));
    // Files with a hash in their name have set theirs already.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    if https {
        headers.insert(
            header::STRICT_TRANSPORT_SECURITY,
            HeaderValue::from_static("max-age=2592000"),
        );
    }
}
