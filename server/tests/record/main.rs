//! Records the traffic of three devices, the data folder before and after it, an export and a backup, into an empty folder. How
//! and when: `tests/fixtures/wire-1/README.md`. What was recorded for a tag is never recorded anew.
//!
//! `cargo test --package zhicha-server --all-features --test record -- FOLDER`
#![allow(clippy::unwrap_used, reason = "what cannot go on ends")]
#![allow(
    dead_code,
    unused_imports,
    reason = "the helpers are those of the tests, and not all are used here"
)]

#[path = "../all/world/mod.rs"]
mod world;

mod day;
mod messages;
mod noting;

use noting::Recorder;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tempfile::TempDir;
use world::{
    World,
    backups::{files, text},
    program::{code, said, zhicha},
    recorded::{BACKUP, BACKUP_KEY, DELIVERED, ENROLLED, EXPORT},
    zips::zipped,
};
use zhicha_core::access::Role;

/// Number of the key that signs as the server: who reads it sees that it is for tests alone.
const SERVER_KEY: u8 = 201;

#[tokio::main]
async fn main() {
    let out = PathBuf::from(
        std::env::args()
            .nth(1)
            .expect("an empty folder to write to"),
    );
    assert!(
        !out.join("traffic").exists(),
        "there is a recording in {} already; it stays as it is",
        out.display()
    );
    fs::create_dir_all(out.join("traffic")).unwrap();

    let dir = TempDir::new().unwrap();
    let key = p256::SecretKey::from_slice(&[&[0; 31][..], &[SERVER_KEY]].concat()).unwrap();
    fs::write(
        dir.path().join("server-key.jwk"),
        key.to_jwk_string().as_bytes(),
    )
    .unwrap();
    let world = World::start_in(dir, |_| {}).await;
    let admin = world.administrator().await;
    for name in ["示例纸管厂", "示例便利店"] {
        admin.add_site(name, "shili-1").await;
    }
    world
        .person(&admin, "anna", Role::Inspector, &["shili-1"])
        .await;

    let recorder = Recorder::start().await;
    recorder.lead_to(&world.running.url);
    let mut day = day::Day::begin(&recorder).await;
    let world = kept(world, &out.join(ENROLLED), &recorder).await;
    day.go_on(&recorder).await;

    let admin = world.sign_in("admin").await;
    let all = serde_json::json!({ "record_ids": day.records });
    let export = admin.post("/api/v1/export", all).await;
    assert_eq!(export.status(), 200);
    fs::write(out.join(EXPORT), export.bytes().await.unwrap()).unwrap();
    back_up(&world, &out);
    kept(world, &out.join(DELIVERED), &recorder).await;
    for exchange in recorder.exchanges() {
        println!("{} {} {}", exchange.name, exchange.path, exchange.status);
        messages::write(&exchange, &out.join("traffic"));
    }
}

// Keeps the data folder as it is when the server is stopped, and starts the server again an hour later.
async fn kept(world: World, zip: &Path, recorder: &Recorder) -> World {
    let dir = world.stop().await;
    fs::write(zip, zipped_folder(dir.path())).unwrap();
    let world = World::start_in(dir, |_| {}).await;
    world.clock.advance(3_600_000);
    recorder.lead_to(&world.running.url);
    world
}

fn zipped_folder(folder: &Path) -> Vec<u8> {
    let name = |path: PathBuf| {
        let inside = path.strip_prefix(folder).unwrap();
        inside.to_str().unwrap().to_owned()
    };
    let all = files(folder).into_iter();
    zipped(&all.map(|(path, bytes)| (name(path), bytes)).collect())
}

// A backup, with the key that opens it.
fn back_up(world: &World, out: &Path) {
    let dir = TempDir::new().unwrap();
    let (to, key) = (dir.path().join("backups"), dir.path().join(BACKUP_KEY));
    let data = text(world.folder());
    for args in [
        ["backup", "key", "--data-dir", data, "--out", text(&key)].as_slice(),
        &["backup", "--data-dir", data, "--to", text(&to)],
    ] {
        let done = zhicha(args);
        assert_eq!(code(&done), 0, "{}", said(&done));
    }
    fs::write(out.join(BACKUP), zipped_folder(dir.path())).unwrap();
}
