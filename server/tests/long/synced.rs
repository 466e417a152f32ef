//! Nothing is confirmed before it is on the disk (`faults.md` E06): seen at the system calls of the very program.

use crate::{
    strace::Strace,
    world::{World, phone::Phone, program::Program, tus::photo},
};
use std::collections::BTreeSet;
use zhicha_core::{sync::push::Input, testing::CountingIds};

// Walks over what was seen: before each answer with this status there was a completed sync of `file` that was not there
// before the answer before it. How many such answers there were.
fn answers_after_a_sync(seen: &str, file: &str, status: u16) -> usize {
    let answer = format!("\"HTTP/1.1 {status} ");
    let (mut syncing, mut synced, mut answers) = (BTreeSet::new(), false, 0);
    for line in seen.lines() {
        let (pid, call) = line.split_once(' ').unwrap();
        let call = call.trim_start();
        let is_sync = |name: &str| call.starts_with(name) && call.contains(file);
        if is_sync("fdatasync(") || is_sync("fsync(") {
            if call.contains("<unfinished") {
                syncing.insert(pid);
            } else if call.ends_with("= 0") {
                synced = true;
            }
        } else if call.contains("sync resumed>") && syncing.remove(pid) && call.ends_with("= 0") {
            synced = true;
        } else if call.contains(&answer) && !call.contains("resumed>") {
            assert!(synced, "answered before its sync:\n{seen}");
            synced = false;
            answers += 1;
        }
    }
    answers
}

#[tokio::test]
async fn each_confirmation_follows_a_sync_of_what_it_confirms() {
    let (world, ..) = World::staffed().await;
    let program = Program::start(world.stop().await, &[]);
    let phone = Phone::enrol(&program.sign_in("anna").await, 1).await;
    let mut ids = CountingIds::default();
    let calls = ["-e", "trace=fdatasync,fsync,write,writev,sendto,sendmsg"];
    let strace = Strace::attach(program.pid(), &calls, &[]);
    for _ in 0..20 {
        phone.note(&mut ids).await;
        assert_eq!(phone.push(100).await, Input::Receipts { more: false });
    }
    let seen = strace.detach();
    assert_eq!(answers_after_a_sync(&seen, "zhicha.sqlite-wal", 200), 20);

    // Of a photo in parts each one is on the disk before the next is asked for.
    phone.seal_with_photo(&mut ids, &photo(1, 1_500_000)).await;
    phone.delivers_all(program.folder()).await;
    let strace = Strace::attach(program.pid(), &calls, &[]);
    assert_eq!(phone.send_photos().await, None);
    let seen = strace.detach();
    assert_eq!(answers_after_a_sync(&seen, "/staging/", 204), 3, "{seen}");
    assert_eq!(
        answers_after_a_sync(&seen, "zhicha.sqlite-wal", 204),
        3,
        "{seen}"
    );
}
