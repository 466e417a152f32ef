//! The binary: exit codes, what it prints, and that SIGTERM ends it gracefully.

use crate::world::{
    World,
    program::{code, lines, said, zhicha},
    record,
};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};
use tempfile::TempDir;

#[tokio::test]
async fn verify_says_good_wrong_or_could_not_run() {
    let (world, admin, _, device) = World::equipped().await;
    let id = record();
    device.push(&world, 1, &[device.sealed(id)]).await;
    let zip = admin
        .get(&format!("/api/v1/export/{id}.zip"))
        .await
        .bytes()
        .await
        .unwrap();
    let path = world.folder().join("export.zip");
    std::fs::write(&path, &zip).unwrap();
    let file = path.to_str().unwrap();
    let trust = world.running.app.fixed.key.public().thumbprint();
    assert_eq!(code(&zhicha(&["verify", file, "--trust", &trust])), 0);
    let unconfirmed = zhicha(&["verify", file, "--json"]);
    assert_eq!(
        (code(&unconfirmed), &lines(&unconfirmed)[0]["code"]),
        (1, &Value::from("unconfirmed"))
    );
    // One of 64 begins like an option.
    for other in ["another", "-another"] {
        assert_eq!(code(&zhicha(&["verify", file, "--trust", other])), 1);
    }
    let damaged = world.folder().join("damaged.zip");
    std::fs::write(&damaged, &zip[..zip.len() / 2]).unwrap();
    assert_eq!(
        code(&zhicha(&[
            "verify",
            damaged.to_str().unwrap(),
            "--trust",
            &trust
        ])),
        1
    );
    assert_eq!(code(&zhicha(&["verify", "/no/such/file.zip"])), 2);
    assert_eq!(code(&zhicha(&["no-such-command"])), 2);
}

#[tokio::test]
async fn fsck_and_rebuild_run_on_a_folder() {
    let (world, _, _, device) = World::equipped().await;
    device.push(&world, 1, &[device.sealed(record())]).await;
    let folder = world.folder().to_str().unwrap().to_owned();
    assert_eq!(
        code(&zhicha(&["fsck", "--data-dir", &folder])),
        0,
        "beside a running server"
    );
    assert_eq!(
        code(&zhicha(&["admin", "rebuild", "--data-dir", &folder])),
        2,
        "not beside a running server"
    );
    let (_, write) = world.running.app.store.pools();
    sqlx::query("UPDATE projection_inspection SET search = 'x'")
        .execute(write)
        .await
        .unwrap();
    let _dir = world.stop().await;
    let wrong = zhicha(&["fsck", "--data-dir", &folder, "--json"]);
    assert_eq!(
        (code(&wrong), &lines(&wrong)[0]["code"]),
        (1, &Value::from("projection"))
    );
    assert_eq!(
        code(&zhicha(&["admin", "rebuild", "--data-dir", &folder])),
        0
    );
    assert_eq!(code(&zhicha(&["fsck", "--data-dir", &folder])), 0);
    assert_eq!(code(&zhicha(&["fsck", "--data-dir", "/no/such/folder"])), 2);
}

#[test]
fn lint_names_file_line_and_remedy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .join("checklists");
    assert_eq!(
        code(&zhicha(&["checklists", "lint", root.to_str().unwrap()])),
        0
    );
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("sample")).unwrap();
    let file = dir.path().join("sample/1.toml");
    std::fs::write(&file, "id = \"sample\"\nversion = \n").unwrap();
    let wrong = zhicha(&["checklists", "lint", file.to_str().unwrap(), "--json"]);
    assert_eq!(code(&wrong), 1);
    assert_eq!(lines(&wrong)[0]["line"], 2);
    assert_eq!(code(&zhicha(&["checklists", "lint", "/no/such/folder"])), 2);
}

#[test]
fn openapi_prints_the_description() {
    let printed = zhicha(&["openapi"]);
    let described: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(described["info"]["title"], "直查 Zhicha");
}

#[cfg(unix)]
#[test]
fn serve_prints_where_it_listens_and_ends_at_sigterm() {
    let dir = tempfile::tempdir().unwrap();
    let mut server = Command::new(env!("CARGO_BIN_EXE_zhicha"))
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--log-json",
            "--data-dir",
        ])
        .arg(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(server.stdout.take().unwrap()).lines();
    assert!(
        said.next()
            .unwrap()
            .unwrap()
            .starts_with("listening on http://127.0.0.1:")
    );
    // What is not read to the end stays open: a line that nobody takes would end the server.
    let link = said
        .by_ref()
        .map(Result::unwrap)
        .find(|line| line.starts_with("first administrator: "))
        .unwrap();
    assert!(link.contains("/office/join#"), "{link}");
    let killed = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
    assert!(
        !dir.path().join("zhicha.sqlite-wal").exists(),
        "the log was folded into the database"
    );
}

#[tokio::test]
async fn no_command_touches_a_database_of_a_newer_version() {
    let (world, ..) = World::staffed().await;
    let (_, write) = world.running.app.store.pools();
    let newer = sqlx::query("PRAGMA user_version = 999");
    newer.execute(write).await.unwrap();
    let dir = world.stop().await;
    let (data, other) = (dir.path().to_str().unwrap(), TempDir::new().unwrap());
    let path = |name: &str| other.path().join(name).to_str().unwrap().to_owned();
    let before = std::fs::read(dir.path().join("zhicha.sqlite")).unwrap();
    for args in [
        vec!["serve", "--listen", "127.0.0.1:0"],
        vec!["fsck"],
        vec!["backup", "--to", &path("backups")],
        vec!["backup", "key", "--out", &path("backup.key")],
        vec!["admin", "recover", "--login", "anna"],
        vec!["admin", "rebuild"],
    ] {
        let refused = zhicha(&[&args[..], &["--data-dir", data]].concat());
        let words = said(&refused);
        assert_eq!(code(&refused), 2, "{args:?}: {words}");
        assert!(
            words.contains("a newer version of zhicha") && words.contains("更新的版本"),
            "{args:?}: {words}"
        );
    }
    assert_eq!(
        std::fs::read(dir.path().join("zhicha.sqlite")).unwrap(),
        before
    );
    let left = std::fs::read_dir(other.path()).unwrap().count();
    assert_eq!(left, 0, "no key, no backup");
}
