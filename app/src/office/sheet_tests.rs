use super::*;
use zhicha_core::{
    access::Role,
    api::{Counts, RecordEvent, RecordSummary},
    determination::Determination,
    event::{Body, EventHash, Testimony, Unsigned},
    id::{DeviceId, EventId, HazardId, PageSession, RecordId, TenantId, UserId, Uuid},
    inspection::{
        AnswerChange, ChecklistAnswers, ChecklistRef, Mode, Outcome, Representative, SiteSnapshot,
        Visit,
    },
};

const LIST: &str = r#"{"id":"demo","version":1,"title":{"zh":"示例","en":"Demo"},"summary":{"zh":"示例","en":"Demo"},
"status_date":"2026-01-01","documents":{"law":{"title":{"zh":"示例法","en":"Demo law"},"effective_to":"2026-06-30","successor":"new"},
"new":{"title":{"zh":"示例新法","en":"New demo law"}}},"sections":[
{"id":"one","title":{"zh":"一","en":"One"},"items":[
{"id":"a","source":"X-1","text":{"zh":"甲","en":"A"},"answer":{"kind":"check"},
"bases":[{"document":"law","clause":"第一条","certainty":"recalled"}],"severity_bases":[{"document":"law","clause":"第一条","certainty":"recalled"}]},
{"id":"b","source":"X-2","text":{"zh":"乙","en":"B"},"answer":{"kind":"check"}}]},
{"id":"rooms","title":{"zh":"二","en":"Two"},"gate":{"id":"g","text":{"zh":"有？","en":"Any?"}},"repeat":{"noun":{"zh":"间","en":"room"},"max":12},
"items":[{"id":"d","source":"X-4","text":{"zh":"丁","en":"D"},"answer":{"kind":"check"}}]}]}"#;

// Takes over `a` and asks something of its own.
const OTHER: &str = r#"{"id":"other","version":1,"title":{"zh":"别的","en":"Other"},"summary":{"zh":"别的","en":"Other"},
"status_date":"2026-01-01","documents":{},"sections":[{"id":"one","title":{"zh":"一","en":"One"},"items":[
{"id":"x","source":"Y-1","text":{"zh":"甲","en":"A"},"answer":{"kind":"check"},"origin":"demo/a"},
{"id":"y","source":"Y-2","text":{"zh":"戊","en":"E"},"answer":{"kind":"check"}}]}]}"#;

const DAY: &str = "2026-11-22";

fn digest() -> Digest {
    Digest::of(LIST.as_bytes())
}

fn key(item: &str, instance: &str) -> AnswerKey {
    let (item, instance) = (item.to_owned(), instance.to_owned());
    AnswerKey {
        checklist: digest(),
        item,
        instance,
    }
}

fn answer(item: &str, instance: &str, value: AnswerValue) -> RecordedAnswer {
    let (item, instance) = (item.to_owned(), instance.to_owned());
    let at = Timestamp(0);
    RecordedAnswer {
        item,
        instance,
        value,
        at,
    }
}

fn hazard(number: u128) -> Hazard {
    Hazard {
        hazard_id: HazardId(Uuid::from_u128(number)),
        key: key("a", ""),
        severity: zhicha_core::checklist::Severity::General,
        suggested: Determination::General,
        judged: None,
        fact: String::new(),
        correction: String::new(),
        responsible: String::new(),
        due: None,
        corrected_on_site: false,
    }
}

fn sealed(answers: Vec<RecordedAnswer>) -> Body {
    let checklists = vec![ChecklistRef {
        id: "demo".to_owned(),
        version: 1,
        digest: digest(),
    }];
    Body::Sealed(Box::new(Sealed {
        mode: Mode::SpotCheck,
        site: SiteSnapshot {
            site_id: None,
            name: "示例厂".to_owned(),
            address: String::new(),
            region: None,
            credit_code: None,
            version: None,
        },
        checklists,
        inspectors: Vec::new(),
        representative: Representative::default(),
        from: Timestamp(0),
        to: Timestamp(1),
        outcome: Outcome {
            visit: Visit::Completed,
            note: String::new(),
        },
        answers: vec![ChecklistAnswers {
            checklist: digest(),
            answers,
        }],
        hazards: vec![hazard(1)],
        sign_offs: Vec::new(),
        evidence: Vec::new(),
        remarks: String::new(),
    }))
}

fn event(seq: u64, body: &Body, disposition: Disposition) -> RecordEvent {
    let id = Uuid::from_u128(u128::from(seq));
    let payload = Payload {
        tenant: TenantId(id),
        event_id: EventId(id),
        kind: body.kind().as_str().to_owned(),
        record_type: body.kind().record_type().to_owned(),
        record_id: RecordId(id),
        parents: Vec::new(),
        device_id: DeviceId(id),
        device_seq: seq,
        prev: EventHash::of("before"),
        actor: UserId(id),
        role: Role::Inspector,
        checklists: vec![digest()],
        app_build: "test".to_owned(),
        schema: 1,
        t: Testimony {
            wall: Timestamp(i64::try_from(seq).expect("small")),
            mono: 0,
            page_session: PageSession(id),
            server_est: None,
            uncertainty: None,
        },
        inspection_date: DAY.parse().expect("a day"),
        body: body.to_value().expect("JSON"),
        blobs: Vec::new(),
    };
    let unsigned = Unsigned::build(payload, "kid").expect("fits one event");
    RecordEvent {
        event_hash: unsigned.hash.clone(),
        text: unsigned.signed(&[7; 64]),
        device_id: DeviceId(id),
        actor_name: String::new(),
        disposition,
        reason: None,
        tenant_seq: seq,
        received_at: Timestamp(0),
        receipt: String::new(),
        flags: Vec::new(),
    }
}

fn detail(events: Vec<RecordEvent>, known: bool) -> RecordDetail {
    let summary = RecordSummary {
        record_id: RecordId(Uuid::nil()),
        sealed: true,
        mode: Mode::SpotCheck,
        site_name: String::new(),
        site_address: String::new(),
        site_id: None,
        region: None,
        checklists: Vec::new(),
        inspectors: Vec::new(),
        inspection_date: DAY.parse().expect("a day"),
        from: Timestamp(0),
        to: None,
        visit: None,
        counts: Counts::default(),
        suspected_major: 0,
        amendments: 0,
        received_at: Timestamp(0),
        flags: Vec::new(),
        blobs_named: 0,
        blobs_here: 0,
    };
    let published = PublishedChecklist {
        digest: digest(),
        json: LIST.to_owned(),
    };
    RecordDetail {
        summary,
        events,
        checklists: known.then_some(published).into_iter().collect(),
        blobs: Vec::new(),
    }
}

fn ids(sheet: &Sheet) -> Vec<String> {
    let lines = sheet.parts.iter().flat_map(|p| &p.groups);
    lines
        .flat_map(|g| &g.lines)
        .map(|l| format!("{}{}", l.key.item, l.key.instance))
        .collect()
}

#[test]
fn answers_stand_in_the_order_of_the_checklist_and_none_is_dropped() {
    let answers = vec![
        answer("stranger", "", AnswerValue::Fail),
        answer("d", "10", AnswerValue::Pass),
        answer("d", "2", AnswerValue::Pass),
        answer(
            "g",
            "",
            AnswerValue::Choice {
                value: "yes".to_owned(),
            },
        ),
        answer("b", "", AnswerValue::Pass),
        answer("a", "", AnswerValue::Fail),
    ];
    let events = vec![event(1, &sealed(answers), Disposition::Applied)];
    let sheet = Sheet::of(&detail(events.clone(), true));
    assert_eq!(ids(&sheet), ["a", "b", "g", "d2", "d10", "stranger"]);
    let unknown = Sheet::of(&detail(events, false));
    assert_eq!(ids(&unknown).len(), 6);
    assert!(unknown.parts[0].title.is_none());
}

#[test]
fn an_amendment_stands_beside_the_original() {
    let seal = event(
        1,
        &sealed(vec![answer("a", "", AnswerValue::Fail)]),
        Disposition::Applied,
    );
    let amended = Body::Amended(Amended {
        sealed: seal.event_hash.clone(),
        reason: "看漏".to_owned(),
        answers: vec![
            AnswerChange {
                key: key("a", ""),
                from: Some(AnswerValue::Fail),
                to: AnswerValue::Pass,
            },
            AnswerChange {
                key: key("b", ""),
                from: None,
                to: AnswerValue::Fail,
            },
        ],
        hazards_added: vec![hazard(2)],
        hazards_withdrawn: vec![HazardId(Uuid::from_u128(1))],
        evidence: Vec::new(),
        remarks: String::new(),
    });
    let sheet = Sheet::of(&detail(
        vec![seal, event(2, &amended, Disposition::Applied)],
        true,
    ));
    let lines = &sheet.parts[0].groups[0].lines;
    assert_eq!(lines[0].value, Some(AnswerValue::Fail));
    assert_eq!(lines[0].changes, [(0, AnswerValue::Pass)]);
    assert_eq!(lines[1].value, None);
    assert_eq!(lines[1].changes, [(0, AnswerValue::Fail)]);
    let hazards = sheet.hazards();
    assert_eq!(
        (hazards[0].added_by, hazards[0].withdrawn_by),
        (None, Some(0))
    );
    assert_eq!(
        (hazards[1].added_by, hazards[1].withdrawn_by),
        (Some(0), None)
    );
}

fn text(zh: &str, en: &str) -> Text {
    let (zh, en) = (zh.to_owned(), en.to_owned());
    Text { zh, en }
}

// A visit over both checklists: `a` failed, which they share, and `y` passed.
fn combined() -> (Body, PublishedChecklist) {
    let Body::Sealed(mut body) = sealed(vec![answer("a", "", AnswerValue::Fail)]) else {
        unreachable!("a sealed body")
    };
    let other = Digest::of(OTHER.as_bytes());
    body.checklists.push(ChecklistRef {
        id: "other".to_owned(),
        version: 1,
        digest: other.clone(),
    });
    body.answers.push(ChecklistAnswers {
        checklist: other.clone(),
        answers: vec![answer("y", "", AnswerValue::Pass)],
    });
    let published = PublishedChecklist {
        digest: other,
        json: OTHER.to_owned(),
    };
    (Body::Sealed(body), published)
}

#[test]
fn an_answer_that_two_checklists_share_stands_in_both_and_names_the_other() {
    let (body, other) = combined();
    let seal = event(1, &body, Disposition::Applied);
    let amended = Body::Amended(Amended {
        sealed: seal.event_hash.clone(),
        reason: "看漏".to_owned(),
        answers: vec![AnswerChange {
            key: key("a", ""),
            from: Some(AnswerValue::Fail),
            to: AnswerValue::Pass,
        }],
        hazards_added: Vec::new(),
        hazards_withdrawn: Vec::new(),
        evidence: Vec::new(),
        remarks: String::new(),
    });
    let mut detail = detail(vec![seal, event(2, &amended, Disposition::Applied)], true);
    detail.checklists.push(other);
    let sheet = Sheet::of(&detail);
    let counts = |part: usize| (sheet.parts[part].counts.pass, sheet.parts[part].counts.fail);
    assert_eq!((counts(0), counts(1)), ((0, 1), (1, 1)));
    let line = |part: usize, at: usize| &sheet.parts[part].groups[0].lines[at];
    let (asked, counted) = (line(0, 0), line(1, 0));
    assert_eq!(asked.shared, [text("别的", "Other")]);
    assert_eq!(counted.shared, [text("示例", "Demo")]);
    assert_eq!(asked.key, counted.key);
    assert_eq!(counted.value, Some(AnswerValue::Fail));
    // Amended in its one place, shown in both.
    assert_eq!(asked.changes, [(0, AnswerValue::Pass)]);
    assert_eq!(counted.changes, asked.changes);
    let own = line(1, 1);
    assert!(own.key.item == "y" && own.shared.is_empty());
    assert_eq!(sheet.hazards().len(), 1);

    // Without the other checklist there is nothing to compare with: what the record has is shown.
    detail.checklists.pop();
    let alone = Sheet::of(&detail);
    assert_eq!(ids(&alone), ["a", "y"]);
    assert!(alone.parts[0].groups[0].lines[0].shared.is_empty());
}

#[test]
fn what_was_not_applied_does_not_count_and_what_cannot_be_read_is_told() {
    let seal = event(1, &sealed(Vec::new()), Disposition::Quarantined);
    let mut torn = event(2, &sealed(Vec::new()), Disposition::Applied);
    torn.text.truncate(40);
    let sheet = Sheet::of(&detail(vec![seal, torn], true));
    assert!(sheet.record.sealed.is_none());
    assert_eq!(sheet.unreadable, 1);
}

#[test]
fn a_basis_says_what_is_uncertain_about_it_once() {
    let checklist = Loaded::from_bytes(LIST.as_bytes())
        .expect("a checklist")
        .checklist;
    let item = &checklist.sections[0].items[0];
    let shown = bases(item, &checklist, DAY.parse().expect("a day"));
    assert_eq!(shown.len(), 1);
    assert!(shown[0].recalled && !shown[0].in_force);
    assert_eq!(
        shown[0].successor.as_ref().map(|t| t.zh.as_str()),
        Some("示例新法")
    );
}
