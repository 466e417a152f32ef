//! Handing a file or a text to the person: a download, the clipboard, the printer.

use super::{dom, fetch::NoAnswer};
use gloo::net::http::{Request, Response};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

/// Why no file came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No answer of ours.
    NoAnswer(NoAnswer),
    /// The server refused; `body` is its problem.
    Answer {
        /// HTTP status.
        status: u16,
        /// The text.
        body: String,
    },
}

/// How long the browser gets to take the file before its memory is freed.
const HAND_OVER_MS: u32 = 60_000;

/// Posts JSON, and keeps the answer as `file_name` when it is of the media type `mime`.
pub async fn post_and_keep(
    path: &str,
    body: String,
    mime: &str,
    file_name: &str,
) -> Result<(), Refusal> {
    let lost = |_| Refusal::NoAnswer(NoAnswer::Network);
    let request = Request::post(path)
        .header("Content-Type", "application/json")
        .body(body)
        .map_err(lost)?;
    let response = request.send().await.map_err(lost)?;
    if !response.ok() {
        let status = response.status();
        return Err(Refusal::Answer {
            status,
            body: response.text().await.map_err(lost)?,
        });
    }
    if !is(&response, mime) {
        return Err(Refusal::NoAnswer(NoAnswer::NotOurs));
    }
    let bytes = response.binary().await.map_err(lost)?;
    keep(&bytes, mime, file_name).ok_or(Refusal::NoAnswer(NoAnswer::Network))
}

fn is(response: &Response, mime: &str) -> bool {
    let kind = response.headers().get("content-type").unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim() == mime
}

/// Saves bytes as a file, through a link with `download`: it navigates nowhere, so the CSP has no say.
pub fn keep(bytes: &[u8], mime: &str, file_name: &str) -> Option<()> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = dom::document().create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(file_name);
    link.click();
    super::timer::Timeout::new(HAND_OVER_MS, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
    Some(())
}

/// Puts a text on the clipboard; whether the browser took it.
pub async fn copy(text: &str) -> bool {
    JsFuture::from(dom::window().navigator().clipboard().write_text(text))
        .await
        .is_ok()
}

/// Opens the print dialog.
pub fn print() {
    let _ = dom::window().print();
}
