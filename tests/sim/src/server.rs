//! The real server on a real SQLite, called without a network between: handlers, sessions and all.

use anyhow::Context as _;
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Method, Request},
};
use serde_json::{Value, json};
use std::{
    cell::{Cell, RefCell},
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};
use tempfile::TempDir;
use tower::ServiceExt as _;
use zhicha_core::event::Kind;
use zhicha_server::{
    Config, Running,
    clock::Clock,
    recovery::{self, Why},
    router, serve,
    store::{self, Store, tenants},
};

const PASSWORD: &str = "示例口令-只用于模拟";
/// When every simulation begins.
pub const BEGIN: i64 = 1_795_500_000_000;

/// An answer.
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Vec<u8>,
}

/// A request that can be sent more than once.
#[derive(Clone)]
pub struct Ask {
    /// Method.
    pub method: Method,
    /// Path with its query.
    pub path: String,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Ask {
    /// With a JSON body.
    pub fn json(method: Method, path: &str, body: &impl serde::Serialize) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: vec![("content-type", "application/json".to_owned())],
            body: serde_json::to_vec(body).unwrap_or_default(),
        }
    }

    /// Without a body.
    pub fn bare(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }
}

/// A data folder with people in it, from which each seed starts.
pub struct Template {
    dir: TempDir,
    /// Sessions of the inspectors.
    pub people: Vec<String>,
}

impl Template {
    /// Founds a server with so many inspectors.
    ///
    /// # Errors
    /// When the server does not start or answers otherwise than it should.
    pub async fn of(people: usize) -> anyhow::Result<Self> {
        let dir = folder()?;
        let server = Server::open(dir, BEGIN, false).await?;
        let line = server.notice("first administrator: ")?;
        let (_, token) = line.split_once('#').context("a token")?;
        let first =
            json!({ "token": token, "name": "虚构管理员", "login": "admin", "password": PASSWORD });
        let administrator = server.enter("/api/v1/first-administrator", &first).await?;
        let mut sessions = Vec::new();
        for n in 0..people {
            let invite = json!({ "name": format!("虚构检查员{n}"), "login": format!("person-{n}"), "role": "inspector", "grants": ["*"] });
            let ask = Ask::json(Method::POST, "/api/v1/invites", &invite);
            let answer = server.call(&ask, Some(&administrator)).await?;
            let link: Value = serde_json::from_slice(&answer.body)?;
            let url = link["url"].as_str().context("a link")?;
            let (_, token) = url.split_once('#').context("a token")?;
            let accept = json!({ "token": token, "password": PASSWORD });
            sessions.push(server.enter("/api/v1/invites/accept", &accept).await?);
        }
        Ok(Self {
            dir: server.stop().await?,
            people: sessions,
        })
    }

    /// A server of its own with the same people; an older one takes amendments for a kind of the next version.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn server(&self, older: bool) -> anyhow::Result<Server> {
        let dir = folder()?;
        copy(self.dir.path(), dir.path())?;
        Server::open(dir, BEGIN, older).await
    }
}

// In memory where the system has such a folder: what power loss does to a disk is another test's.
fn folder() -> std::io::Result<TempDir> {
    let memory = Path::new("/dev/shm");
    match memory.is_dir() {
        true => TempDir::new_in(memory),
        false => TempDir::new(),
    }
}

/// Copies a folder with all that is in it.
///
/// # Errors
/// When a file cannot be read or written.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            std::fs::create_dir_all(&target)?;
            copy(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

/// A server that can be stopped and started again.
pub struct Server {
    dir: RefCell<Option<TempDir>>,
    // What its folder was at some moment.
    kept: RefCell<Option<TempDir>>,
    running: RefCell<Option<Running>>,
    router: RefCell<Router>,
    clock: Clock,
    // Whether it is of the version before, which does not know amendments.
    older: Cell<bool>,
}

impl Server {
    async fn open(dir: TempDir, at: i64, older: bool) -> anyhow::Result<Self> {
        let clock = Clock::standing(zhicha_core::time::Timestamp(at));
        let running = start(dir.path(), &clock, older).await?;
        Ok(Self {
            older: Cell::new(older),
            router: RefCell::new(router::router(&running.app)),
            dir: RefCell::new(Some(dir)),
            kept: RefCell::new(None),
            running: RefCell::new(Some(running)),
            clock,
        })
    }

    fn notice(&self, before: &str) -> anyhow::Result<String> {
        let running = self.running.borrow();
        let notices = &running.as_ref().context("running")?.notices;
        let found = notices.iter().find_map(|line| line.strip_prefix(before));
        Ok(found.context("a notice")?.to_owned())
    }

    async fn enter(&self, path: &str, body: &Value) -> anyhow::Result<String> {
        let answer = self
            .call(&Ask::json(Method::POST, path, body), None)
            .await?;
        let set = answer.headers.get("set-cookie").context("a cookie")?;
        let cookie = set.to_str()?.split(';').next().unwrap_or_default();
        Ok(cookie.to_owned())
    }

    /// Signs somebody of the template in; the session.
    ///
    /// # Errors
    /// When the server does not let them.
    pub async fn sign_in(&self, login: &str) -> anyhow::Result<String> {
        let body = json!({ "login": login, "password": PASSWORD });
        self.enter("/api/v1/session", &body).await
    }

    /// Asks, as somebody with a session or as nobody.
    ///
    /// # Errors
    /// When the request cannot be built.
    pub async fn call(&self, ask: &Ask, cookie: Option<&str>) -> anyhow::Result<Answer> {
        self.send(ask, cookie, Body::from(ask.body.clone())).await
    }

    /// The same, with a connection that breaks after half of the body.
    ///
    /// # Errors
    /// When the request cannot be built.
    pub async fn call_cut(&self, ask: &Ask, cookie: Option<&str>) -> anyhow::Result<Answer> {
        let half = ask.body[..ask.body.len() / 2].to_vec();
        let broken = Err(std::io::Error::other("the connection broke"));
        let body = Body::from_stream(tokio_stream::iter([Ok(half), broken]));
        self.send(ask, cookie, body).await
    }

    async fn send(&self, ask: &Ask, cookie: Option<&str>, body: Body) -> anyhow::Result<Answer> {
        let mut request = Request::builder()
            .method(ask.method.clone())
            .uri(&ask.path)
            .extension(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 9))));
        for (name, value) in &ask.headers {
            request = request.header(*name, value);
        }
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let request = request.body(body)?;
        let router = self.router.borrow().clone();
        let response = router.oneshot(request).await?;
        let (parts, body) = response.into_parts();
        Ok(Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await?.to_vec(),
        })
    }

    /// Moves the server's clock.
    pub fn passes(&self, ms: i64) {
        self.clock.advance(ms);
    }

    /// What the server reads off its clock.
    pub fn now(&self) -> i64 {
        self.clock.now().0
    }

    /// What the handlers share.
    ///
    /// # Errors
    /// When it is stopped.
    pub fn app(&self) -> anyhow::Result<zhicha_server::state::App> {
        let running = self.running.borrow();
        Ok(running.as_ref().context("running")?.app.clone())
    }

    /// Stops and starts it on the same folder.
    ///
    /// # Errors
    /// When it does not.
    pub async fn restart(&self) -> anyhow::Result<()> {
        self.stopped(async |_| Ok(())).await
    }

    /// Starts the next version on the same folder; whether it was an older one.
    ///
    /// # Errors
    /// When it does not.
    pub async fn upgrade(&self) -> anyhow::Result<bool> {
        let older = self.older.take();
        if older {
            self.restart().await?;
        }
        Ok(older)
    }

    /// Keeps a copy of its folder.
    ///
    /// # Errors
    /// When it does not stop or start, or the copy cannot be made.
    pub async fn keep(&self) -> anyhow::Result<()> {
        self.stopped(async |path| {
            let kept = folder()?;
            copy(path, kept.path())?;
            self.kept.replace(Some(kept));
            Ok(())
        })
        .await
    }

    /// Puts the copy in the place of its folder: told, as `zhicha restore` does, or without a word, as somebody who copies files.
    /// Whether there was one.
    ///
    /// # Errors
    /// When it does not stop or start, or the copy cannot be read.
    pub async fn fall_back(&self, told: bool) -> anyhow::Result<bool> {
        let Some(kept) = self.kept.borrow_mut().take() else {
            return Ok(false);
        };
        self.stopped(async |path| {
            std::fs::remove_dir_all(path)?;
            std::fs::create_dir(path)?;
            copy(kept.path(), path)?;
            if told {
                let database = Config::in_folder(path.to_owned()).database()?;
                let store = Store::open(&database).await?;
                let mut tx = store.begin().await?;
                for tenant in tenants::all(&mut tx).await? {
                    recovery::begin(&mut tx, &self.clock, tenant.tenant, Why::Restored("kept"))
                        .await?;
                }
                store::commit(tx).await?;
                store.close().await;
            }
            Ok(())
        })
        .await?;
        Ok(true)
    }

    async fn stopped(
        &self,
        work: impl AsyncFnOnce(&Path) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let running = self.running.borrow_mut().take().context("running")?;
        running.shutdown().await?;
        let path = self.path()?;
        work(&path).await?;
        let running = start(&path, &self.clock, self.older.get()).await?;
        *self.router.borrow_mut() = router::router(&running.app);
        self.running.replace(Some(running));
        Ok(())
    }

    fn path(&self) -> anyhow::Result<std::path::PathBuf> {
        let dir = self.dir.borrow();
        Ok(dir.as_ref().context("a folder")?.path().to_owned())
    }

    /// Stops it; its data.
    ///
    /// # Errors
    /// When it does not stop.
    pub async fn stop(&self) -> anyhow::Result<TempDir> {
        let running = self.running.borrow_mut().take().context("running")?;
        running.shutdown().await?;
        self.dir.borrow_mut().take().context("a folder")
    }
}

async fn start(folder: &Path, clock: &Clock, older: bool) -> anyhow::Result<Running> {
    let mut config = Config::in_folder(folder.to_owned());
    if older {
        config.newer_kinds = vec![Kind::Amended];
    }
    config.clock = clock.clone();
    serve(config).await
}
