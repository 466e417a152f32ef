//! A phone: the device's own code (`zhicha_core::client`) over memory and HTTP.

pub use super::wire::Http;

use super::{Caller, ledger};
use serde_json::json;
use std::path::Path;
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{AnswerKind, Checklist, Digest, Loaded},
    client::{
        Clock as _, Context, Failure, append,
        append::NewEvent,
        copy_drafts, enrolled,
        evidence::{self, Follower, Round, send_evidence},
        pull::{CheckedEvents, PullError},
        pull_page, push_once,
    },
    event::{
        Body, Certificate,
        body::{DeviceLoss, Written},
    },
    id::{BlobId, DeviceId, EvidenceId, HazardId, IdSource as _, RecordId, TenantId},
    inspection::{
        Captured, ChecklistRef, Draft, DraftAnswer, EvidenceRow, Finding, Inspector, Mode, Outcome,
        SiteSnapshot, Started, Visit,
        evidence::named,
        seal::{Moment, seal, unchecked},
    },
    store::{EventRow, ReceiptRow, STRETCH, Store, memory::MemoryStore},
    sync::{
        push::{Action, Input, State},
        safety::Copies,
        wire::{EnrolReply, MAX_PUSH_EVENTS, Site, Stream},
    },
    testing::{CountingIds, FixedClock, NativeKey, NativeVerifier},
    time::{CivilDate, Timestamp, ZoneOffset},
};

const NOW: i64 = 1_795_500_000_000;

/// A phone: its storage, its key, its way to the server.
pub struct Phone {
    pub store: MemoryStore,
    pub key: NativeKey,
    pub http: Http,
    pub clock: FixedClock,
}

/// How sending went on for as long as the page would have gone on by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// How it stands.
    pub state: State,
    /// How many requests it took.
    pub requests: usize,
    /// What the page would have waited in between, in milliseconds.
    pub waited: u64,
}

/// Writes down each piece of evidence at once, and sends originals too.
struct AtOnce;

impl Follower for AtOnce {
    fn told(&self) {}

    fn is_due(&self) -> bool {
        true
    }

    fn may_send_originals(&self) -> bool {
        true
    }
}

impl Phone {
    /// A new phone of `caller`, with key number `number`.
    pub async fn enrol(caller: &Caller, number: u8) -> Self {
        Self::try_enrol(caller, number).await.unwrap()
    }

    /// The same, at a server that may go away meanwhile.
    pub async fn try_enrol(caller: &Caller, number: u8) -> Result<Self, Failure> {
        let key = NativeKey::number(number);
        let body = json!({ "jwk": key.jwk(), "label": "示例手机" });
        let http = Http::of(caller);
        let reply: EnrolReply = http.post("/api/v1/devices", &body).await?;
        let (certificate, _) = Certificate::parse(&reply.certificate).unwrap();
        let identity = enrolled(certificate, &reply);
        let store = MemoryStore::default();
        store.put_identity(&identity).await.unwrap();
        Ok(Self {
            store,
            key,
            http,
            clock: FixedClock::at(NOW),
        })
    }

    /// A second machine with a copy of all that is on this one, key and all.
    pub fn cloned(&self, number: u8) -> Self {
        Self {
            store: self.store.copy(),
            key: NativeKey::number(number),
            http: Http::of(&self.http.caller),
            clock: FixedClock::at(NOW),
        }
    }

    /// Sends until nothing waits, sending stands still, or so many requests were made. Waiting takes no time here.
    pub async fn deliver(&self, most: usize) -> Sent {
        let (mut state, mut action) = State::Idle.step(&Input::Wake, 0);
        let (mut requests, mut waited, mut limit) = (0, 0, MAX_PUSH_EVENTS);
        while requests < most {
            let input = match action {
                Action::Rest => break,
                Action::WakeIn(ms) => {
                    waited += ms;
                    Input::Wake
                }
                Action::Send | Action::SendLess => {
                    if action == Action::SendLess {
                        limit = (limit / 2).max(1);
                    }
                    requests += 1;
                    self.push(limit).await
                }
            };
            (state, action) = state.step(&input, u32::MAX / 2);
        }
        Sent {
            state,
            requests,
            waited,
        }
    }

    /// Sends all; every event has its receipt then, and the server in `folder` has each once and verbatim.
    pub async fn delivers_all(&self, folder: &Path) {
        let sent = self.deliver(200).await;
        assert_eq!(sent.state, State::Idle, "{sent:?}");
        ledger::complete(folder, self).await;
    }

    /// One round of sending evidence; what went wrong.
    pub async fn send_photos(&self) -> Option<Failure> {
        let identity = self.store.identity().await.unwrap().unwrap();
        let server = evidence::Server {
            tenant: identity.tenant,
            keys: &identity.server_keys,
        };
        let round = Round {
            originals: true,
            refused: false,
            singly: true,
        };
        let (store, http) = (&self.store, &self.http);
        let sent = send_evidence(store, http, &NativeVerifier, server, round, &AtOnce).await;
        sent.unwrap().failure
    }

    /// How many pieces of evidence wait.
    pub async fn photos_waiting(&self) -> usize {
        self.store.waiting_count().await.unwrap()
    }

    /// Pulls one page; whether more wait.
    pub async fn pull_page(&self, stream: Stream) -> Result<bool, PullError> {
        let events = CheckedEvents {
            verifier: &NativeVerifier,
            store: &self.store,
        };
        pull_page(&self.store, &self.http, &events, stream).await
    }

    /// Pulls all streams to their ends.
    pub async fn pull_everything(&self) {
        for stream in Stream::ALL {
            while self.pull_page(stream).await.unwrap() {}
        }
    }

    /// One step of sending, at most `limit` events.
    pub async fn push(&self, limit: usize) -> Input {
        let now = || self.clock.now();
        let step = push_once(&self.store, &self.http, &NativeVerifier, limit, &now).await;
        step.unwrap().input
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

    /// A record with a photo of these bytes, sealed.
    pub async fn seal_with_photo(&self, ids: &mut CountingIds, bytes: &[u8]) -> EventRow {
        let id = RecordId::new(ids);
        let draft = Draft::new(id, Mode::SpotCheck, super::site(), vec![], Timestamp(NOW));
        let fence = self.store.take_fence(id).await.unwrap();
        self.store.put_draft(&draft, fence).await.unwrap();
        let (evidence_id, blob) = (EvidenceId::new(ids), BlobId(ids.next_id()));
        for (n, stretch) in (0..).zip(bytes.chunks(STRETCH)) {
            self.store.put_chunk(blob, n, stretch).await.unwrap();
        }
        let mut row: EvidenceRow = zhicha_core::testing::photo(1, 2, bytes);
        (row.id, row.record, row.about, row.parts[0].blob) = (evidence_id, id, None, blob);
        self.store.put_evidence(&row, fence).await.unwrap();
        let draft = self.store.draft(id).await.unwrap().unwrap();
        let captured = self.store.evidence_of(id).await.unwrap();
        let Body::Sealed(mut sealed) = super::sealed(Mode::SpotCheck) else {
            unreachable!()
        };
        sealed.evidence = named(&captured, &[Digest::of(b"sample")]).0;
        let event = NewEvent {
            record_id: id,
            parents: vec![],
            checklists: vec![],
            body: (&Body::Sealed(sealed)).into(),
            captured: Captured::of(captured),
            closes: Some((draft, fence)),
        };
        self.write(ids, event).await
    }

    /// An event whose body no server can read, signed like any other.
    pub async fn poison(&self, ids: &mut CountingIds) -> EventRow {
        let begun = Started {
            mode: Mode::SpotCheck,
            site: super::site(),
            checklists: vec![],
            from: Timestamp(NOW),
        };
        let mut body = Written::of(&begun);
        body.value = Ok(json!({ "mode": "no such mode" }));
        let event = NewEvent {
            record_id: RecordId::new(ids),
            parents: vec![],
            checklists: vec![],
            body,
            captured: Captured::default(),
            closes: None,
        };
        self.write(ids, event).await
    }

    /// Tells that numbers are gone, as the person confirms on the page that names them.
    pub async fn admit_loss(&self, ids: &mut CountingIds, from: u64, to: u64) -> EventRow {
        let device_id = self.id().await;
        let loss = DeviceLoss {
            device_id,
            from,
            to,
            note: "示例".to_owned(),
        };
        let event = NewEvent {
            record_id: RecordId::new(ids),
            parents: vec![],
            checklists: vec![],
            body: Written::of(&loss),
            captured: Captured::default(),
            closes: None,
        };
        self.write(ids, event).await
    }

    /// This enrolment.
    pub async fn id(&self) -> DeviceId {
        self.store.identity().await.unwrap().unwrap().device_id
    }

    /// Its tenant.
    pub async fn tenant(&self) -> TenantId {
        self.store.identity().await.unwrap().unwrap().tenant
    }

    /// How many events have their receipt.
    pub async fn confirmed(&self) -> usize {
        usize::try_from(self.store.push_state().await.unwrap().acked).unwrap()
    }

    /// All that was written on it and is still there.
    pub async fn events(&self) -> Vec<EventRow> {
        self.store.events_after(0, usize::MAX).await.unwrap()
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
