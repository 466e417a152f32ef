//! Signing in and out, one-time links, sessions, and what an expired or revoked one may do.

use crate::world::{PASSWORD, World, cookie, problem, record};
use serde_json::{Value, json};
use zhicha_core::access::Role;

fn sign_in(login: &str, password: &str) -> Value {
    json!({ "login": login, "password": password })
}

#[tokio::test]
async fn the_first_link_makes_one_administrator_and_works_once() {
    let world = World::start().await;
    let token = world.first_token();
    let looked: Value = world
        .nobody()
        .post("/api/v1/invites/look", json!({ "token": token }))
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&looked["first"], &looked["role"]),
        (&json!(true), &json!("administrator"))
    );
    let admin = world.administrator().await;
    assert_eq!(
        admin.get_json("/api/v1/session").await["role"],
        "administrator"
    );
    let again = json!({ "token": token, "name": "示例", "login": "zwei", "password": PASSWORD });
    assert_eq!(
        problem(
            world
                .nobody()
                .post("/api/v1/first-administrator", again)
                .await
        )
        .await
        .code,
        "invite"
    );
    let dir = world.stop().await;
    let world = World::start_in(dir, |_| {}).await;
    assert!(
        world.running.notices.is_empty(),
        "with an administrator no further link is printed"
    );
}

#[tokio::test]
async fn a_link_that_was_not_used_is_replaced_at_the_next_start() {
    let world = World::start().await;
    let old = world.first_token();
    let world = World::start_in(world.stop().await, |_| {}).await;
    let look = async |token: &str| {
        world
            .nobody()
            .post("/api/v1/invites/look", json!({ "token": token }))
            .await
            .status()
    };
    assert_eq!(look(&old).await, 410);
    assert_eq!(look(&world.first_token()).await, 200);
}

#[tokio::test]
async fn invites_expire_after_seven_days_and_can_be_renewed() {
    let world = World::start().await;
    let admin = world.administrator().await;
    let invite =
        json!({ "name": "示例甲", "login": "anna", "role": "inspector", "grants": ["shili-1"] });
    let link: Value = admin
        .post("/api/v1/invites", invite.clone())
        .await
        .json()
        .await
        .unwrap();
    let url = link["url"].as_str().unwrap();
    let thumbprint = world.running.app.fixed.key.public().thumbprint();
    assert!(
        url.contains("/join#") && url.ends_with(&thumbprint),
        "{url}"
    );
    let token = url.split_once('#').unwrap().1;
    let accept = json!({ "token": token, "password": PASSWORD });
    world.clock.advance(7 * 24 * 3_600_000 + 1);
    let gone = problem(world.nobody().post("/api/v1/invites/accept", accept).await).await;
    assert_eq!((gone.status, gone.code.as_str()), (410, "invite_expired"));
    let admin = world
        .nobody()
        .enter("/api/v1/session", sign_in("admin", PASSWORD))
        .await;
    let link: Value = admin
        .post("/api/v1/invites", invite.clone())
        .await
        .json()
        .await
        .unwrap();
    let token = link["url"].as_str().unwrap().split_once('#').unwrap().1;
    for (weak, why) in [
        ("short", "10 characters"),
        ("anna-kz7wqmvt", "login name"),
        ("P@ssw0rd2026!", "easily guessed"),
    ] {
        let weak = json!({ "token": token, "password": weak });
        let refused = problem(world.nobody().post("/api/v1/invites/accept", weak).await).await;
        assert_eq!(
            (refused.status, refused.code.as_str()),
            (422, "weak_password")
        );
        assert!(refused.detail.contains(why), "{}", refused.detail);
    }
    let accept = json!({ "token": token, "password": PASSWORD });
    let anna = world.nobody().enter("/api/v1/invites/accept", accept).await;
    assert_eq!(anna.get_json("/api/v1/session").await["login"], "anna");
    assert_eq!(
        problem(admin.post("/api/v1/invites", invite).await)
            .await
            .code,
        "login_taken"
    );
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_look_the_same_and_are_slowed_down() {
    let world = World::start().await;
    world.administrator().await;
    let mut texts = Vec::new();
    for login in ["admin", "nobody"] {
        let response = world
            .nobody()
            .post("/api/v1/session", sign_in(login, "wrong-password"))
            .await;
        assert_eq!(response.status(), 401);
        texts.push(response.text().await.unwrap());
    }
    assert_eq!(texts[0], texts[1]);
    for _ in 0..4 {
        world
            .nobody()
            .post("/api/v1/session", sign_in("admin", "wrong-password"))
            .await;
    }
    let held = world
        .nobody()
        .post("/api/v1/session", sign_in("admin", PASSWORD))
        .await;
    assert_eq!(held.status(), 429);
    let wait: i64 = held.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    world.clock.advance(wait * 1000);
    assert_eq!(
        world
            .nobody()
            .post("/api/v1/session", sign_in("admin", PASSWORD))
            .await
            .status(),
        200
    );
}

#[tokio::test]
async fn stored_hashes_are_argon2id_with_the_promised_cost() {
    let world = World::start().await;
    world.administrator().await;
    let (read, _) = world.running.app.store.pools();
    let hashes: Vec<String> = sqlx::query_scalar("SELECT password FROM person")
        .fetch_all(read)
        .await
        .unwrap();
    assert!(
        hashes
            .iter()
            .all(|h| h.starts_with("$argon2id$v=19$m=19456,t=2,p=1$")),
        "{hashes:?}"
    );
}

#[tokio::test]
async fn the_cookie_is_for_this_server_and_no_script() {
    let world = World::start().await;
    world.administrator().await;
    let response = world
        .nobody()
        .post("/api/v1/session", sign_in("admin", PASSWORD))
        .await;
    let set = response.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        set.starts_with("zhicha=") && set.contains("HttpOnly") && set.contains("SameSite=Strict"),
        "{set}"
    );
    assert!(
        !set.contains("Secure"),
        "on loopback http a Secure cookie would be dropped by some browsers"
    );
    let secret = cookie(&response);
    let (read, _) = world.running.app.store.pools();
    let stored: Vec<String> = sqlx::query_scalar("SELECT token_hash FROM session")
        .fetch_all(read)
        .await
        .unwrap();
    assert!(
        stored.iter().all(|hash| !secret.contains(hash)),
        "the database holds no usable secret"
    );

    let world =
        World::start_with(|c| c.public_url = Some("https://zhicha.example".to_owned())).await;
    let body = json!({ "token": world.first_token(), "name": "示例", "login": "admin", "password": PASSWORD });
    let response = world
        .nobody()
        .post("/api/v1/first-administrator", body)
        .await;
    let set = response.headers()["set-cookie"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        set.starts_with("__Host-zhicha=") && set.contains("Secure") && set.contains("Path=/"),
        "{set}"
    );
}

#[tokio::test]
async fn sessions_end_by_signing_out_by_idling_and_after_a_month() {
    let world = World::start().await;
    let admin = world.administrator().await;
    assert_eq!(
        admin
            .send(reqwest::Method::DELETE, "/api/v1/session", None)
            .await
            .status(),
        204
    );
    assert_eq!(admin.get("/api/v1/session").await.status(), 401);

    let idle = world
        .nobody()
        .enter("/api/v1/session", sign_in("admin", PASSWORD))
        .await;
    world
        .clock
        .advance(zhicha_server::auth::session::IDLE_MS + 1);
    assert_eq!(idle.get("/api/v1/session").await.status(), 401);

    let busy = world
        .nobody()
        .enter("/api/v1/session", sign_in("admin", PASSWORD))
        .await;
    let step = zhicha_server::auth::session::IDLE_MS / 2;
    let mut passed = 0;
    while passed + step <= zhicha_server::auth::session::ABSOLUTE_MS {
        world.clock.advance(step);
        passed += step;
        assert_eq!(
            busy.get("/api/v1/session").await.status(),
            200,
            "after {passed} ms"
        );
    }
    world.clock.advance(step);
    assert_eq!(busy.get("/api/v1/session").await.status(), 401);
}

#[tokio::test]
async fn a_revoked_person_is_out_at_once_but_her_evidence_is_kept() {
    let (world, admin, anna, device) = World::equipped().await;
    let user = anna.get_json("/api/v1/session").await["user"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        admin
            .post(&format!("/api/v1/people/{user}/revoke"), json!({}))
            .await
            .status(),
        204
    );
    assert_eq!(
        anna.get("/api/v1/sync/pull?stream=records").await.status(),
        401
    );
    let back = world
        .nobody()
        .post("/api/v1/session", sign_in("anna", PASSWORD))
        .await;
    assert_eq!(problem(back).await.code, "sign_in_failed");
    let reply = device.push(&world, 1, &[device.started(record())]).await;
    assert_eq!(
        reply.results[0].reason,
        Some(zhicha_core::sync::wire::Reason::Revoked)
    );
    let own = admin.get_json("/api/v1/session").await["user"]
        .as_str()
        .unwrap()
        .to_owned();
    let refused = admin
        .post(&format!("/api/v1/people/{own}/revoke"), json!({}))
        .await;
    assert_eq!(problem(refused).await.code, "own_account");
}

#[tokio::test]
async fn pages_of_other_sites_cannot_act() {
    let world = World::start().await;
    world.administrator().await;
    let post = |name: &'static str, value: String| {
        let request = crate::world::client().post(format!("{}/api/v1/session", world.running.url));
        request
            .header(name, value)
            .json(&sign_in("admin", PASSWORD))
            .send()
    };
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        assert_eq!(
            problem(post(name, value.to_owned()).await.unwrap())
                .await
                .code,
            "cross_site",
            "{name}: {value}"
        );
    }
    assert_eq!(
        post("origin", world.running.url.clone())
            .await
            .unwrap()
            .status(),
        200
    );
    assert_eq!(
        post("sec-fetch-site", "same-origin".to_owned())
            .await
            .unwrap()
            .status(),
        200
    );
    let form = crate::world::client().post(format!("{}/api/v1/session", world.running.url));
    let form = form
        .header("content-type", "text/plain")
        .body(sign_in("admin", PASSWORD).to_string())
        .send()
        .await;
    assert_eq!(problem(form.unwrap()).await.code, "media_type");
}

#[tokio::test]
async fn acts_leave_rows_in_a_chained_audit_log() {
    let (world, admin, _, device) = World::equipped().await;
    admin
        .post(
            &format!("/api/v1/devices/{}/revoke", device.id()),
            json!({}),
        )
        .await;
    world
        .nobody()
        .post("/api/v1/session", sign_in("admin", "wrong-password"))
        .await;
    let (read, _) = world.running.app.store.pools();
    let acts: Vec<String> = sqlx::query_scalar("SELECT action FROM audit ORDER BY seq")
        .fetch_all(read)
        .await
        .unwrap();
    for act in [
        "founded",
        "invite_accepted",
        "invited",
        "device_enrolled",
        "device_revoked",
        "sign_in_failed",
    ] {
        assert!(acts.iter().any(|a| a == act), "{act} in {acts:?}");
    }
    let all: Vec<String> = sqlx::query_scalar("SELECT detail FROM audit")
        .fetch_all(read)
        .await
        .unwrap();
    assert!(all.iter().all(|detail| !detail.contains(PASSWORD)));
}

#[tokio::test]
async fn another_public_url_takes_a_clear_word_and_says_how_many_devices_hold_unsent_work() {
    let at = |url: &str| Some(url.to_owned());
    let dir = World::start_with(|c| c.public_url = at("http://one.example"))
        .await
        .stop()
        .await;
    let world = World::start_in(dir, |_| {}).await;
    let admin = world.administrator().await;
    let anna = world
        .person(&admin, "anna", Role::Inspector, &["shili-1"])
        .await;
    for (key, unsent) in [(1, 7), (2, 1), (3, 3)] {
        let device = anna.enrol(key).await;
        let mut request = device.request(1, &[device.started(record())]);
        request["unsent"] = json!(unsent);
        let taken = anna.post("/api/v1/sync/push", request).await;
        assert_eq!(taken.status(), 200);
    }
    let dir = world.stop().await;
    let mut config = zhicha_server::Config::in_folder(dir.path().to_owned());
    // Another scheme, host or port alone is another origin to every browser.
    for new in [
        "https://one.example",
        "http://two.example",
        "http://one.example:8080",
    ] {
        config.public_url = at(new);
        let refused = zhicha_server::serve(config.clone())
            .await
            .map(|_| ())
            .unwrap_err()
            .to_string();
        for words in [
            "http://one.example",
            new,
            "2 devices",
            "--accept-new-origin",
        ] {
            assert!(refused.contains(words), "{words}: {refused}");
        }
    }
    config.public_url = at("HTTP://One.Example/");
    let same = zhicha_server::serve(config.clone()).await.unwrap();
    same.shutdown().await.unwrap();
    config.public_url = at("https://one.example");
    config.accept_new_origin = true;
    let running = zhicha_server::serve(config).await.unwrap();
    assert_eq!(running.app.fixed.public_url, "https://one.example");
    assert!(
        running
            .notices
            .iter()
            .any(|line| line.contains("2 devices"))
    );
    running.shutdown().await.unwrap();
    let world = World::start_in(dir, |_| {}).await;
    assert_eq!(
        world.running.app.fixed.public_url, "https://one.example",
        "it is remembered"
    );
}

#[tokio::test]
async fn a_public_url_that_leads_no_phone_here_is_told_to_the_office() {
    for (url, can) in [
        (None, false),
        (Some("http://10.0.0.5:8080"), false),
        (Some("https://localhost:8443"), false),
        (Some("https://127.0.0.1"), false),
        (Some("https://[::1]:8443"), false),
        (Some("https://10.0.0.5:8443"), true),
        (Some("https://localhost.example"), true),
    ] {
        let world = World::start_with(|c| c.public_url = url.map(str::to_owned)).await;
        let said = world
            .administrator()
            .await
            .get_json("/api/v1/session")
            .await;
        assert_eq!(said["phones_can_use"], can, "{url:?}");
    }
}
