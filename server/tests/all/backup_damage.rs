//! Backups that are not what they should be: each is refused in words, and nothing is written half (`faults.md` E10).

use crate::world::{
    backups::{Saved, codes, files, sets, text},
    program::{code, said, zhicha},
};
use std::path::{Path, PathBuf};
use zhicha_server::backup::key::Private;

// Refused with exit code 1 and these findings; nothing is there afterwards.
fn refused(saved: &Saved, from: &Path, what: &str) -> Vec<String> {
    let folder = saved.new_folder("restored");
    let checked = saved.verify(from);
    assert_eq!(code(&checked), 1, "{what}: {}", said(&checked));
    let tried = saved.restore(from, &folder, &[]);
    assert_eq!(code(&tried), 1, "{what}: {}", said(&tried));
    assert!(!folder.exists(), "{what}");
    nothing_left(saved);
    let found = codes(&tried);
    assert!(!found.is_empty(), "{what}");
    found
}

fn nothing_left(saved: &Saved) {
    let entries = std::fs::read_dir(saved.other.path()).unwrap();
    let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name()).collect();
    names.retain(|name| name.to_string_lossy().starts_with(".zhicha-restore"));
    assert!(names.is_empty(), "{names:?}");
}

fn flip(path: &Path) {
    let mut bytes = std::fs::read(path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

fn cut(path: &Path) {
    let bytes = std::fs::read(path).unwrap();
    std::fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

fn some_blob(saved: &Saved) -> PathBuf {
    let blobs = files(&saved.to().join("blobs"));
    blobs.keys().next().unwrap().clone()
}

#[tokio::test]
async fn a_flipped_bit_a_cut_or_a_lost_file_anywhere_is_found_and_nothing_is_written() {
    let saved = Saved::new().await;
    let set = saved.backed_up();
    let of_set = [
        "files/zhicha.sqlite.age",
        "files/server-key.jwk.age",
        "blobs.jsonl",
        "manifest.json",
        "manifest.jws",
    ];
    let paths = of_set.map(|name| set.join(name));
    let blob = some_blob(&saved);
    for path in paths.iter().chain([&blob]) {
        let whole = std::fs::read(path).unwrap();
        for (what, harm) in [
            ("flip", flip as fn(&Path)),
            ("cut", cut),
            ("loss", |path| std::fs::remove_file(path).unwrap()),
        ] {
            harm(path);
            refused(
                &saved,
                &saved.to(),
                &format!("{what} of {}", path.display()),
            );
            std::fs::write(path, &whole).unwrap();
        }
    }
    assert_eq!(code(&saved.verify(&set)), 0, "whole again");
}

#[tokio::test]
async fn without_the_key_damage_is_found_by_hash_and_the_next_backup_mends_a_lost_photo() {
    let saved = Saved::new().await;
    saved.backed_up();
    let to = saved.to();
    let check = || zhicha(&["backup", "verify", text(&to), "--json"]);
    assert_eq!(code(&check()), 0);
    let blob = some_blob(&saved);
    flip(&blob);
    assert_eq!(
        (code(&check()), codes(&check())),
        (1, vec!["backup_blob".to_owned()])
    );
    std::fs::remove_file(&blob).unwrap();
    let set = saved.backed_up();
    assert_eq!(code(&saved.verify(&set)), 0);
}

#[tokio::test]
async fn what_is_whole_is_brought_back_when_a_person_says_so() {
    let saved = Saved::new().await;
    let set = saved.backed_up();
    flip(&some_blob(&saved));
    let folder = saved.new_folder("restored");
    let done = saved.restore(&set, &folder, &["--accept-findings"]);
    assert_eq!(
        (code(&done), codes(&done)),
        (1, vec!["backup_blob".to_owned()])
    );
    assert_eq!(files(&folder.join("blobs")).len(), 5);
}

#[tokio::test]
async fn the_wrong_key_is_told_as_such() {
    let saved = Saved::new().await;
    let set = saved.backed_up();
    let other = Private::generate();
    std::fs::write(saved.key(), other.file()).unwrap();
    let folder = saved.new_folder("restored");
    for tried in [saved.restore(&set, &folder, &[]), saved.verify(&set)] {
        assert_eq!(code(&tried), 2);
        let words = said(&tried);
        assert!(
            words.contains("not the key") && words.contains(&other.public().to_string()),
            "{words}"
        );
    }
    std::fs::write(saved.key(), other.public().to_string()).unwrap();
    let tried = saved.restore(&set, &folder, &[]);
    assert!(code(&tried) == 2 && said(&tried).contains("no private key"));
    assert!(!folder.exists());
    nothing_left(&saved);
}

#[tokio::test]
async fn a_folder_that_is_not_empty_is_left_as_it_is() {
    let saved = Saved::new().await;
    let set = saved.backed_up();
    let folder = saved.new_folder("used");
    std::fs::create_dir(&folder).unwrap();
    assert_eq!(
        code(&saved.restore(&set, &folder, &[])),
        0,
        "an empty one is taken"
    );
    let before = files(&folder);
    let tried = saved.restore(&set, &folder, &[]);
    assert_eq!(code(&tried), 2);
    assert!(said(&tried).contains("not empty"), "{}", said(&tried));
    assert_eq!(files(&folder), before);
    let tried = saved.restore(&saved.new_folder("nothing"), &saved.new_folder("x"), &[]);
    assert!(code(&tried) == 2 && said(&tried).contains("no backup"));
}

#[tokio::test]
async fn backups_of_two_servers_are_not_mixed() {
    let (one, two) = (Saved::new().await, Saved::new().await);
    let set = one.backed_up();
    let foreign = two.backed_up();
    let folder = one.new_folder("restored");
    let tried = one.restore(&set, &folder, &["--server", &two.sample.trust()]);
    assert_eq!(code(&tried), 2);
    assert!(said(&tried).contains("another server"), "{}", said(&tried));

    // A key of one server in the backup of another, with lists to fit.
    let key = "files/server-key.jwk.age";
    std::fs::copy(foreign.join(key), set.join(key)).unwrap();
    refused(&one, &set, "a foreign key");
    let to = one.to();
    let folder = text(two.sample.world.folder()).to_owned();
    let tried = zhicha(&["backup", "--data-dir", &folder, "--to", text(&to)]);
    assert_eq!(code(&tried), 2);
    assert!(said(&tried).contains("another server"), "{}", said(&tried));
    assert!(!sets(&to).is_empty());
}

#[tokio::test]
async fn keys_and_folders_that_would_make_a_backup_worthless_are_refused() {
    let saved = Saved::new().await;
    let folder = saved.sample.world.folder().to_owned();
    let data = ["--data-dir", text(&folder)];
    let run = |args: &[&str]| {
        let done = zhicha(&[args, &data].concat());
        (code(&done), said(&done))
    };
    let inside = folder.join("backups");
    let (ended, words) = run(&["backup", "--to", text(&inside)]);
    assert!(ended == 2 && words.contains("lost together"), "{words}");
    let used = saved.new_folder("used");
    std::fs::create_dir_all(used.join("photos")).unwrap();
    let (ended, words) = run(&["backup", "--to", text(&used)]);
    assert!(ended == 2 && words.contains("not empty"), "{words}");

    let out = saved.new_folder("new.key");
    let (ended, words) = run(&["backup", "key", "--out", text(&out)]);
    assert!(ended == 2 && words.contains("--replace"), "{words}");
    assert!(!out.exists());
    let within = folder.join("own.key");
    let (ended, words) = run(&["backup", "key", "--replace", "--out", text(&within)]);
    assert!(ended == 2 && words.contains("does not belong"), "{words}");

    saved.backed_up();
    let (ended, words) = run(&["backup", "key", "--replace", "--out", text(&out)]);
    assert_eq!(ended, 0, "{words}");
    let tried = saved.back_up(&[]);
    assert_eq!(code(&tried), 2);
    assert!(said(&tried).contains("new folder"), "{}", said(&tried));
    let public = Private::read(&saved.key()).unwrap().public().to_string();
    let (ended, words) = run(&["backup", "key", "--replace", "--public", &public]);
    assert_eq!(ended, 0, "{words}");
    saved.backed_up();
}
