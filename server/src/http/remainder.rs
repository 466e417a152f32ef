//! What is left of a body when its request is answered early. Closing a connection with unread bytes on it resets it, and the
//! answer may be lost on the way: a proxy makes 502 of it, and a phone that should send less tries the same again. So a
//! bounded rest is read and dropped first (RFC 9112 §9.6).

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::header,
    middleware::Next,
    response::Response,
};
use hyper::body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

// More than any body that is taken. Who sends more than that, takes longer, or falls silent (a body that was given up for its
// silence is silent still) is cut off.
const MOST: u64 = 16 << 20;
const LONGEST: Duration = Duration::from_secs(60);
const SILENCE: Duration = Duration::from_secs(10);

type Left = Arc<Mutex<Option<Body>>>;

/// Reads what a handler left of its request's body before the answer goes out.
pub async fn read(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let left = Left::default();
    let waits = request.headers().contains_key(header::EXPECT);
    let request = request.map(|body| {
        Body::new(Watched {
            body: Some(body),
            left: Arc::clone(&left),
            waits,
        })
    });
    let response = next.run(request).await;
    let rest = left.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(rest) = rest {
        let _ = tokio::time::timeout(LONGEST, drop_all(rest)).await;
    }
    response
}

async fn drop_all(mut rest: Body) {
    let mut bytes = 0;
    while bytes < MOST {
        let frame = std::future::poll_fn(|cx| Pin::new(&mut rest).poll_frame(cx));
        let Ok(Some(Ok(frame))) = tokio::time::timeout(SILENCE, frame).await else {
            break;
        };
        bytes += frame.data_ref().map_or(0, |data| data.len() as u64);
    }
}

// A body that comes back when it is dropped before its end.
struct Watched {
    body: Option<Body>,
    left: Left,
    // Its sender waits to be asked for it (`Expect`) and was not: nothing of it is on its way.
    waits: bool,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        self.waits = false;
        match &mut self.body {
            Some(body) => Pin::new(body).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(SizeHint::default, HttpBody::size_hint)
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let body = self.body.take().filter(|_| !self.waits);
        if let Some(body) = body.filter(|body| !body.is_end_stream()) {
            *self.left.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
        }
    }
}
