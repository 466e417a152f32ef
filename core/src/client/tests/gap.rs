//! Numbers that are missing on the device, between others that are there.

use super::*;

async fn report(store: &MemoryStore, from: u64, to: u64) {
    let body = Body::DeviceLoss(DeviceLoss {
        device_id: identity(1).device_id,
        from,
        to,
        note: "test".to_owned(),
    });
    write_body(store, to, body).await.unwrap();
}

#[tokio::test]
async fn a_report_of_a_gap_goes_before_what_it_stands_behind() {
    let store = device(4).await;
    store.forget(2);
    let gone = || refusing(409, "expected_seq", Some(2));
    let taken = || server(200, PushOutcome::Applied);
    // The first event goes by itself, as a request ends before a gap.
    let script = Script::pushing(vec![taken(), gone()]);
    push(&store, &script).await;
    assert_eq!(push(&store, &script).await.input, Input::Stop(Halt::Gap));
    let found = gap(&store).await.unwrap();
    let (from, to, missing) = (2, 4, 1);
    assert_eq!(found, Some(Gap { from, to, missing }));

    report(&store, from, to).await;
    assert_eq!(gap(&store).await.unwrap(), None);
    let script = Script::pushing(vec![gone(), taken(), taken()]);
    let step = push(&store, &script).await;
    assert_eq!(
        (step.receipts, step.input),
        (1, Input::Receipts { more: true })
    );
    assert_eq!(
        store.push_state().await.unwrap().acked,
        1,
        "what it names is not acknowledged by it"
    );
    assert_eq!(push(&store, &script).await.receipts, 3);
    let firsts: Vec<u64> = script
        .asked
        .borrow()
        .iter()
        .map(|asked| asked.first_seq)
        .collect();
    assert_eq!(firsts, [3, 5, 3]);
    assert_eq!(store.push_state().await.unwrap().acked, 5);
}

// Found by the simulation: the restored server has the report, and not what came after it under the numbers that it gave up.
#[tokio::test]
async fn what_a_report_gave_up_and_was_sent_after_it_goes_again_to_a_restored_server() {
    let store = device(4).await;
    store.forget(2);
    report(&store, 2, 4).await;
    let gone = || refusing(409, "expected_seq", Some(2));
    let taken = || server(200, PushOutcome::Applied);
    let script = Script::pushing(vec![taken(), gone(), taken(), taken()]);
    for _ in 0..3 {
        push(&store, &script).await;
    }
    assert_eq!(store.push_state().await.unwrap().acked, 5);

    let stands: Answer = Box::new(|_| {
        Ok(PushReply {
            log: log(),
            checkpoint: None,
            results: vec![],
            next_seq: 6,
            photos: PhotoPolicy::default(),
            now: Timestamp(NOW),
        })
    });
    let script = Script::pushing(vec![stands, taken()]);
    refill(&store, &script).await.unwrap().unwrap();
    assert_eq!(store.push_state().await.unwrap().acked, 1);
    assert_eq!(push(&store, &script).await.receipts, 3);
    let asked = script.asked.borrow();
    assert_eq!(asked.last().map(|asked| asked.first_seq), Some(3));
}

#[tokio::test]
async fn a_report_that_the_server_does_not_take_stops_and_is_not_sent_for_ever() {
    let store = device(3).await;
    store.forget(1);
    report(&store, 1, 3).await;
    let gone = || refusing(409, "expected_seq", Some(1));
    let script = Script::pushing(vec![gone(), gone()]);
    assert_eq!(push(&store, &script).await.input, Input::Stop(Halt::Gap));
    assert_eq!(
        gap(&store).await.unwrap(),
        None,
        "a second report would say the same"
    );
}

#[tokio::test]
async fn a_report_that_was_altered_on_the_disk_is_none_and_another_one_takes_its_place() {
    let store = device(4).await;
    store.forget(2);
    report(&store, 2, 4).await;
    // Another report, which parses, where this one was.
    let other = device(4).await;
    report(&other, 1, 4).await;
    let another = other.events_after(4, 1).await.unwrap().remove(0);
    store.alter(5, &another.text);
    let gone = || refusing(409, "expected_seq", Some(2));
    let taken = || server(200, PushOutcome::Applied);
    let script = Script::pushing(vec![taken(), gone()]);
    push(&store, &script).await;
    assert_eq!(push(&store, &script).await.input, Input::Stop(Halt::Gap));
    let (from, to, missing) = (2, 5, 1);
    let found = gap(&store).await.unwrap();
    assert_eq!(found, Some(Gap { from, to, missing }));

    report(&store, from, to).await;
    assert_eq!(gap(&store).await.unwrap(), None);
    let script = Script::pushing(vec![gone(), taken(), taken()]);
    push(&store, &script).await;
    push(&store, &script).await;
    let firsts = |asked: &PushRequest| asked.first_seq;
    let asked: Vec<u64> = script.asked.borrow().iter().map(firsts).collect();
    assert_eq!(asked, [3, 6, 3]);
    assert_eq!(store.push_state().await.unwrap().acked, 6);
}
