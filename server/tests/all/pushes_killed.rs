//! Pushes and enrolments at a server that dies: the very program, ended by itself at each step or by SIGKILL at any moment
//! (`faults.md` E01, E02). What was confirmed is there, once; what was not comes with the next try.

use crate::world::{
    World, findings, ledger, phone::Phone, program::Program, proxy::Proxy, tus::photo,
};
use std::{cell::Cell, process::Command, rc::Rc, time::Duration};
use zhicha_core::{
    client::Failure,
    store::Store as _,
    sync::push::{Input, State},
    testing::CountingIds,
};

/// Whether everything is to be tried, however long it takes (`cargo xtask test --all`).
pub fn all() -> bool {
    std::env::var_os("ZHICHA_TEST_ALL").is_some_and(|told| !told.is_empty())
}

fn failpoints(kind: &str) -> Vec<String> {
    let listed = Command::new(env!("CARGO_BIN_EXE_zhicha"))
        .args(["serve", "--list-failpoints"])
        .output()
        .unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let of_kind = |site: &&str| site.starts_with(kind);
    listed.lines().filter(of_kind).map(str::to_owned).collect()
}

fn at(site: &str, nth: usize, how: &str) -> String {
    format!("{site}={nth}*off->1*return({how})")
}

// A server with anna, as a program.
async fn program() -> Program {
    let (world, ..) = World::staffed().await;
    Program::start(world.stop().await, &[])
}

// A phone of anna's at whatever address the program has now.
async fn phone_at(program: &Program, number: u8) -> Phone {
    Phone::enrol(&program.sign_in("anna").await, number).await
}

fn lead(phone: &mut Phone, program: &Program) {
    phone.http.caller.url = program.url().to_owned();
}

#[tokio::test]
async fn a_push_that_dies_at_any_step_is_there_once_after_the_next_try() {
    let mut program = program().await;
    let mut ids = CountingIds::default();
    let sites = failpoints("push-");
    assert_eq!(sites.len(), 6);
    for (n, site) in (0..).zip(&sites) {
        for nth in 0..2 {
            let name = format!("{site}, time {}", nth + 1);
            let mut phone = phone_at(&program, 1 + 2 * n + nth).await;
            for _ in 0..3 {
                phone.note(&mut ids).await;
            }
            phone.seal_with_photo(&mut ids, b"bytes").await;
            program.kill();
            program.restart(&[("FAILPOINTS", &at(site, usize::from(nth), "crash"))]);
            lead(&mut phone, &program);
            // Two at a time: the second passing may be in the same request or in the next.
            let ended = loop {
                match phone.push(2).await {
                    Input::Receipts { more: true } => {}
                    other => break other,
                }
            };
            assert_eq!(ended, Input::Failed(Failure::Network), "{name}");
            assert!(!program.ended().await.success(), "{name}");
            let confirmed = phone.confirmed().await;
            let there = ledger::truthful(program.folder(), &phone).await;
            assert!(there >= confirmed, "{name}");

            program.restart(&[]);
            lead(&mut phone, &program);
            assert_eq!(
                ledger::truthful(program.folder(), &phone).await,
                there,
                "{name}"
            );
            phone.delivers_all(program.folder()).await;
            assert_eq!(phone.send_photos().await, None, "{name}");
            assert_eq!(phone.photos_waiting().await, 0, "{name}");
        }
    }
    assert_eq!(findings(program.stop().path()).await, []);
}

#[tokio::test]
async fn a_push_that_fails_at_any_step_is_there_once_after_the_next_try() {
    let mut program = program().await;
    let mut ids = CountingIds::default();
    for (n, site) in (50..).zip(&failpoints("push-")) {
        let mut phone = phone_at(&program, n).await;
        for _ in 0..3 {
            phone.note(&mut ids).await;
        }
        program.kill();
        program.restart(&[("FAILPOINTS", &at(site, 1, "error"))]);
        lead(&mut phone, &program);
        let mut said = Vec::new();
        loop {
            match phone.push(2).await {
                Input::Receipts { more: true } => {}
                Input::Failed(failure) => said.push(failure),
                other => break assert_eq!(other, Input::Receipts { more: false }, "{site}"),
            }
            ledger::truthful(program.folder(), &phone).await;
        }
        for failure in &said {
            let Failure::Problem {
                problem,
                retry_after_s,
            } = failure
            else {
                panic!("{site}: {failure:?}");
            };
            assert_eq!(
                (problem.status, problem.code.as_str()),
                (503, "unavailable")
            );
            assert!(retry_after_s.is_some(), "{site}");
        }
        // What failed inside the part that can be undone waits at the server as it came, with a receipt that says so.
        assert_eq!(
            said.is_empty(),
            ["push-row", "push-effect"].contains(&site.as_str()),
            "{site}"
        );
        assert_eq!(
            ledger::truthful(program.folder(), &phone).await,
            3,
            "{site}"
        );
        assert_eq!(phone.store.push_state().await.unwrap().acked, 3, "{site}");
    }
}

#[tokio::test]
async fn an_enrolment_that_dies_at_any_step_is_tried_again_and_sends() {
    let mut program = program().await;
    let mut ids = CountingIds::default();
    for site in failpoints("enrol-") {
        let mut anna = program.sign_in("anna").await;
        for (how, number) in [("crash", 1), ("error", 2)] {
            program.kill();
            program.restart(&[("FAILPOINTS", &at(&site, 0, how))]);
            program.url().clone_into(&mut anna.url);
            let refused = Phone::try_enrol(&anna, number).await.err().unwrap();
            if how == "crash" {
                assert_eq!(refused, Failure::Network, "{site}");
                assert!(!program.ended().await.success(), "{site}");
                program.restart(&[]);
                program.url().clone_into(&mut anna.url);
            } else {
                let Failure::Problem { problem, .. } = refused else {
                    panic!("{site}: {refused:?}");
                };
                assert_eq!(problem.code, "unavailable", "{site}");
            }
            let phone = Phone::enrol(&anna, number).await;
            phone.note(&mut ids).await;
            phone.delivers_all(program.folder()).await;
        }
    }
    assert_eq!(findings(program.stop().path()).await, []);
}

// One client: writes, sends, and goes on as the page would, until it is told to stop.
async fn works(phone: &Phone, number: u64, stop: &Cell<bool>) {
    let mut ids = CountingIds(number * 1_000_000);
    let (mut state, mut photos) = (State::Idle, 0);
    while !stop.get() {
        phone.note(&mut ids).await;
        if phone.events().await.len() % 5 == 0 && photos < 8 {
            let seed = u8::try_from(number * 8 + photos).unwrap();
            phone.seal_with_photo(&mut ids, &photo(seed, 30_000)).await;
            photos += 1;
        }
        (state, _) = state.step(&Input::Fresh, 0);
        for _ in 0..3 {
            let input = phone.push(4).await;
            let failed = matches!(input, Input::Failed(_));
            (state, _) = state.step(&input, 0);
            if failed {
                // As phones do after no answer, only sooner.
                tokio::time::sleep(Duration::from_millis(10)).await;
                break;
            }
        }
        if number.is_multiple_of(4) {
            phone.send_photos().await;
        }
    }
}

#[tokio::test]
async fn killed_at_any_moment_under_load_it_loses_and_doubles_nothing() {
    const CLIENTS: u8 = 20;
    let kills = if all() { 200 } else { 20 };
    let mut program = program().await;
    let mut phones = Vec::new();
    let proxy = Proxy::to(program.url()).await;
    let mut anna = program.sign_in("anna").await;
    anna.url.clone_from(&proxy.url);
    for number in 0..CLIENTS {
        phones.push(Rc::new(Phone::enrol(&anna, number + 1).await));
    }
    let local = tokio::task::LocalSet::new();
    let stop = Rc::new(Cell::new(false));
    let mut clients = Vec::new();
    for (number, phone) in (0..).zip(&phones) {
        let (phone, stop) = (Rc::clone(phone), Rc::clone(&stop));
        clients.push(local.spawn_local(async move { works(&phone, number, &stop).await }));
    }
    local
        .run_until(async {
            let mut dice = 7_u64;
            for kill in 0..kills {
                dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                // The moment of the kill is the dice's choice: any is meant.
                tokio::time::sleep(Duration::from_millis(20 + (dice >> 33) % 120)).await;
                program.kill();
                program.restart(&[]);
                proxy.leads_to(program.url());
                let some = &phones[kill % phones.len()];
                ledger::truthful(program.folder(), some).await;
            }
            stop.set(true);
            for client in clients {
                client.await.unwrap();
            }
        })
        .await;
    let mut events = 0;
    for phone in &phones {
        phone.delivers_all(program.folder()).await;
        while phone.photos_waiting().await > 0 {
            assert_eq!(phone.send_photos().await, None);
        }
        events += phone.events().await.len();
    }
    assert!(events > kills * 5, "{events} events, {kills} kills");
    assert_eq!(findings(program.stop().path()).await, []);
}
