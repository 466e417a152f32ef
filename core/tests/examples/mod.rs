//! One of everything that is stored or sent.

use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{Digest, Severity},
    client::Clock as _,
    determination::Determination,
    event::{Body, EventHash, Payload, envelope::SCHEMA},
    id::{EventId, HazardId, RecordId, SiteId, UserId, Uuid},
    inspection::{
        ChecklistAnswers, ChecklistRef, EvidenceRow, Hazard, Inspector, Mode, Outcome,
        RecordedAnswer, Representative, Sealed, SignMethod, SignOff, SignRole, SiteSnapshot, Visit,
        evidence::{self, PartRow},
    },
    testing::{FixedClock, identity, photo},
    time::{CivilDate, Timestamp},
};

pub const NOW: i64 = 1_795_500_000_000;

pub fn uuid(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub fn day() -> CivilDate {
    CivilDate::from_ymd(2026, 11, 24).expect("a day")
}

pub fn key(item: &str, instance: &str) -> AnswerKey {
    AnswerKey {
        checklist: Digest::of(b"sample"),
        item: item.to_owned(),
        instance: instance.to_owned(),
    }
}

pub fn site() -> SiteSnapshot {
    SiteSnapshot {
        site_id: Some(SiteId(uuid(11))),
        name: "示例纸管厂".to_owned(),
        address: "东示镇虚拟路 8 号".to_owned(),
        region: Some("dongshi".to_owned()),
        credit_code: Some("91320000XXXXXXXX0A".to_owned()),
        version: Some(3),
    }
}

pub fn checklist_ref() -> ChecklistRef {
    ChecklistRef {
        id: "sample".to_owned(),
        version: 1,
        digest: Digest::of(b"sample"),
    }
}

fn values() -> Vec<AnswerValue> {
    let text = str::to_owned;
    vec![
        AnswerValue::Pass,
        AnswerValue::Fail,
        AnswerValue::NotApplicable,
        AnswerValue::NotChecked {
            reason: text("门锁着，没进去"),
        },
        AnswerValue::Number {
            value: "0.80".parse().expect("a decimal"),
        },
        AnswerValue::Choice {
            value: text("class-c"),
        },
        AnswerValue::Choices {
            value: vec![text("wood"), text("metal")],
        },
        AnswerValue::Text {
            value: text("东侧"),
        },
        AnswerValue::Date { value: day() },
    ]
}

pub fn hazard() -> Hazard {
    Hazard {
        hazard_id: HazardId(uuid(21)),
        key: key("A-2", "1"),
        severity: Severity::Major,
        suggested: Determination::SuspectedMajor,
        judged: Some(Determination::Pending),
        fact: "1 台除尘器未见泄爆片".to_owned(),
        correction: "停用并加装".to_owned(),
        responsible: "王试用".to_owned(),
        due: Some(day()),
        corrected_on_site: false,
    }
}

fn sign(role: SignRole, method: SignMethod, reason: &str) -> SignOff {
    SignOff {
        role,
        name: "王试用".to_owned(),
        method,
        at: Timestamp(NOW + 2),
        reason: reason.to_owned(),
        blob: (method == SignMethod::Drawn).then(|| Digest::of(b"strokes")),
        shown: (method == SignMethod::Drawn).then(|| Digest::of(b"what was shown")),
    }
}

/// A photo with original and working copy.
pub fn captured() -> EvidenceRow {
    let mut row = photo(32, 41, b"working copy");
    row.about = Some(key("A-1", ""));
    row.text = "二楼东侧出口".to_owned();
    let original = PartRow {
        role: evidence::Role::Original,
        sha256: Digest::of(b"original"),
        len: 8,
        ..row.parts[0].clone()
    };
    row.parts.insert(0, original);
    row
}

pub fn sealed() -> Sealed {
    let answer = |(n, value): (usize, AnswerValue)| RecordedAnswer {
        item: format!("A-{}", n + 1),
        instance: if n == 1 {
            "1".to_owned()
        } else {
            String::new()
        },
        value,
        at: Timestamp(NOW + 1),
    };
    Sealed {
        mode: Mode::SpotCheck,
        site: site(),
        checklists: vec![checklist_ref()],
        inspectors: vec![Inspector {
            name: "张示例".to_owned(),
            cert_no: "示-0101".to_owned(),
            user: Some(UserId(uuid(2))),
        }],
        representative: Representative {
            name: "王试用".to_owned(),
            position: "生产主管".to_owned(),
        },
        from: Timestamp(NOW),
        to: Timestamp(NOW + 3),
        outcome: Outcome {
            visit: Visit::Partial,
            note: "二楼锁着".to_owned(),
        },
        answers: vec![ChecklistAnswers {
            checklist: Digest::of(b"sample"),
            answers: values().into_iter().enumerate().map(answer).collect(),
        }],
        hazards: vec![hazard()],
        sign_offs: vec![
            sign(SignRole::Inspector, SignMethod::Typed, ""),
            sign(SignRole::Witness, SignMethod::Drawn, ""),
            sign(SignRole::Representative, SignMethod::Refused, "不认可"),
        ],
        evidence: evidence::named(&[captured()], &[Digest::of(b"sample")]).0,
        remarks: "无".to_owned(),
    }
}

pub fn payload(body: &Body) -> Payload {
    let identity = identity(1);
    Payload {
        tenant: identity.tenant,
        event_id: EventId(uuid(31)),
        kind: body.kind().as_str().to_owned(),
        record_type: body.kind().record_type().to_owned(),
        record_id: RecordId(uuid(32)),
        parents: vec![EventHash::of("parent")],
        device_id: identity.device_id,
        device_seq: 7,
        prev: EventHash::of("prev"),
        actor: identity.user,
        role: identity.role,
        checklists: vec![Digest::of(b"sample")],
        app_build: "build".to_owned(),
        schema: SCHEMA,
        t: FixedClock::at(NOW).testimony(Some((-4_000, 30))),
        inspection_date: day(),
        body: body.to_value().expect("a body"),
        blobs: evidence::named(&[captured()], &[Digest::of(b"sample")]).1,
    }
}

pub fn sealed_body() -> Body {
    Body::Sealed(Box::new(sealed()))
}
