//! One backup restored twice: two servers with the same key. A phone that meets them in turn loses nothing at either
//! (`docs/operate.en.md`, section 6).

use crate::world::{
    World,
    backups::{files, text},
    ledger,
    phone::{Http, Phone},
    program::{Program, code, said, zhicha},
    tus::photo,
};
use std::path::Path;
use tempfile::TempDir;
use zhicha_core::{
    client::{
        Failure,
        pull::PullError,
        refill::{Contact, contact, refill},
    },
    sync::wire::Stream,
    testing::CountingIds,
};

async fn sends_all(phone: &Phone) {
    phone.deliver(50).await;
    assert_eq!(phone.send_photos().await, None);
    assert_eq!(phone.photos_waiting().await, 0);
}

fn backed_up(folder: &Path, other: &Path) {
    let (key, to) = (other.join("backup.key"), other.join("backups"));
    let data = ["--data-dir", text(folder)];
    for args in [
        ["backup", "key", "--out", text(&key)],
        ["backup", "--to", text(&to), "--json"],
    ] {
        let done = zhicha(&[&args[..], &data].concat());
        assert_eq!(code(&done), 0, "{}", said(&done));
    }
}

fn restored(other: &Path) -> Program {
    let (from, key, dir) = (
        other.join("backups"),
        other.join("backup.key"),
        TempDir::new().unwrap(),
    );
    let args = [
        "restore",
        text(&from),
        "--key",
        text(&key),
        "--data-dir",
        text(dir.path()),
    ];
    let done = zhicha(&args);
    assert_eq!(code(&done), 0, "{}", said(&done));
    Program::start(dir, &[])
}

// The cursor of the other server tells this one of a life of the log that it does not know: it begins a new one, and everybody
// signs in anew. That happens once at each meeting, not for ever.
async fn pulls_all(phone: &mut Phone, server: &Program) {
    let mut signed_in = 0;
    for stream in Stream::ALL {
        loop {
            match phone.pull_page(stream).await {
                Ok(more) if more => {}
                Ok(_) => break,
                Err(PullError::Failed(Failure::Problem { problem, .. })) => {
                    assert_eq!((problem.status, signed_in), (401, 0));
                    signed_in += 1;
                    phone.http = Http::of(&server.sign_in("anna").await);
                }
                Err(other) => panic!("{other:?}"),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_that_meets_both_in_turn_leaves_everything_at_each() {
    let (world, _, anna) = World::staffed().await;
    let (mut phone, mut ids) = (Phone::enrol(&anna, 1).await, CountingIds::default());
    let other = TempDir::new().unwrap();
    phone.seal_with_photo(&mut ids, &photo(1, 30_000)).await;
    sends_all(&phone).await;
    backed_up(world.folder(), other.path());
    // Delivered since, so that only the phone has it when the server is gone.
    phone.seal_with_photo(&mut ids, &photo(2, 30_000)).await;
    sends_all(&phone).await;
    world.stop().await;

    let both = [restored(other.path()), restored(other.path())];
    for n in [0, 1, 0] {
        let server = &both[n];
        phone.http = Http::of(&server.sign_in("anna").await);
        let met = contact(&phone.store, &phone.http).await.unwrap();
        assert_eq!(met, Ok(Contact::Restored), "each has a life of its own");
        refill(&phone.store, &phone.http).await.unwrap().unwrap();
        sends_all(&phone).await;
        ledger::complete(server.folder(), &phone).await;
        assert_eq!(files(&server.folder().join("blobs")).len(), 2);
        // New work goes to whichever it meets.
        phone.note(&mut ids).await;
        sends_all(&phone).await;
        ledger::complete(server.folder(), &phone).await;
        pulls_all(&mut phone, server).await;
    }
    for server in both {
        let sound = zhicha(&["fsck", "--data-dir", text(server.folder())]);
        assert_eq!(code(&sound), 0, "{}", said(&sound));
    }
}
