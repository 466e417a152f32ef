//! A lost administrator: a way back on the machine itself, none over the network.

use crate::world::{
    PASSWORD, World, problem,
    program::{code, said, zhicha},
};
use serde_json::{Value, json};
use std::process::Output;
use zhicha_core::access::Role;

fn recover(world: &World, more: &[&str]) -> Output {
    let folder = world.folder().to_str().unwrap();
    let url = &world.running.url;
    let args = [
        "admin",
        "recover",
        "--data-dir",
        folder,
        "--public-url",
        url,
    ];
    zhicha(&[&args[..], more].concat())
}

fn token(printed: &Output) -> String {
    assert_eq!(code(printed), 0, "{}", said(printed));
    let text = String::from_utf8(printed.stdout.clone()).unwrap();
    let link = text.lines().last().unwrap();
    assert!(link.contains("/office/join#"), "{link}");
    link.split_once('#').unwrap().1.to_owned()
}

async fn audited(world: &World) -> i64 {
    sqlx::query_scalar("SELECT count(*) FROM audit WHERE action = 'recovery_link'")
        .fetch_one(world.running.app.store.pools().0)
        .await
        .unwrap()
}

#[tokio::test]
async fn an_administrator_who_lost_her_password_chooses_a_new_one_once_beside_a_running_server() {
    let (world, admin, _) = World::staffed().await;
    let link = token(&recover(&world, &["--login", "admin"]));
    let new = "另一个示例口令-只用于测试";
    let body = json!({ "token": link, "password": new });
    world
        .nobody()
        .enter("/api/v1/invites/accept", body.clone())
        .await;
    let sign_in = json!({ "login": "admin", "password": new });
    world.nobody().enter("/api/v1/session", sign_in).await;
    let old = json!({ "login": "admin", "password": PASSWORD });
    assert_eq!(
        world.nobody().post("/api/v1/session", old).await.status(),
        401
    );
    assert_eq!(
        admin.get("/api/v1/session").await.status(),
        401,
        "sessions with the old password are over"
    );
    let again = world.nobody().post("/api/v1/invites/accept", body).await;
    assert_eq!(problem(again).await.code, "invite");
    assert_eq!(audited(&world).await, 1);
}

#[tokio::test]
async fn without_an_administrator_left_the_link_makes_a_new_one() {
    let (world, _, _) = World::staffed().await;
    let body = json!({
        "token": token(&recover(&world, &[])), "name": "示例新任", "login": "neu", "password": PASSWORD
    });
    let new = world
        .nobody()
        .enter("/api/v1/first-administrator", body)
        .await;
    let who: Value = new.get_json("/api/v1/session").await;
    assert_eq!(who["role"], "administrator");
    assert_eq!(audited(&world).await, 1);
}

#[tokio::test]
async fn an_inspector_gets_a_link_of_the_field_app_and_unknown_or_revoked_people_get_none() {
    let (world, admin, anna) = World::staffed().await;
    let printed = recover(&world, &["--login", "anna"]);
    let text = String::from_utf8(printed.stdout.clone()).unwrap();
    assert!(code(&printed) == 0 && text.contains("/join#"), "{text}");
    assert!(!text.contains("/office/"), "{text}");
    let user = anna.get_json("/api/v1/session").await["user"].clone();
    let path = format!("/api/v1/people/{}/revoke", user.as_str().unwrap());
    assert!(admin.post(&path, json!({})).await.status().is_success());
    for login in ["anna", "nobody"] {
        let tried = recover(&world, &["--login", login]);
        assert_eq!(code(&tried), 2);
        assert!(said(&tried).contains("nobody who"), "{}", said(&tried));
    }
    let nowhere = zhicha(&["admin", "recover", "--data-dir", "/no/such/folder"]);
    assert_eq!(code(&nowhere), 2);
    assert_eq!(audited(&world).await, 1);
}

#[tokio::test]
async fn over_the_network_no_single_administrator_gets_a_new_password() {
    let (world, admin, _) = World::staffed().await;
    let other = world
        .person(&admin, "zwei", Role::Administrator, &["*"])
        .await;
    for (caller, login) in [(&admin, "admin"), (&admin, "zwei"), (&other, "admin")] {
        let body =
            json!({ "name": "示例", "login": login, "role": "administrator", "grants": ["*"] });
        let invited = caller.post("/api/v1/invites", body).await;
        assert_eq!(problem(invited).await.code, "login_taken", "{login}");
    }
    let first =
        json!({ "token": "guessed", "name": "示例", "login": "drei", "password": PASSWORD });
    let tried = world
        .nobody()
        .post("/api/v1/first-administrator", first)
        .await;
    assert_eq!(problem(tried).await.code, "invite");
}
