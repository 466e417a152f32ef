//! A store that speaks as much of S3 as the server needs, in memory, and that can be told to fail
//! (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html>). Signatures are not looked at, only that
//! there is one.

use axum::{
    body::Bytes,
    extract::{Query, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
    sync::{Arc, Mutex},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// The name of the bucket.
pub const BUCKET: &str = "photos";
// A page of a list holds so few names that there is more than one.
const PAGE: usize = 2;
const WRITTEN: &str = "Tue, 24 Nov 2026 08:00:00 GMT";

/// How the store behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    #[default]
    Works,
    /// Answers 500.
    Fails,
    /// Takes a request and never answers.
    Hangs,
    /// Says that a list is over after its first name.
    ShortLists,
    /// Breaks a list off in the middle of its text.
    CutLists,
}

#[derive(Default)]
struct Inside {
    mood: Mood,
    objects: BTreeMap<String, Bytes>,
}

/// A bucket on a port of its own.
pub struct Bucket {
    inside: Arc<Mutex<Inside>>,
    endpoint: String,
    task: JoinHandle<()>,
}

impl Drop for Bucket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Bucket {
    /// An empty one.
    pub async fn start() -> Self {
        let inside = Arc::<Mutex<Inside>>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = axum::Router::new()
            .fallback(answer)
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(Arc::clone(&inside));
        let task = tokio::spawn(async move { axum::serve(listener, service).await.unwrap() });
        Self {
            inside,
            endpoint,
            task,
        }
    }

    /// What a program is told to use it.
    pub fn settings(&self) -> [(&str, &str); 7] {
        [
            ("ZHICHA_BLOB_URL", "s3://photos/town"),
            ("AWS_ENDPOINT", &self.endpoint),
            ("AWS_ALLOW_HTTP", "true"),
            ("AWS_ACCESS_KEY_ID", "example"),
            ("AWS_SECRET_ACCESS_KEY", "example"),
            ("AWS_REGION", "example-1"),
            ("AWS_READ_TIMEOUT", "500ms"),
        ]
    }

    pub fn is(&self, mood: Mood) {
        self.inside.lock().unwrap().mood = mood;
    }

    /// The names of all objects.
    pub fn names(&self) -> Vec<String> {
        let inside = self.inside.lock().unwrap();
        inside.objects.keys().cloned().collect()
    }

    /// Puts something else, or nothing, in the place of an object.
    pub fn overwrite(&self, name: &str, bytes: Option<&[u8]>) {
        let objects = &mut self.inside.lock().unwrap().objects;
        match bytes {
            Some(bytes) => objects.insert(name.to_owned(), Bytes::copy_from_slice(bytes)),
            None => objects.remove(name),
        };
    }
}

async fn answer(
    State(inside): State<Arc<Mutex<Inside>>>,
    method: Method,
    uri: Uri,
    Query(asked): Query<HashMap<String, String>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mood = inside.lock().unwrap().mood;
    match mood {
        Mood::Fails => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Mood::Hangs => return std::future::pending().await,
        _ => {}
    }
    if !headers.contains_key(header::AUTHORIZATION) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let path = uri.path().trim_start_matches('/');
    let name = path.strip_prefix(BUCKET).unwrap().trim_start_matches('/');
    let objects = &mut inside.lock().unwrap().objects;
    if name.is_empty() {
        return list(objects, &asked, mood);
    }
    if method == Method::PUT {
        objects.insert(name.to_owned(), body);
        return [(header::ETAG, "\"e\"")].into_response();
    }
    match objects.get(name) {
        Some(bytes) => object(&method, &headers, bytes),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn object(method: &Method, headers: &HeaderMap, bytes: &Bytes) -> Response {
    let about = [(header::ETAG, "\"e\""), (header::LAST_MODIFIED, WRITTEN)];
    if method == Method::HEAD {
        let len = [(header::CONTENT_LENGTH, bytes.len())];
        return (about, len.map(|(name, len)| (name, len.to_string()))).into_response();
    }
    let Some(range) = headers.get(header::RANGE) else {
        return (about, bytes.clone()).into_response();
    };
    let range = range.to_str().unwrap().strip_prefix("bytes=").unwrap();
    let (from, last) = range.split_once('-').unwrap();
    let from: usize = from.parse().unwrap();
    let end = last
        .parse()
        .map_or(bytes.len(), |last: usize| bytes.len().min(last + 1));
    let said = format!("bytes {from}-{}/{}", end - 1, bytes.len());
    let part = bytes.slice(from..end);
    let status = StatusCode::PARTIAL_CONTENT;
    (status, about, [(header::CONTENT_RANGE, said)], part).into_response()
}

fn list(
    objects: &BTreeMap<String, Bytes>,
    asked: &HashMap<String, String>,
    mood: Mood,
) -> Response {
    let said = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let (prefix, after, delimiter) = (
        said("prefix"),
        said("continuation-token"),
        said("delimiter"),
    );
    let fits = |name: &&String| name.starts_with(&prefix) && **name > after;
    let names: Vec<&String> = objects.keys().filter(fits).collect();
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult>".to_owned();
    if delimiter.is_empty() {
        let page = if mood == Mood::ShortLists { 1 } else { PAGE };
        for name in names.iter().take(page) {
            let size = objects[*name].len();
            write!(
                text,
                "<Contents><Key>{name}</Key><Size>{size}</Size><LastModified>2026-11-24T08:00:00.000Z</LastModified></Contents>"
            )
            .unwrap();
        }
        if names.len() > page && mood != Mood::ShortLists {
            let last = names[page - 1];
            write!(
                text,
                "<NextContinuationToken>{last}</NextContinuationToken>"
            )
            .unwrap();
        }
    } else {
        let folder = |name: &&String| {
            let (folder, _) = name[prefix.len()..].split_once('/')?;
            Some(format!("{prefix}{folder}/"))
        };
        for folder in names.iter().filter_map(folder).collect::<BTreeSet<_>>() {
            write!(
                text,
                "<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>"
            )
            .unwrap();
        }
    }
    text.push_str("</ListBucketResult>");
    if mood == Mood::CutLists {
        text.truncate(text.len() / 2);
    }
    text.into_response()
}
