//! The device's own code against the real server over a network that loses, doubles, cuts, delays and lies (`faults.md`,
//! group C). After each: nothing is lost or doubled, and nothing counts as delivered without a receipt.

use crate::world::{
    Device, World, built_in, ledger,
    phone::Phone,
    problem,
    proxy::{self, Asked, Fate, Proxy},
    tus::photo,
};
use std::{
    cell::Cell,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use zhicha_core::{
    client::{Failure, pull::PullError},
    event::Disposition,
    store::Store as _,
    sync::{
        push::{Action, Input, State},
        wire::{PushReply, Stream},
    },
    testing::CountingIds,
};

const PUSH: &str = "POST /api/v1/sync/push";

// A server, a phone of anna's behind a proxy, and ids for her events.
async fn behind_a_proxy() -> (World, Phone, Proxy, CountingIds) {
    let (world, _, mut anna) = World::staffed().await;
    let proxy = Proxy::to(&world.running.url).await;
    anna.url.clone_from(&proxy.url);
    let phone = Phone::enrol(&anna, 1).await;
    (world, phone, proxy, CountingIds::default())
}

fn all_is_well(proxy: &Proxy) {
    proxy.plan(|_| Fate::Passes);
}

fn body_of(answer: &[u8]) -> &[u8] {
    let at = answer.windows(4).position(|four| four == b"\r\n\r\n");
    &answer[at.unwrap() + 4..]
}

#[tokio::test]
async fn an_answer_that_is_lost_twenty_times_in_a_row_leaves_one_row_and_the_same_receipt() {
    let (world, phone, proxy, mut ids) = behind_a_proxy().await;
    let event = phone.note(&mut ids).await;
    proxy.plan(|_| Fate::Unanswered);
    for _ in 0..20 {
        assert_eq!(phone.push(100).await, Input::Failed(Failure::Network));
        assert_eq!(phone.receipt(&event).await, None);
        assert_eq!(ledger::truthful(world.folder(), &phone).await, 1);
    }
    all_is_well(&proxy);
    phone.delivers_all(world.folder()).await;
    let shown = phone.receipt(&event).await.unwrap().text;
    let pushes = proxy.answers().split_off(1);
    assert_eq!(pushes.len(), 21);
    for answer in pushes {
        let reply: PushReply = serde_json::from_slice(body_of(&answer)).unwrap();
        assert_eq!(reply.results[0].receipt, shown);
    }
}

#[tokio::test]
async fn whatever_comes_up_to_five_times_and_again_an_hour_later_is_there_once() {
    let (world, phone, proxy, mut ids) = behind_a_proxy().await;
    proxy.plan(|asked| Fate::Times(2 + asked.n % 4));
    for round in 0..6 {
        for _ in 0..3 {
            phone.note(&mut ids).await;
        }
        let sealed = phone.seal_with_photo(&mut ids, &photo(round, 40_000)).await;
        phone.delivers_all(world.folder()).await;
        assert_eq!(phone.send_photos().await, None);
        assert_eq!(phone.photos_waiting().await, 0);
        assert!(phone.receipt(&sealed).await.is_some());
    }
    let sent = proxy.asked();
    let before = ledger::rows(world.folder(), phone.id().await).await;
    world.clock.advance(3_600_000);
    for asked in sent.iter().rev() {
        proxy.arrives(asked).await;
    }
    let after = ledger::rows(world.folder(), phone.id().await).await;
    assert_eq!(after, before);
    phone.note(&mut ids).await;
    phone.delivers_all(world.folder()).await;
    let dir = world.stop().await;
    assert_eq!(crate::world::findings(dir.path()).await, []);
}

fn orders(batches: usize) -> Vec<Vec<usize>> {
    if batches == 0 {
        return vec![Vec::new()];
    }
    let with = |order: Vec<usize>| {
        (0..=order.len()).map(move |at| {
            let mut order = order.clone();
            order.insert(at, batches - 1);
            order
        })
    };
    orders(batches - 1).into_iter().flat_map(with).collect()
}

#[tokio::test]
async fn batches_in_any_order_are_taken_in_the_order_of_their_numbers() {
    let (world, _, anna) = World::staffed().await;
    for order in orders(4) {
        let device: Device = anna.enrol(1).await;
        let events: Vec<String> = (0..8)
            .map(|_| device.started(crate::world::record()))
            .collect();
        // Who hears "another number is expected" sends later; at last all are taken.
        let (mut waiting, mut rounds) = (order.clone(), 0);
        while !waiting.is_empty() {
            let mut refused = Vec::new();
            for batch in waiting {
                let (first, texts) = (2 * batch as u64 + 1, &events[2 * batch..2 * batch + 2]);
                let answer = device.try_push(&world, first, texts).await;
                if answer.status() == 200 {
                    continue;
                }
                let said = problem(answer).await;
                assert_eq!(said.code, "expected_seq", "{order:?}");
                assert!(said.expected_seq.unwrap() < first, "{order:?}");
                refused.push(batch);
            }
            waiting = refused;
            rounds += 1;
            assert!(rounds <= 4, "{order:?}");
        }
        let rows = ledger::rows(world.folder(), device.id()).await;
        let numbers: Vec<u64> = rows.iter().map(|row| row.seq).collect();
        assert_eq!(numbers, (1..=8).collect::<Vec<u64>>(), "{order:?}");
        let texts: Vec<&String> = rows.iter().map(|row| &row.text).collect();
        assert_eq!(texts, events.iter().collect::<Vec<_>>(), "{order:?}");
    }
}

// Ten minutes of a network that is there for two seconds of seven. The page hears of each time that it comes back, and waits
// by itself in between; time passes only here.
#[tokio::test]
async fn a_network_that_comes_and_goes_is_enough_and_is_not_stormed() {
    const TEN_MINUTES: i64 = 600_000;
    const ON_ITS_WAY: i64 = 60;
    let (world, phone, proxy, mut ids) = behind_a_proxy().await;
    let now = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&now);
    let up = |at: i64| at % 7_000 < 2_000;
    proxy.plan(move |_| match up(clock.load(Ordering::Relaxed)) {
        true => Fate::Passes,
        false => Fate::Lost,
    });
    let (mut state, mut wakes, mut requests, mut written) = (State::Idle, None, 0, 0);
    let mut random = 1_u32;
    let mut at = 0;
    while at < TEN_MINUTES {
        now.store(at, Ordering::Relaxed);
        let mut inputs = Vec::new();
        if at / 10_000 >= written {
            phone.note(&mut ids).await;
            written += 1;
            inputs.push(Input::Wake);
        }
        if at % 7_000 < 100 {
            inputs.push(Input::Fresh);
        }
        if wakes.is_some_and(|due| due <= at) {
            wakes = None;
            inputs.push(Input::Wake);
        }
        for input in inputs {
            let mut action;
            (state, action) = state.step(&input, random);
            loop {
                match action {
                    Action::Send | Action::SendLess => {
                        requests += 1;
                        at += ON_ITS_WAY;
                        now.store(at, Ordering::Relaxed);
                        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        (state, action) = state.step(&phone.push(100).await, random);
                    }
                    Action::WakeIn(ms) => {
                        wakes = Some(at + i64::try_from(ms).unwrap());
                        break;
                    }
                    Action::Rest => break,
                }
            }
        }
        at += 100;
    }
    assert!(written >= 60);
    assert!(requests < TEN_MINUTES / 1_000, "{requests} requests");
    ledger::truthful(world.folder(), &phone).await;
    all_is_well(&proxy);
    phone.delivers_all(world.folder()).await;
}

#[tokio::test]
async fn a_request_that_is_cut_anywhere_stores_nothing_or_all_of_it() {
    let (world, phone, proxy, mut ids) = behind_a_proxy().await;
    for _ in 0..2 {
        phone.note(&mut ids).await;
    }
    all_is_well(&proxy);
    let whole = {
        let probe = phone.cloned(1);
        proxy.plan(|_| Fate::Lost);
        probe.push(100).await;
        proxy.asked().last().unwrap().bytes.len()
    };
    for len in (1..whole).step_by(23).chain([whole - 2, whole - 1]) {
        proxy.plan(move |_| Fate::CutRequest(len));
        assert_eq!(phone.push(100).await, Input::Failed(Failure::Network));
        let there = ledger::truthful(world.folder(), &phone).await;
        assert_eq!(
            there, 0,
            "half a request was taken, cut after {len} of {whole}"
        );
    }
    all_is_well(&proxy);
    phone.delivers_all(world.folder()).await;
}

#[tokio::test]
async fn an_answer_that_is_cut_anywhere_is_none_and_doubles_nothing() {
    let (world, phone, proxy, mut ids) = behind_a_proxy().await;
    for _ in 0..2 {
        phone.note(&mut ids).await;
    }
    proxy.plan(|_| Fate::Unanswered);
    phone.push(100).await;
    let whole = proxy.answers().last().unwrap().len();
    for len in (0..whole).step_by(13).chain([whole - 2, whole - 1]) {
        proxy.plan(move |_| Fate::CutAnswer(len));
        let input = phone.push(100).await;
        assert!(
            matches!(input, Input::Failed(_)),
            "{len} of {whole}: {input:?}"
        );
        assert_eq!(phone.store.push_state().await.unwrap().acked, 0, "{len}");
        assert_eq!(ledger::truthful(world.folder(), &phone).await, 2, "{len}");
    }
    all_is_well(&proxy);
    phone.delivers_all(world.folder()).await;
}

#[tokio::test]
async fn photos_go_on_over_connections_that_break_anywhere() {
    let (world, phone, proxy, mut ids) = behind_a_proxy().await;
    let bytes = photo(7, 1_300_000);
    let sealed = phone.seal_with_photo(&mut ids, &bytes).await;
    phone.delivers_all(world.folder()).await;
    let seen = proxy.asked().len();
    proxy.plan(move |asked| match asked.n - seen {
        0 => Fate::CutRequest(300),
        1 => Fate::Unanswered,
        2 => Fate::Passes,
        3 => Fate::CutRequest(200_000),
        5 => Fate::Unanswered,
        7 => Fate::CutAnswer(40),
        8 => Fate::Lost,
        _ => Fate::Passes,
    });
    let mut rounds = 0;
    while phone.photos_waiting().await > 0 {
        phone.send_photos().await;
        rounds += 1;
        assert!(rounds < 20);
    }
    assert!(rounds > 3, "{rounds}");
    let held = crate::world::tus::place_of_bytes(world.folder(), phone.tenant().await, &bytes);
    assert_eq!(std::fs::read(held).unwrap(), bytes);
    assert!(phone.receipt(&sealed).await.is_some());
    let dir = world.stop().await;
    assert_eq!(crate::world::findings(dir.path()).await, []);
}

#[tokio::test]
async fn what_somebody_else_answers_is_no_delivery() {
    let (world, mut phone, proxy, mut ids) = behind_a_proxy().await;
    let event = phone.seal_with_photo(&mut ids, &photo(3, 600_000)).await;
    let page = "<!doctype html><title>请先登录无线网络（虚构）</title>";
    let html = "content-type: text/html; charset=utf-8";
    let json = "content-type: application/json";
    let away = "location: http://portal.invalid/login";
    let answers = [
        proxy::answer("200 OK", &[html], page),
        proxy::answer("204 No Content", &[], ""),
        proxy::answer("302 Found", &[away, html], page),
        proxy::answer("302 Found", &[away, json], "{}"),
        proxy::answer("307 Temporary Redirect", &[away], ""),
        proxy::answer("200 OK", &[json], "{\"ok\":true}"),
        proxy::answer("200 OK", &[json], "[]"),
        proxy::answer("403 Forbidden", &[html], page),
        proxy::answer("502 Bad Gateway", &[html], page),
        proxy::answer("503 Service Unavailable", &[], ""),
        proxy::answer("200 OK", &["tus-resumable: 1.0.0"], ""),
        b"no HTTP at all\r\n\r\n".to_vec(),
    ];
    for answer in &answers {
        let said = answer.clone();
        proxy.plan(move |_| Fate::Answered(said.clone()));
        let input = phone.push(100).await;
        let expected = [Failure::NotOurs, Failure::Network].map(Input::Failed);
        let words = String::from_utf8_lossy(answer);
        assert!(expected.contains(&input), "{words}: {input:?}");
        // Tried again by itself, after a while.
        let (state, action) = State::SENDING.step(&input, 0);
        assert_eq!(state, State::Waiting { attempt: 1 });
        assert!(matches!(action, Action::WakeIn(ms) if ms >= 250));
        let pulled = phone.pull_page(Stream::Sites).await;
        assert!(matches!(pulled, Err(PullError::Failed(_))), "{pulled:?}");
        assert_eq!(phone.store.cursor(Stream::Sites).await.unwrap(), None);
        assert_eq!(ledger::truthful(world.folder(), &phone).await, 0);
    }
    // A portal that speaks no TLS to who wants it.
    let own = phone.http.caller.url.clone();
    phone.http.caller.url = own.replace("http://", "https://");
    assert_eq!(phone.push(100).await, Input::Failed(Failure::Network));
    phone.http.caller.url = own;
    assert!(phone.receipt(&event).await.is_none());

    all_is_well(&proxy);
    phone.delivers_all(world.folder()).await;
    for answer in &answers {
        let said = answer.clone();
        proxy.plan(move |_| Fate::Answered(said.clone()));
        assert!(
            phone.send_photos().await.is_some(),
            "{}",
            String::from_utf8_lossy(answer)
        );
        assert_eq!(phone.photos_waiting().await, 1);
    }
    all_is_well(&proxy);
    assert_eq!(phone.send_photos().await, None);
    assert_eq!(phone.photos_waiting().await, 0);
}

#[tokio::test]
async fn a_server_that_asks_for_patience_gets_it() {
    let (world, phone, proxy, mut ids) = behind_a_proxy().await;
    phone.note(&mut ids).await;
    for status in ["429 Too Many Requests", "503 Service Unavailable"] {
        let busy = proxy::problem(status, "unavailable", &["retry-after: 120"]);
        proxy.plan(move |_| Fate::Answered(busy.clone()));
        let input = phone.push(100).await;
        let (state, action) = State::SENDING.step(&input, 0);
        assert_eq!(action, Action::WakeIn(120_000), "{status}");
        assert!(!state.needs_person(), "{status}");
    }
    let before = proxy.asked().len();
    let busy = proxy::problem(
        "503 Service Unavailable",
        "unavailable",
        &["retry-after: 30"],
    );
    proxy.plan(move |asked| match asked.n - before {
        0..4 => Fate::Answered(busy.clone()),
        _ => Fate::Passes,
    });
    let sent = phone.deliver(100).await;
    assert_eq!((sent.state, sent.requests), (State::Idle, 5));
    assert!(sent.waited >= 120_000, "{sent:?}");
    ledger::complete(world.folder(), &phone).await;
}

#[tokio::test]
async fn a_batch_that_is_too_large_for_what_lies_between_is_sent_in_smaller_ones() {
    let (world, phone, proxy, mut ids) = behind_a_proxy().await;
    for _ in 0..40 {
        phone.note(&mut ids).await;
    }
    proxy.plan(|asked: &Asked| match asked.bytes.len() > 12_000 {
        true => Fate::Answered(proxy::problem("413 Payload Too Large", "too_large", &[])),
        false => Fate::Passes,
    });
    let sent = phone.deliver(100).await;
    assert_eq!((sent.state, sent.waited), (State::Idle, 0), "{sent:?}");
    ledger::complete(world.folder(), &phone).await;
    let pushes = proxy.asked();
    let pushes = pushes.iter().filter(|asked| asked.line() == PUSH);
    assert!(pushes.count() > 8);
}

#[tokio::test]
async fn pages_that_get_lost_or_come_twice_leave_no_row_out_and_none_twice() {
    let (world, admin, mut anna) = World::staffed().await;
    for n in 0..12 {
        admin.add_site(&format!("示例厂{n}"), "shili-1").await;
    }
    let author = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    for _ in 0..110 {
        author.note(&mut ids).await;
    }
    author.delivers_all(world.folder()).await;
    let proxy = Proxy::to(&world.running.url).await;
    anna.url.clone_from(&proxy.url);
    let reader = Phone::enrol(&anna, 2).await;
    let dice = Cell::new(9_u64);
    let thrown = move |of: u64| {
        dice.set(
            dice.get()
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1),
        );
        (dice.get() >> 33) % of
    };
    proxy.plan(move |_| match thrown(5) {
        0 => Fate::Lost,
        1 => Fate::Unanswered,
        2 => Fate::CutAnswer(usize::try_from(thrown(4_000)).unwrap()),
        3 => Fate::Times(3),
        _ => Fate::Passes,
    });
    let (mut pages, mut tries) = (0, 0);
    for stream in Stream::ALL {
        loop {
            tries += 1;
            assert!(tries < 500);
            // The page is killed between an answer and its row: what it had before is what the next one begins with.
            let before = reader.store.copy();
            match reader.pull_page(stream).await {
                Ok(_) if pages % 3 == 0 => {
                    pages += 1;
                    reader.store.take(&before);
                    let again = reader.pull_page(stream).await;
                    if let Ok(false) = again {
                        break;
                    }
                }
                Ok(more) => {
                    pages += 1;
                    if !more {
                        break;
                    }
                }
                Err(PullError::Failed(_)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
    }
    assert!(tries > pages + 3, "{tries} tries, {pages} pages");
    all_is_well(&proxy);
    for stream in Stream::ALL {
        while reader.pull_page(stream).await.unwrap() {}
    }
    assert_eq!(reader.store.sites().await.unwrap().len(), 12);
    assert_eq!(reader.lists().await.len(), built_in());
    for event in author.events().await {
        let pulled = reader.store.pulled_of(event.record_id).await.unwrap();
        assert_eq!(pulled.len(), 1);
        assert_eq!(pulled[0].text, event.text);
        let receipt = pulled[0].receipt.as_ref().unwrap();
        assert_eq!(receipt.disposition, Disposition::Applied);
    }
}
