//! Stands between devices and a server, and notes each request with its answer.

use crate::world::{Caller, client, recorded::Exchange};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    response::Response,
};
use reqwest::header::{CONNECTION, CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;

#[derive(Default)]
struct Noted {
    // Where the server is now.
    to: String,
    step: String,
    exchanges: Vec<Exchange>,
}

/// What was noted so far.
pub struct Recorder {
    url: String,
    noted: Arc<Mutex<Noted>>,
}

impl Recorder {
    /// Begins to listen.
    pub async fn start() -> Self {
        let noted = Arc::<Mutex<Noted>>::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new()
            .fallback(pass)
            .with_state((Arc::clone(&noted), client()));
        tokio::spawn(async { axum::serve(listener, router).await.unwrap() });
        Self { url, noted }
    }

    /// Where the server is from now on.
    pub fn lead_to(&self, url: &str) {
        url.clone_into(&mut self.noted.lock().unwrap().to);
    }

    /// What is noted from now on belongs to this step.
    pub fn step(&self, name: &str) {
        name.clone_into(&mut self.noted.lock().unwrap().step);
    }

    /// Somebody who comes this way and is not signed in.
    pub fn caller(&self) -> Caller {
        Caller {
            url: self.url.clone(),
            http: client(),
            cookie: String::new(),
        }
    }

    /// All that was noted.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.noted.lock().unwrap().exchanges.clone()
    }
}

async fn pass(
    State((noted, http)): State<(Arc<Mutex<Noted>>, reqwest::Client)>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    let path = parts.uri.path_and_query().unwrap().to_string();
    let to = format!("{}{path}", noted.lock().unwrap().to);
    let mut headers = parts.headers.clone();
    for name in [HOST, CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    let sent = http.request(parts.method.clone(), to).headers(headers);
    let came = sent.body(body.clone()).send().await.unwrap();
    let (status, said) = (came.status(), came.headers().clone());
    let answer = came.bytes().await.unwrap().to_vec();
    let mut out = Response::new(Body::from(answer.clone()));
    *out.status_mut() = status;
    *out.headers_mut() = said.clone();
    let mut noted = noted.lock().unwrap();
    let name = format!("{:02}-{}", noted.exchanges.len() + 1, noted.step);
    noted.exchanges.push(Exchange {
        name,
        method: parts.method,
        path,
        headers: parts.headers,
        body,
        status,
        said,
        answer,
    });
    out
}
