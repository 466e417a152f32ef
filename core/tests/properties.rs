//! What holds of every record and every text, whatever is in it and in whatever order it comes (`faults.md` G03, G04).

mod examples;

use examples::{NOW, payload, sealed, sealed_body, site};
use proptest::{prelude::*, test_runner::Config};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;
use zhicha_core::{
    client::copy,
    event::{Body, EventHash, Payload, Typ, jws::native},
    id::{HazardId, Uuid},
    inspection::{Amended, Mode, Started, fold},
    store::EventRow,
    testing::{NativeKey, identity},
    time::Timestamp,
};

fn body(which: u8) -> Body {
    match which {
        0 => Body::Started(Started {
            mode: Mode::SpotCheck,
            site: site(),
            checklists: vec![],
            from: Timestamp(NOW),
        }),
        1 => sealed_body(),
        _ => Body::Amended(Amended {
            sealed: EventHash::of("sealed"),
            reason: "看漏（虚构）".to_owned(),
            answers: vec![],
            hazards_added: sealed().hazards,
            hazards_withdrawn: vec![HazardId(Uuid::from_u128(22))],
            evidence: vec![],
            remarks: String::new(),
        }),
    }
}

static SAMPLES: LazyLock<[Payload; 3]> =
    LazyLock::new(|| [0, 1, 2].map(|which| payload(&body(which))));

// An event of the record: one that is understood, one of a newer build, or one that is none; the clocks say anything.
fn event() -> impl Strategy<Value = (EventHash, Payload)> {
    let clocks = (-10_i64..10, prop::option::of(-10_i64..10));
    (0_u16..40, 0_u8..6, clocks).prop_map(|(name, which, (wall, server))| {
        let mut event = SAMPLES[usize::from(which.min(2))].clone();
        match which {
            3 => event.kind = "hazard_closed".to_owned(),
            4 => event.schema = 99,
            5 => event.body = json!({ "sealed": which }),
            _ => {}
        }
        event.t.wall = Timestamp(NOW + wall);
        event.t.server_est = server.map(|off| Timestamp(NOW + off));
        (EventHash::of(&name.to_string()), event)
    })
}

// The same name never stands for two texts.
fn events() -> impl Strategy<Value = Vec<(EventHash, Payload)>> {
    let named = prop::collection::vec(event(), 0..6);
    named.prop_map(|mut events| {
        events.sort_by(|a, b| a.0.cmp(&b.0));
        events.dedup_by(|a, b| a.0 == b.0);
        events
    })
}

// JSON as an event may hold it.
fn strict() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-(1_i64 << 53) + 1..1 << 53).prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

// Members that no build knows yet.
fn newer() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map("x_[a-z]{1,5}", strict(), 1..4)
        .prop_map(|map| map.into_iter().collect())
}

fn with(value: &mut Value, more: &Map<String, Value>) {
    value
        .as_object_mut()
        .expect("an object")
        .extend(more.clone());
}

proptest! {
    #![proptest_config(Config { cases: 10_000, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_record_is_the_same_in_whatever_order_its_events_arrive_and_however_often(
        (sorted, shuffled) in events().prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..4),
    ) {
        let folded = fold(sorted.clone());
        prop_assert_eq!(&fold(shuffled.clone()), &folded);
        let mut twice = shuffled;
        if !twice.is_empty() {
            for at in again {
                let one = at.get(&twice).clone();
                twice.push(one);
            }
        }
        prop_assert_eq!(&fold(twice), &folded);
        // Each event is somewhere, once.
        let some = usize::from(folded.started.is_some()) + usize::from(folded.sealed.is_some());
        prop_assert_eq!(some + folded.amended.len() + folded.unknown.len(), sorted.len());
    }

    #[test]
    fn what_a_newer_build_wrote_is_read_kept_and_never_rewritten(
        which in 0_u8..3,
        beside in newer(),
        inside in newer(),
        deep in newer(),
    ) {
        let mut value = serde_json::to_value(payload(&body(which))).expect("JSON");
        with(&mut value, &beside);
        with(&mut value["body"], &inside);
        with(&mut value["t"], &deep);
        let text = NativeKey::number(1).sign_text(Typ::Event, &value);
        let (read, jws) = Payload::parse(&text).expect("it reads");
        prop_assert!(native::verify(&jws, &NativeKey::number(1).jwk()).is_ok());
        prop_assert_eq!(&jws.payload, &value, "nothing is left out");
        prop_assert_eq!(&read.body, &value["body"]);
        prop_assert_eq!(read.body().expect("it is known"), Some(body(which)));
        let record = fold([(jws.hash.clone(), read)]);
        let folded = match which {
            0 => record.started.map(|(_, payload, _)| payload),
            1 => record.sealed.map(|(_, payload, _)| payload),
            _ => record.amended.into_iter().next().map(|(_, payload, _)| payload),
        };
        prop_assert_eq!(&folded.expect("folded").body, &value["body"]);
        // On the device it is a text, beside the database too.
        let (input, _) = text.rsplit_once('.').expect("three parts");
        prop_assert_eq!(&jws.signing_input, input);
        let row = EventRow {
            v: 1,
            seq: 7,
            hash: jws.hash,
            record_id: payload(&body(which)).record_id,
            kind: body(which).kind().as_str().to_owned(),
            at: Timestamp(NOW),
            text: text.clone(),
        };
        let stored: EventRow = serde_json::from_str(&serde_json::to_string(&row).expect("a row")).expect("a row");
        prop_assert_eq!(&stored.text, &text);
        prop_assert!(copy::event_line(&row).contains(&text));
        prop_assert_eq!(identity(1).kid, jws.kid);
    }
}
