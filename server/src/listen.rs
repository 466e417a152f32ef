//! Taking connections, one way for http and https: what a connection may cost while it says nothing, how long its ends may
//! wait for each other, and how requests end when the server does. HTTP/1.1 only, so that these limits hold for each
//! request; a proxy in front may speak anything else.

use crate::tls::Tls;
use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service as _, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    task::{JoinHandle, JoinSet},
    time::timeout,
};
use tokio_io_timeout::TimeoutStream;

/// How long a connection may be without a request, and how long the head of one may take. Proxies must close
/// connections that they keep sooner than that (`deploy/`).
pub const IDLE: Duration = Duration::from_secs(30);
const HANDSHAKE: Duration = Duration::from_secs(15);
// Who takes nothing of an answer for so long has gone.
const UNREAD: Duration = Duration::from_secs(60);
// A request that still runs when the server stops; shorter than what supervisors of containers wait for (10 s).
const ENDING: Duration = Duration::from_secs(8);
// Most bytes of the head of a request, and of a body at a time, in memory.
const HEAD: usize = 64 * 1024;
// Files and connections to the database need numbers of open files too.
const KEPT_FREE: u64 = 256;
const FEWEST: u64 = 64;
const MOST: u64 = 16_384;

/// A listener that takes connections until it is told to end.
#[derive(Debug)]
pub struct Listening {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Listening {
    /// Begins to take connections, by TLS if there is a certificate.
    pub fn start(listener: TcpListener, tls: Option<Tls>, router: Router) -> Self {
        let (stop, stopped) = watch::channel(false);
        let door = Arc::new(Door { tls, router });
        let task = tokio::spawn(take(listener, door, stopped));
        Self { stop, task }
    }

    /// Takes no more connections, lets requests that run end, and closes all.
    ///
    /// # Errors
    /// When the task failed.
    pub async fn end(self) -> anyhow::Result<()> {
        self.stop.send_replace(true);
        Ok(self.task.await?)
    }
}

struct Door {
    tls: Option<Tls>,
    router: Router,
}

async fn take(listener: TcpListener, door: Arc<Door>, mut stopped: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(at_once()));
    let mut connections = JoinSet::new();
    loop {
        // Above the most at once, who comes waits in the queue of the system until others have gone.
        let next = async {
            let room = Arc::clone(&room).acquire_owned().await;
            (next(&listener).await, room.ok())
        };
        let ((stream, peer), room) = tokio::select! {
            next = next => next,
            _ = stopped.wait_for(|stop| *stop) => break,
        };
        connections.spawn(connection(
            stream,
            peer,
            Arc::clone(&door),
            stopped.clone(),
            room,
        ));
        while connections.try_join_next().is_some() {}
    }
    // Whoever comes now hears at once that nobody is there.
    drop(listener);
    while connections.join_next().await.is_some() {}
}

async fn next(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(taken) => return taken,
            // One that has gone before it was taken is no matter; out of open files, others have to end first.
            Err(error) if gone(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken; trying again");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn gone(error: &io::Error) -> bool {
    use io::ErrorKind as E;
    matches!(
        error.kind(),
        E::ConnectionRefused | E::ConnectionAborted | E::ConnectionReset
    )
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    door: Arc<Door>,
    mut stopped: watch::Receiver<bool>,
    _room: Option<OwnedSemaphorePermit>,
) {
    // Answers are small, and are written whole; an error shows at the first use.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(UNREAD));
    let stream = Box::pin(stream);
    let Some(tls) = &door.tls else {
        return talk(stream, peer, &door.router, stopped).await;
    };
    let shaken = tokio::select! {
        shaken = timeout(HANDSHAKE, tls.accept(stream)) => shaken,
        _ = stopped.wait_for(|stop| *stop) => return,
    };
    match shaken {
        Ok(Ok(Some(stream))) => talk(stream, peer, &door.router, stopped).await,
        Ok(Ok(None)) => {}
        Ok(Err(error)) => tracing::debug!(%peer, %error, "no TLS"),
        Err(_) => tracing::debug!(%peer, "no TLS in time"),
    }
}

async fn talk<S>(stream: S, peer: SocketAddr, router: &Router, mut stopped: watch::Receiver<bool>)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let asked = AtomicBool::new(false);
    let router = TowerToHyperService::new(router.clone());
    let service = service_fn(|mut request: Request<Incoming>| {
        asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.call(request.map(Body::new))
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(IDLE)
        .max_buf_size(HEAD);
    let mut talk = pin!(http.serve_connection(TokioIo::new(stream), service));
    let mut done = tokio::select! {
        done = talk.as_mut() => Some(done),
        _ = stopped.wait_for(|stop| *stop) => None,
    };
    // Where nothing was asked yet, nothing is lost.
    if done.is_none() && asked.load(Ordering::Relaxed) {
        talk.as_mut().graceful_shutdown();
        done = timeout(ENDING, talk).await.ok();
    }
    if let Some(Err(error)) = done {
        tracing::debug!(%peer, %error, "a connection broke");
    }
}

// How many connections may be open at once: as many as the system lets this process have, less what it needs itself.
fn at_once() -> usize {
    let most = open_files().saturating_sub(KEPT_FREE).clamp(FEWEST, MOST);
    usize::try_from(most).unwrap_or(usize::MAX)
}

#[cfg(unix)]
fn open_files() -> u64 {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    // The system's small number is for old programs; up to the hard one every process may go.
    limit.current = limit.maximum.map(|most| most.min(MOST + KEPT_FREE));
    if limit.maximum.is_none() {
        limit.current = Some(MOST + KEPT_FREE);
    }
    let before = getrlimit(Resource::Nofile).current;
    if before.is_some_and(|before| Some(before) < limit.current) {
        // What it says afterwards counts.
        let _ = setrlimit(Resource::Nofile, limit);
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn open_files() -> u64 {
    MOST
}
