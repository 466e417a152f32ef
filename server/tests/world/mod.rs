//! A real server on a random port with a database in a temporary folder, people who sign in, and devices that sign
//! events in Rust. What the tests of this folder share.
#![allow(dead_code, reason = "each test program uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

use reqwest::{Method, Response};
use serde_json::{Value, json};
use std::{cell::Cell, path::Path};
use tempfile::TempDir;
use zhicha_core::{
    access::Role,
    answer::AnswerValue,
    checklist::Digest,
    event::{
        Body, Certificate, EventHash, Jwk, Payload, Receipt, Testimony, Typ, Unsigned,
        body::DeviceLoss, jws::native,
    },
    id::{DeviceId, EventId, HazardId, PageSession, RecordId, Uuid},
    inspection::{
        Amended, ChecklistAnswers, ChecklistRef, Hazard, Inspector, Mode, Outcome, RecordedAnswer,
        Representative, Sealed, SiteSnapshot, Started, Visit,
    },
    sync::wire::{EnrolReply, Problem, PushOutcome, PushReply, Reason},
    testing::NativeKey,
    time::{CivilDate, Timestamp, ZoneOffset},
};
use zhicha_server::{Config, Running, clock::Clock, serve};

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
            http: reqwest::Client::new(),
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

/// Somebody with or without a session.
#[derive(Clone)]
pub struct Caller {
    pub url: String,
    pub http: reqwest::Client,
    pub cookie: String,
}

impl Caller {
    pub async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Response {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if !self.cookie.is_empty() {
            request = request.header("cookie", &self.cookie);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.unwrap()
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

/// A device in Rust: signs events one after another.
pub struct Device {
    pub key: NativeKey,
    pub certificate: Certificate,
    pub certificate_text: String,
    pub server_key: Jwk,
    seq: Cell<u64>,
    prev: Cell<Option<EventHash>>,
}

thread_local! {
    static COUNT: Cell<u128> = const { Cell::new(1) };
}

/// A fresh id.
pub fn id() -> Uuid {
    COUNT.with(|n| {
        n.set(n.get() + 1);
        Uuid::from_u128((7 << 76) | (2 << 62) | n.get())
    })
}

/// A fresh record.
pub fn record() -> RecordId {
    RecordId(id())
}

impl Device {
    pub fn new(key: NativeKey, reply: &EnrolReply) -> Self {
        let (certificate, jws) = Certificate::parse(&reply.certificate).unwrap();
        native::verify(&jws, &reply.server_keys[0]).unwrap();
        Self {
            key,
            certificate,
            server_key: reply.server_keys[0].clone(),
            seq: Cell::new(0),
            prev: Cell::new(Some(jws.hash)),
            certificate_text: reply.certificate.clone(),
        }
    }

    pub fn id(&self) -> DeviceId {
        self.certificate.device_id
    }

    pub fn seq(&self) -> u64 {
        self.seq.get()
    }

    pub fn head(&self) -> EventHash {
        let head = self.prev.take().unwrap();
        self.prev.set(Some(head.clone()));
        head
    }

    /// Puts the end of the chain somewhere else.
    pub fn set_head(&self, seq: u64, prev: EventHash) {
        self.seq.set(seq);
        self.prev.set(Some(prev));
    }

    /// The next payload, not yet signed; the chain does not move.
    pub fn payload(&self, record: RecordId, body: &Body) -> Payload {
        let wall = Timestamp(1_795_500_000_000);
        Payload {
            tenant: self.certificate.tenant,
            event_id: EventId(id()),
            kind: body.kind().as_str().to_owned(),
            record_type: body.kind().record_type().to_owned(),
            record_id: record,
            parents: Vec::new(),
            device_id: self.id(),
            device_seq: self.seq.get() + 1,
            prev: self.head(),
            actor: self.certificate.user,
            role: self.certificate.role,
            checklists: Vec::new(),
            app_build: "test".to_owned(),
            schema: 1,
            t: Testimony {
                wall,
                mono: 1,
                page_session: PageSession(id()),
                server_est: None,
                uncertainty: None,
            },
            inspection_date: CivilDate::of(wall, ZoneOffset::CHINA),
            body: body.to_value().unwrap(),
            blobs: Vec::new(),
        }
    }

    /// Signs a payload; the chain does not move.
    pub fn sign(&self, payload: &Payload) -> String {
        self.key.sign_text(Typ::Event, payload)
    }

    /// Signs a payload and moves the chain behind it.
    pub fn append(&self, payload: &Payload) -> String {
        let seq = payload.device_seq;
        let text = self.sign(payload);
        self.set_head(seq, EventHash::of_text(&text));
        text
    }

    /// The next event.
    pub fn event(&self, record: RecordId, body: &Body) -> String {
        self.append(&self.payload(record, body))
    }

    pub fn started(&self, record: RecordId) -> String {
        self.event(record, &started(Mode::SpotCheck))
    }

    pub fn sealed(&self, record: RecordId) -> String {
        self.event(record, &sealed(Mode::SpotCheck))
    }

    /// The body of a push.
    pub fn request(&self, first_seq: u64, events: &[String]) -> Value {
        json!({ "protocol": 1, "certificate": self.certificate_text, "first_seq": first_seq, "events": events })
    }

    /// Pushes without a session.
    pub async fn try_push(&self, world: &World, first_seq: u64, events: &[String]) -> Response {
        world
            .nobody()
            .post("/api/v1/sync/push", self.request(first_seq, events))
            .await
    }

    /// Pushes as somebody, and checks every receipt.
    pub async fn push_as(&self, caller: &Caller, first_seq: u64, events: &[String]) -> PushReply {
        let response = caller
            .post("/api/v1/sync/push", self.request(first_seq, events))
            .await;
        assert_eq!(response.status(), 200);
        let reply: PushReply = response.json().await.unwrap();
        for (result, text) in reply.results.iter().zip(events) {
            let (receipt, jws) = Receipt::parse(&result.receipt).unwrap();
            native::verify(&jws, &self.server_key).unwrap();
            assert_eq!(receipt.event_hash, result.event_hash);
            assert_eq!(receipt.event_hash, EventHash::of_text(text));
            assert_eq!(
                (receipt.device_id, receipt.device_seq),
                (self.id(), result.device_seq)
            );
            assert_eq!(receipt.epoch, reply.log.epoch);
        }
        reply
    }

    /// Pushes without a session, and checks every receipt.
    pub async fn push(&self, world: &World, first_seq: u64, events: &[String]) -> PushReply {
        self.push_as(&world.nobody(), first_seq, events).await
    }

    /// Pushes one event and returns what became of it.
    pub async fn push_one(
        &self,
        caller: &Caller,
        seq: u64,
        text: &str,
    ) -> (PushOutcome, Option<Reason>) {
        let reply = self.push_as(caller, seq, &[text.to_owned()]).await;
        assert_eq!(reply.results.len(), 1);
        (reply.results[0].outcome, reply.results[0].reason)
    }
}

pub fn site() -> SiteSnapshot {
    SiteSnapshot {
        site_id: None,
        name: "示例纸管厂".to_owned(),
        address: "示例镇虚构路8号".to_owned(),
        region: Some("shili-1".to_owned()),
        credit_code: None,
        version: None,
    }
}

fn checklist() -> ChecklistRef {
    ChecklistRef {
        id: "sample".to_owned(),
        version: 1,
        digest: Digest::of(b"sample"),
    }
}

pub fn started(mode: Mode) -> Body {
    Body::Started(Started {
        mode,
        site: site(),
        checklists: vec![checklist()],
        from: Timestamp(1_795_490_000_000),
    })
}

/// A sealed body with a pass, a fail with its hazard, and one not checked.
pub fn sealed(mode: Mode) -> Body {
    let at = Timestamp(1_795_495_000_000);
    let answer = |item: &str, value| RecordedAnswer {
        item: item.to_owned(),
        instance: String::new(),
        value,
        at,
    };
    let key = zhicha_core::answer::AnswerKey {
        checklist: checklist().digest,
        item: "b".to_owned(),
        instance: String::new(),
    };
    let inspector = |name: &str| Inspector {
        name: name.to_owned(),
        cert_no: "示例-001".to_owned(),
        user: None,
    };
    Body::Sealed(Box::new(Sealed {
        mode,
        site: site(),
        checklists: vec![checklist()],
        inspectors: vec![inspector("张示例"), inspector("李示例")],
        representative: Representative {
            name: "王虚构".to_owned(),
            position: "厂长".to_owned(),
        },
        from: Timestamp(1_795_490_000_000),
        to: Timestamp(1_795_499_000_000),
        outcome: Outcome {
            visit: Visit::Completed,
            note: String::new(),
        },
        answers: vec![ChecklistAnswers {
            checklist: checklist().digest,
            answers: vec![
                answer("a", AnswerValue::Pass),
                answer("b", AnswerValue::Fail),
                answer(
                    "c",
                    AnswerValue::NotChecked {
                        reason: "<b>上锁 & 无钥匙</b>".to_owned(),
                    },
                ),
            ],
        }],
        hazards: vec![Hazard {
            hazard_id: HazardId(id()),
            key,
            severity: zhicha_core::checklist::Severity::Major,
            suggested: zhicha_core::determination::Determination::SuspectedMajor,
            judged: None,
            fact: "示例事实".to_owned(),
            correction: "示例整改".to_owned(),
            responsible: String::new(),
            due: None,
            corrected_on_site: false,
        }],
        sign_offs: Vec::new(),
        remarks: String::new(),
    }))
}

pub fn amended(sealed: &str) -> Body {
    Body::Amended(Amended {
        sealed: EventHash::of_text(sealed),
        reason: "示例更正".to_owned(),
        answers: Vec::new(),
        hazards_added: Vec::new(),
        hazards_withdrawn: Vec::new(),
        remarks: String::new(),
    })
}

pub fn loss(device: DeviceId, from: u64, to: u64) -> Body {
    Body::DeviceLoss(DeviceLoss {
        device_id: device,
        from,
        to,
        note: "示例".to_owned(),
    })
}

/// The text with its signature broken.
pub fn damage(text: &str) -> String {
    let (input, signature) = text.rsplit_once('.').unwrap();
    let flipped = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{input}.{flipped}{}", &signature[1..])
}

/// The JSON of a payload with a member replaced, signed by the device.
pub fn tampered(device: &Device, payload: &Payload, change: impl FnOnce(&mut Value)) -> String {
    let mut value = serde_json::to_value(payload).unwrap();
    change(&mut value);
    device.key.sign_text(Typ::Event, &value)
}

/// Whether an event still fits after building it the way devices do.
pub fn builds(payload: Payload, kid: &str) -> bool {
    Unsigned::build(payload, kid).is_ok()
}
