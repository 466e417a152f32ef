//! System calls that fail (`faults.md` E04): each read and each write of the database, once or from then on, and each sync. No
//! receipt without its row on the disk; after a failed sync the process ends, since nobody knows then what is there.

use crate::{
    strace::Strace,
    world::{
        World, findings, ledger,
        phone::Phone,
        program::Program,
        tus::{Client, photo, staged_in},
    },
};
use std::path::PathBuf;
use zhicha_core::{client::Failure, sync::push::Input, testing::CountingIds};

async fn program() -> (Program, Phone, CountingIds) {
    let (world, ..) = World::staffed().await;
    let program = Program::start(world.stop().await, &[]);
    let phone = Phone::enrol(&program.sign_in("anna").await, 1).await;
    let mut ids = CountingIds::default();
    phone.note(&mut ids).await;
    phone.delivers_all(program.folder()).await;
    (program, phone, ids)
}

fn files(program: &Program) -> Vec<PathBuf> {
    let names = ["zhicha.sqlite", "zhicha.sqlite-wal"];
    names.map(|name| program.folder().join(name)).to_vec()
}

fn is_refusal(input: &Input) -> bool {
    matches!(input, Input::Failed(Failure::Problem { problem, .. }) if [500, 503].contains(&problem.status))
}

async fn goes_on(program: &mut Program, phone: &mut Phone) {
    if program.has_ended() {
        program.restart(&[]);
        program.url().clone_into(&mut phone.http.caller.url);
    }
    phone.delivers_all(program.folder()).await;
}

#[tokio::test]
async fn reads_and_writes_that_fail_confirm_nothing_and_all_goes_on() {
    let (mut program, mut phone, mut ids) = program().await;
    let mut struck = 0;
    for call in ["pwrite64", "pread64"] {
        for (error, sticky) in [("EIO", ""), ("EIO", "+"), ("ENOSPC", "+")] {
            for n in 1..60 {
                // A fresh connection reads, and what it reads is not in memory.
                if call == "pread64" {
                    program.kill();
                    program.restart(&[]);
                    program.url().clone_into(&mut phone.http.caller.url);
                }
                for _ in 0..2 {
                    phone.note(&mut ids).await;
                }
                let inject = format!("inject={call}:error={error}:when={n}{sticky}");
                let name = format!("{inject}, {struck} before");
                let strace = Strace::attach(program.pid(), &["-e", &inject], &files(&program));
                let input = phone.push(100).await;
                let hit = strace.struck();
                strace.detach();
                struck += usize::from(hit);
                let fine = matches!(input, Input::Receipts { .. });
                assert!(fine || is_refusal(&input), "{name}: {input:?}");
                let there = ledger::truthful(program.folder(), &phone).await;
                let confirmed = phone.confirmed().await;
                assert!(there >= confirmed, "{name}");
                assert!(!program.has_ended(), "{name}");
                goes_on(&mut program, &mut phone).await;
                if !hit {
                    assert!(fine, "{name}: {input:?}");
                    break;
                }
            }
        }
    }
    assert!(struck > 20, "{struck}");
    assert_eq!(findings(program.stop().path()).await, []);
}

#[tokio::test]
async fn a_sync_that_fails_ends_the_process_and_nothing_was_confirmed() {
    let (mut program, mut phone, mut ids) = program().await;
    let mut hits = 0;
    for when in ["1", "1+"] {
        for call in ["fdatasync", "fsync"] {
            for _ in 0..2 {
                phone.note(&mut ids).await;
            }
            let confirmed = phone.confirmed().await;
            let inject = format!("inject={call}:error=EIO:when={when}");
            let wal = program.folder().join("zhicha.sqlite-wal");
            let strace = Strace::attach(program.pid(), &["-e", &inject], &[wal]);
            let input = phone.push(100).await;
            let hit = strace.struck();
            // SQLite uses one of the two.
            if hit {
                hits += 1;
                assert_eq!(input, Input::Failed(Failure::Network), "{inject}");
                assert!(!program.ended().await.success(), "{inject}");
                assert_eq!(phone.confirmed().await, confirmed, "{inject}");
                let said = program.log();
                assert!(said.contains("could not be brought to the disk"), "{said}");
            }
            strace.detach();
            goes_on(&mut program, &mut phone).await;
        }
    }
    assert_eq!(hits, 2);
    // The bytes of a photo.
    let bytes = photo(1, 1_200_000);
    let event = phone.seal_with_photo(&mut ids, &bytes).await;
    phone.delivers_all(program.folder()).await;
    let client = Client {
        caller: program.nobody(),
    };
    let place = client.create(&event.hash, &bytes).await;
    let staged = staged_in(program.folder(), &place);
    let inject = ["-e", "inject=fdatasync:error=EIO:when=1"];
    let strace = Strace::attach(program.pid(), &inject, &[staged]);
    assert_eq!(phone.send_photos().await, Some(Failure::Network));
    assert!(!program.ended().await.success());
    assert!(strace.struck());
    strace.detach();
    goes_on(&mut program, &mut phone).await;
    assert_eq!(phone.send_photos().await, None);
    assert_eq!(phone.photos_waiting().await, 0);
    assert_eq!(findings(program.stop().path()).await, []);
}

#[tokio::test]
async fn the_log_is_whole_when_it_could_not_be_folded_into_the_database() {
    let (mut program, mut phone, mut ids) = program().await;
    let database = program.folder().join("zhicha.sqlite");
    for call in ["fsync", "pwrite64"] {
        let inject = format!("inject={call}:error=EIO:when=1+");
        let strace = Strace::attach(
            program.pid(),
            &["-e", &inject],
            std::slice::from_ref(&database),
        );
        let mut pushes = 0;
        while !strace.struck() {
            for _ in 0..50 {
                phone.note(&mut ids).await;
            }
            assert_eq!(phone.push(100).await, Input::Receipts { more: false });
            pushes += 1;
            assert!(pushes < 100, "it was never folded");
        }
        phone.note(&mut ids).await;
        assert_eq!(phone.push(100).await, Input::Receipts { more: false });
        strace.detach();
        program.kill();
        program.restart(&[]);
        program.url().clone_into(&mut phone.http.caller.url);
        ledger::complete(program.folder(), &phone).await;
        goes_on(&mut program, &mut phone).await;
    }
    assert_eq!(findings(program.stop().path()).await, []);
}
