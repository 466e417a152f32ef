//! A phone and the person who holds it: what can be done on it, by the very code that runs in the browser.

mod sending;

use crate::{
    plant::Bug,
    server::{Ask, Server},
    store::{Disk, Fate},
    wire::{Late, Weather, Wire},
};
use anyhow::Context as _;
use axum::http::Method;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::Digest,
    client::{AppendError, Clock, Context, append, append::NewEvent, enrolled, evidence::Follower},
    event::{
        Body, Certificate, EventHash, Testimony,
        body::{DeviceLoss, Written},
    },
    id::{BlobId, EvidenceId, HazardId, IdSource, PageSession, RecordId, Uuid},
    inspection::{
        Amended, Captured, ChecklistAnswers, ChecklistRef, Draft, DraftAnswer, EvidenceKind,
        EvidenceRow, Inspector, Mode, Outcome, RecordedAnswer, Representative, Sealed,
        SiteSnapshot, Started, Visit,
        drawn::Drawn,
        evidence::{Capture, PartRow, Role, Source, named},
    },
    store::{EventRow, Fence, Store, StoreError, memory::MemoryStore},
    sync::{
        push::State,
        wire::{EnrolReply, EnrolRequest, Identity, MAX_PUSH_EVENTS},
    },
    testing::{CountingIds, NativeKey},
    time::Timestamp,
};

/// Items of the checklist that everybody walks.
pub const ITEMS: usize = 12;

/// A wall clock that may be wrong, over the time that really passes.
pub struct Wall {
    /// What the time really is.
    pub now: Rc<Cell<i64>>,
    /// How far off the phone's clock is.
    pub off: Cell<i64>,
}

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.get() + self.off.get())
    }

    fn testimony(&self, offset: Option<(i64, i64)>) -> Testimony {
        let wall = Clock::now(self);
        Testimony {
            wall,
            mono: self.now.get() % 1_000_000,
            page_session: PageSession(Uuid::from_u128((7 << 76) | (2 << 62) | 9)),
            server_est: offset.map(|(ms, _)| wall.plus(ms)),
            uncertainty: offset.map(|(_, ms)| ms),
        }
    }
}

/// One phone.
pub struct Phone {
    /// Its number, from 0.
    pub number: usize,
    /// Whose it is.
    pub person: usize,
    /// Its disk.
    pub disk: Disk,
    /// Its network.
    pub wire: Wire,
    /// Its clock.
    pub wall: Wall,
    /// Its key.
    pub key: NativeKey,
    /// How sending stands on the page that is open.
    pub state: Cell<State>,
    /// How many events go at once.
    pub limit: Cell<usize>,
    /// Whether the page has sent evidence since its start.
    pub sent_before: Cell<bool>,
    // Events go again to a server that was restored.
    refilling: Cell<bool>,
    // Whether the page has looked for the server's log.
    contacted: Cell<bool>,
    // A planted mistake.
    gave_up: Cell<bool>,
    /// Its identifiers.
    pub ids: RefCell<CountingIds>,
}

/// What a phone is made of.
pub struct Parts<'a> {
    /// Its number, from 0.
    pub number: usize,
    /// Whose it is.
    pub person: usize,
    /// That person's session.
    pub cookie: &'a str,
    /// The server.
    pub server: &'a Rc<Server>,
    /// The time.
    pub now: &'a Rc<Cell<i64>>,
    /// Requests on their way.
    pub late: &'a Late,
    /// For its network's dice.
    pub seed: u64,
    /// What is wrong on purpose, and the session of somebody else.
    pub bug: (Option<Bug>, String),
}

impl Follower for Phone {
    fn told(&self) {}

    fn is_due(&self) -> bool {
        // Sometimes at once, sometimes together with others.
        self.wire.random.borrow_mut().bool()
    }

    fn may_send_originals(&self) -> bool {
        true
    }
}

impl Phone {
    /// A new phone, enrolled.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn enrol(parts: &Parts<'_>) -> anyhow::Result<Self> {
        let number = u8::try_from(parts.number + 1)?;
        let key = NativeKey::number(number);
        let request = EnrolRequest {
            jwk: key.jwk(),
            label: "虚构手机".to_owned(),
        };
        let ask = Ask::json(Method::POST, "/api/v1/devices", &request);
        let answer = parts.server.call(&ask, Some(parts.cookie)).await?;
        let reply: EnrolReply = serde_json::from_slice(&answer.body).context("enrolment")?;
        let (certificate, _) = Certificate::parse(&reply.certificate)?;
        let identity = enrolled(certificate, &reply);
        let memory = MemoryStore::default();
        memory.put_identity(&identity).await?;
        Ok(Self::on(parts, memory, key))
    }

    /// A phone on a disk that is there already, such as a copy of another's.
    pub fn on(parts: &Parts<'_>, memory: MemoryStore, key: NativeKey) -> Self {
        let fate = Rc::new(Fate::default());
        Self {
            number: parts.number,
            person: parts.person,
            disk: Disk::of(memory, &fate, parts.bug.0),
            wire: Wire {
                server: Rc::clone(parts.server),
                cookie: RefCell::new(Some(parts.cookie.to_owned())),
                fate,
                weather: Cell::new(Weather::default()),
                happened: Cell::default(),
                late: Rc::clone(parts.late),
                random: RefCell::new(fastrand::Rng::with_seed(parts.seed)),
                turn: tokio::sync::Mutex::new(()),
                bug: parts.bug.clone(),
            },
            wall: Wall {
                now: Rc::clone(parts.now),
                off: Cell::new(0),
            },
            key,
            state: Cell::new(State::Idle),
            limit: Cell::new(MAX_PUSH_EVENTS),
            sent_before: Cell::new(false),
            contacted: Cell::new(false),
            refilling: Cell::new(false),
            gave_up: Cell::new(false),
            ids: RefCell::new(CountingIds(parts.number as u64 * 1_000_000)),
        }
    }

    /// The page is gone; a new one opens on the same disk.
    pub fn restart(&self) {
        self.state.set(State::Idle);
        self.limit.set(MAX_PUSH_EVENTS);
        self.sent_before.set(false);
        self.contacted.set(false);
        self.refilling.set(false);
    }

    /// Who is enrolled on it.
    ///
    /// # Errors
    /// When nobody is, in words.
    pub async fn identity(&self) -> Result<Identity, String> {
        let found = self.disk.memory.identity().await;
        found
            .map_err(|e| e.to_string())?
            .ok_or_else(|| "nobody is enrolled".to_owned())
    }

    fn id(&self) -> Uuid {
        self.ids.borrow_mut().next_id()
    }

    async fn write(&self, event: &NewEvent) -> Result<EventRow, AppendError> {
        let cx = Context {
            store: &self.disk,
            signer: &self.key,
            clock: &self.wall,
            app_build: "sim",
        };
        let mut ids = CountingIds(self.ids.borrow().0);
        self.ids.borrow_mut().0 += 1;
        append(&cx, &mut ids, event).await
    }

    /// Begins an inspection: its event, then its draft.
    pub async fn begin(&self, site: &str) -> Result<EventRow, AppendError> {
        let id = RecordId(self.id());
        let now = self.wall.now();
        let draft = Draft::new(id, Mode::SpotCheck, snapshot(site), vec![checklist()], now);
        let begun = Started {
            mode: draft.mode,
            site: draft.site.clone(),
            checklists: draft.checklists.clone(),
            from: now,
        };
        let fence = self.disk.take_fence(id).await?;
        self.disk.put_draft(&draft, fence).await?;
        self.write(&event(id, vec![], Written::of(&begun))).await
    }

    /// Answers an item.
    pub async fn answer(
        &self,
        id: RecordId,
        item: usize,
        value: AnswerValue,
    ) -> Result<(), StoreError> {
        let fence = self.disk.take_fence(id).await?;
        let answer = DraftAnswer {
            v: 1,
            key: key(item),
            value,
            at: self.wall.now(),
            finding: None,
        };
        self.disk.put_answer(id, &answer, fence).await?;
        Ok(())
    }

    /// Takes a photo: its bytes, then the row that names them.
    pub async fn photograph(&self, id: RecordId, bytes: &[u8]) -> Result<EvidenceId, StoreError> {
        let fence = self.disk.take_fence(id).await?;
        let mut row = EvidenceRow {
            v: 1,
            id: EvidenceId(self.id()),
            record: id,
            kind: EvidenceKind::Photo,
            about: Some(key(0)),
            capture: Capture {
                t: self.wall.testimony(None),
                source: Source::App,
                place: None,
                no_place: None,
                heading: None,
            },
            text: String::new(),
            parts: Vec::new(),
            thumb: None,
            recording: None,
            drawn: Drawn::default(),
            sealed: None,
        };
        for (role, bytes) in [
            (Role::Original, bytes),
            (Role::Working, &bytes[..bytes.len() / 2]),
        ] {
            let blob = BlobId(self.id());
            for (n, stretch) in (0..).zip(bytes.chunks(zhicha_core::store::STRETCH)) {
                self.disk.put_chunk(blob, n, stretch).await?;
            }
            row.parts.push(PartRow {
                blob,
                role,
                sha256: Digest::of(bytes),
                len: bytes.len() as u64,
                mime: "image/jpeg".to_owned(),
                receipt: None,
                refused: None,
                dropped: false,
            });
        }
        self.disk.put_evidence(&row, fence).await?;
        Ok(row.id)
    }

    /// Seals a draft with all that is in it.
    pub async fn seal(&self, id: RecordId) -> Result<Option<EventRow>, AppendError> {
        let fence: Fence = self.disk.take_fence(id).await?;
        let Some(draft) = self.disk.draft(id).await? else {
            return Ok(None);
        };
        let answers = self.disk.answers(id).await?;
        let captured = self.disk.evidence_of(id).await?;
        let parents: Vec<EventHash> = self
            .disk
            .events_of(id)
            .await?
            .into_iter()
            .map(|e| e.hash)
            .collect();
        let digests = [checklist().digest];
        let sealed = Sealed {
            mode: draft.mode,
            site: draft.site.clone(),
            checklists: draft.checklists.clone(),
            inspectors: vec![Inspector {
                name: "虚构检查员".to_owned(),
                cert_no: "虚构-001".to_owned(),
                user: None,
            }],
            representative: Representative::default(),
            from: draft.from,
            to: self.wall.now().max(draft.from),
            outcome: Outcome {
                visit: Visit::Partial,
                note: "虚构".to_owned(),
            },
            answers: vec![ChecklistAnswers {
                checklist: digests[0].clone(),
                answers: answers.iter().map(recorded).collect(),
            }],
            hazards: Vec::new(),
            sign_offs: Vec::new(),
            evidence: named(&captured, &digests).0,
            remarks: String::new(),
        };
        let new = NewEvent {
            captured: Captured::of(captured),
            closes: Some((draft, fence)),
            ..event(id, parents, (&Body::Sealed(Box::new(sealed))).into())
        };
        self.write(&new).await.map(Some)
    }

    /// Amends a sealed record.
    pub async fn amend(&self, id: RecordId, sealed: &EventHash) -> Result<EventRow, AppendError> {
        let amended = Amended {
            sealed: sealed.clone(),
            reason: "虚构更正".to_owned(),
            answers: Vec::new(),
            hazards_added: Vec::<zhicha_core::inspection::Hazard>::new(),
            hazards_withdrawn: Vec::<HazardId>::new(),
            evidence: Vec::new(),
            remarks: String::new(),
        };
        let body = (&Body::Amended(amended)).into();
        self.write(&event(id, vec![sealed.clone()], body)).await
    }

    /// Tells that numbers are gone from this device, as the person confirms on the page that names them.
    pub async fn admit_loss(&self, from: u64, to: u64) -> Result<EventRow, AppendError> {
        let identity = self
            .disk
            .identity()
            .await?
            .ok_or(AppendError::NotEnrolled)?;
        let body = DeviceLoss {
            device_id: identity.device_id,
            from,
            to,
            note: "虚构".to_owned(),
        };
        let new = NewEvent {
            checklists: Vec::new(),
            ..event(RecordId(self.id()), vec![], Written::of(&body))
        };
        self.write(&new).await
    }
}

fn event(record_id: RecordId, parents: Vec<EventHash>, body: Written) -> NewEvent {
    NewEvent {
        record_id,
        parents,
        checklists: vec![checklist().digest],
        body,
        captured: Captured::default(),
        closes: None,
    }
}

fn recorded(answer: &DraftAnswer) -> RecordedAnswer {
    RecordedAnswer {
        item: answer.key.item.clone(),
        instance: String::new(),
        value: answer.value.clone(),
        at: answer.at,
    }
}

/// The key of an item.
pub fn key(item: usize) -> AnswerKey {
    AnswerKey {
        checklist: checklist().digest,
        item: format!("item-{item}"),
        instance: String::new(),
    }
}

fn checklist() -> ChecklistRef {
    ChecklistRef {
        id: "sample".to_owned(),
        version: 1,
        digest: Digest::of(b"sample"),
    }
}

fn snapshot(name: &str) -> SiteSnapshot {
    SiteSnapshot {
        site_id: None,
        name: name.to_owned(),
        address: "虚构路1号".to_owned(),
        region: None,
        credit_code: None,
        version: None,
    }
}
