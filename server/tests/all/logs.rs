//! What is in the log at its most talkative: no secrets, no answers, no names, and no line that somebody else wrote.

use crate::world::{
    Caller, PASSWORD, captured::sample, problem, program::Program, record, tus::Client,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use zhicha_core::access::Role;

const WRONG: &str = "canary-wrong-password";
// What would be a line of its own, or colours, if it were written as it came.
const FORGED: &str =
    "canary\n2026-11-23T00:00:00Z ERROR forged: all is lost\u{1b}[31m\r\n{\"forged\":true}";

struct Told {
    secrets: Vec<String>,
    dir: TempDir,
    log: String,
}

fn token(link: &Value) -> String {
    let url = link["url"].as_str().unwrap();
    url.split_once('#').unwrap().1.to_owned()
}

// A day of a server that logs all it can: what people keep secret goes through it in every way there is.
async fn a_day(json_lines: bool) -> Told {
    let sample = sample().await;
    let device = &sample.device;
    let mut secrets = vec![
        PASSWORD.to_owned(),
        WRONG.to_owned(),
        // Names, a reading and a note of the sample.
        "示例anna".to_owned(),
        "王虚构".to_owned(),
        "补拍".to_owned(),
        sample
            .shots
            .strokes
            .iter()
            .map(|b| char::from(*b))
            .collect(),
    ];
    let seals: Vec<String> = vec![device.started(record()), device.sealed(record())];
    let (certificate, seal) = (device.certificate_text.clone(), sample.seal.clone());
    let request = device.request(3, &seals);
    let shot = sample.shots.original.clone();
    let path = format!("/api/v1/records/{}", sample.record);
    secrets.extend(seals);
    secrets.push(certificate);
    let dir = sample.world.stop().await;

    let level = if json_lines { "true" } else { "false" };
    let settings = [("ZHICHA_LOG", "trace"), ("ZHICHA_LOG_JSON", level)];
    let mut program = Program::start(dir, &settings);
    let admin = program.sign_in("admin").await;
    secrets.push(admin.cookie.split_once('=').unwrap().1.to_owned());
    let nobody = program.nobody();
    let wrong = json!({ "login": FORGED, "password": WRONG });
    nobody.post("/api/v1/session", wrong).await;
    let new = json!({ "name": "canary-name", "login": "canary-login", "role": Role::Inspector, "grants": ["canary-region"] });
    let link: Value = admin
        .post("/api/v1/invites", new)
        .await
        .json()
        .await
        .unwrap();
    let link = token(&link);
    let chosen = json!({ "token": link, "password": "canary-chosen-password" });
    let person = nobody.clone().enter("/api/v1/invites/accept", chosen).await;
    secrets.push(person.cookie.split_once('=').unwrap().1.to_owned());
    secrets.extend(link.split('.').take(1).map(str::to_owned));
    for word in [
        "name",
        "login",
        "region",
        "chosen-password",
        "site",
        "address",
    ] {
        secrets.push(format!("canary-{word}"));
    }
    hostile(&nobody, &admin).await;
    assert_eq!(
        nobody.post("/api/v1/sync/push", request).await.status(),
        200
    );
    let client = Client {
        caller: program.nobody(),
    };
    client.upload(&seal, &shot).await;
    admin.get(&path).await;
    admin
        .get(&format!(
            "/api/v1/export/{}.zip",
            path.rsplit('/').next().unwrap()
        ))
        .await;
    program.kill();
    let log = program.log();
    Told {
        secrets,
        dir: program.stop(),
        log,
    }
}

// Requests that are refused, with text that would forge lines.
async fn hostile(nobody: &Caller, admin: &Caller) {
    let site = json!({ "version": 0, "name": "canary-site", "address": "canary-address", "region": "shili-1" });
    admin.post("/api/v1/sites", site).await;
    let forged = json!({ "version": 0, "name": FORGED, "address": FORGED, "region": FORGED });
    admin.post("/api/v1/sites", forged).await;
    let push = json!({ "protocol": 1, "certificate": FORGED, "first_seq": 1, "events": [FORGED] });
    let refused = nobody.post("/api/v1/sync/push", push).await;
    problem(refused).await;
    let look = json!({ "token": FORGED });
    nobody.post("/api/v1/invites/look", look).await;
    nobody.get("/api/v1/records/%0a%1b[31mcanary").await;
}

fn check(told: &Told) -> String {
    let text = &told.log;
    assert!(text.lines().count() > 10, "it said something");
    for secret in &told.secrets {
        assert!(!text.contains(secret.as_str()), "“{secret}” is in the log");
    }
    assert!(!text.contains('\u{1b}') || !text.contains("\u{1b}[31mcanary"));
    assert!(told.dir.path().exists());
    text.clone()
}

#[tokio::test]
async fn nothing_secret_and_no_forged_line_is_in_the_log_at_any_level() {
    let text = check(&a_day(false).await);
    let forged = text
        .lines()
        .any(|line| line.starts_with("2026-11-23T00:00:00Z ERROR forged"));
    assert!(!forged);
    assert!(!text.lines().any(|line| line.starts_with("{\"forged\"")));
}

#[tokio::test]
async fn as_json_every_line_is_one_object_of_ours() {
    let text = check(&a_day(true).await);
    for line in text.lines() {
        let object: Value = serde_json::from_str(line).unwrap();
        assert!(
            object["level"].is_string() && object.get("forged").is_none(),
            "{line}"
        );
    }
}
