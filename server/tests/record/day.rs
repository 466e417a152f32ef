//! What three devices of one inspector do on the day that is recorded.

use crate::{
    noting::Recorder,
    world::{
        Caller, Device, PASSWORD, amended, captured, phone::Phone, pictures::jpeg, record, started,
        tus::Client,
    },
};
use reqwest::Method;
use serde_json::{Value, json};
use zhicha_core::{
    checklist::Loaded,
    client::{
        Context,
        append::{NewEvent, append},
    },
    event::{Body, EventHash},
    id::RecordId,
    inspection::{Captured, Draft, Mode},
    store::{EventRow, Store as _},
    sync::{push::State, safety::Copies, wire::Stream},
    testing::{self, CountingIds},
};
use zhicha_server::checklists::built_in;

/// The devices and what they have written.
pub struct Day {
    anna: Caller,
    phone: Phone,
    tablet: Phone,
    other: Device,
    ids: CountingIds,
    /// The records, for the export.
    pub records: Vec<RecordId>,
}

const PUSH: &str = "/api/v1/sync/push";

impl Day {
    /// Signs in, enrols, and downloads for the first time.
    pub async fn begin(recorder: &Recorder) -> Self {
        recorder.step("sign-in");
        let body = json!({ "login": "anna", "password": PASSWORD });
        let anna = recorder.caller().enter("/api/v1/session", body).await;
        recorder.step("enrol");
        let phone = Phone::enrol(&anna, 1).await;
        let tablet = Phone::enrol(&anna, 2).await;
        let other = anna.enrol(3).await;
        recorder.step("first-download");
        phone.pull_everything().await;
        Self {
            anna,
            phone,
            tablet,
            other,
            ids: CountingIds::default(),
            records: Vec::new(),
        }
    }

    /// Everything else.
    pub async fn go_on(&mut self, recorder: &Recorder) {
        self.inspection(recorder).await;
        self.photos(recorder).await;
        self.trouble(recorder).await;
        self.evidence(recorder).await;
        recorder.step("download");
        self.phone.pull_everything().await;
        recorder.step("first-download-of-another-device");
        while self.tablet.pull_page(Stream::Records).await.unwrap() {}
        recorder.step("foreign-cursor");
        let path = format!("/api/v1/sync/pull?stream=sites&cursor={}", "A".repeat(60));
        assert_eq!(self.anna.get(&path).await.status(), 410);
        self.fork(recorder).await;
    }

    // From its beginning to its seal, with answers to all that a checklist asks.
    async fn inspection(&mut self, recorder: &Recorder) {
        let site = self.phone.store.sites().await.unwrap().remove(0);
        let lists = self.phone.lists().await;
        let [begun, sealed] = self.phone.inspect(&mut self.ids, &site, &lists[0]).await;
        recorder.step("push-ahead");
        let ahead = push_of(&self.phone, 2, &sealed).await;
        assert_eq!(self.anna.post(PUSH, ahead).await.status(), 409);
        recorder.step("push-started-sealed");
        delivers(&self.phone).await;
        recorder.step("push-again");
        let again = push_of(&self.phone, 1, &begun).await;
        assert_eq!(self.anna.post(PUSH, again).await.status(), 200);
        self.records.push(sealed.record_id);

        recorder.step("draft-copy");
        let draft = draft(&mut self.ids, &lists[0]);
        let fence = self.phone.store.take_fence(draft.id).await.unwrap();
        self.phone.store.put_draft(&draft, fence).await.unwrap();
        let done = self.phone.copy_drafts(&mut Copies::default(), 0).await;
        assert_eq!(done, None);
    }

    // One that goes along with its creation, one in two parts, and an amendment with what the server said so far.
    async fn photos(&mut self, recorder: &Recorder) {
        let photo = jpeg(64, 48);
        let sealed = self.phone.seal_with_photo(&mut self.ids, &photo).await;
        self.records.push(sealed.record_id);
        recorder.step("push-with-photo");
        delivers(&self.phone).await;
        recorder.step("photo");
        assert_eq!(self.phone.send_photos().await, None);
        assert_eq!(self.phone.photos_waiting().await, 0);

        let large = jpeg(80, 60);
        let sealed = self.phone.seal_with_photo(&mut self.ids, &large).await;
        self.records.push(sealed.record_id);
        recorder.step("push-with-photo");
        delivers(&self.phone).await;
        recorder.step("photo-in-parts");
        let client = Client {
            caller: self.anna.clone(),
        };
        in_parts(&client, &sealed.hash, &large).await;
        recorder.step("photo-is-there");
        assert_eq!(self.phone.send_photos().await, None);

        recorder.step("push-amended");
        self.amend(&sealed).await;
        delivers(&self.phone).await;
    }

    async fn amend(&mut self, sealed: &EventRow) {
        let event = NewEvent {
            record_id: sealed.record_id,
            parents: vec![sealed.hash.clone()],
            checklists: vec![],
            body: (&amended(&sealed.text)).into(),
            captured: Captured::default(),
            closes: None,
        };
        let cx = Context {
            store: &self.phone.store,
            signer: &self.phone.key,
            clock: &self.phone.clock,
            app_build: "wire-1",
        };
        append(&cx, &mut self.ids, &event).await.unwrap();
    }

    // Numbers that a device lost, events that another device brings, a body that cannot be read, and what nobody knows.
    async fn trouble(&mut self, recorder: &Recorder) {
        let tablet = &self.tablet;
        for _ in 0..3 {
            tablet.note(&mut self.ids).await;
        }
        recorder.step("push-before-the-loss");
        tablet.push(1).await;
        for seq in 2..=3 {
            tablet.store.forget(seq);
        }
        tablet.admit_loss(&mut self.ids, 2, 3).await;
        let after = tablet.note(&mut self.ids).await;
        self.records.push(after.record_id);
        recorder.step("push-device-loss");
        delivers(tablet).await;
        recorder.step("push-relayed");
        let mut relayed = push_of(tablet, 5, &after).await;
        relayed["relayed"] = json!(true);
        assert_eq!(self.anna.post(PUSH, relayed).await.status(), 200);
        recorder.step("push-invalid");
        tablet.poison(&mut self.ids).await;
        delivers(tablet).await;
        recorder.step("push-unknown");
        let payload = || self.other.payload(record(), &started(Mode::SpotCheck));
        let mut kind = payload();
        kind.kind = "example_unknown".to_owned();
        let kind = self.other.append(&kind);
        let mut schema = payload();
        schema.schema = 9_999;
        let events = [kind, self.other.append(&schema)];
        self.other.push_as(&self.anna, 1, &events).await;
    }

    // A record with evidence of most kinds and its files.
    async fn evidence(&mut self, recorder: &Recorder) {
        let (record, mut shots) = (record(), captured::Shots::new());
        for bytes in [&mut shots.original, &mut shots.working, &mut shots.other] {
            bytes.truncate(1_000);
        }
        let mut sealed = self.other.payload(record, &captured::body(&shots));
        sealed.checklists = vec![built_in().unwrap()[0].loaded.digest.clone()];
        sealed.blobs = captured::refs(&shots);
        let text = self.other.append(&sealed);
        recorder.step("push-with-evidence");
        let events = std::slice::from_ref(&text);
        self.other.push_as(&self.anna, 3, events).await;
        recorder.step("files");
        let event = EventHash::of_text(&text);
        let client = Client {
            caller: self.anna.clone(),
        };
        for bytes in shots.of_seal() {
            client.upload(&event, bytes).await;
        }
        client.receipts(&self.other, &event).await;
        self.records.push(record);
    }

    // The last that the tablet does: it says something else under a number than its copy.
    async fn fork(&mut self, recorder: &Recorder) {
        let copy = self.tablet.cloned(2);
        copy.note(&mut self.ids).await;
        self.tablet.note(&mut self.ids).await;
        recorder.step("push-before-the-fork");
        delivers(&self.tablet).await;
        recorder.step("push-fork");
        copy.deliver(9).await;
    }
}

async fn push_of(phone: &Phone, seq: u64, event: &EventRow) -> Value {
    let identity = phone.store.identity().await.unwrap().unwrap();
    json!({ "protocol": 1, "certificate": identity.certificate, "first_seq": seq, "events": [event.text] })
}

async fn delivers(phone: &Phone) {
    assert_eq!(phone.deliver(20).await.state, State::Idle);
}

async fn in_parts(client: &Client, event: &EventHash, bytes: &[u8]) {
    let place = client.create(event, bytes).await;
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    assert_eq!(client.patch(&place, 0, first).await.status(), 204);
    let at = client.offset(&place).await;
    assert_eq!(client.patch(&place, at, rest).await.status(), 204);
}

fn draft(ids: &mut CountingIds, loaded: &Loaded) -> Draft {
    let mut draft = testing::draft(1);
    draft.id = RecordId::new(ids);
    draft.checklists[0].digest = loaded.digest.clone();
    draft
}
