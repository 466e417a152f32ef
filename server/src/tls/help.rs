//! A page that a phone can open before it trusts the server: how to install the CA of `zhicha tls init`. It is served by
//! plain http on a listener of its own that has nothing else, and reads the CA's file each time, so that it is never an
//! old one.

use super::local::{Handed, Local};
use axum::{
    Router,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fast_qr::qr::QRBuilder;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Where the certificate lies. The ending is what phones go by.
const CA: &str = "/zhicha-ca.crt";
const STYLE: &str = include_str!("help.css");
const PAGE: &str = include_str!("help.html");
// Modules of quiet zone on each side (ISO/IEC 18004 asks for 4).
const QUIET: usize = 4;

struct Page {
    local: Local,
    public_url: String,
    url: String,
}

/// The page at `url`, for a server that is opened at `public_url`.
pub fn router(local: Local, public_url: &str, url: &str) -> Router {
    let page = Page {
        local,
        public_url: public_url.to_owned(),
        url: url.to_owned(),
    };
    Router::new()
        .route("/", get(shown))
        .route(CA, get(certificate))
        .fallback(async || (StatusCode::NOT_FOUND, "404\n"))
        .layer(axum::middleware::map_response(guarded))
        .with_state(Arc::new(page))
}

async fn shown(State(page): State<Arc<Page>>) -> Response {
    match page.local.handed() {
        Ok(ca) => Html(page.text(&ca)).into_response(),
        Err(error) => failed(&error),
    }
}

// iOS offers to install it only when it is shown, not when it is a download; Android saves it either way.
async fn certificate(State(page): State<Arc<Page>>) -> Response {
    match page.local.handed() {
        Ok(ca) => {
            let kind = [(header::CONTENT_TYPE, "application/x-x509-ca-cert")];
            (kind, ca.der.to_vec()).into_response()
        }
        Err(error) => failed(&error),
    }
}

fn failed(error: &anyhow::Error) -> Response {
    tracing::error!("the page about the CA: {error:#}");
    let said = "证书暂时无法读取，请联系管理员 / The certificate cannot be read now; tell the administrator\n";
    (StatusCode::INTERNAL_SERVER_ERROR, said).into_response()
}

async fn guarded(mut response: Response) -> Response {
    let style = STANDARD.encode(Sha256::digest(STYLE));
    let csp = format!(
        "default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers = response.headers_mut();
    if let Ok(csp) = HeaderValue::from_str(&csp) {
        headers.insert(header::CONTENT_SECURITY_POLICY, csp);
    }
    let fixed: [(HeaderName, &'static str); 3] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

impl Page {
    fn text(&self, ca: &Handed) -> String {
        let names = self.local.names().unwrap_or_default();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        PAGE.replace("{style}", STYLE)
            .replace("{qr-page}", &qr(&self.url))
            .replace("{qr-app}", &qr(&self.public_url))
            .replace("{page}", &escaped(&self.url))
            .replace("{app}", &escaped(&self.public_url))
            .replace("{ca}", CA)
            .replace("{fingerprint}", &in_lines(&ca.fingerprint))
            .replace("{names}", &escaped(&names.join("、")))
            // Last: it is what a person typed, and may hold braces.
            .replace("{name}", &escaped(&ca.name))
    }
}

// Short lines, which two people can compare by reading aloud.
fn in_lines(fingerprint: &str) -> String {
    let pairs: Vec<&str> = fingerprint.split(':').collect();
    let lines: Vec<String> = pairs.chunks(8).map(|line| line.join(":")).collect();
    lines.join(":<br>")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

// Black on white, since readers expect it so.
fn qr(text: &str) -> String {
    let Ok(code) = QRBuilder::new(text).build() else {
        return String::new();
    };
    let side = code.size + 2 * QUIET;
    let dark = (0..code.size).flat_map(|y| (0..code.size).map(move |x| (x, y)));
    let path: String = dark
        .filter(|(x, y)| code[*y][*x].value())
        .map(|(x, y)| format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET))
        .collect();
    format!(
        r##"<svg role="img" aria-label="{0}" viewBox="0 0 {side} {side}" shape-rendering="crispEdges"><rect width="{side}" height="{side}" fill="#fff"/><path d="{path}" fill="#000"/></svg>"##,
        escaped(text)
    )
}
