//! `zhicha backup` beside a running server and `zhicha restore` of what it made: the same texts and bytes, in a new life of
//! the log (`faults.md` E10).

use crate::world::{
    Device, World,
    backups::{Saved, codes, files, sets, text},
    findings,
    program::{code, said, zhicha},
    record,
    tus::{Client, delivered, photo},
};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use zhicha_core::id::TenantId;
use zhicha_server::{
    Config,
    store::{Store, backups, events, tenants},
};

async fn opened(folder: &Path) -> Store {
    let config = Config::in_folder(folder.to_owned());
    Store::open_existing(&config.database().unwrap())
        .await
        .unwrap()
}

async fn texts(store: &Store, tenant: TenantId) -> Vec<String> {
    let mut conn = store.reader().await.unwrap();
    let rows = events::after(&mut conn, tenant, 0, 10_000).await.unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

async fn audited(store: &Store, action: &'static str) -> Vec<String> {
    sqlx::query_scalar("SELECT detail FROM audit WHERE action = $1 ORDER BY seq")
        .bind(action)
        .fetch_all(store.pools().0)
        .await
        .unwrap()
}

fn tenant_of(device: &Device) -> TenantId {
    device.certificate.tenant
}

#[tokio::test]
async fn what_is_restored_is_what_was_saved_beside_a_running_server_in_a_new_life_of_the_log() {
    let saved = Saved::new().await;
    let (running, tenant) = (
        &saved.sample.world.running.app.store,
        tenant_of(&saved.sample.device),
    );
    let before = tenants::log(&mut running.reader().await.unwrap(), tenant)
        .await
        .unwrap();
    saved.backed_up();
    let folder = saved.new_folder("restored");
    let trust = saved.sample.trust();
    let done = saved.restore(&saved.to(), &folder, &["--server", &trust]);
    assert_eq!(code(&done), 0, "{}", said(&done));
    assert_eq!(findings(&folder).await, []);

    let store = opened(&folder).await;
    assert_eq!(texts(&store, tenant).await, texts(running, tenant).await);
    let life = tenants::log(&mut store.reader().await.unwrap(), tenant)
        .await
        .unwrap();
    assert_eq!(life.size, before.size);
    assert_ne!(life.epoch, before.epoch);
    let noted = audited(&store, "restored").await;
    assert_eq!(noted.len(), 1);
    for part in [before.epoch.to_string(), life.epoch.to_string()] {
        assert!(noted[0].contains(&part), "{noted:?}");
    }
    store.close().await;
    let source = files(&saved.sample.world.folder().join("blobs"));
    let there = files(&folder.join("blobs"));
    assert_eq!(source.len(), 6);
    assert!(
        source
            .values()
            .all(|bytes| there.values().any(|b| b == bytes))
    );

    // People sign in and devices go on at the restored server as at the one before.
    let dir = tempfile::TempDir::new_in(saved.other.path()).unwrap();
    std::fs::rename(&folder, dir.path()).unwrap();
    let world = World::start_in(dir, |_| {}).await;
    world.sign_in("anna").await;
    let device = &saved.sample.device;
    let reply = device.push(&world, 3, &[device.sealed(record())]).await;
    assert_eq!(reply.log.epoch, life.epoch);
}

#[cfg(unix)]
#[tokio::test]
async fn what_is_restored_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let saved = Saved::new().await;
    let folder = saved.new_folder("restored");
    saved.backed_up();
    assert_eq!(code(&saved.restore(&saved.to(), &folder, &[])), 0);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for secret in ["server-key.jwk", "zhicha.sqlite"] {
        assert_eq!(mode(&folder.join(secret)), 0o600, "{secret}");
    }
    assert_eq!(mode(&saved.key()), 0o600);
}

#[tokio::test]
async fn one_backup_restored_twice_gives_two_lives_that_devices_tell_apart() {
    let saved = Saved::new().await;
    let set = saved.backed_up();
    let mut epochs = Vec::new();
    for name in ["one", "two"] {
        let folder = saved.new_folder(name);
        assert_eq!(code(&saved.restore(&set, &folder, &[])), 0);
        let store = opened(&folder).await;
        let tenant = tenant_of(&saved.sample.device);
        let log = tenants::log(&mut store.reader().await.unwrap(), tenant).await;
        epochs.push(log.unwrap().epoch);
        store.close().await;
    }
    assert_ne!(epochs[0], epochs[1]);
}

#[tokio::test]
async fn photos_are_written_once_and_each_backup_has_all_of_them() {
    let saved = Saved::new().await;
    let first = saved.backed_up();
    let blobs = saved.to().join("blobs");
    let before = files(&blobs);
    assert_eq!(before.len(), 6);
    let (world, device) = (&saved.sample.world, &saved.sample.device);
    let new = photo(77, 9_000);
    let event = delivered(world, device, &[&new]).await;
    Client::of(world).upload(&event, &new).await;
    let second = saved.backed_up();
    let after = files(&blobs);
    assert_eq!(after.len(), 7);
    assert!(before.iter().all(|(path, bytes)| after[path] == *bytes));
    for (set, count) in [(first, 6), (second, 7)] {
        let folder = saved.new_folder(&format!("restored-{count}"));
        assert_eq!(code(&saved.restore(&set, &folder, &[])), 0);
        assert_eq!(files(&folder.join("blobs")).len(), count);
    }
}

#[tokio::test]
async fn backups_under_load_are_each_whole_and_restore() {
    let saved = Saved::new().await;
    let world = &saved.sample.world;
    let anna = world.sign_in("anna").await;
    let device = anna.enrol(9).await;
    let ended = Arc::new(AtomicBool::new(false));
    let backing_up = {
        let ended = Arc::clone(&ended);
        let (folder, to) = (world.folder().to_owned(), saved.to());
        tokio::task::spawn_blocking(move || {
            let made: Vec<_> = (0..3)
                .map(|_| zhicha(&["backup", "--data-dir", text(&folder), "--to", text(&to)]))
                .collect();
            ended.store(true, Ordering::SeqCst);
            made
        })
    };
    let (mut seq, client) = (0, Client::of(world));
    while !ended.load(Ordering::SeqCst) {
        let shot = photo(u8::try_from(seq % 200).unwrap(), 5_000 + seq);
        let event = delivered(world, &device, &[&shot]).await;
        client.upload(&event, &shot).await;
        seq += 1;
    }
    for made in backing_up.await.unwrap() {
        assert_eq!(code(&made), 0, "{}", said(&made));
    }
    let mut sizes = Vec::new();
    for (n, set) in sets(&saved.to()).iter().enumerate() {
        let folder = saved.new_folder(&n.to_string());
        let done = saved.restore(set, &folder, &[]);
        assert_eq!(code(&done), 0, "{}", said(&done));
        assert_eq!(findings(&folder).await, []);
        let store = opened(&folder).await;
        sizes.push(texts(&store, tenant_of(&device)).await.len());
        store.close().await;
    }
    assert!(sizes.len() == 3 && sizes.is_sorted(), "{sizes:?}");
}

#[tokio::test]
async fn only_a_backup_that_counts_moves_what_devices_may_forget() {
    let saved = Saved::new().await;
    let tenant = tenant_of(&saved.sample.device);
    let store = &saved.sample.world.running.app.store;
    let through = async || {
        let mut conn = store.reader().await.unwrap();
        backups::durable_through(&mut conn, tenant).await.unwrap()
    };
    assert_eq!(through().await, None);
    let log = tenants::log(&mut store.reader().await.unwrap(), tenant).await;
    let size = log.unwrap().size;
    saved.backed_up();
    assert_eq!(through().await.unwrap().tenant_seq, size);

    let device = &saved.sample.device;
    device
        .push(&saved.sample.world, 3, &[device.sealed(record())])
        .await;
    let altered = "UPDATE projection_inspection SET search = 'x'";
    sqlx::query(altered).execute(store.pools().1).await.unwrap();
    let made = saved.back_up(&["--json"]);
    assert_eq!(code(&made), 1);
    assert!(codes(&made).iter().all(|code| code == "projection"));
    assert_eq!(
        through().await.unwrap().tenant_seq,
        size,
        "it does not count"
    );
    assert_eq!(sets(&saved.to()).len(), 2, "and is kept all the same");
}

#[tokio::test]
async fn a_photo_that_the_server_lost_keeps_the_backup_from_counting_until_that_is_accepted() {
    let saved = Saved::new().await;
    let lost = files(&saved.sample.world.folder().join("blobs"));
    std::fs::remove_file(lost.keys().next().unwrap()).unwrap();
    let made = saved.back_up(&["--json"]);
    assert_eq!(
        (code(&made), codes(&made)),
        (1, vec!["blob_missing".to_owned()])
    );
    let accepted = saved.back_up(&["--accept-missing"]);
    assert_eq!(code(&accepted), 0, "{}", said(&accepted));
    let folder = saved.new_folder("restored");
    let refused = saved.restore(&saved.to(), &folder, &[]);
    assert_eq!(
        (code(&refused), codes(&refused)),
        (1, vec!["backup_blob".to_owned()])
    );
    assert!(!folder.exists());
    let done = saved.restore(&saved.to(), &folder, &["--accept-findings"]);
    assert_eq!(
        (code(&done), codes(&done)),
        (1, vec!["backup_blob".to_owned()])
    );
    assert_eq!(files(&folder.join("blobs")).len(), 5);
}

#[tokio::test]
async fn nothing_in_a_backup_can_be_read_without_the_key_and_the_server_does_not_hold_it() {
    let saved = Saved::new().await;
    saved.backed_up();
    let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
    let private = std::fs::read_to_string(saved.key()).unwrap();
    let private = private.lines().last().unwrap();
    let digest = zhicha_core::checklist::Digest::of(&saved.sample.shots.original).0;
    let secrets: Vec<&[u8]> = vec![
        "示例anna".as_bytes(),
        saved.sample.seal.as_str().as_bytes(),
        digest.as_bytes(),
        b"argon2id",
        b"SQLite format 3",
        &saved.sample.shots.original[100..140],
        b"\"crv\":\"P-256\"",
    ];
    let mut here = files(saved.sample.world.folder()).into_values();
    assert!(
        here.any(|bytes| holds(&bytes, b"argon2id")),
        "they are in the data folder"
    );
    for (path, bytes) in files(&saved.to()) {
        for secret in &secrets {
            let word = String::from_utf8_lossy(secret);
            assert!(!holds(&bytes, secret), "{} holds {word}", path.display());
        }
    }
    for (path, bytes) in files(saved.sample.world.folder()) {
        assert!(!holds(&bytes, private.as_bytes()), "{}", path.display());
    }
}

#[tokio::test]
async fn old_backups_go_when_told_and_what_stays_is_whole() {
    let saved = Saved::new().await;
    let first = saved.backed_up();
    let second = saved.backed_up();
    let made = saved.back_up(&["--keep", "2"]);
    assert_eq!(code(&made), 0, "{}", said(&made));
    let left = sets(&saved.to());
    assert!(!first.exists() && left.len() == 2 && left.contains(&second));
    for set in left {
        assert_eq!(code(&saved.verify(&set)), 0);
    }
}

#[tokio::test]
async fn a_backup_that_was_broken_off_is_none_and_the_next_one_goes_on() {
    let saved = Saved::new().await;
    let folder = saved.sample.world.folder().to_owned();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_zhicha"))
        .args([
            "backup",
            "--data-dir",
            text(&folder),
            "--to",
            text(&saved.to()),
        ])
        .spawn()
        .unwrap();
    while !saved.to().join("blobs.jsonl").exists() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let finished = sets(&saved.to()).len();
    assert!(finished <= 1);
    let set = saved.backed_up();
    assert_eq!(sets(&saved.to()).len(), finished + 1);
    assert_eq!(code(&saved.verify(&set)), 0);
    let left = std::fs::read_dir(&folder).unwrap();
    let left: Vec<_> = left.map(|e| e.unwrap().file_name()).collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().contains("backup-work")),
        "no copy in the clear stays: {left:?}"
    );
}
