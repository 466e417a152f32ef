//! Uploads to a server that dies: the very program, ended by SIGKILL or by itself in the middle of a step (`faults.md` D01,
//! D08). Nothing is lost or doubled, what is there gets its receipt without being sent again, and nothing is left lying.

use crate::world::{
    Device, World, findings,
    program::Program,
    random::Random,
    tus::{Client, code, cut, delivered, half_sent, photo, place_of, staged_in},
};
use sha2::{Digest as _, Sha256};
use std::{path::Path, process::Command, time::Duration};
use zhicha_core::{checklist::Digest, event::EventHash};

const PART: usize = 20_000;

fn client(program: &Program) -> Client {
    Client {
        caller: program.nobody(),
    }
}

fn len_of(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |meta| meta.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn cut_at_fifty_places_and_killed_in_between_it_is_whole_and_little_is_sent_twice() {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(3, 300_000);
    let event = delivered(&world, &device, &[&bytes]).await;
    let mut program = Program::start(world.stop().await, &[]);
    let mut random = Random(11);
    let place = client(&program).create(&event, &bytes).await;
    let (mut sent, mut at, mut kills) = (0, 0, 0);
    for n in 0..50 {
        let some = 1 + random.below(9_000.min(bytes.len() - at));
        let part = &bytes[at..at + some];
        sent += some;
        match n % 5 {
            // Killed while a part without a checksum is half here.
            1 => {
                let stream = half_sent(program.url(), &place, at, &bytes, some);
                while len_of(&staged_in(program.folder(), &place)) <= at as u64 {
                    tokio::task::yield_now().await;
                }
                program.kill();
                drop(stream);
            }
            // Killed at any moment around a part with one.
            3 => {
                let (client, place, part) = (client(&program), place.clone(), part.to_vec());
                let sum = Sha256::digest(&part).to_vec();
                let sending = tokio::spawn(async move {
                    let headers = Client::part(at as u64, &sum);
                    let _ = client
                        .try_send(reqwest::Method::PATCH, &place, &headers, part)
                        .await;
                });
                // The moment is the dice's choice: any is meant.
                tokio::time::sleep(Duration::from_micros(random.below(8_000) as u64)).await;
                program.kill();
                sending.await.unwrap();
            }
            _ => tokio::task::block_in_place(|| cut(program.url(), &place, at, &bytes, some)),
        }
        if matches!(n % 5, 1 | 3) {
            kills += 1;
            program.restart(&[]);
        }
        let before = at;
        at = usize::try_from(client(&program).offset(&place).await).unwrap();
        assert!(
            (before..=before + some).contains(&at),
            "what was there stays"
        );
        assert!(
            matches!(n % 5, 1 | 3) || at == before + some,
            "what came before a cut counts"
        );
    }
    let brought = client(&program).bring(&event, &bytes, PART).await.unwrap();
    sent += brought.sent;
    assert!(brought.refused.is_none());
    assert_eq!(kills, 20);
    assert!(sent < 2 * bytes.len(), "{sent} bytes for {}", bytes.len());
    let receipts = client(&program).receipts(&device, &event).await;
    assert_eq!(receipts.len(), 1);
    let stored = std::fs::read(place_of(program.folder(), &device, &bytes)).unwrap();
    assert_eq!(Digest::of(&stored), receipts[0].sha256);
    assert_eq!(stored, bytes);
    assert_eq!(findings(program.stop().path()).await, []);
}

fn failpoints() -> Vec<String> {
    let listed = Command::new(env!("CARGO_BIN_EXE_zhicha"))
        .args(["serve", "--list-failpoints"])
        .output()
        .unwrap();
    assert!(listed.status.success());
    let listed = String::from_utf8(listed.stdout).unwrap();
    let others = ["push-", "enrol-", "form-"];
    let of_uploads = |site: &&str| !others.iter().any(|other| site.starts_with(other));
    listed
        .lines()
        .filter(of_uploads)
        .map(str::to_owned)
        .collect()
}

// What an upload of three parts has to send after a crash at its last passing of a site, and whether a start alone gives
// the receipt.
fn after_a_crash(site: &str) -> (usize, bool) {
    match site {
        "upload-noted" => (3 * PART, false),
        "staging-written" | "staging-synced" => (PART, false),
        "offset-noted" | "promote-begins" | "promoted" | "blob-noted" | "answer" => (0, true),
        other => panic!("a new site: {other}"),
    }
}

// How often an upload of three parts passes a site.
fn passes(site: &str) -> usize {
    match site {
        "upload-noted" | "promote-begins" | "promoted" | "blob-noted" => 1,
        _ => 3,
    }
}

struct Case {
    site: String,
    // The passing at which it happens.
    nth: usize,
    bytes: Vec<u8>,
    event: EventHash,
}

impl Case {
    fn failpoints(&self, how: &str) -> String {
        format!("{}={}*off->1*return({how})", self.site, self.nth)
    }
}

// A case for each passing of each site, all of one device.
async fn cases(how: u8) -> (Program, Device, Vec<Case>) {
    let (world, _, _, device) = World::equipped().await;
    let mut cases = Vec::new();
    for site in failpoints() {
        for nth in 0..passes(&site) {
            let seed = 100 + 50 * how + u8::try_from(cases.len()).unwrap();
            let bytes = photo(seed, 3 * PART);
            let event = delivered(&world, &device, &[&bytes]).await;
            cases.push(Case {
                site: site.clone(),
                nth,
                bytes,
                event,
            });
        }
    }
    assert!(cases.len() >= 16);
    (Program::start(world.stop().await, &[]), device, cases)
}

#[tokio::test]
async fn a_crash_at_any_step_loses_nothing_and_what_is_here_is_not_sent_again() {
    let (mut program, device, cases) = cases(0).await;
    for case in &cases {
        let name = format!("{} {}", case.site, case.nth);
        program.kill();
        program.restart(&[("FAILPOINTS", &case.failpoints("crash"))]);
        let cut_off = client(&program).bring(&case.event, &case.bytes, PART).await;
        assert!(cut_off.is_err(), "{name}");
        assert!(!program.ended().await.success(), "{name}");

        program.restart(&[]);
        let client = client(&program);
        let (sends, at_start) = after_a_crash(&case.site);
        let last = case.nth + 1 == passes(&case.site);
        let receipts = client.receipts(&device, &case.event).await.len();
        assert_eq!(receipts, usize::from(at_start && last), "{name}");
        let brought = client.bring(&case.event, &case.bytes, PART).await.unwrap();
        assert!(brought.refused.is_none(), "{name}: {brought:?}");
        let later = PART * (passes(&case.site) - 1 - case.nth);
        assert_eq!(brought.sent, sends + later, "{name}");
        assert_eq!(
            client.receipts(&device, &case.event).await.len(),
            1,
            "{name}"
        );
        let stored = std::fs::read(place_of(program.folder(), &device, &case.bytes)).unwrap();
        assert_eq!(stored, case.bytes, "{name}");
    }
    in_order(program, &cases).await;
}

#[tokio::test]
async fn a_step_that_fails_is_said_so_and_the_next_try_goes_on() {
    let (mut program, device, cases) = cases(1).await;
    for case in &cases {
        let name = format!("{} {}", case.site, case.nth);
        program.kill();
        program.restart(&[("FAILPOINTS", &case.failpoints("error"))]);
        let client = client(&program);
        let brought = client.bring(&case.event, &case.bytes, PART).await.unwrap();
        let refused = brought.refused.expect(&name);
        assert!(refused.headers().contains_key("retry-after"), "{name}");
        assert_eq!(
            code(refused).await,
            (503, "unavailable".to_owned()),
            "{name}"
        );
        let brought = client.bring(&case.event, &case.bytes, PART).await.unwrap();
        assert!(brought.refused.is_none(), "{name}: {brought:?}");
        assert_eq!(
            client.receipts(&device, &case.event).await.len(),
            1,
            "{name}"
        );
    }
    in_order(program, &cases).await;
}

// No file without a row, no row without a file, and nothing left of what was on its way.
async fn in_order(program: Program, cases: &[Case]) {
    let dir = program.stop();
    let staging = std::fs::read_dir(dir.path().join("staging")).unwrap();
    assert_eq!(staging.count(), 0);
    assert_eq!(files_below(&dir.path().join("blobs")), cases.len());
    assert_eq!(findings(dir.path()).await, []);
}

fn files_below(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    entries
        .map(|path| if path.is_dir() { files_below(&path) } else { 1 })
        .sum()
}

#[test]
fn a_failpoint_that_is_none_is_refused() {
    for told in ["no-such-site=return(crash)", "answer", "answer=dance"] {
        let dir = tempfile::tempdir().unwrap();
        let ended = Command::new(env!("CARGO_BIN_EXE_zhicha"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(dir.path())
            .env("FAILPOINTS", told)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{told}: {said}");
        assert!(said.contains("FAILPOINTS"), "{told}: {said}");
    }
}
