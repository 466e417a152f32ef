//! The certificate while the server runs: files that somebody renews, and how long it still holds, in the metrics and in the log.

use crate::world::{
    Caller, PASSWORD, World,
    numbers::days_left,
    program::{Program, code, said, zhicha},
    record,
    tls::{apart, first, in_time, loopback, shaken, today, trusting},
};
use rustls::{pki_types::CertificateDer, version::TLS13};
use serde_json::json;
use std::{path::Path, time::Duration};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use zhicha_core::time::Timestamp;
use zhicha_server::tls::local::Local;

const DAY: i64 = 24 * 60 * 60 * 1000;
// A certificate of our own CA holds for so many days from the moment it is made.
const HOLDS: i64 = 819;
const HERE: (&str, &str) = ("ZHICHA_PUBLIC_URL", "https://127.0.0.1:8443");
const METRICS: (&str, &str) = ("ZHICHA_METRICS_LISTEN", "127.0.0.1:0");

// Certificate and key as somebody else would keep them, made at `made` by a CA that is not in the data folder.
struct Elsewhere {
    files: TempDir,
    local: Local,
    _ca: TempDir,
}

impl Elsewhere {
    fn made(made: Timestamp) -> Self {
        let (files, ca) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let local = loopback(ca.path(), made);
        apart(&local, files.path());
        Self {
            files,
            local,
            _ca: ca,
        }
    }

    fn start(&self, dir: TempDir) -> (Program, String) {
        let path = |name: &str| self.files.path().join(name).display().to_string();
        let (cert, key) = (path("fullchain.pem"), path("privkey.pem"));
        let files = [
            ("ZHICHA_TLS_CERT", cert.as_str()),
            ("ZHICHA_TLS_KEY", key.as_str()),
        ];
        started(dir, &[&files[..], &[HERE, METRICS]].concat())
    }

    fn renewed(&self) {
        self.local.renew(today()).unwrap();
        apart(&self.local, self.files.path());
    }
}

fn started(dir: TempDir, settings: &[(&str, &str)]) -> (Program, String) {
    let mut program = Program::start(dir, settings);
    let metrics = program.next_line_with("metrics on ");
    (program, metrics)
}

async fn until<T>(look: impl AsyncFn() -> Option<T>) -> T {
    in_time(async {
        loop {
            if let Some(seen) = look().await {
                return seen;
            }
            // Nothing says when another program has done it; `in_time` ends this.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
}

// One request on a connection that stays open.
async fn asked(stream: &mut (impl AsyncReadExt + AsyncWriteExt + Unpin)) {
    stream
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        .await
        .unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"{\"ok\":true}") {
        let mut some = [0; 1024];
        let count = stream.read(&mut some).await.unwrap();
        assert_ne!(count, 0, "{}", String::from_utf8_lossy(&answer));
        answer.extend_from_slice(&some[..count]);
    }
}

async fn shows(url: &str, local: &Local, wanted: &CertificateDer<'_>) -> bool {
    let (_, shown) = shaken(url, local, &[&TLS13]).await;
    shown == *wanted
}

#[tokio::test(flavor = "multi_thread")]
async fn renewed_files_are_taken_without_a_restart_and_broken_ones_are_not() {
    let elsewhere = Elsewhere::made(today());
    let (cert, local) = (
        elsewhere.files.path().join("fullchain.pem"),
        &elsewhere.local,
    );
    let (program, _) = elsewhere.start(TempDir::new().unwrap());
    let before = first(&cert);
    let (mut open, shown) = shaken(program.url(), local, &[&TLS13]).await;
    assert_eq!(shown, before);
    asked(&mut open).await;

    // Only half of a renewal, and then what is no certificate at all.
    local.renew(today()).unwrap();
    let made = TempDir::new().unwrap();
    let (new_cert, _) = apart(local, made.path());
    let renewed = first(&new_cert);
    assert_ne!(renewed, before);
    let half = std::fs::read_to_string(new_cert).unwrap();
    for (text, words) in [
        (half.as_str(), "does not belong to the certificate"),
        ("no certificate", "holds no certificate in PEM form"),
    ] {
        std::fs::write(&cert, text).unwrap();
        until(async || program.log().contains(words).then_some(())).await;
        assert!(shows(program.url(), local, &before).await, "{words}");
    }
    apart(local, elsewhere.files.path());
    until(async || shows(program.url(), local, &renewed).await.then_some(())).await;
    asked(&mut open).await;
}

fn about(days: f64, wanted: i64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred")]
    let wanted = wanted as f64;
    (days - wanted).abs() < 0.1
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_left_are_a_number_and_follow_the_files() {
    let elsewhere = Elsewhere::made(today().plus(-(HOLDS - 5) * DAY));
    let (program, metrics) = elsewhere.start(TempDir::new().unwrap());
    let before = days_left(&metrics).await.unwrap();
    assert!(about(before, 5), "{before}");
    let said = program.log();
    assert!(said.contains("the certificate expires on"), "{said}");
    elsewhere.renewed();
    let renewed = async || days_left(&metrics).await.filter(|days| *days > 100.0);
    let after = until(renewed).await;
    assert!(about(after, HOLDS), "{after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_of_an_own_ca_are_one_too_and_of_plain_http_there_are_none() {
    let dir = TempDir::new().unwrap();
    let init = |dir: &Path| {
        let made = zhicha(&[
            "tls",
            "init",
            "127.0.0.1",
            "--data-dir",
            dir.to_str().unwrap(),
        ]);
        assert_eq!(code(&made), 0, "{}", said(&made));
    };
    init(dir.path());
    let (program, metrics) = started(dir, &[HERE, METRICS]);
    let days = days_left(&metrics).await.unwrap();
    assert!(about(days, HOLDS), "{days}");
    assert!(!program.log().contains("expires"), "{}", program.log());
    drop(program);
    let (_plain, metrics) = started(TempDir::new().unwrap(), &[METRICS]);
    assert_eq!(days_left(&metrics).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn administrators_hear_in_time_what_to_do_about_it_and_nobody_else() {
    let dir = World::staffed().await.0.stop().await;
    let elsewhere = Elsewhere::made(today().plus(-(HOLDS - 5) * DAY));
    let (program, _) = elsewhere.start(dir);
    let enter = async |login: &str| {
        let body = json!({ "login": login, "password": PASSWORD });
        let nobody = trusting(program.url(), &elsewhere.local);
        nobody.enter("/api/v1/session", body).await
    };
    let (admin, anna) = (enter("admin").await, enter("anna").await);
    assert_eq!(anna.get("/api/v1/certificate").await.status(), 403);
    let notice = async || admin.get_json("/api/v1/certificate").await;
    let said = notice().await;
    assert_eq!(
        (&said["standing"], &said["renewed_by"]),
        (&json!("soon"), &json!("files"))
    );
    let left = said["at"].as_i64().unwrap() - today().0;
    assert!((4 * DAY..=5 * DAY).contains(&left), "{left}");
    elsewhere.renewed();
    until(async || notice().await.is_null().then_some(())).await;
    drop(program);

    // Plain http: what a proxy in front of it shows is not known.
    let (world, admin, _) = World::staffed().await;
    assert_eq!(admin.get_json("/api/v1/certificate").await, json!(null));
    world.stop().await;
}

// Whether somebody whose browser trusts the CA gets an answer over a new connection.
async fn answers(url: &str, local: &Local) -> bool {
    let caller = trusting(url, local);
    let asked = caller.http.get(format!("{url}/healthz")).send().await;
    asked.is_ok_and(|answer| answer.status() == 200)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_expires_while_the_server_runs_is_said_at_once_and_a_new_one_lets_phones_send_again()
 {
    let (world, _, _, device) = World::equipped().await;
    let event = device.started(record());
    let dir = world.stop().await;
    // Long enough for a slow start.
    let ends = today().plus(15_000);
    let elsewhere = Elsewhere::made(ends.plus(-HOLDS * DAY));
    let (program, metrics) = elsewhere.start(dir);
    let (url, local) = (program.url().to_owned(), &elsewhere.local);

    let log = until(async || Some(program.log()).filter(|log| log.contains("expired on"))).await;
    assert!(log.contains("expires on"), "it was said before: {log}");
    assert!(log.contains("Records are safe on the phones"), "{log}");
    assert!(days_left(&metrics).await.unwrap() <= 0.0);
    assert!(!answers(&url, local).await, "browsers refuse it");

    elsewhere.renewed();
    until(async || answers(&url, local).await.then_some(())).await;
    let phone: Caller = trusting(&url, local);
    let reply = device.push_as(&phone, 1, &[event]).await;
    assert_eq!(reply.results.len(), 1, "what was kept is sent");
    assert!(days_left(&metrics).await.unwrap() > 100.0);
}
