//! What was kept of a frozen form (`tests/fixtures/wire-1`): requests and answers as HTTP messages, data folders, an export.

use super::zips::unzipped;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde::de::DeserializeOwned;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// A data folder after three devices were enrolled, before the first event.
pub const ENROLLED: &str = "server-enrolled.zip";
/// The same folder after all that was recorded.
pub const DELIVERED: &str = "server-delivered.zip";
/// An export of all records then.
pub const EXPORT: &str = "export.zip";
/// The folder of a backup of all that was recorded, and the key that opens it.
pub const BACKUP: &str = "backup.zip";
/// That key, inside [`BACKUP`]; the folder is `backups`.
pub const BACKUP_KEY: &str = "backup.key";

/// A request as it was sent, and its answer.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Number and step, for example `07-push`.
    pub name: String,
    /// Method.
    pub method: Method,
    /// Path and query.
    pub path: String,
    /// Headers of the request.
    pub headers: HeaderMap,
    /// Body of the request.
    pub body: Vec<u8>,
    /// Status of the answer.
    pub status: StatusCode,
    /// Headers of the answer.
    pub said: HeaderMap,
    /// Body of the answer.
    pub answer: Vec<u8>,
}

impl Exchange {
    /// The step in which it was recorded.
    pub fn step(&self) -> &str {
        self.name.split_once('-').unwrap().1
    }

    /// The route without its query.
    pub fn route(&self) -> &str {
        self.path.split('?').next().unwrap()
    }

    /// Whether it is a push that the server took.
    pub fn is_push(&self) -> bool {
        self.route() == "/api/v1/sync/push" && self.status.is_success()
    }

    /// The answer, which is JSON.
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.answer).unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }

    /// The request, which is JSON.
    pub fn asked<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{}: {e}", self.name))
    }

    /// A header of its answer.
    pub fn said(&self, name: &str) -> Option<&str> {
        Some(self.said.get(name)?.to_str().unwrap())
    }

    fn read(folder: &Path, name: &str) -> Self {
        let (request, answer) = files(folder, name);
        let (first, headers, body) = parts(&fs::read(request).unwrap());
        let mut words = first.split(' ');
        let (method, path) = (words.next().unwrap(), words.next().unwrap());
        let (line, said, answer) = parts(&fs::read(answer).unwrap());
        Self {
            name: name.to_owned(),
            method: method.parse().unwrap(),
            path: path.to_owned(),
            headers,
            body,
            status: line.split(' ').nth(1).unwrap().parse().unwrap(),
            said,
            answer,
        }
    }
}

/// Where the messages of an exchange lie: request and answer.
pub fn files(folder: &Path, name: &str) -> (PathBuf, PathBuf) {
    let of = |what| folder.join(format!("{name}.{what}.http"));
    (of("request"), of("answer"))
}

// A message as in RFC 9112.
fn parts(message: &[u8]) -> (String, HeaderMap, Vec<u8>) {
    let end = message.windows(4).position(|four| four == b"\r\n\r\n");
    let (head, body) = message.split_at(end.expect("a message has an empty line"));
    let mut lines = std::str::from_utf8(head).unwrap().split("\r\n");
    let first = lines.next().unwrap().to_owned();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        let name: HeaderName = name.parse().unwrap();
        (name, HeaderValue::from_str(value).unwrap())
    });
    (first, headers.collect(), body[4..].to_vec())
}

/// The folder of what was recorded.
pub fn home() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/wire-1")
}

/// All that was recorded of the wire, in order.
pub fn traffic() -> Vec<Exchange> {
    let folder = home().join("traffic");
    let entries = fs::read_dir(&folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter_map(|name| Some(name.strip_suffix(".request.http")?.to_owned()))
        .collect();
    assert!(!names.is_empty(), "nothing in {}", folder.display());
    names.sort_unstable();
    let read = |name: &String| Exchange::read(&folder, name);
    names.iter().map(read).collect()
}

/// The bytes of a recorded file.
pub fn file(name: &str) -> Vec<u8> {
    fs::read(home().join(name)).unwrap()
}

/// A recorded data folder, in a place of its own.
pub fn folder(name: &str) -> TempDir {
    let dir = TempDir::new().unwrap();
    for (path, bytes) in unzipped(&file(name)) {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    dir
}
