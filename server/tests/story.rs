//! A day from end to end: the device's own code (`zhicha_core::client`) over HTTP against the real server on SQLite.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod world;

use serde_json::{Value, json};
use std::cell::Cell;
use world::{Caller, World};
use zhicha_core::{
    access::Role,
    answer::{AnswerKey, AnswerValue},
    checklist::{AnswerKind, Checklist, Loaded},
    client::{Context, Failure, Transport, append, append::NewEvent, pull_page, push_once},
    event::{Body, Certificate, Disposition},
    id::{HazardId, RecordId},
    inspection::{
        ChecklistRef, Draft, DraftAnswer, Finding, Inspector, Mode, SiteSnapshot, Started,
        seal::{Moment, missing, seal},
    },
    store::{EventRow, ReceiptRow, Store, memory::MemoryStore},
    sync::{
        push::{Input, State},
        wire::{EnrolReply, Identity, Problem, PullPage, PushReply, PushRequest, Site, Stream},
    },
    testing::{CountingIds, FixedClock, NativeKey, NativeVerifier},
    time::{CivilDate, Timestamp, ZoneOffset},
};

const NOW: i64 = 1_795_500_000_000;

/// HTTP as the device sees it; can lose an answer after the server has acted.
struct Http {
    caller: Caller,
    lose: Cell<u32>,
}

impl Http {
    fn of(caller: &Caller) -> Self {
        Self {
            caller: caller.clone(),
            lose: Cell::new(0),
        }
    }

    async fn answer<T: serde::de::DeserializeOwned>(
        &self,
        response: reqwest::Response,
    ) -> Result<T, Failure> {
        let good = response.status() == 200;
        let text = response.text().await.map_err(|_| Failure::Network)?;
        if self.lose.get() > 0 {
            self.lose.set(self.lose.get() - 1);
            return Err(Failure::Network);
        }
        if good {
            return serde_json::from_str(&text).map_err(|_| Failure::NotOurs);
        }
        let problem: Problem = serde_json::from_str(&text).map_err(|_| Failure::NotOurs)?;
        Err(Failure::Problem {
            problem,
            retry_after_s: None,
        })
    }
}

impl Transport for Http {
    async fn push(&self, request: &PushRequest) -> Result<PushReply, Failure> {
        let body = serde_json::to_value(request).unwrap();
        self.answer(self.caller.post("/api/v1/sync/push", body).await)
            .await
    }

    async fn pull(&self, stream: Stream, cursor: Option<&str>) -> Result<PullPage, Failure> {
        let cursor = cursor.unwrap_or_default();
        let path = format!(
            "/api/v1/sync/pull?stream={}&cursor={cursor}",
            stream.as_str()
        );
        self.answer(self.caller.get(&path).await).await
    }
}

/// A phone: its storage, its key, its way to the server.
struct Phone {
    store: MemoryStore,
    key: NativeKey,
    http: Http,
    clock: FixedClock,
}

impl Phone {
    async fn enrol(caller: &Caller, number: u8) -> Self {
        let key = NativeKey::number(number);
        let body = json!({ "jwk": key.jwk(), "label": "示例手机" });
        let reply: EnrolReply = caller
            .post("/api/v1/devices", body)
            .await
            .json()
            .await
            .unwrap();
        let (certificate, _) = Certificate::parse(&reply.certificate).unwrap();
        let identity = Identity {
            v: 1,
            tenant: certificate.tenant,
            tenant_name: reply.tenant_name,
            zone: reply.zone,
            device_id: certificate.device_id,
            kid: certificate.kid,
            user: certificate.user,
            name: certificate.name,
            role: certificate.role,
            certificate: reply.certificate,
            server_keys: reply.server_keys,
        };
        let store = MemoryStore::default();
        store.put_identity(&identity).await.unwrap();
        Self {
            store,
            key,
            http: Http::of(caller),
            clock: FixedClock::at(NOW),
        }
    }

    async fn pull_everything(&self) {
        for stream in Stream::ALL {
            while pull_page(&self.store, &self.http, &NativeVerifier, stream)
                .await
                .unwrap()
            {}
        }
    }

    async fn push(&self, limit: usize) -> Input {
        push_once(&self.store, &self.http, &NativeVerifier, limit, &|| {
            Timestamp(NOW)
        })
        .await
        .unwrap()
        .input
    }

    async fn write(&self, ids: &mut CountingIds, event: NewEvent) -> EventRow {
        let cx = Context {
            store: &self.store,
            signer: &self.key,
            clock: &self.clock,
            app_build: "story",
        };
        append(&cx, ids, &event).await.unwrap()
    }

    // One inspection, from its beginning to its seal.
    async fn inspect(&self, ids: &mut CountingIds, site: &Site, loaded: &Loaded) -> [EventRow; 2] {
        let id = RecordId::new(ids);
        let draft = draft(id, site, loaded);
        let begun = Started {
            mode: draft.mode,
            site: draft.site.clone(),
            checklists: draft.checklists.clone(),
            from: draft.from,
        };
        let event = |body, parents| NewEvent {
            record_id: id,
            parents,
            checklists: vec![loaded.digest.clone()],
            body,
            closes: None,
        };
        let started = self.write(ids, event(Body::Started(begun), vec![])).await;
        let given = answers(loaded, ids);
        let lists = std::slice::from_ref(loaded);
        let unchecked_reason = if missing(&draft, &given, lists) > 0 {
            "示例原因"
        } else {
            ""
        };
        let day = CivilDate::of(Timestamp(NOW), ZoneOffset::CHINA);
        let moment = Moment {
            to: Timestamp(NOW + 60_000),
            day,
            unchecked_reason,
        };
        let body = Body::Sealed(Box::new(seal(&draft, &given, lists, &moment)));
        let sealed = self
            .write(ids, event(body, vec![started.hash.clone()]))
            .await;
        [started, sealed]
    }

    // A bare beginning of an inspection.
    async fn note(&self, ids: &mut CountingIds) -> EventRow {
        let begun = Started {
            mode: Mode::SpotCheck,
            site: world::site(),
            checklists: vec![],
            from: Timestamp(NOW),
        };
        let event = NewEvent {
            record_id: RecordId::new(ids),
            parents: vec![],
            checklists: vec![],
            body: Body::Started(begun),
            closes: None,
        };
        self.write(ids, event).await
    }

    async fn receipt(&self, event: &EventRow) -> Option<ReceiptRow> {
        self.store.receipt(&event.hash).await.unwrap()
    }

    async fn lists(&self) -> Vec<Loaded> {
        let rows = self.store.checklists().await.unwrap();
        rows.iter()
            .map(|row| Loaded::expect(row.json.as_bytes(), &row.digest).unwrap())
            .collect()
    }
}

// An answer that fits each item, every fifth check a fail with its finding.
fn answers(loaded: &Loaded, ids: &mut CountingIds) -> Vec<DraftAnswer> {
    let mut out = Vec::new();
    let mut give = |id: &str, value: AnswerValue, finding| {
        let key = AnswerKey {
            checklist: loaded.digest.clone(),
            item: id.to_owned(),
            instance: String::new(),
        };
        out.push(DraftAnswer {
            v: 1,
            key,
            value,
            at: Timestamp(NOW),
            finding,
        });
    };
    for (n, section) in loaded.checklist.sections.iter().enumerate() {
        if let Some(gate) = &section.gate {
            give(
                &gate.id,
                AnswerValue::Choice {
                    value: "yes".to_owned(),
                },
                None,
            );
        }
        for (m, item) in section.items.iter().enumerate() {
            let fail = item.answer == AnswerKind::Check && (n + m) % 5 == 0;
            let finding = fail.then(|| Finding {
                hazard_id: HazardId::new(ids),
                fact: "示例事实".to_owned(),
                correction: "示例整改".to_owned(),
                responsible: "王虚构".to_owned(),
                due: None,
                corrected_on_site: false,
                judged: None,
            });
            give(&item.id, value(&item.answer, fail), finding);
        }
    }
    out
}

fn value(kind: &AnswerKind, fail: bool) -> AnswerValue {
    match kind {
        AnswerKind::Check if fail => AnswerValue::Fail,
        AnswerKind::Check => AnswerValue::Pass,
        AnswerKind::Single { options } => AnswerValue::Choice {
            value: options[0].id.clone(),
        },
        AnswerKind::Multiple { options } => AnswerValue::Choices {
            value: vec![options[0].id.clone()],
        },
        AnswerKind::Text { .. } => AnswerValue::Text {
            value: "示例".to_owned(),
        },
        AnswerKind::Date => AnswerValue::Date {
            value: CivilDate::of(Timestamp(NOW), ZoneOffset::CHINA),
        },
        AnswerKind::Number { .. } => AnswerValue::NotChecked {
            reason: "示例".to_owned(),
        },
    }
}

fn reference(loaded: &Loaded) -> ChecklistRef {
    let Checklist { id, version, .. } = &loaded.checklist;
    ChecklistRef {
        id: id.clone(),
        version: *version,
        digest: loaded.digest.clone(),
    }
}

fn draft(id: RecordId, site: &Site, loaded: &Loaded) -> Draft {
    let snapshot = SiteSnapshot {
        site_id: Some(site.site_id),
        name: site.name.clone(),
        address: site.address.clone(),
        region: Some(site.region.clone()),
        credit_code: None,
        version: Some(site.version),
    };
    let mut draft = Draft::new(
        id,
        Mode::SpotCheck,
        snapshot,
        vec![reference(loaded)],
        Timestamp(NOW),
    );
    let inspector = |name: &str| Inspector {
        name: name.to_owned(),
        cert_no: "示例-001".to_owned(),
        user: None,
    };
    draft.inspectors = vec![inspector("张示例"), inspector("李示例")];
    draft
}

#[tokio::test]
async fn an_offline_day_is_delivered_once_and_unchanged_and_the_office_reads_it() {
    let world = World::start().await;
    let admin = world.administrator().await;
    for n in 1..=3 {
        let site = json!({ "version": 0, "name": format!("示例厂{n}"), "address": "虚构路1号", "region": "shili-1" });
        admin.post("/api/v1/sites", site).await;
    }
    let anna = world
        .person(&admin, "anna", Role::Inspector, &["shili-1"])
        .await;
    let phone = Phone::enrol(&anna, 1).await;
    phone.pull_everything().await;
    let (sites, lists) = (phone.store.sites().await.unwrap(), phone.lists().await);
    assert_eq!((sites.len(), lists.len()), (3, 3));

    // Offline: three inspections with every item answered.
    let mut ids = CountingIds::default();
    let mut written = Vec::new();
    for (site, loaded) in sites.iter().zip(&lists) {
        written.extend(phone.inspect(&mut ids, site, loaded).await);
    }

    // The first answer is lost after the server has committed: nothing counts as delivered, and the same goes again.
    phone.http.lose.set(1);
    assert_eq!(phone.push(2).await, Input::Failed(Failure::Network));
    assert!(phone.receipt(&written[0]).await.is_none());
    while phone.push(2).await != Input::Nothing {}
    for event in &written {
        let receipt = phone
            .receipt(event)
            .await
            .expect("every event has a verified receipt");
        assert_eq!(receipt.disposition, Disposition::Applied);
    }

    // The office reads each one, once and verbatim.
    let page = admin.get_json("/api/v1/records").await;
    assert_eq!(page["total"], 3);
    for pair in written.chunks(2) {
        let detail = admin
            .get_json(&format!("/api/v1/records/{}", pair[1].record_id))
            .await;
        let texts: Vec<&str> = detail["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["text"].as_str().unwrap())
            .collect();
        assert_eq!(texts, [&pair[0].text, &pair[1].text]);
        assert_eq!(
            detail["summary"]["flags"],
            json!([]),
            "checklists and parents are known"
        );
        assert!(detail["summary"]["counts"]["fail"].as_u64().unwrap() >= 3);
        assert_eq!(detail["checklists"].as_array().unwrap().len(), 1);
    }

    // Another device of the same person gets them back, with everything that proves them.
    let tablet = Phone::enrol(&anna, 2).await;
    tablet.pull_everything().await;
    for event in &written {
        let pulled = tablet.store.pulled_of(event.record_id).await.unwrap();
        assert!(pulled.iter().any(|p| p.text == event.text));
    }
}

#[tokio::test]
async fn an_ended_session_pauses_sending_and_signing_in_again_delivers() {
    let world = World::start().await;
    let admin = world.administrator().await;
    let anna = world.person(&admin, "anna", Role::Inspector, &["*"]).await;
    let mut phone = Phone::enrol(&anna, 1).await;
    phone.pull_everything().await;
    // A text that the device's key did not sign, as after damage on its disk: only its holder may close a number
    // with it, so the server wants a session.
    let own = std::mem::replace(&mut phone.key, NativeKey::number(9));
    let mut ids = CountingIds::default();
    let damaged = phone.note(&mut ids).await;
    phone.key = own;
    let sound = phone.note(&mut ids).await;
    anna.send(reqwest::Method::DELETE, "/api/v1/session", None)
        .await;

    let refused = phone.push(100).await;
    let (state, _) = State::SENDING.step(&refused, 0);
    assert_eq!(state, State::SignedOut);
    assert_eq!(phone.store.push_state().await.unwrap().acked, 0);

    phone.http.caller = world
        .nobody()
        .enter(
            "/api/v1/session",
            json!({ "login": "anna", "password": world::PASSWORD }),
        )
        .await;
    assert_eq!(phone.push(100).await, Input::Receipts { more: false });
    let damaged = phone.receipt(&damaged).await.unwrap();
    assert_eq!(damaged.disposition, Disposition::Quarantined);
    let sound = phone.receipt(&sound).await.unwrap();
    assert_eq!(sound.disposition, Disposition::Applied);
}

#[tokio::test]
async fn a_cursor_of_another_key_leads_to_a_fresh_snapshot_and_loses_nothing() {
    let world = World::start().await;
    let admin = world.administrator().await;
    let mut sites = Vec::new();
    for n in 1..=3 {
        let site = json!({ "version": 0, "name": format!("示例厂{n}"), "address": "虚构路1号", "region": "shili-1" });
        let added: Value = admin
            .post("/api/v1/sites", site)
            .await
            .json()
            .await
            .unwrap();
        sites.push(added);
    }
    let anna = world
        .person(&admin, "anna", Role::Inspector, &["shili-1"])
        .await;
    let phone = Phone::enrol(&anna, 1).await;
    phone.pull_everything().await;
    let tablet = Phone::enrol(&anna, 2).await;
    let mut ids = CountingIds::default();
    let elsewhere = tablet.note(&mut ids).await;
    assert_eq!(tablet.push(100).await, Input::Receipts { more: false });
    phone.pull_everything().await;
    let unsent = phone.note(&mut ids).await;
    let lists = phone.lists().await.len();

    // What a server of another key gave out stands on the device, as after a rotation or a restored data folder.
    let other = World::start().await;
    let other_admin = other.administrator().await;
    let bea = other
        .person(&other_admin, "anna", Role::Inspector, &["shili-1"])
        .await;
    for stream in Stream::ALL {
        let foreign = Http::of(&bea).pull(stream, None).await.unwrap();
        let own = phone.http.pull(stream, None).await.unwrap();
        let page = PullPage {
            cursor: foreign.cursor.clone(),
            rows: vec![],
            snapshot: false,
            more: false,
            ..own
        };
        phone.store.apply_page(&page, &[]).await.unwrap();
        let path = format!(
            "/api/v1/sync/pull?stream={}&cursor={}",
            stream.as_str(),
            foreign.cursor
        );
        let refused = world::problem(anna.get(&path).await).await;
        assert_eq!(
            (refused.status, refused.code.as_str()),
            (410, "cursor_gone")
        );
    }
    // Meanwhile one site left and one came: the snapshot notices both.
    let moved =
        json!({ "version": 1, "name": "示例厂1", "address": "虚构路1号", "region": "shili-2" });
    let id = sites[0]["site_id"].as_str().unwrap();
    let change = admin
        .send(
            reqwest::Method::PUT,
            &format!("/api/v1/sites/{id}"),
            Some(moved),
        )
        .await;
    assert_eq!(change.status(), 200);
    let fresh =
        json!({ "version": 0, "name": "示例厂4", "address": "虚构路1号", "region": "shili-1" });
    admin.post("/api/v1/sites", fresh).await;

    phone.pull_everything().await;
    let names: Vec<String> = phone
        .store
        .sites()
        .await
        .unwrap()
        .into_iter()
        .map(|site| site.name)
        .collect();
    assert_eq!(names, ["示例厂2", "示例厂3", "示例厂4"]);
    assert_eq!(phone.lists().await.len(), lists);
    let pulled = phone.store.pulled_of(elsewhere.record_id).await.unwrap();
    assert_eq!(pulled.len(), 1);
    assert_eq!(
        phone.store.events_after(0, 9).await.unwrap(),
        [unsent.clone()]
    );
    assert_eq!(phone.push(100).await, Input::Receipts { more: false });
    assert!(phone.receipt(&unsent).await.is_some());
}

#[tokio::test]
async fn search_and_filters_find_what_they_should() {
    let world = World::start().await;
    let admin = world.administrator().await;
    let device = world
        .person(&admin, "anna", Role::Inspector, &["shili-1"])
        .await
        .enrol(1)
        .await;
    let ids: Vec<RecordId> = (0..5).map(|_| world::record()).collect();
    let events: Vec<String> = ids.iter().map(|id| device.sealed(*id)).collect();
    device.push(&world, 1, &events).await;
    device
        .push(&world, 6, &[device.started(world::record())])
        .await;
    let total = async |query: &str| {
        admin.get_json(&format!("/api/v1/records?{query}")).await["total"]
            .as_u64()
            .unwrap()
    };
    assert_eq!(total("").await, 6);
    assert_eq!(total("with_fails=true").await, 5);
    assert_eq!(total("sealed=true").await, 5);
    assert_eq!(
        total("sealed=false").await,
        1,
        "begun and not sealed: the gap that shows"
    );
    let open = admin.get_json("/api/v1/records?sealed=false&limit=1").await;
    assert_eq!(open["records"][0]["sealed"], false);
    assert_eq!(open["next"], Value::Null);
    assert_eq!(
        admin.get("/api/v1/records?sealed=perhaps").await.status(),
        400
    );
    for (query, found) in [
        ("q=%E7%BA%B8%E7%AE%A1", 6),
        ("q=slzgc", 6),
        ("q=%E5%BC%A0%E7%A4%BA%E4%BE%8B", 5),
        ("q=nothing", 0),
        ("from=2026-11-24&to=2026-11-24", 6),
        ("from=2026-11-25", 0),
        ("mode=self_inspection", 0),
        ("checklist=sample&region=shili-1", 6),
        ("checklist=fire-exits", 0),
    ] {
        assert_eq!(total(query).await, found, "{query}");
    }
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = admin
            .get_json(&format!("/api/v1/records?limit=2&after={after}"))
            .await;
        seen.extend(
            page["records"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| r["record_id"].clone()),
        );
        let Value::String(next) = &page["next"] else {
            break;
        };
        after.clone_from(next);
    }
    let distinct: std::collections::BTreeSet<String> =
        seen.iter().map(ToString::to_string).collect();
    assert_eq!(
        (seen.len(), distinct.len()),
        (6, 6),
        "pages neither repeat nor leave out"
    );
}
