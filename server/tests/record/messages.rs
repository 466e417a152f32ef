//! Writes what was noted, as HTTP messages (RFC 9112).

use crate::world::recorded::{Exchange, files};
use axum::http::HeaderMap;
use std::{fs, path::Path};

// What belongs to one connection and not to the request.
const OF_THE_WAY: [&str; 5] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "date",
];

/// Writes a request and its answer to a folder.
pub fn write(noted: &Exchange, folder: &Path) {
    let (request, answer) = files(folder, &noted.name);
    let first = format!("{} {} HTTP/1.1", noted.method, noted.path);
    fs::write(request, message(&first, &noted.headers, &noted.body)).unwrap();
    let first = format!("HTTP/1.1 {}", noted.status);
    fs::write(answer, message(&first, &noted.said, &noted.answer)).unwrap();
}

fn message(first: &str, headers: &HeaderMap, body: &[u8]) -> Vec<u8> {
    let mut out = format!("{first}\r\n").into_bytes();
    for (name, value) in headers {
        if !OF_THE_WAY.contains(&name.as_str()) {
            out.extend(format!("{name}: ").bytes());
            out.extend(value.as_bytes());
            out.extend(b"\r\n");
        }
    }
    out.extend(b"\r\n");
    out.extend(body);
    out
}
