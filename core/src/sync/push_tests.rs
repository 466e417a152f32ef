use super::*;
use crate::{
    event::EventHash,
    id::{RecordId, Uuid},
    sync::wire::Problem,
    time::Timestamp,
};

fn problem(status: u16, code: &str, retry_after_s: Option<u64>) -> Input {
    let problem = Problem {
        code: code.to_owned(),
        status,
        ..Problem::default()
    };
    Input::Failed(Failure::Problem {
        problem,
        retry_after_s,
    })
}

fn states() -> [State; 7] {
    [
        State::Idle,
        State::SENDING,
        State::Sending { failures: 2 },
        State::Waiting { attempt: 3 },
        State::SignedOut,
        State::Halted(Halt::Frozen),
        State::Halted(Halt::Refused),
    ]
}

fn inputs() -> Vec<Input> {
    vec![
        Input::Wake,
        Input::Fresh,
        Input::Receipts { more: true },
        Input::Receipts { more: false },
        Input::Nothing,
        Input::Failed(Failure::Network),
        Input::Failed(Failure::NotOurs),
        problem(503, "unavailable", None),
        problem(429, "rate", Some(90)),
        problem(413, "too_large", None),
        problem(401, "certificate", None),
        problem(401, "not_signed_in", None),
        problem(403, "forbidden", None),
        problem(409, "expected_seq", None),
        problem(422, "invalid", None),
        Input::Stop(Halt::Frozen),
        Input::Resumed,
    ]
}

/// The whole table: a change of behaviour is a change of this snapshot.
#[test]
fn every_state_meets_every_input() {
    let mut table = String::new();
    for state in states() {
        for input in inputs() {
            let (after, action) = state.step(&input, u32::MAX);
            table.push_str(&format!(
                "{state:?} + {} -> {after:?}, {action:?}\n",
                name(&input)
            ));
        }
    }
    insta::assert_snapshot!(table);
}

fn name(input: &Input) -> String {
    match input {
        Input::Failed(Failure::Problem { problem, .. }) => {
            format!("{} {}", problem.status, problem.code)
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn a_halt_ends_only_by_a_person() {
    for input in inputs() {
        let (after, _) = State::Halted(Halt::Frozen).step(&input, 0);
        assert_eq!(
            after == State::Halted(Halt::Frozen),
            input != Input::Resumed,
            "{input:?}"
        );
    }
}

#[test]
fn an_ended_session_pauses_until_somebody_signs_in_again() {
    let ended = problem(401, "not_signed_in", None);
    let (paused, action) = State::SENDING.step(&ended, 0);
    assert_eq!((paused, action), (State::SignedOut, Action::Rest));
    assert_eq!(
        paused.step(&Input::Wake, 0),
        (State::SignedOut, Action::Rest)
    );
    for acted in [Input::Resumed, Input::Fresh] {
        assert_eq!(paused.step(&acted, 0), (State::SENDING, Action::Send));
    }
    let any_other = problem(401, "of_a_later_server", None);
    assert_eq!(State::SENDING.step(&any_other, 0).0, State::SignedOut);
    let waiting: Vec<State> = states().into_iter().filter(|s| s.needs_person()).collect();
    assert_eq!(
        waiting,
        [
            State::SignedOut,
            State::Halted(Halt::Frozen),
            State::Halted(Halt::Refused)
        ]
    );
}

#[test]
fn waiting_grows_and_coming_online_begins_anew() {
    let failed = Input::Failed(Failure::Network);
    let mut state = State::SENDING;
    let mut last = 0;
    for _ in 0..6 {
        let (waiting, action) = state.step(&failed, u32::MAX);
        let Action::WakeIn(ms) = action else {
            panic!("waits")
        };
        assert!(ms > last);
        last = ms;
        state = waiting.step(&Input::Wake, 0).0;
    }
    let (waiting, _) = state.step(&failed, u32::MAX);
    let (state, action) = waiting.step(&Input::Fresh, 0);
    assert_eq!(action, Action::Send);
    assert_eq!(
        state.step(&failed, u32::MAX).0,
        State::Waiting { attempt: 1 }
    );
}

fn events(bytes: usize, count: u64) -> Vec<EventRow> {
    (1..=count).map(|seq| event(seq, bytes)).collect()
}

fn event(seq: u64, bytes: usize) -> EventRow {
    EventRow {
        v: 1,
        seq,
        hash: EventHash::of("x"),
        record_id: RecordId(Uuid::from_u128(1)),
        kind: "sealed".to_owned(),
        at: Timestamp(0),
        text: "x".repeat(bytes),
    }
}

#[test]
fn a_batch_keeps_both_limits_but_always_sends_one() {
    assert_eq!(batch(&[], 100), 0);
    assert_eq!(batch(&events(10, 300), 1_000), MAX_PUSH_EVENTS);
    assert_eq!(batch(&events(300_000, 9), 100), 3);
    assert_eq!(batch(&events(2 * MAX_PUSH_BYTES, 2), 100), 1);
    assert_eq!(batch(&events(10, 300), 7), 7);
}

#[test]
fn a_batch_ends_before_a_gap_in_the_numbers() {
    let mut lost = events(10, 5);
    for event in &mut lost[3..] {
        event.seq += 4;
    }
    assert_eq!(batch(&lost, 100), 3);
    assert_eq!(batch(&lost[3..], 100), 2);
}
