//! Pushes under load and under a database that fails: everything is stored once, or nothing is answered for.

use crate::world::{World, disposition, problem, record};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};
use zhicha_core::{
    event::Disposition,
    sync::wire::{MAX_PUSH_EVENTS, PushOutcome as O, PushReply, Reason as R},
};

#[tokio::test]
async fn a_full_batch_is_taken_and_a_larger_one_refused() {
    let (world, _, _, device) = World::equipped().await;
    let events: Vec<String> = (0..=MAX_PUSH_EVENTS)
        .map(|_| device.started(record()))
        .collect();
    let refused = problem(device.try_push(&world, 1, &events).await).await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (413, "too_many_events")
    );
    let reply = device.push(&world, 1, &events[..MAX_PUSH_EVENTS]).await;
    assert_eq!(reply.results.len(), MAX_PUSH_EVENTS);
}

// A connection that is closed with unread bytes on it is reset, and the answer with it.
#[tokio::test]
async fn who_sends_far_too_much_hears_so_after_the_last_byte() {
    let (world, ..) = World::equipped().await;
    let address = world
        .running
        .url
        .strip_prefix("http://")
        .unwrap()
        .to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(&address).unwrap();
        let body = vec![b' '; 12 << 20];
        let head = format!(
            "POST /api/v1/sync/push HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&body).unwrap();
        let mut status = [0; 12];
        stream.read_exact(&mut status).unwrap();
        String::from_utf8_lossy(&status).into_owned()
    });
    assert_eq!(answer.await.unwrap(), "HTTP/1.1 413");
}

async fn sql(world: &World, text: &'static str) {
    let (_, write) = world.running.app.store.pools();
    sqlx::raw_sql(text).execute(write).await.unwrap();
}

#[tokio::test]
async fn an_effect_that_fails_by_a_fault_of_ours_leaves_the_event_deferred() {
    let (world, _, _, device) = World::equipped().await;
    sql(
        &world,
        "ALTER TABLE projection_inspection RENAME TO elsewhere",
    )
    .await;
    let events = [device.started(record()), device.started(record())];
    let reply = device.push(&world, 1, &events).await;
    assert_eq!(
        (reply.results[0].outcome, reply.results[0].reason),
        (O::Deferred, Some(R::ServerFault))
    );
    assert_eq!(
        (disposition(&reply, 1), reply.next_seq),
        (Disposition::Deferred, 3)
    );
    sql(
        &world,
        "ALTER TABLE elsewhere RENAME TO projection_inspection",
    )
    .await;
    let again = device.push(&world, 1, &events).await;
    assert_eq!(again.results[0].receipt, reply.results[0].receipt);
}

#[tokio::test]
async fn what_cannot_be_stored_is_answered_without_receipts_and_taken_later() {
    let (world, _, _, device) = World::equipped().await;
    let events = [device.started(record())];
    sql(&world, "ALTER TABLE event RENAME TO elsewhere").await;
    let response = device.try_push(&world, 1, &events).await;
    assert!(response.headers().contains_key("retry-after"));
    let refused = problem(response).await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (503, "unavailable")
    );
    sql(&world, "ALTER TABLE elsewhere RENAME TO event").await;
    let reply = device.push(&world, 1, &events).await;
    assert_eq!(
        (reply.results[0].outcome, reply.log.size),
        (O::Applied, 1),
        "nothing of the first try stayed"
    );
}

#[tokio::test]
async fn a_device_that_sends_too_much_is_told_when_to_come_back_and_is_taken_then() {
    let (world, _, _, device) = World::equipped().await;
    let (limits, now) = (&world.running.app.fixed.limits, world.clock.now());
    let tenant = device.certificate.tenant;
    limits
        .push_of(device.id(), tenant, 65 * 1024 * 1024, now)
        .unwrap();
    let events = [device.started(record())];
    let refused = device.try_push(&world, 1, &events).await;
    assert_eq!(refused.status(), 429);
    let wait = refused.headers()["retry-after"].to_str().unwrap();
    let wait: i64 = wait.parse().unwrap();
    assert_eq!(problem(refused).await.code, "too_many_attempts");
    world.clock.advance(wait * 1000);
    device.push(&world, 1, &events).await;
}

#[tokio::test]
async fn the_same_batch_from_many_connections_is_stored_once() {
    let (world, _, _, device) = World::equipped().await;
    let events: Vec<String> = (0..20).map(|_| device.started(record())).collect();
    let body = device.request(1, &events);
    let tries = (0..8).map(|_| {
        let (caller, body) = (world.nobody(), body.clone());
        tokio::spawn(async move {
            caller
                .post("/api/v1/sync/push", body)
                .await
                .json::<PushReply>()
                .await
                .unwrap()
        })
    });
    let mut receipts = std::collections::BTreeSet::new();
    for answer in tries.collect::<Vec<_>>() {
        let reply = answer.await.unwrap();
        assert_eq!((reply.results.len(), reply.log.size), (20, 20));
        receipts.extend(reply.results.into_iter().map(|r| r.receipt));
    }
    assert_eq!(receipts.len(), 20, "everybody gets the same receipts");
}
