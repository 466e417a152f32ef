//! A phone: the device's own code (`zhicha_core::client`) over memory and HTTP.

use super::Caller;
use serde_json::json;
use std::cell::Cell;
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{AnswerKind, Checklist, Loaded},
    client::{
        Context, Failure, Transport, append, append::NewEvent, copy_drafts, pull::CheckedEvents,
        pull_page, push_once,
    },
    event::{Certificate, body::Written},
    id::{HazardId, RecordId},
    inspection::{
        Captured, ChecklistRef, Draft, DraftAnswer, Finding, Inspector, Mode, Outcome,
        SiteSnapshot, Started, Visit,
        seal::{Moment, seal, unchecked},
    },
    store::{EventRow, ReceiptRow, Store, memory::MemoryStore},
    sync::{
        push::Input,
        safety::Copies,
        wire::{
            DraftCopy, DraftKept, EnrolReply, Identity, Problem, PullPage, PushReply, PushRequest,
            Site, Stream,
        },
    },
    testing::{CountingIds, FixedClock, NativeKey, NativeVerifier},
    time::{CivilDate, Timestamp, ZoneOffset},
};

const NOW: i64 = 1_795_500_000_000;

/// HTTP as the device sees it; can lose an answer after the server has acted.
pub struct Http {
    /// Whose session it sends.
    pub caller: Caller,
    /// How many answers get lost.
    pub lose: Cell<u32>,
}

impl Http {
    /// As `caller`.
    pub fn of(caller: &Caller) -> Self {
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

    async fn keep_draft(&self, id: RecordId, copy: &DraftCopy) -> Result<DraftKept, Failure> {
        let body = serde_json::to_value(copy).unwrap();
        let path = format!("/api/v1/drafts/{id}");
        self.answer(
            self.caller
                .send(reqwest::Method::PUT, &path, Some(body))
                .await,
        )
        .await
    }
}

/// A phone: its storage, its key, its way to the server.
pub struct Phone {
    pub store: MemoryStore,
    pub key: NativeKey,
    pub http: Http,
    pub clock: FixedClock,
}

impl Phone {
    /// A new phone of `caller`, with key number `number`.
    pub async fn enrol(caller: &Caller, number: u8) -> Self {
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

    /// Pulls all streams to their ends.
    pub async fn pull_everything(&self) {
        for stream in Stream::ALL {
            while pull_page(
                &self.store,
                &self.http,
                &CheckedEvents(&NativeVerifier),
                stream,
            )
            .await
            .unwrap()
            {}
        }
    }

    /// One step of sending, at most `limit` events.
    pub async fn push(&self, limit: usize) -> Input {
        push_once(&self.store, &self.http, &NativeVerifier, limit, &|| {
            Timestamp(NOW)
        })
        .await
        .unwrap()
        .input
    }

    /// One round of safety copies at `now` of the page's clock; returns what ended it early.
    pub async fn copy_drafts(&self, copies: &mut Copies, now: i64) -> Option<Failure> {
        copy_drafts(&self.store, &self.http, copies, &|| now)
            .await
            .unwrap()
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

    /// One inspection, from its beginning to its seal.
    pub async fn inspect(
        &self,
        ids: &mut CountingIds,
        site: &Site,
        loaded: &Loaded,
    ) -> [EventRow; 2] {
        let id = RecordId::new(ids);
        let mut draft = draft(id, site, loaded);
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
            captured: Captured::default(),
            closes: None,
        };
        let began = Written::of(&begun);
        let started = self.write(ids, event(began, vec![])).await;
        let given = answers(loaded, ids);
        let lists = std::slice::from_ref(loaded);
        if unchecked(&draft, &given, lists) > 0 {
            draft.outcome = Outcome {
                visit: Visit::Partial,
                note: "示例原因".to_owned(),
            };
        }
        let day = CivilDate::of(Timestamp(NOW), ZoneOffset::CHINA);
        let moment = Moment {
            to: Timestamp(NOW + 60_000),
            day,
        };
        let body = Written::of(&seal(&draft, &given, lists, &moment));
        let sealed = self
            .write(ids, event(body, vec![started.hash.clone()]))
            .await;
        [started, sealed]
    }

    /// A bare beginning of an inspection.
    pub async fn note(&self, ids: &mut CountingIds) -> EventRow {
        let begun = Started {
            mode: Mode::SpotCheck,
            site: super::site(),
            checklists: vec![],
            from: Timestamp(NOW),
        };
        let event = NewEvent {
            record_id: RecordId::new(ids),
            parents: vec![],
            checklists: vec![],
            body: Written::of(&begun),
            captured: Captured::default(),
            closes: None,
        };
        self.write(ids, event).await
    }

    /// The seal of what `note` began, as another device of the same chain may have written it: the draft stays.
    pub async fn seal(&self, ids: &mut CountingIds, begun: &EventRow) -> EventRow {
        let event = NewEvent {
            record_id: begun.record_id,
            parents: vec![begun.hash.clone()],
            checklists: vec![],
            body: (&super::sealed(Mode::SpotCheck)).into(),
            captured: Captured::default(),
            closes: None,
        };
        self.write(ids, event).await
    }

    /// The receipt on the phone.
    pub async fn receipt(&self, event: &EventRow) -> Option<ReceiptRow> {
        self.store.receipt(&event.hash).await.unwrap()
    }

    /// The checklists on the phone.
    pub async fn lists(&self) -> Vec<Loaded> {
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
