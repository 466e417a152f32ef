//! The stored and sent forms, as `docs/formats.md` describes them. A changed snapshot is a changed format.

mod examples;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use examples::{NOW, checklist_ref, day, hazard, key, payload, sealed, sealed_body, site, uuid};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;
use zhicha_core::{
    answer::AnswerValue,
    checklist::Digest,
    client::{Signer as _, copy},
    determination::Determination,
    event::{
        BlobReceipt, Body, Certificate, Checkpoint, Disposition, EventHash, Jws, Payload, Receipt,
        Typ, Unsigned, body::DeviceLoss,
    },
    id::{EpochId, HazardId, RecordId, SiteId, TenantId},
    inspection::{Amended, AnswerChange, Draft, DraftAnswer, Finding, Mode, Started},
    store::{ChecklistRow, EventRow, Halt, Head, PulledEvent, PushState},
    sync::{
        epoch::Seen,
        safety,
        wire::{
            BlobReceipts, DraftCopy, DraftKept, EnrolReply, EnrolRequest, PhotoPolicy, Problem,
            PullPage, PullRow, PushOutcome, PushReply, PushRequest, PushResult, Reason, Site,
            Stream,
        },
    },
    testing::{NativeKey, identity, receipt},
    time::{Timestamp, ZoneOffset},
};

/// Checks the JSON form of `value` and that reading it gives the same value back.
fn form<T: Serialize + DeserializeOwned + PartialEq + Debug>(name: &str, value: &T) {
    let json = serde_json::to_string_pretty(value).expect("serialises");
    assert_eq!(&serde_json::from_str::<T>(&json).expect("reads"), value);
    insta::assert_snapshot!(name, json);
}

#[test]
fn bodies() {
    form("body_sealed", &sealed());
    let started = Started {
        mode: Mode::SpotCheck,
        site: site(),
        checklists: vec![checklist_ref()],
        from: Timestamp(NOW),
    };
    form("body_started", &started);
    let change = AnswerChange {
        key: key("A-1", ""),
        from: Some(AnswerValue::Fail),
        to: AnswerValue::Pass,
    };
    let amended = Amended {
        sealed: EventHash::of("sealed"),
        reason: "看漏".to_owned(),
        answers: vec![change],
        hazards_added: vec![hazard()],
        hazards_withdrawn: vec![HazardId(uuid(22))],
        evidence: vec![],
        remarks: "制度贴在门后".to_owned(),
    };
    form("body_amended", &amended);
    let loss = DeviceLoss {
        device_id: identity(1).device_id,
        from: 3,
        to: 5,
        note: String::new(),
    };
    form("body_device_loss", &loss);
}

#[test]
fn the_event_text_is_what_the_document_says() {
    let key = NativeKey::number(1);
    let unsigned = Unsigned::build(payload(&sealed_body()), key.kid()).expect("builds");
    let text = key.sign_text(Typ::Event, &unsigned.payload);
    let (read, jws) = Payload::parse(&text).expect("reads");
    assert_eq!((&read, &jws.hash), (&unsigned.payload, &unsigned.hash));
    assert_eq!(read.body().expect("a body"), Some(sealed_body()));
    insta::assert_snapshot!("event_text", text);
    insta::assert_snapshot!("event_hash", jws.hash.to_string());
    form("event_payload", &read);
}

#[test]
fn a_payload_keeps_what_a_newer_build_added_in_its_text() {
    let mut value = serde_json::to_value(payload(&sealed_body())).expect("JSON");
    value["added_later"] = serde_json::json!({ "n": 1 });
    let text = NativeKey::number(1).sign_text(Typ::Event, &value);
    let (_, jws) = Payload::parse(&text).expect("an unknown member is no reason to refuse");
    assert_eq!(jws.payload["added_later"]["n"], 1);
}

#[test]
fn headers_are_exactly_three_members() {
    let text = NativeKey::number(1).sign_text(Typ::Event, &payload(&sealed_body()));
    let (_, rest) = text.split_once('.').expect("three parts");
    let kid = NativeKey::number(1).kid().to_owned();
    let start = |alg: &str, typ: &str| format!(r#"{{"alg":"{alg}","typ":"{typ}","kid":"{kid}""#);
    let good = start("ES256", "zhicha-event+1");
    for header in [
        start("none", "zhicha-event+1") + "}",
        start("ES256", "zhicha-receipt+1") + "}",
        format!(r#"{good},"crit":["b64"],"b64":false}}"#),
        format!(r#"{good},"jku":"x"}}"#),
        format!(r#"{good},"alg":"ES256"}}"#),
        r#"{"alg":"ES256","typ":"zhicha-event+1"}"#.to_owned(),
    ] {
        let forged = format!("{}.{rest}", base64url(&header));
        assert!(Jws::parse(&forged, Typ::Event).is_err(), "{header}");
    }
    let same = format!("{}.{rest}", base64url(&(good + "}")));
    assert!(Jws::parse(&same, Typ::Event).is_ok());
    assert!(
        Jws::parse(&text, Typ::Receipt).is_err(),
        "an event never passes for a receipt"
    );
}

fn base64url(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text)
}

#[test]
fn an_event_is_at_most_256_kib() {
    let mut large = sealed();
    large.remarks = "字".repeat(90_000);
    let body = Body::Sealed(Box::new(large));
    let error = Unsigned::build(payload(&body), "kid").expect_err("too large");
    assert!(error.to_string().contains("262144"), "{error}");
}

#[test]
fn signed_by_the_server() {
    let certificate = identity(1).certificate;
    form(
        "certificate",
        &Certificate::parse(&certificate).expect("reads").0,
    );
    insta::assert_snapshot!("certificate_text", certificate);
    let row = receipt(&identity(1), &event_row(), Disposition::Applied);
    form("receipt", &Receipt::parse(&row.text).expect("reads").0);
    form("receipt_row", &row);
    let blob = BlobReceipt {
        tenant: TenantId(uuid(1)),
        epoch: EpochId(uuid(2)),
        sha256: Digest::of(b"photo"),
        len: 5,
        received_at: Timestamp(NOW),
    };
    form("blob_receipt", &blob);
    let checkpoint = Checkpoint {
        tenant: TenantId(uuid(1)),
        epoch: EpochId(uuid(5)),
        size: 9,
        root: "0".repeat(64),
        time: Timestamp(NOW),
    };
    form("checkpoint", &checkpoint);
    let text = NativeKey::number(9).sign_text(Typ::BlobReceipt, &blob);
    assert_eq!(BlobReceipt::parse(&text).expect("reads").0, blob);
    assert!(
        BlobReceipt::parse(&text.replace("ey", "eY")).is_err(),
        "a text of another form"
    );
    assert!(
        Receipt::parse(&text).is_err(),
        "a receipt for bytes never passes for one for an event"
    );
    let held = BlobReceipts {
        receipts: vec!["a.b.c".to_owned()],
    };
    form("wire_blob_receipts", &held);
}

fn event_row() -> EventRow {
    EventRow {
        v: 1,
        seq: 7,
        hash: EventHash::of("a.b"),
        record_id: RecordId(uuid(32)),
        kind: "sealed".to_owned(),
        at: Timestamp(NOW),
        text: "a.b.c".to_owned(),
    }
}

#[test]
fn drafts_on_the_device() {
    let id = RecordId(uuid(32));
    let mut draft = Draft::new(
        id,
        Mode::SpotCheck,
        site(),
        vec![checklist_ref()],
        Timestamp(NOW),
    );
    draft.position = Some(key("A-2", "1"));
    let collectors = Draft::instances_key(&Digest::of(b"sample"), "collectors");
    draft.instances.insert(collectors, 2);
    form("row_draft", &draft);
    form("row_evidence", &examples::captured());
    let finding = Finding {
        hazard_id: HazardId(uuid(21)),
        fact: "事实".to_owned(),
        correction: "整改".to_owned(),
        responsible: "王试用".to_owned(),
        due: Some(day()),
        corrected_on_site: true,
        judged: Some(Determination::SuspectedMajor),
    };
    let answer = DraftAnswer {
        v: 1,
        key: key("A-2", "1"),
        value: AnswerValue::Fail,
        at: Timestamp(NOW),
        finding: Some(finding),
    };
    form("row_answer", &answer);
    let copy = safety::copy(&draft, std::slice::from_ref(&answer)).expect("it fits");
    let json = URL_SAFE_NO_PAD.decode(copy.bytes).expect("base64url");
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    let json = serde_json::to_string_pretty(&json).expect("serialises");
    insta::assert_snapshot!("draft_bytes", json);
}

#[test]
fn rows_on_the_device() {
    form("row_event", &event_row());
    let head = Head {
        seq: 7,
        hash: EventHash::of("a.b"),
    };
    form("row_head", &head);
    form("row_identity", &identity(1));
    let pulled = PulledEvent {
        v: 1,
        hash: EventHash::of("a.b"),
        record_id: RecordId(uuid(32)),
        text: "a.b.c".to_owned(),
        receipt: Some(receipt(
            &identity(1),
            &event_row(),
            Disposition::Quarantined,
        )),
    };
    form("row_pulled", &pulled);
    let state = PushState {
        acked: 7,
        seen: Some(seen()),
        halted: Some(Halt::UnknownServerKey),
        offset: Some((-4_000, 30)),
    };
    form("row_push_state", &state);
    let checklist = ChecklistRow {
        v: 1,
        digest: Digest::of(b"{}"),
        id: "sample".to_owned(),
        version: 1,
        json: "{}".to_owned(),
    };
    form("row_checklist", &checklist);
}

fn seen() -> Seen {
    Seen {
        epoch: EpochId(uuid(5)),
        size: 9,
    }
}

#[test]
fn push_messages() {
    let request = PushRequest {
        protocol: 1,
        certificate: "c".to_owned(),
        first_seq: 7,
        events: vec!["a.b.c".to_owned()],
        seen: Some(seen()),
        checkpoint: Some("a.b.c".to_owned()),
        blob_receipt: Some("d.e.f".to_owned()),
        relayed: true,
        unsent: 3,
    };
    form("push_request", &request);
    let results = [
        (PushOutcome::Applied, None),
        (PushOutcome::Duplicate, None),
        (PushOutcome::Quarantined, Some(Reason::Damaged)),
        (PushOutcome::Deferred, Some(Reason::UnknownKind)),
        (PushOutcome::Fork, Some(Reason::Fork)),
    ];
    let result = |(n, (outcome, reason)): (u64, (PushOutcome, Option<Reason>))| PushResult {
        device_seq: 7 + n,
        event_hash: EventHash::of("a.b"),
        outcome,
        reason,
        receipt: "r".to_owned(),
    };
    let reply = PushReply {
        log: seen(),
        checkpoint: Some("a.b.c".to_owned()),
        results: (0..).zip(results).map(result).collect(),
        next_seq: 12,
        photos: PhotoPolicy::Originals,
        now: Timestamp(NOW),
    };
    form("push_reply", &reply);
    let problem = Problem {
        code: "expected_seq".to_owned(),
        status: 409,
        title: "Another number is expected".to_owned(),
        detail: String::new(),
        expected_seq: Some(5),
    };
    form("problem", &problem);
    let bytes = "e30".to_owned();
    form("draft_copy", &DraftCopy { rev: 7, bytes });
    form("draft_kept", &DraftKept { rev: 8 });
}

#[test]
fn enrolment_messages() {
    let request = EnrolRequest {
        jwk: NativeKey::number(1).jwk(),
        label: "Chrome, Android".to_owned(),
    };
    form("enrol_request", &request);
    let enrolled = EnrolReply {
        certificate: "c".to_owned(),
        server_keys: vec![NativeKey::number(200).jwk()],
        tenant_name: "示例区".to_owned(),
        zone: ZoneOffset::CHINA,
        log: seen(),
        now: Timestamp(NOW),
    };
    form("enrol_reply", &enrolled);
}

#[test]
fn pull_messages() {
    let site = Site {
        site_id: SiteId(uuid(11)),
        version: 3,
        name: "示例纸管厂".to_owned(),
        address: "东示镇虚拟路 8 号".to_owned(),
        region: "dongshi".to_owned(),
        credit_code: None,
        category: "workshop".to_owned(),
        initials: "slzgc".to_owned(),
        checklists: vec!["dust-explosion".to_owned()],
    };
    let event = PullRow::Event {
        event: "a.b.c".to_owned(),
        certificate: "c".to_owned(),
        receipt: "r".to_owned(),
        reason: Some(Reason::Revoked),
    };
    let checklist = PullRow::Checklist {
        digest: Digest::of(b"{}"),
        json: "{}".to_owned(),
    };
    let gone = PullRow::Drop {
        key: SiteId(uuid(12)).to_string(),
    };
    let page = PullPage {
        stream: Stream::Sites,
        rows: vec![PullRow::Site { site }, checklist, event, gone],
        cursor: "opaque".to_owned(),
        more: true,
        snapshot: true,
        log: seen(),
        now: Timestamp(NOW),
    };
    form("pull_page", &page);
}

#[test]
fn the_copy_beside_the_database() {
    let mut text = copy::identity_line(&identity(1)).expect("an identity");
    text += &copy::event_line(&event_row());
    insta::assert_snapshot!("copy_file", text);
}

#[test]
fn words_of_a_later_server_do_not_make_an_answer_unreadable() {
    let result = r#"{"device_seq":7,"event_hash":"HASH","outcome":"set_aside","reason":"full_moon","receipt":"r"}"#;
    let result = result.replace("HASH", EventHash::of("a.b").as_str());
    let result: PushResult = zhicha_core::json::from_slice(result.as_bytes()).unwrap();
    assert_eq!(
        (result.outcome, result.reason),
        (PushOutcome::Duplicate, Some(Reason::Other))
    );
    let photos: PhotoPolicy = zhicha_core::json::from_slice(br#""thumbnails""#).unwrap();
    assert_eq!(photos, PhotoPolicy::Originals);
    let row =
        r#"{"op":"event","event":"a.b.c","certificate":"c","receipt":"r","reason":"full_moon"}"#;
    let row: PullRow = zhicha_core::json::from_slice(row.as_bytes()).unwrap();
    assert!(matches!(
        row,
        PullRow::Event {
            reason: Some(Reason::Other),
            ..
        }
    ));
}
