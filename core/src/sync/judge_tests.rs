use super::*;
use crate::{
    answer::AnswerValue,
    event::{EventHash, Typ, body::DeviceLoss, envelope::Unsigned},
    id::{DeviceId, EventId, IdSource as _, RecordId, TenantId, UserId, Uuid},
    inspection::{Outcome, RecordedAnswer, Sealed, Started, Visit},
    testing::{CountingIds, FixedClock, NativeKey, draft, identity, site},
};
use crate::{
    client::{Clock as _, Signer as _},
    event::{Jws, jws::native},
    time::{Timestamp, ZoneOffset},
};

fn certificate() -> Certificate {
    Certificate::parse(&identity(1).certificate)
        .expect("a certificate")
        .0
}

fn device(last_seq: u64) -> DeviceState {
    DeviceState {
        last_seq,
        last_hash: EventHash::of("last"),
        after_gap: false,
        frozen: false,
        revoked: false,
        role: Role::Inspector,
    }
}

fn started() -> Body {
    let d = draft(1);
    Body::Started(Started {
        mode: Mode::SpotCheck,
        site: site(),
        checklists: d.checklists,
        from: Timestamp(0),
    })
}

fn sealed(mode: Mode) -> Sealed {
    let d = draft(1);
    Sealed {
        mode,
        site: site(),
        checklists: d.checklists.clone(),
        inspectors: vec![],
        representative: crate::inspection::Representative::default(),
        from: Timestamp(0),
        to: Timestamp(1),
        outcome: Outcome {
            visit: Visit::Completed,
            note: String::new(),
        },
        answers: vec![crate::inspection::ChecklistAnswers {
            checklist: d.checklists[0].digest.clone(),
            answers: vec![RecordedAnswer {
                item: "A-1".to_owned(),
                instance: String::new(),
                value: AnswerValue::Pass,
                at: Timestamp(0),
            }],
        }],
        hazards: vec![],
        sign_offs: vec![],
        evidence: vec![],
        remarks: String::new(),
    }
}

fn payload(seq: u64, body: &Body) -> Payload {
    let identity = identity(1);
    let mut ids = CountingIds(seq * 100);
    Payload {
        tenant: identity.tenant,
        event_id: EventId(ids.next_id()),
        kind: body.kind().as_str().to_owned(),
        record_type: body.kind().record_type().to_owned(),
        record_id: RecordId(ids.next_id()),
        parents: vec![],
        device_id: identity.device_id,
        device_seq: seq,
        prev: EventHash::of("last"),
        actor: identity.user,
        role: identity.role,
        checklists: vec![],
        app_build: "test".to_owned(),
        schema: SCHEMA,
        t: FixedClock::at(1_795_500_000_000).testimony(None),
        inspection_date: crate::time::CivilDate::of(
            Timestamp(1_795_500_000_000),
            ZoneOffset::CHINA,
        ),
        body: body.to_value().expect("a body"),
        blobs: vec![],
    }
}

fn incoming(payload: Payload) -> Incoming {
    let key = NativeKey::number(1);
    let unsigned = Unsigned::build(payload, key.kid()).expect("builds");
    let text = key.sign_text(Typ::Event, &unsigned.payload);
    Incoming::read(&text, |jws: &Jws| native::verify(jws, &key.jwk()).is_ok())
}

fn event(seq: u64) -> Incoming {
    incoming(payload(seq, &started()))
}

fn reason(verdict: &Verdict) -> Option<Reason> {
    if let Verdict::Quarantine { reason, .. } = verdict {
        Some(*reason)
    } else {
        None
    }
}

fn judged(device: &DeviceState, seq: u64, event: &Incoming) -> Verdict {
    judge(device, &certificate(), seq, event, None)
}

#[test]
fn the_next_sound_event_is_applied() {
    assert_eq!(
        judged(&device(4), 5, &event(5)),
        Verdict::Apply { after_gap: false }
    );
}

#[test]
fn the_same_event_again_is_a_duplicate_also_when_frozen_or_revoked() {
    let event = event(3);
    for (frozen, revoked) in [(false, false), (true, false), (false, true)] {
        let device = DeviceState {
            frozen,
            revoked,
            ..device(4)
        };
        assert_eq!(
            judge(&device, &certificate(), 3, &event, Some(event.hash())),
            Verdict::Duplicate
        );
    }
}

#[test]
fn another_event_under_a_used_number_is_a_fork() {
    let stored = EventHash::of("stored");
    assert_eq!(
        judge(&device(4), &certificate(), 3, &event(3), Some(&stored)),
        Verdict::Fork
    );
}

#[test]
fn what_comes_after_its_loss_was_reported_is_applied_and_only_its_own_device_can_do_that() {
    // No text stands under number 3: it was reported as lost.
    let late =
        |device: &DeviceState, event: &Incoming| judge(device, &certificate(), 3, event, None);
    assert_eq!(late(&device(4), &event(3)), Verdict::ApplyLate);
    let revoked = DeviceState {
        revoked: true,
        ..device(4)
    };
    assert_eq!(reason(&late(&revoked, &event(3))), Some(Reason::Revoked));
    assert_eq!(
        late(&device(4), &event(2)),
        Verdict::Fork,
        "of another number"
    );
    let damaged = Incoming::read("not.a.jws", |_| true);
    assert_eq!(reason(&late(&device(4), &damaged)), Some(Reason::Damaged));
}

#[test]
fn another_predecessor_is_a_fork() {
    let forked = incoming(Payload {
        prev: EventHash::of("else"),
        ..payload(5, &started())
    });
    assert_eq!(judged(&device(4), 5, &forked), Verdict::Fork);
}

#[test]
fn a_frozen_device_may_only_deposit() {
    let frozen = DeviceState {
        frozen: true,
        ..device(4)
    };
    for seq in [2, 5, 9] {
        assert_eq!(judged(&frozen, seq, &event(seq)), Verdict::Fork);
    }
}

#[test]
fn a_number_too_high_is_refused_and_stores_nothing() {
    assert_eq!(
        judged(&device(4), 6, &event(6)),
        Verdict::Expected { seq: 5 }
    );
}

#[test]
fn a_damaged_text_closes_its_slot_and_the_next_is_taken() {
    let damaged = Incoming::read("not.a.jws", |_| true);
    assert_eq!(
        reason(&judged(&device(4), 5, &damaged)),
        Some(Reason::Damaged)
    );
    let other_key = Incoming::read(
        &NativeKey::number(2).sign_text(Typ::Event, &payload(5, &started())),
        |jws| native::verify(jws, &NativeKey::number(1).jwk()).is_ok(),
    );
    assert_eq!(
        reason(&judged(&device(4), 5, &other_key)),
        Some(Reason::Damaged)
    );
    let gap = DeviceState {
        after_gap: true,
        last_hash: EventHash::of("unreadable"),
        ..device(5)
    };
    assert_eq!(
        judged(&gap, 6, &event(6)),
        Verdict::Apply { after_gap: true }
    );
}

#[test]
fn what_belongs_to_somebody_else_is_quarantined() {
    let base = || payload(5, &started());
    let foreign = [
        Payload {
            tenant: TenantId(Uuid::from_u128(77)),
            ..base()
        },
        Payload {
            device_id: DeviceId(Uuid::from_u128(77)),
            ..base()
        },
        Payload {
            actor: UserId(Uuid::from_u128(77)),
            ..base()
        },
        Payload {
            device_seq: 6,
            ..base()
        },
    ];
    for payload in foreign {
        assert_eq!(
            reason(&judged(&device(4), 5, &incoming(payload))),
            Some(Reason::Foreign)
        );
    }
}

#[test]
fn a_revoked_device_deposits() {
    let revoked = DeviceState {
        revoked: true,
        ..device(4)
    };
    assert_eq!(
        reason(&judged(&revoked, 5, &event(5))),
        Some(Reason::Revoked)
    );
}

#[test]
fn roles_are_judged_at_receipt() {
    let business = DeviceState {
        role: Role::Business,
        ..device(4)
    };
    assert_eq!(
        reason(&judged(&business, 5, &event(5))),
        Some(Reason::NotPermitted)
    );
    let own = incoming(payload(
        5,
        &Body::Sealed(Box::new(sealed(Mode::SelfInspection))),
    ));
    assert_eq!(
        judged(&business, 5, &own),
        Verdict::Apply { after_gap: false }
    );
    assert_eq!(
        reason(&judged(&device(4), 5, &own)),
        Some(Reason::NotPermitted),
        "an inspector's word is not a business's about itself"
    );
    let administrator = DeviceState {
        role: Role::Administrator,
        ..device(4)
    };
    assert_eq!(
        reason(&judged(&administrator, 5, &own)),
        Some(Reason::NotPermitted)
    );
}

#[test]
fn what_is_newer_waits_and_what_is_wrong_is_quarantined() {
    let newer_kind = incoming(Payload {
        kind: "hazard_closed".to_owned(),
        ..payload(5, &started())
    });
    assert_eq!(judged(&device(4), 5, &newer_kind), Verdict::Defer);
    let newer_schema = incoming(Payload {
        schema: SCHEMA + 1,
        ..payload(5, &started())
    });
    assert_eq!(judged(&device(4), 5, &newer_schema), Verdict::Defer);
    let no_body = incoming(Payload {
        body: serde_json::json!({}),
        ..payload(5, &started())
    });
    assert_eq!(
        reason(&judged(&device(4), 5, &no_body)),
        Some(Reason::Invalid)
    );
    let wrong_type = incoming(Payload {
        record_type: "hazard".to_owned(),
        ..payload(5, &started())
    });
    assert_eq!(
        reason(&judged(&device(4), 5, &wrong_type)),
        Some(Reason::Invalid)
    );
    let unnamed = Sealed {
        checklists: vec![],
        ..sealed(Mode::SpotCheck)
    };
    let unnamed = incoming(payload(5, &Body::Sealed(Box::new(unnamed))));
    assert_eq!(
        reason(&judged(&device(4), 5, &unnamed)),
        Some(Reason::Invalid)
    );
}

#[test]
fn a_loss_report_goes_behind_the_numbers_it_names() {
    let loss = |from, to| {
        Body::DeviceLoss(DeviceLoss {
            device_id: identity(1).device_id,
            from,
            to,
            note: String::new(),
        })
    };
    let report = |from, to, seq| incoming(payload(seq, &loss(from, to)));
    assert_eq!(
        judged(&device(4), 8, &report(5, 7, 8)),
        Verdict::ApplyLoss { from: 5, to: 7 }
    );
    assert_eq!(
        judged(&device(4), 8, &report(6, 7, 8)),
        Verdict::Expected { seq: 5 },
        "not from the first missing number"
    );
    for (from, to, words) in [
        (3, 7, "some of it had been sent"),
        (3, 4, "all of it had been sent"),
    ] {
        let loss = Verdict::ApplyLoss { from, to };
        assert_eq!(
            judged(&device(4), to + 1, &report(from, to, to + 1)),
            loss,
            "{words}"
        );
    }
    assert_eq!(
        judged(&device(4), 9, &report(5, 7, 9)),
        Verdict::Expected { seq: 5 },
        "not its own number"
    );
    let most = 4 + MAX_LOSS;
    assert_eq!(
        judged(&device(4), most + 1, &report(5, most, most + 1)),
        Verdict::ApplyLoss { from: 5, to: most }
    );
    assert_eq!(
        judged(&device(4), most + 2, &report(5, most + 1, most + 2)),
        Verdict::Expected { seq: 5 },
        "more than any device has written"
    );
    let revoked = DeviceState {
        revoked: true,
        ..device(4)
    };
    assert_eq!(
        reason(&judged(&revoked, 8, &report(5, 7, 8))),
        Some(Reason::Revoked),
        "it takes its place all the same"
    );
    let of_another = Body::DeviceLoss(DeviceLoss {
        device_id: DeviceId(Uuid::from_u128(9)),
        from: 1,
        to: 3,
        note: String::new(),
    });
    let of_another = incoming(payload(5, &of_another));
    assert_eq!(
        judged(&device(4), 5, &of_another),
        Verdict::Apply { after_gap: false },
        "an earlier enrolment's loss is an ordinary event"
    );
}
