//! Bodies of events, the same for every test.

use super::device::id;
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{Digest, Severity},
    determination::Determination,
    event::{Body, EventHash, body::DeviceLoss},
    id::{DeviceId, HazardId},
    inspection::{
        Amended, ChecklistAnswers, ChecklistRef, Hazard, Inspector, Mode, Outcome, RecordedAnswer,
        Representative, Sealed, SiteSnapshot, Started, Visit,
    },
    time::Timestamp,
};

pub fn site() -> SiteSnapshot {
    SiteSnapshot {
        site_id: None,
        name: "示例纸管厂".to_owned(),
        address: "示例镇虚构路8号".to_owned(),
        region: Some("shili-1".to_owned()),
        credit_code: None,
        version: None,
    }
}

fn checklist() -> ChecklistRef {
    ChecklistRef {
        id: "sample".to_owned(),
        version: 1,
        digest: Digest::of(b"sample"),
    }
}

pub fn started(mode: Mode) -> Body {
    Body::Started(Started {
        mode,
        site: site(),
        checklists: vec![checklist()],
        from: Timestamp(1_795_490_000_000),
    })
}

/// A sealed body with a pass, a fail with its hazard, and one not checked.
pub fn sealed(mode: Mode) -> Body {
    let at = Timestamp(1_795_495_000_000);
    let answer = |item: &str, value| RecordedAnswer {
        item: item.to_owned(),
        instance: String::new(),
        value,
        at,
    };
    let key = AnswerKey {
        checklist: checklist().digest,
        item: "b".to_owned(),
        instance: String::new(),
    };
    let inspector = |name: &str| Inspector {
        name: name.to_owned(),
        cert_no: "示例-001".to_owned(),
        user: None,
    };
    Body::Sealed(Box::new(Sealed {
        mode,
        site: site(),
        checklists: vec![checklist()],
        inspectors: vec![inspector("张示例"), inspector("李示例")],
        representative: Representative {
            name: "王虚构".to_owned(),
            position: "厂长".to_owned(),
        },
        from: Timestamp(1_795_490_000_000),
        to: Timestamp(1_795_499_000_000),
        outcome: Outcome {
            visit: Visit::Completed,
            note: String::new(),
        },
        answers: vec![ChecklistAnswers {
            checklist: checklist().digest,
            answers: vec![
                answer("a", AnswerValue::Pass),
                answer("b", AnswerValue::Fail),
                answer(
                    "c",
                    AnswerValue::NotChecked {
                        reason: "<b>上锁 & 无钥匙</b>".to_owned(),
                    },
                ),
            ],
        }],
        hazards: vec![Hazard {
            hazard_id: HazardId(id()),
            key,
            severity: Severity::Major,
            suggested: Determination::SuspectedMajor,
            judged: None,
            fact: "示例事实".to_owned(),
            correction: "示例整改".to_owned(),
            responsible: String::new(),
            due: None,
            corrected_on_site: false,
        }],
        sign_offs: Vec::new(),
        evidence: Vec::new(),
        remarks: String::new(),
    }))
}

pub fn amended(sealed: &str) -> Body {
    Body::Amended(Amended {
        sealed: EventHash::of_text(sealed),
        reason: "示例更正".to_owned(),
        answers: Vec::new(),
        hazards_added: Vec::new(),
        hazards_withdrawn: Vec::new(),
        evidence: Vec::new(),
        remarks: String::new(),
    })
}

pub fn loss(device: DeviceId, from: u64, to: u64) -> Body {
    Body::DeviceLoss(DeviceLoss {
        device_id: device,
        from,
        to,
        note: "示例".to_owned(),
    })
}
