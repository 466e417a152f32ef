//! What was recorded before the tag `wire-1` (`tests/fixtures/wire-1`) against the server of today: what devices sent then is
//! taken word for word, also years later, and what the server kept then still holds (`faults.md` B12).

use crate::world::{
    Caller, World,
    backups::{codes, text},
    described, findings, ledger,
    program::{code, said, zhicha},
    recorded::{
        BACKUP, BACKUP_KEY, DELIVERED, ENROLLED, EXPORT, Exchange, file, folder, home, traffic,
    },
    zips::{unzipped, zipped},
};
use reqwest::{Response, header::COOKIE};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tempfile::TempDir;
use zhicha_core::{
    event::{BlobReceipt, Receipt},
    sync::{
        tus::RECEIPT,
        wire::{BlobReceipts, EnrolReply, PullPage, PullRow, PushOutcome, PushReply},
    },
    time::Timestamp,
};

const MONTH: i64 = 30 * 24 * 3_600_000;

// A recorded data folder under a server of today, so many months after the recording.
async fn opened(name: &str, months: i64) -> World {
    let world = World::start_in(folder(name), |_| {}).await;
    world.clock.advance(MONTH * months + 2 * 3_600_000);
    world
}

// Sends what was recorded as it was. Only what the server of that day had drawn by lot is replaced: where an upload lies and,
// where the session of then has ended, the session.
struct Again {
    caller: Caller,
    signs_in: bool,
    places: BTreeMap<String, String>,
}

impl Again {
    fn at(world: &World, signs_in: bool) -> Self {
        Self {
            caller: world.nobody(),
            signs_in,
            places: BTreeMap::new(),
        }
    }

    async fn send(&mut self, then: &Exchange) -> Response {
        let path = self.places.get(&then.path).unwrap_or(&then.path).clone();
        let mut headers = then.headers.clone();
        if self.signs_in && headers.contains_key(COOKIE) {
            headers.insert(COOKIE, self.caller.cookie.parse().unwrap());
        }
        let to = format!("{}{path}", self.caller.url);
        let request = self.caller.http.request(then.method.clone(), to);
        let sent = request.headers(headers).body(then.body.clone());
        let answer = described::checked(&then.method, &path, sent.send().await.unwrap()).await;
        if let (Some(old), Some(new)) = (then.said("location"), answer.headers().get("location")) {
            self.places
                .insert(old.to_owned(), new.to_str().unwrap().to_owned());
        }
        if then.step() == "sign-in" {
            self.caller.cookie = crate::world::cookie(&answer);
        }
        answer
    }
}

async fn compared(then: &Exchange, answer: Response) {
    let at = &then.name;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body = answer.bytes().await.unwrap();
    let words = String::from_utf8_lossy(&body);
    assert_eq!(status, then.status, "{at}: {words}");
    for name in ["upload-offset", "upload-length"] {
        let now = headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(now, then.said(name), "{at}: {name}");
    }
    if let Some(text) = then.said(RECEIPT) {
        let now = headers[RECEIPT].to_str().unwrap();
        assert_eq!(blob_receipt(now), blob_receipt(text), "{at}");
    }
    if then.is_push() {
        let now: PushReply = serde_json::from_slice(&body).unwrap();
        assert_eq!(outcomes(&now), outcomes(&then.json()), "{at}");
    }
    if then.route() == "/api/v1/blobs/receipts" {
        let now: BlobReceipts = serde_json::from_slice(&body).unwrap();
        let all = |given: BlobReceipts| -> Vec<_> {
            given
                .receipts
                .iter()
                .map(|text| blob_receipt(text))
                .collect()
        };
        assert_eq!(all(now), all(then.json()), "{at}");
    }
}

// What a receipt says, but for the moment.
fn receipt(text: &str) -> Receipt {
    let (receipt, _) = Receipt::parse(text).unwrap();
    Receipt {
        received_at: Timestamp(0),
        ..receipt
    }
}

fn blob_receipt(text: &str) -> BlobReceipt {
    let (receipt, _) = BlobReceipt::parse(text).unwrap();
    BlobReceipt {
        received_at: Timestamp(0),
        ..receipt
    }
}

fn outcomes(reply: &PushReply) -> Vec<(PushOutcome, Option<String>, Receipt)> {
    let results = reply.results.iter();
    let reason = |reason| serde_json::to_string(&reason).unwrap();
    let each = results.map(|r| (r.outcome, r.reason.map(reason), receipt(&r.receipt)));
    each.collect()
}

#[tokio::test]
async fn what_devices_sent_then_is_taken_word_for_word_also_after_6_12_and_18_months() {
    for months in [0, 6, 12, 18] {
        let world = opened(ENROLLED, months).await;
        // Sessions of then have ended after some months; a push and a photo never need one.
        let mut again = Again::at(&world, months > 0);
        for then in traffic() {
            let answer = again.send(&then).await;
            compared(&then, answer).await;
        }
        let dir = world.stop().await;
        assert_eq!(findings(dir.path()).await, [], "after {months} months");
    }
}

#[tokio::test]
async fn evidence_of_then_needs_no_session() {
    let world = opened(ENROLLED, 18).await;
    let mut again = Again::at(&world, false);
    let evidence = |then: &Exchange| {
        let route = then.route();
        then.is_push() || route.starts_with("/api/v1/uploads") || route.contains("/blobs/")
    };
    for mut then in traffic().into_iter().filter(evidence) {
        then.headers.remove(COOKIE);
        let answer = again.send(&then).await;
        compared(&then, answer).await;
    }
}

#[tokio::test]
async fn what_a_later_device_adds_to_its_requests_disturbs_no_server_of_today() {
    let world = opened(ENROLLED, 0).await;
    let mut again = Again::at(&world, false);
    for mut then in traffic() {
        if let Ok(Value::Object(mut members)) = serde_json::from_slice(&then.body) {
            members.insert("added_later".to_owned(), json!({ "n": 1 }));
            then.body = serde_json::to_vec(&members).unwrap();
        }
        if then.path.contains('?') {
            then.path.push_str("&added_later=1");
        }
        let answer = again.send(&then).await;
        compared(&then, answer).await;
    }
}

#[tokio::test]
async fn what_is_there_already_is_confirmed_by_the_same_words() {
    let world = opened(DELIVERED, 18).await;
    let mut again = Again::at(&world, true);
    let signed = |text: &str| text.rsplit_once('.').unwrap().0.to_owned();
    for then in traffic() {
        let answer = again.send(&then).await;
        if then.is_push() {
            let now: PushReply = answer.json().await.unwrap();
            let then_said: PushReply = then.json();
            assert_eq!(now.log.epoch, then_said.log.epoch, "the same life");
            assert_eq!(now.results.len(), then_said.results.len());
            for (now, then_said) in now.results.iter().zip(&then_said.results) {
                let known = [PushOutcome::Duplicate, PushOutcome::Fork];
                assert!(known.contains(&now.outcome), "{}: {now:?}", then.name);
                let (now, said) = (signed(&now.receipt), signed(&then_said.receipt));
                assert_eq!(now, said, "{}", then.name);
            }
        } else if then.route() == "/api/v1/blobs/receipts" {
            let now: BlobReceipts = answer.json().await.unwrap();
            let then_said: BlobReceipts = then.json();
            let now: Vec<_> = now.receipts.iter().map(|text| signed(text)).collect();
            let kept = |text: &String| now.contains(&signed(text));
            assert!(then_said.receipts.iter().all(kept), "{}", then.name);
        }
    }
}

#[tokio::test]
async fn a_data_folder_of_then_opens_is_sound_and_has_every_text_and_file() {
    let world = opened(DELIVERED, 18).await;
    let admin = world.sign_in("admin").await;
    let mut texts = 0;
    for row in taken() {
        let detail = admin.get_json(&format!("/api/v1/records/{}", row.0)).await;
        let events = detail["events"].as_array().unwrap();
        let text = json!(row.1);
        assert!(events.iter().any(|event| event["text"] == text), "{row:?}");
        texts += 1;
    }
    assert_eq!(texts, 8);
    let kept = ledger_of(&world).await;
    let recorded = traffic();
    let sent = recorded.iter().filter(|then| then.is_push());
    for text in sent.flat_map(|then| then.asked::<Value>()["events"].as_array().unwrap().clone()) {
        let text = text.as_str().unwrap();
        assert!(kept.iter().any(|kept| kept == text), "verbatim");
    }
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

// Record and text of each event that was applied to a record.
fn taken() -> Vec<(String, String)> {
    let recorded = traffic();
    let last = recorded
        .iter()
        .rfind(|then| then.path.contains("stream=records"));
    let page: PullPage = last.unwrap().json();
    let rows = page.rows.into_iter().filter_map(|row| match row {
        PullRow::Event { event, receipt, .. } => {
            let (said, _) = Receipt::parse(&receipt).unwrap();
            let (payload, _) = zhicha_core::event::Payload::parse(&event).unwrap();
            let applied = said.disposition == zhicha_core::event::Disposition::Applied;
            (applied && payload.record_type == "inspection")
                .then(|| (payload.record_id.to_string(), event))
        }
        _ => None,
    });
    rows.collect()
}

async fn ledger_of(world: &World) -> Vec<String> {
    let mut conn = ledger::database(world.folder()).await;
    let texts = sqlx::query_scalar("SELECT text FROM event UNION SELECT text FROM quarantine");
    texts.fetch_all(&mut conn).await.unwrap()
}

#[tokio::test]
async fn cursors_of_then_go_on_where_they_stood() {
    let world = opened(DELIVERED, 18).await;
    let admin = world.sign_in("admin").await;
    let site = admin.add_site("示例新厂", "shili-1").await;
    let anna = world.sign_in("anna").await;
    let pages = traffic()
        .into_iter()
        .filter(|then| then.route() == "/api/v1/sync/pull" && then.status.is_success());
    let mut seen = 0;
    for then in pages {
        let page: PullPage = then.json();
        let stream = page.stream.as_str();
        let path = format!("/api/v1/sync/pull?stream={stream}&cursor={}", page.cursor);
        let now = anna.get_json(&path).await;
        assert_eq!(now["snapshot"], false, "{}", then.name);
        if stream == "sites" {
            assert_eq!(now["rows"].as_array().unwrap().len(), 1);
            assert_eq!(now["rows"][0]["site"]["site_id"], json!(site));
        }
        seen += 1;
    }
    assert_eq!(seen, 8);
}

#[tokio::test]
async fn a_server_that_has_fallen_back_knows_the_word_that_it_gave_then() {
    // The folder of before the first event hears its own later checkpoint.
    let world = opened(ENROLLED, 18).await;
    let recorded = traffic();
    let amended = recorded.iter().find(|then| then.step() == "push-amended");
    let then = amended.unwrap();
    assert!(then.asked::<Value>()["checkpoint"].is_string());
    assert!(then.asked::<Value>()["blob_receipt"].is_string());
    let before: PushReply = then.json();
    Again::at(&world, false).send(then).await;
    let enrolled = recorded.iter().find(|then| then.step() == "enrol");
    let identity: EnrolReply = enrolled.unwrap().json();
    let ask =
        json!({ "protocol": 1, "certificate": identity.certificate, "first_seq": 1, "events": [] });
    let asked = world.nobody().post("/api/v1/sync/push", ask).await;
    let now: PushReply = asked.json().await.unwrap();
    assert_ne!(now.log.epoch, before.log.epoch, "a new life begins");
}

#[test]
fn an_export_of_then_verifies_and_an_altered_one_does_not() {
    let enrolled = traffic().into_iter().find(|then| then.step() == "enrol");
    let identity: EnrolReply = enrolled.unwrap().json();
    let trust = identity.server_keys[0].thumbprint();
    let path = home().join(EXPORT);
    let done = zhicha(&["verify", text(&path), "--trust", &trust]);
    let words = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(code(&done), 0, "{words}{}", said(&done));
    assert!(words.contains("good: 5 records, 7 events"), "{words}");

    let mut files = unzipped(&file(EXPORT));
    let altered = files.keys().find(|name| name.starts_with("events/"));
    let altered = altered.unwrap().clone();
    let event = files.get_mut(&altered).unwrap();
    let middle = event.len() / 2;
    event[middle] = if event[middle] == b'A' { b'B' } else { b'A' };
    let dir = TempDir::new().unwrap();
    let copy = dir.path().join("altered.zip");
    std::fs::write(&copy, zipped(&files)).unwrap();
    let refused = zhicha(&["verify", text(&copy), "--trust", &trust, "--json"]);
    let words = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert_eq!(code(&refused), 1);
    assert!(words.contains(&altered), "{words}");
}

#[tokio::test]
async fn a_backup_of_then_restores() {
    let (dir, to) = (folder(BACKUP), TempDir::new().unwrap());
    let (from, key) = (dir.path().join("backups"), dir.path().join(BACKUP_KEY));
    let restored = to.path().join("data");
    let done = zhicha(&[
        "restore",
        text(&from),
        "--key",
        text(&key),
        "--json",
        "--data-dir",
        text(&restored),
    ]);
    assert_eq!(code(&done), 0, "{:?} {}", codes(&done), said(&done));
    let dir = TempDir::new_in(to.path()).unwrap();
    std::fs::rename(&restored, dir.path()).unwrap();
    let world = World::start_in(dir, |_| {}).await;
    let whole = opened(DELIVERED, 0).await;
    let (mut brought, mut kept) = (ledger_of(&world).await, ledger_of(&whole).await);
    brought.sort_unstable();
    kept.sort_unstable();
    assert_eq!(brought, kept);
    world.sign_in("anna").await;
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}
