//! A disk that is full (`faults.md` E03): nothing is confirmed, everything can still be read, and with room again all goes on.
//! The disk is a small one in memory, for which the test must be allowed to mount.

use crate::world::{
    Caller, World, findings, ledger,
    phone::Phone,
    program::Program,
    tus::{Client, cut, photo},
};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;
use zhicha_core::{
    client::Failure,
    store::Store as _,
    sync::push::{Input, State},
    testing::CountingIds,
};

// A file system of 16 MiB.
struct SmallDisk {
    at: TempDir,
}

impl SmallDisk {
    fn mount() -> Self {
        let at = TempDir::new().unwrap();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=16m", "zhicha-test"])
            .arg(at.path())
            .output();
        let mounted = mounted.expect("the program `mount`");
        assert!(
            mounted.status.success(),
            "this test fills a small disk, for which it mounts one in memory. That takes root (in a container: the right \
             SYS_ADMIN): {}",
            String::from_utf8_lossy(&mounted.stderr)
        );
        Self { at }
    }

    fn ballast(&self) -> PathBuf {
        self.at.path().join("ballast")
    }

    // Fills it up but for so many bytes.
    fn fill(&self, but: usize) {
        let mut file = std::fs::File::create(self.ballast()).unwrap();
        let block = vec![7; 4096];
        while file.write_all(&block).is_ok() {}
        let full = file.metadata().unwrap().len();
        file.set_len(full.saturating_sub(but as u64)).unwrap();
    }

    fn make_room(&self) {
        std::fs::remove_file(self.ballast()).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount")
            .arg("-l")
            .arg(self.at.path())
            .status();
    }
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp")
        .arg("-a")
        .arg(from.join("."))
        .arg(to)
        .status();
    assert!(copied.unwrap().success());
}

// A server on a small disk, and anna.
async fn on_a_small_disk() -> (SmallDisk, Program, Caller) {
    let (world, ..) = World::staffed().await;
    let disk = SmallDisk::mount();
    let folder = TempDir::new_in(disk.at.path()).unwrap();
    copy(world.stop().await.path(), folder.path());
    let program = Program::start(folder, &[]);
    let anna = program.sign_in("anna").await;
    (disk, program, anna)
}

fn says_that_it_cannot_store(input: &Input) -> bool {
    matches!(input, Input::Failed(Failure::Problem { problem, retry_after_s: Some(_) })
        if (problem.status, problem.code.as_str()) == (503, "unavailable"))
}

#[tokio::test]
async fn a_full_disk_confirms_nothing_still_reads_and_goes_on_when_there_is_room() {
    let (disk, program, anna) = on_a_small_disk().await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    phone.note(&mut ids).await;
    phone.delivers_all(program.folder()).await;
    for left in [0, 4_096, 60_000] {
        disk.fill(left);
        // What little room there is is used up first.
        let mut refused = None;
        for _ in 0..200 {
            for _ in 0..5 {
                phone.note(&mut ids).await;
            }
            let input = phone.push(100).await;
            if says_that_it_cannot_store(&input) {
                refused = Some(input);
                break;
            }
            assert_eq!(input, Input::Receipts { more: false }, "{left}");
        }
        assert!(refused.is_some(), "{left}: it was never full");
        let confirmed = phone.store.push_state().await.unwrap().acked;
        let written = phone.events().await.len() as u64;
        assert!(confirmed < written, "{left}");
        let there = ledger::truthful(program.folder(), &phone).await as u64;
        assert_eq!(there, confirmed, "{left}");
        phone.pull_everything().await;
        assert_eq!(anna.get("/api/v1/session").await.status(), 200, "{left}");
        // What goes into the audit log is not done without its row there.
        if left == 0 {
            let why = Phone::try_enrol(&anna, 9).await.err().expect("no room");
            assert!(says_that_it_cannot_store(&Input::Failed(why)));
        }

        disk.make_room();
        phone.delivers_all(program.folder()).await;
    }
    assert_eq!(findings(program.stop().path()).await, []);
}

#[tokio::test]
async fn a_log_that_cannot_be_written_holds_up_no_evidence() {
    let (world, ..) = World::staffed().await;
    let full = Path::new("/dev/full");
    let program = Program::logging_to(full, world.stop().await, &[("ZHICHA_LOG", "debug")]);
    let anna = program.sign_in("anna").await;
    let phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    phone.note(&mut ids).await;
    // About these the server has something to say.
    phone.poison(&mut ids).await;
    phone.seal_with_photo(&mut ids, &photo(1, 700_000)).await;
    assert_eq!(phone.deliver(5).await.requests, 1);
    assert_eq!(ledger::truthful(program.folder(), &phone).await, 3);
    assert_eq!(phone.confirmed().await, 3);
    assert_eq!(phone.send_photos().await, None);
    assert_eq!(phone.photos_waiting().await, 0);
    assert_eq!(anna.get("/api/v1/session").await.status(), 200);
    assert_eq!(findings(program.stop().path()).await, []);
}

#[tokio::test]
async fn a_photo_that_finds_no_room_is_refused_in_words_and_goes_on_from_where_it_was() {
    let (disk, mut program, anna) = on_a_small_disk().await;
    let mut phone = Phone::enrol(&anna, 1).await;
    let mut ids = CountingIds::default();
    let bytes = photo(5, 2_000_000);
    let event = phone.seal_with_photo(&mut ids, &bytes).await;
    phone.delivers_all(program.folder()).await;
    // Some of it is there.
    let client = Client {
        caller: program.nobody(),
    };
    let place = client.create(&event.hash, &bytes).await;
    tokio::task::spawn_blocking({
        let (url, place, bytes) = (program.url().to_owned(), place.clone(), bytes.clone());
        move || cut(&url, &place, 0, &bytes, 600_000)
    })
    .await
    .unwrap();
    let before = client.offset(&place).await;
    assert_eq!(before, 600_000);
    disk.fill(300_000);
    let failure = phone.send_photos().await.expect("there is no room");
    assert!(
        says_that_it_cannot_store(&Input::Failed(failure.clone())),
        "{failure:?}"
    );
    assert_eq!(phone.photos_waiting().await, 1);
    let held = phone.store.evidence_of(event.record_id).await.unwrap();
    assert_eq!(held[0].parts[0].refused, None, "it is not given up");
    // Also a server that is started on the full disk keeps what it has.
    let at = client.offset(&place).await;
    assert!(at >= before, "{at}");
    disk.make_room();
    program.kill();
    program.restart(&[]);
    program.url().clone_into(&mut phone.http.caller.url);
    assert_eq!(phone.send_photos().await, None);
    assert_eq!(phone.photos_waiting().await, 0);
    assert_eq!(phone.deliver(1).await.state, State::Idle);
    let stored = crate::world::tus::place_of_bytes(program.folder(), phone.tenant().await, &bytes);
    assert_eq!(std::fs::read(stored).unwrap(), bytes);
    assert_eq!(findings(program.stop().path()).await, []);
}
