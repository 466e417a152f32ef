//! A real server on a random port with a database in a temporary folder, people who sign in, and devices that sign
//! events in Rust. What the tests of this folder share.

pub mod backups;
mod bodies;
pub mod bucket;
pub mod captured;
pub mod described;
mod device;
pub mod ledger;
pub mod numbers;
pub mod phone;
pub mod pictures;
pub mod program;
pub mod proxy;
pub mod random;
pub mod recorded;
mod stranger;
pub mod tls;
pub mod tus;
pub mod wire;
pub mod zips;

pub use bodies::{amended, loss, sealed, site, started};
pub use device::{Device, damage, disposition, id, record, tampered};

use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::path::Path;
use tempfile::TempDir;
use zhicha_core::{
    access::Role,
    sync::wire::{EnrolReply, Problem},
    testing::NativeKey,
};
use zhicha_server::{
    Config, Running, blob::Blobs, cli::fsck, clock::Clock, keys::ServerKey, serve, store::Store,
};

/// The password of everybody in the tests.
pub const PASSWORD: &str = "示例口令-只用于测试";

/// A running server.
pub struct World {
    pub running: Running,
    pub dir: TempDir,
    pub clock: Clock,
}

impl World {
    /// A new server with an empty data folder.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A new server, with settings changed.
    pub async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let dir = TempDir::new().unwrap();
        Self::start_in(dir, change).await
    }

    /// A server on an existing data folder.
    pub async fn start_in(dir: TempDir, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config::in_folder(dir.path().to_owned());
        change(&mut config);
        let clock = config.clock.clone();
        // A little after the devices of the tests say it is, whatever this machine's clock says.
        clock.advance(1_795_510_000_000 - clock.now().0);
        let running = serve(config).await.unwrap();
        Self {
            running,
            dir,
            clock,
        }
    }

    /// A new server, its administrator, and the inspector “anna” of the region “shili-1”.
    pub async fn staffed() -> (Self, Caller, Caller) {
        let world = Self::start().await;
        let admin = world.administrator().await;
        let anna = world
            .person(&admin, "anna", Role::Inspector, &["shili-1"])
            .await;
        (world, admin, anna)
    }

    /// The same, and a device of hers.
    pub async fn equipped() -> (Self, Caller, Caller, Device) {
        let (world, admin, anna) = Self::staffed().await;
        let device = anna.enrol(1).await;
        (world, admin, anna, device)
    }

    /// Signs in with the password of the tests.
    pub async fn sign_in(&self, login: &str) -> Caller {
        let body = json!({ "login": login, "password": PASSWORD });
        self.nobody().enter("/api/v1/session", body).await
    }

    /// Stops the server and keeps its data.
    pub async fn stop(self) -> TempDir {
        self.running.shutdown().await.unwrap();
        self.dir
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Caller {
        Caller {
            url: self.running.url.clone(),
            http: client(),
            cookie: String::new(),
        }
    }

    /// The token of the printed link for the first administrator.
    pub fn first_token(&self) -> String {
        let line = self
            .running
            .notices
            .iter()
            .find_map(|l| l.strip_prefix("first administrator: "))
            .unwrap();
        line.split_once('#').unwrap().1.to_owned()
    }

    /// Uses the first link.
    pub async fn administrator(&self) -> Caller {
        let body = json!({ "token": self.first_token(), "name": "示例管理员", "login": "admin", "password": PASSWORD });
        self.nobody()
            .enter("/api/v1/first-administrator", body)
            .await
    }

    /// Invites a person and uses the link.
    pub async fn person(&self, admin: &Caller, login: &str, role: Role, grants: &[&str]) -> Caller {
        let body = json!({ "name": format!("示例{login}"), "login": login, "role": role, "grants": grants });
        let link: Value = admin
            .post("/api/v1/invites", body)
            .await
            .json()
            .await
            .unwrap();
        let token = link["url"]
            .as_str()
            .unwrap()
            .split_once('#')
            .unwrap()
            .1
            .to_owned();
        self.nobody()
            .enter(
                "/api/v1/invites/accept",
                json!({ "token": token, "password": PASSWORD }),
            )
            .await
    }
}

/// A client of HTTP that trusts nobody's certificate and needs none of this machine.
pub fn client() -> reqwest::Client {
    client_with(|builder| builder)
}

/// The same, with settings changed.
pub fn client_with(
    change: impl FnOnce(reqwest::ClientBuilder) -> reqwest::ClientBuilder,
) -> reqwest::Client {
    // Whoever is first has set it for all.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let none = std::iter::empty::<reqwest::Certificate>();
    let built = reqwest::Client::builder().tls_certs_only(none).no_proxy();
    change(built).build().unwrap()
}

/// Somebody with or without a session.
#[derive(Clone)]
pub struct Caller {
    pub url: String,
    pub http: reqwest::Client,
    pub cookie: String,
}

impl Caller {
    /// Calls the server. The answer is as the description says, or the test fails.
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request = self
            .http
            .request(method.clone(), format!("{}{path}", self.url));
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        described::checked(&method, path, response).await
    }

    pub async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, None).await
    }

    pub async fn get_json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    pub async fn post(&self, path: &str, body: Value) -> Response {
        self.send(Method::POST, path, Some(body)).await
    }

    /// Posts to a route that signs in, and keeps its cookie.
    pub async fn enter(mut self, path: &str, body: Value) -> Self {
        let response = self.post(path, body).await;
        assert_eq!(response.status(), 200, "{path}");
        self.cookie = cookie(&response);
        self
    }

    /// Adds a site; returns its id.
    pub async fn add_site(&self, name: &str, region: &str) -> String {
        let site = json!({ "version": 0, "name": name, "address": "虚构路1号", "region": region });
        let added: Value = self.post("/api/v1/sites", site).await.json().await.unwrap();
        added["site_id"].as_str().unwrap().to_owned()
    }

    /// Enrols a device.
    pub async fn enrol(&self, key: u8) -> Device {
        let key = NativeKey::number(key);
        let body = json!({ "jwk": key.jwk(), "label": "示例浏览器" });
        let response = self.post("/api/v1/devices", body).await;
        assert_eq!(response.status(), 200);
        let reply: EnrolReply = response.json().await.unwrap();
        Device::new(key, &reply)
    }
}

/// `name=value` of the cookie that an answer sets.
pub fn cookie(response: &Response) -> String {
    let set = response
        .headers()
        .get("set-cookie")
        .unwrap()
        .to_str()
        .unwrap();
    set.split(';').next().unwrap().to_owned()
}

/// The problem in an answer.
pub async fn problem(response: Response) -> Problem {
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let status = response.status().as_u16();
    let problem: Problem = response.json().await.unwrap();
    assert_eq!(problem.status, status);
    problem
}

/// What `fsck` finds in a data folder that no server holds.
pub async fn findings(folder: &Path) -> Vec<fsck::Finding> {
    let config = Config::in_folder(folder.to_owned());
    let store = Store::open_existing(&config.database().unwrap())
        .await
        .unwrap();
    let key = ServerKey::open(folder).unwrap();
    let blobs = Blobs::existing(&config).ok();
    let findings = fsck::check(&store, &key, blobs.as_ref()).await.unwrap();
    store.close().await;
    findings
}

/// How many versions of checklists the program brings along.
pub fn built_in() -> usize {
    zhicha_server::checklists::built_in().unwrap().len()
}
