//! What lies beside database and photos of a data folder belongs to a backup too: certificates that phones trust, and photos that are
//! in a bucket.

use crate::world::{
    World,
    backups::{Saved, files, text},
    bucket::{Bucket, Mood},
    program::{Program, code, said, zhicha, zhicha_with},
    record, sealed,
    tls::{ca, first, loopback, today, trusting},
    tus::{Client, delivered_in, photo},
};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zhicha_core::inspection::Mode;
use zhicha_server::tls::local::Local;

#[tokio::test]
async fn the_ca_that_phones_trust_comes_back_and_certifies_on() {
    let saved = Saved::new().await;
    let folder = saved.sample.world.folder();
    let before = loopback(folder, today());
    let account = folder.join("acme/cached_account_example");
    std::fs::create_dir(folder.join("acme")).unwrap();
    std::fs::write(&account, "the key of an account, 示例").unwrap();
    let key = std::fs::read(folder.join("tls/ca.pem")).unwrap();
    saved.backed_up();
    let in_the_clear = |bytes: &Vec<u8>| bytes.windows(20).any(|part| key[600..].starts_with(part));
    assert!(!files(&saved.to()).values().any(in_the_clear));

    let new = TempDir::new().unwrap();
    let restored = new.path().join("data");
    assert_eq!(code(&saved.restore(&saved.to(), &restored, &[])), 0);
    for folder_of_keys in ["tls", "acme"] {
        let (there, here) = (folder.join(folder_of_keys), restored.join(folder_of_keys));
        let named = |files: std::collections::BTreeMap<PathBuf, Vec<u8>>| -> Vec<_> {
            let name = |path: &Path| path.file_name().unwrap().to_owned();
            files
                .into_iter()
                .map(|(path, bytes)| (name(&path), bytes))
                .collect()
        };
        assert_eq!(named(files(&here)), named(files(&there)));
        for_its_owner_only(&here);
    }
    // A phone that installed the CA gets in, and goes on to after a renewal that only the CA's key allows.
    let dir = TempDir::new().unwrap();
    std::fs::rename(&restored, dir.path()).unwrap();
    let world = World::start_in(dir, |_| {}).await;
    let gets_in = async || {
        let asked = trusting(&world.running.url, &before).get("/healthz").await;
        assert_eq!(asked.status(), 200);
    };
    gets_in().await;
    let local = Local::in_folder(world.folder());
    let old = first(&local.server());
    let renewed = zhicha(&["tls", "renew", "--data-dir", text(world.folder())]);
    assert_eq!(code(&renewed), 0, "{}", said(&renewed));
    assert_ne!(first(&local.server()), old);
    assert_eq!(ca(&local), ca(&before));
    gets_in().await;
}

fn for_its_owner_only(folder: &Path) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o077;
        assert_eq!(mode(folder), 0);
        for path in files(folder).keys() {
            assert_eq!(mode(path), 0, "{}", path.display());
        }
    }
}

// A server whose photos are in a bucket, with a key for backups.
struct InBucket {
    bucket: Bucket,
    program: Program,
    other: TempDir,
}

impl InBucket {
    async fn with(photos: u8) -> Self {
        let bucket = Bucket::start().await;
        let (world, _, _, device) = World::equipped().await;
        let program = Program::start(world.stop().await, &bucket.settings());
        let shots: Vec<_> = (0..photos).map(|n| photo(90 + n, 5_000)).collect();
        let named: Vec<&[u8]> = shots.iter().map(Vec::as_slice).collect();
        let body = sealed(Mode::SpotCheck);
        let event = delivered_in(&program.nobody(), &device, record(), &body, &named).await;
        let client = Client {
            caller: program.nobody(),
        };
        for shot in &shots {
            client.bring(&event, shot, 5_000).await.unwrap();
        }
        assert_eq!(bucket.names().len(), shots.len());
        let other = TempDir::new().unwrap();
        let key = other.path().join("backup.key");
        let data = text(program.folder());
        let made = zhicha(&["backup", "key", "--data-dir", data, "--out", text(&key)]);
        assert_eq!(code(&made), 0, "{}", said(&made));
        Self {
            bucket,
            program,
            other,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.other.path().join(name)
    }

    // A command on its data folder, which is told of `bucket` if one is given.
    fn run(&self, bucket: Option<&Bucket>, args: &[&str]) -> std::process::Output {
        let settings = bucket.map(Bucket::settings);
        zhicha_with(args, settings.as_ref().map_or(&[], |known| &known[..]))
    }

    fn back_up(&self, bucket: Option<&Bucket>) -> std::process::Output {
        let (data, to) = (self.program.folder(), self.path("backups"));
        let args = ["backup", "--data-dir", text(data), "--to", text(&to)];
        self.run(bucket, &args)
    }

    fn restore(&self, bucket: Option<&Bucket>, folder: &Path) -> std::process::Output {
        let (from, key) = (self.path("backups"), self.path("backup.key"));
        let args = ["restore", text(&from), "--key", text(&key), "--data-dir"];
        self.run(bucket, &[&args[..], &[text(folder)]].concat())
    }

    fn fsck(&self, bucket: Option<&Bucket>, folder: &Path) -> std::process::Output {
        self.run(bucket, &["fsck", "--data-dir", text(folder)])
    }
}

// The bucket answers while the test waits for a program.
#[tokio::test(flavor = "multi_thread")]
async fn photos_in_a_bucket_are_in_the_backup_and_come_back_to_a_folder_or_to_a_bucket() {
    let saved = InBucket::with(3).await;
    let made = saved.back_up(Some(&saved.bucket));
    assert_eq!(code(&made), 0, "{}", said(&made));
    assert_eq!(files(&saved.path("backups").join("blobs")).len(), 3);

    let folder = saved.path("in-folder");
    let done = saved.restore(None, &folder);
    assert_eq!(code(&done), 0, "{}", said(&done));
    assert!(
        said(&done).contains("not to s3://photos/town"),
        "{}",
        said(&done)
    );
    assert_eq!(files(&folder.join("blobs")).len(), 3);
    let sound = saved.fsck(None, &folder);
    assert_eq!(code(&sound), 0, "{}", said(&sound));

    let (empty, folder) = (Bucket::start().await, saved.path("in-bucket"));
    let done = saved.restore(Some(&empty), &folder);
    assert_eq!(code(&done), 0, "{}", said(&done));
    assert!(
        said(&done).contains("brought to s3://photos/town"),
        "{}",
        said(&done)
    );
    assert_eq!(empty.names(), saved.bucket.names());
    let sound = saved.fsck(Some(&empty), &folder);
    assert_eq!(code(&sound), 0, "{}", said(&sound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_was_not_told_of_the_bucket_says_so_and_calls_nothing_lost() {
    let saved = InBucket::with(1).await;
    let data = saved.program.folder();
    for refused in [saved.back_up(None), saved.fsck(None, data)] {
        assert_eq!(code(&refused), 2, "{}", said(&refused));
        let words = said(&refused);
        assert!(
            words.contains("kept photos and files in s3://photos/town")
                && words.contains("ZHICHA_BLOB_URL")
                && words.contains("存储桶"),
            "{words}"
        );
        assert!(refused.stdout.is_empty(), "nothing is called lost");
    }
    assert!(!saved.path("backups").exists());
    let sound = saved.fsck(Some(&saved.bucket), data);
    assert_eq!(code(&sound), 0, "{}", said(&sound));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_is_down_makes_no_backup_and_takes_none_away() {
    let saved = InBucket::with(1).await;
    saved.bucket.is(Mood::Fails);
    let made = saved.back_up(Some(&saved.bucket));
    assert_eq!(code(&made), 2, "{}", said(&made));
    let words = said(&made);
    assert!(
        words.contains("there is no new backup") && words.contains("没有做成备份"),
        "{words}"
    );
    saved.bucket.is(Mood::Works);
    let made = saved.back_up(Some(&saved.bucket));
    assert_eq!(code(&made), 0, "{}", said(&made));
}
