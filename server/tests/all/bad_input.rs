//! Input that nobody should send: each has its defined answer, quickly, and the server goes on.

use crate::world::{Caller, World, problem, record, sealed, started, tampered};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use zhicha_core::{
    access::Role,
    inspection::Mode,
    sync::wire::{PushOutcome as O, Reason as R},
};

async fn raw(world: &World, path: &str, body: String) -> reqwest::Response {
    let request = crate::world::client().post(format!("{}{path}", world.running.url));
    request
        .header("content-type", "application/json")
        .body(body)
        .send()
        .await
        .unwrap()
}

#[tokio::test]
async fn ten_megabytes_and_a_million_events_are_refused_at_once() {
    let (world, _, _, device) = World::equipped().await;
    let at = Instant::now();
    let long = json!({ "protocol": 1, "certificate": "x".repeat(10_000_000), "first_seq": 1, "events": [] });
    assert_eq!(
        problem(raw(&world, "/api/v1/sync/push", long.to_string()).await)
            .await
            .code,
        "too_large"
    );
    let many = device.request(1, &vec![String::new(); 1_000_000]);
    assert_eq!(
        problem(raw(&world, "/api/v1/sync/push", many.to_string()).await)
            .await
            .status,
        413
    );
    let fitting = device.request(1, &vec![String::new(); 300_000]);
    assert_eq!(
        problem(raw(&world, "/api/v1/sync/push", fitting.to_string()).await)
            .await
            .code,
        "too_many_events"
    );
    let long = json!({ "login": "x".repeat(10_000_000), "password": "y" });
    assert_eq!(
        problem(raw(&world, "/api/v1/session", long.to_string()).await)
            .await
            .status,
        413
    );
    assert!(at.elapsed() < Duration::from_secs(20), "{:?}", at.elapsed());
    assert_eq!(
        device
            .push(&world, 1, &[device.started(record())])
            .await
            .results[0]
            .outcome,
        O::Applied
    );
}

#[tokio::test]
async fn requests_that_are_no_json_of_ours_are_refused() {
    let (world, _, _, device) = World::equipped().await;
    let good = device.request(1, &[]).to_string();
    let twice = good.replacen('{', "{\"protocol\":1,", 1);
    let float = good.replace("\"first_seq\":1", "\"first_seq\":1.5");
    let negative = good.replace("\"first_seq\":1", "\"first_seq\":-1");
    let deep = "[".repeat(200_000);
    for bad in [
        twice,
        float,
        negative,
        deep,
        String::new(),
        "null".to_owned(),
        "\u{feff}{}".to_owned(),
    ] {
        let refused = problem(raw(&world, "/api/v1/sync/push", bad.clone()).await).await;
        assert_eq!(refused.status, 400, "{}", &bad[..bad.len().min(60)]);
    }
    for seq in [0, u64::MAX] {
        let request = json!({ "protocol": 1, "certificate": device.certificate_text, "first_seq": seq, "events": ["x"] });
        assert_eq!(
            problem(world.nobody().post("/api/v1/sync/push", request).await)
                .await
                .status,
            422,
            "{seq}"
        );
    }
    let future = json!({ "protocol": 99, "certificate": device.certificate_text, "first_seq": 1, "events": [device.started(record())], "news": 1 });
    let reply: Value = world
        .nobody()
        .post("/api/v1/sync/push", future)
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        reply["results"][0]["outcome"], "applied",
        "a newer client is never refused"
    );
}

#[tokio::test]
async fn events_with_duplicate_keys_or_floats_are_damaged() {
    let (_world, _, inspector, device) = World::equipped().await;
    let payload = device.payload(record(), &started(Mode::SpotCheck));
    let text = serde_json::to_string(&payload).unwrap();
    let double = text.replacen('{', "{\"kind\":\"sealed\",", 1);
    let float = text.replacen("\"schema\":1", "\"schema\":1.0", 1);
    for (seq, bad) in [(1, double), (2, float)] {
        // Signed over exactly these bytes, so that nothing but the form is wrong.
        let input = zhicha_core::event::jws::signing_input(
            zhicha_core::event::Typ::Event,
            &device.certificate.kid,
            bad.as_bytes(),
        );
        let signature = zhicha_core::client::Signer::sign(&device.key, input.as_bytes())
            .await
            .unwrap();
        let event = zhicha_core::event::jws::assemble(&input, &signature);
        assert_eq!(
            device.push_one(&inspector, seq, &event).await,
            (O::Quarantined, Some(R::Damaged))
        );
    }
}

#[tokio::test]
async fn an_event_of_300_kib_gets_its_place_in_quarantine_and_blocks_nothing() {
    let (_world, admin, inspector, device) = World::equipped().await;
    let payload = device.payload(record(), &sealed(Mode::SpotCheck));
    let large = tampered(&device, &payload, |v| {
        v["body"]["remarks"] = json!("示".repeat(80_000));
    });
    assert!(large.len() > 300 * 1024);
    assert_eq!(
        device.push_one(&inspector, 1, &large).await,
        (O::Quarantined, Some(R::Damaged))
    );
    device.set_head(1, zhicha_core::event::EventHash::of_text(&large));
    assert_eq!(
        device
            .push_one(&inspector, 2, &device.started(record()))
            .await
            .0,
        O::Applied
    );
    let kept = admin.get_json("/api/v1/quarantine").await;
    assert_eq!(kept[0]["text"], large, "kept verbatim");
}

#[tokio::test]
async fn one_event_of_more_than_a_megabyte_is_refused_as_too_large() {
    let (world, _, _, device) = World::equipped().await;
    let refused = device.try_push(&world, 1, &["x".repeat(1_200_000)]).await;
    assert_eq!(problem(refused).await.code, "too_large");
}

#[tokio::test]
async fn somebody_elses_certificate_does_not_carry_my_events() {
    let (world, admin, inspector, device) = World::equipped().await;
    let other = world
        .person(&admin, "bea", Role::Inspector, &["shili-1"])
        .await
        .enrol(2)
        .await;
    let mine = device.started(record());
    let stolen = json!({ "protocol": 1, "certificate": other.certificate_text, "first_seq": 1, "events": [mine] });
    let refused = problem(inspector.post("/api/v1/sync/push", stolen).await).await;
    assert_eq!(
        (refused.status, refused.code.as_str()),
        (401, "not_signed_in"),
        "and takes no place of hers"
    );
    assert_eq!(
        other
            .push(&world, 1, &[other.started(record())])
            .await
            .results[0]
            .outcome,
        O::Applied
    );
    assert_eq!(
        device.push(&world, 1, &[mine]).await.results[0].outcome,
        O::Applied
    );
}

#[tokio::test]
async fn a_guessed_or_foreign_session_reads_nothing() {
    let (world, _, inspector, _) = World::equipped().await;
    for cookie in [
        "zhicha=",
        "zhicha=AAAA",
        "zhicha=%00",
        "__Host-zhicha=x",
        "zhicha=a; zhicha=b",
    ] {
        let caller = Caller {
            cookie: cookie.to_owned(),
            ..world.nobody()
        };
        assert_eq!(
            caller.get("/api/v1/session").await.status(),
            401,
            "{cookie}"
        );
    }
    let other = World::start().await;
    let elsewhere = Caller {
        url: other.running.url.clone(),
        ..inspector
    };
    assert_eq!(elsewhere.get("/api/v1/session").await.status(), 401);
}

#[tokio::test]
async fn odd_paths_and_queries_are_answered_with_problems() {
    let (world, admin, inspector, _) = World::equipped().await;
    for path in [
        "/api/v1/records/x",
        "/api/v1/export/x.zip",
        "/api/v1/none",
        "/api",
        "/missing.js",
        "/..%2f..%2fetc/passwd.txt",
    ] {
        assert_eq!(problem(admin.get(path).await).await.status, 404, "{path}");
    }
    for query in [
        "from=yesterday",
        "mode=none",
        "after=x",
        "limit=-1",
        "with_fails=perhaps",
    ] {
        assert_eq!(
            problem(admin.get(&format!("/api/v1/records?{query}")).await)
                .await
                .status,
            400,
            "{query}"
        );
    }
    for stream in ["", "stream=", "stream=people", "stream=sites&cursor=%20"] {
        assert_eq!(
            problem(inspector.get(&format!("/api/v1/sync/pull?{stream}")).await)
                .await
                .status,
            400,
            "{stream}"
        );
    }
    assert_eq!(
        problem(
            admin
                .send(reqwest::Method::PATCH, "/api/v1/sites", None)
                .await
        )
        .await
        .status,
        405
    );
    assert_eq!(
        problem(world.nobody().post("/", json!({})).await)
            .await
            .status,
        405
    );
}

#[tokio::test]
async fn what_people_type_is_bounded_and_kept_apart_from_sql() {
    let (_world, admin, _, _) = World::equipped().await;
    for name in ["", " ", "a\u{0}b", &"长".repeat(101)] {
        let invite = json!({ "name": name, "login": "x", "role": "inspector", "grants": [] });
        assert_eq!(
            problem(admin.post("/api/v1/invites", invite).await)
                .await
                .code,
            "invalid"
        );
    }
    let site = json!({ "version": 0, "name": "'; DROP TABLE site; --", "address": "", "region": "shili-1" });
    assert_eq!(admin.post("/api/v1/sites", site).await.status(), 201);
    assert_eq!(
        admin.get_json("/api/v1/sites?q=drop%20table").await["total"],
        1
    );
    let every = json!({ "version": 0, "name": "示例", "address": "", "region": "*" });
    assert_eq!(
        problem(admin.post("/api/v1/sites", every).await).await.code,
        "invalid"
    );
}
