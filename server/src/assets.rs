//! Serves both built apps from this binary, precompressed. Unknown addresses without a dot are pages of the app whose
//! folder they are in. A debug build reads the files from the folder that it was compiled for.

use crate::error::ApiError;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The built apps; empty when the server was compiled without them.
#[derive(RustEmbed)]
#[folder = "$ZHICHA_EMBED_DIST"]
#[allow_missing = true]
struct Dist;

const FOR_EVER: &str = "public, max-age=31536000, immutable";
const NOT_BUILT: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>直查</title>\
<h1>尚未构建应用</h1><p>此服务器编译时没有包含应用。请运行：<code>cargo xtask serve</code></p>\
<h1 lang=\"en\">App not built</h1><p lang=\"en\">This server was compiled without the app. Run <code>cargo xtask serve</code></p></html>";

/// Answers everything that is not under `/api/`.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response {
    if !matches!(method, Method::GET | Method::HEAD) {
        return ApiError::method_not_allowed().into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let wanted = if path.is_empty() || path.ends_with('/') {
        format!("{path}index.html")
    } else {
        path.to_owned()
    };
    if let Some(response) = file(&wanted, &headers) {
        return response;
    }
    let last = path.rsplit('/').next().unwrap_or_default();
    if last.contains('.') {
        return ApiError::not_found().into_response();
    }
    let page = if path == "office" || path.starts_with("office/") {
        "office/index.html"
    } else {
        "index.html"
    };
    file(page, &headers).unwrap_or_else(|| (StatusCode::OK, Html(NOT_BUILT)).into_response())
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    // The compressed forms are served under the plain name only.
    let plain = Dist::get(path).filter(|_| !path.ends_with(".br") && !path.ends_with(".gz"))?;
    let (content, encoding) =
        compressed(path, headers).map_or((plain, None), |(file, name)| (file, Some(name)));
    let mut response = Response::new(Body::from(content.data));
    let set = response.headers_mut();
    set.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media_type(path)),
    );
    set.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        set.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    if hashed(path) {
        set.insert(header::CACHE_CONTROL, HeaderValue::from_static(FOR_EVER));
    }
    Some(response)
}

fn compressed(path: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, &'static str)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    let forms = [("br", "br"), ("gzip", "gz")];
    let mut wanted = forms
        .into_iter()
        .filter(|(name, _)| accepts(accepted, name));
    wanted.find_map(|(name, ending)| Some((Dist::get(&format!("{path}.{ending}"))?, name)))
}

// Whether `Accept-Encoding` names a form, and not with a weight of nothing (RFC 9110 §12.5.3).
fn accepts(accepted: &str, name: &str) -> bool {
    accepted.split(',').any(|part| {
        let mut words = part.split(';').map(str::trim);
        let weight = |q: &str| q.strip_prefix("q=").and_then(|q| q.parse::<f32>().ok());
        words.next() == Some(name) && words.next().and_then(weight).is_none_or(|q| q > 0.0)
    })
}

// `name.<16 hex digits>.ext`.
fn hashed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let hex = |text: &str, length| {
        text.len() == length && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let mut parts = name.rsplitn(3, '.');
    let (_, middle, first) = (parts.next(), parts.next().unwrap_or_default(), parts.next());
    first.is_some() && hex(middle, 16)
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compressed_form_is_sent_only_to_who_asks_for_it() {
        assert!(accepts("gzip, deflate, br, zstd", "br"));
        assert!(accepts("br;q=0.5", "br"));
        for refused in ["", "gzip", "br;q=0", "brotli", "*"] {
            assert!(!accepts(refused, "br"), "{refused}");
        }
    }

    #[test]
    fn only_names_with_a_hash_may_be_kept_for_ever() {
        assert!(hashed("field/app.6b86b273ff34fce1.wasm"));
        for path in [
            "sw.js",
            "index.html",
            "field/precache.json",
            "build.json",
            "app.v2.js",
        ] {
            assert!(!hashed(path), "{path}");
        }
    }
}
