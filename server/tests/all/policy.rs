//! Who may call which route, for every role, and that nothing crosses from one tenant to another.

use crate::world::{World, problem, record};
use reqwest::Method;
use serde_json::{Value, json};
use zhicha_core::access::Role;
use zhicha_server::{policy::Guarded, router};

// A path with ids that exist nowhere.
fn filled(path: &str) -> String {
    path.replace("{user}", &crate::world::id().to_string())
        .replace("{device_id}", &crate::world::id().to_string())
        .replace("{record_id}", &crate::world::id().to_string())
        .replace("{site_id}", &crate::world::id().to_string())
        .replace("{sha256}", &"0".repeat(64))
}

#[tokio::test]
async fn every_role_gets_into_exactly_the_routes_that_its_policy_names() {
    let world = World::start().await;
    let admin = world.administrator().await;
    let mut callers = vec![(None, world.nobody())];
    for role in Role::ALL {
        callers.push((
            Some(role),
            world
                .person(&admin, &format!("p-{role}"), role, &["shili-1"])
                .await,
        ));
    }
    for route in router::table().routes() {
        let Guarded::Role(action) = route.guarded else {
            continue;
        };
        // The last one to be tried ends its own session.
        if route.method == Method::DELETE {
            continue;
        }
        for (role, caller) in &callers {
            let body = matches!(route.method, Method::POST | Method::PUT)
                .then(|| json!({ "no": "such body" }));
            let status = caller
                .send(route.method.clone(), &filled(route.path), body)
                .await
                .status()
                .as_u16();
            let admitted = role.is_some_and(|role| role.may(action));
            let expected_refusal = if role.is_none() { 401 } else { 403 };
            let refused = status == expected_refusal;
            assert_eq!(
                refused, !admitted,
                "{role:?} {} {}: {status}",
                route.method, route.path
            );
        }
    }
}

#[test]
fn only_these_routes_are_open() {
    let open: Vec<String> = router::table()
        .routes()
        .iter()
        .filter(|r| matches!(r.guarded, Guarded::Anybody(_)))
        .map(|r| format!("{} {}", r.method, r.path))
        .collect();
    assert_eq!(
        open,
        [
            "POST /api/v1/sync/push",
            "OPTIONS /api/v1/uploads",
            "POST /api/v1/uploads",
            "HEAD /api/v1/uploads/{upload_id}",
            "PATCH /api/v1/uploads/{upload_id}",
            "DELETE /api/v1/uploads/{upload_id}",
            "GET /api/v1/blobs/receipts",
            "POST /api/v1/session",
            "POST /api/v1/invites/look",
            "POST /api/v1/invites/accept",
            "POST /api/v1/first-administrator",
            "GET /healthz",
            "GET /readyz",
            "GET /api/v1/openapi.json",
        ]
    );
}

#[tokio::test]
async fn the_description_names_every_route() {
    let world = World::start().await;
    let described = world.nobody().get_json("/api/v1/openapi.json").await;
    assert!(described["openapi"].as_str().unwrap().starts_with("3."));
    for route in router::table().routes() {
        let method = route.method.as_str().to_lowercase();
        assert!(
            described["paths"][route.path][&method].is_object(),
            "{method} {}",
            route.path
        );
    }
}

#[tokio::test]
async fn another_tenant_finds_nothing_and_unknown_ids_look_the_same() {
    let (world, admin, anna, device) = World::equipped().await;
    let id = record();
    device
        .push(&world, 1, &[device.started(id), device.sealed(id)])
        .await;
    let site = json!({ "version": 0, "name": "示例厂", "address": "", "region": "shili-1" });
    let site: Value = admin
        .post("/api/v1/sites", site)
        .await
        .json()
        .await
        .unwrap();
    let site = site["site_id"].as_str().unwrap();
    let user = anna.get_json("/api/v1/session").await["user"]
        .as_str()
        .unwrap()
        .to_owned();

    let stranger = world.stranger().await;
    let edit = json!({ "version": 1, "name": "示例", "address": "", "region": "shili-1" });
    let tries = [
        (Method::GET, format!("/api/v1/records/{id}"), None),
        (Method::GET, format!("/api/v1/export/{id}.zip"), None),
        (
            Method::POST,
            "/api/v1/export".to_owned(),
            Some(json!({ "record_ids": [id] })),
        ),
        (
            Method::POST,
            format!("/api/v1/people/{user}/revoke"),
            Some(json!({})),
        ),
        (
            Method::POST,
            format!("/api/v1/devices/{}/revoke", device.id()),
            Some(json!({})),
        ),
        (Method::PUT, format!("/api/v1/sites/{site}"), Some(edit)),
    ];
    for (method, path, body) in tries {
        let foreign = stranger.send(method.clone(), &path, body.clone()).await;
        assert_eq!(foreign.status(), 404, "{path}");
        let unknown = path
            .replace(&id.to_string(), &crate::world::id().to_string())
            .replace(site, &crate::world::id().to_string());
        let body = body.map(|b| {
            if path.ends_with("/export") {
                json!({ "record_ids": [crate::world::id()] })
            } else {
                b
            }
        });
        if !path.contains("revoke") {
            let unknown = stranger.send(method, &unknown, body).await;
            assert_eq!(
                foreign.text().await.unwrap(),
                unknown.text().await.unwrap(),
                "{path}"
            );
        }
    }
    assert_eq!(stranger.get_json("/api/v1/records").await["total"], 0);
    assert_eq!(stranger.get_json("/api/v1/sites").await["total"], 0);
    assert_eq!(stranger.get_json("/api/v1/quarantine").await, json!([]));
    assert_eq!(
        stranger
            .get_json("/api/v1/people")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(admin.get_json("/api/v1/records").await["total"], 1);
}

#[tokio::test]
async fn a_supervisor_sees_the_records_of_her_regions_only() {
    let (world, admin, _, device) = World::equipped().await;
    let id = record();
    device.push(&world, 1, &[device.sealed(id)]).await;
    let own = world
        .person(&admin, "near", Role::Supervisor, &["shili-1"])
        .await;
    let other = world
        .person(&admin, "far", Role::Supervisor, &["shili-2"])
        .await;
    assert_eq!(own.get_json("/api/v1/records").await["total"], 1);
    assert_eq!(other.get_json("/api/v1/records").await["total"], 0);
    assert_eq!(
        other.get(&format!("/api/v1/records/{id}")).await.status(),
        404
    );
    assert_eq!(
        other
            .get(&format!("/api/v1/export/{id}.zip"))
            .await
            .status(),
        404
    );
}

#[tokio::test]
async fn cursors_are_opaque_and_belong_to_their_reader() {
    let (world, admin, anna) = World::staffed().await;
    let bea = world
        .person(&admin, "bea", Role::Inspector, &["shili-1"])
        .await;
    let page = anna.get_json("/api/v1/sync/pull?stream=sites").await;
    assert_eq!(page["snapshot"], true);
    let cursor = page["cursor"].as_str().unwrap();
    let pull = |caller: crate::world::Caller, stream: &'static str, cursor: String| async move {
        caller
            .get(&format!(
                "/api/v1/sync/pull?stream={stream}&cursor={cursor}"
            ))
            .await
    };
    let next: Value = pull(anna.clone(), "sites", cursor.to_owned())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(next["snapshot"], false);
    let mut altered = cursor.to_owned().into_bytes();
    altered[20] = if altered[20] == b'A' { b'B' } else { b'A' };
    let altered = String::from_utf8(altered).unwrap();
    for (text, code) in [
        (altered.as_str(), (410, "cursor_gone")),
        ("%E6%B8%B8%E6%A0%87", (400, "cursor")),
        ("AAAA", (400, "cursor")),
    ] {
        let refused = problem(pull(anna.clone(), "sites", text.to_owned()).await).await;
        assert_eq!((refused.status, refused.code.as_str()), code, "{text}");
    }
    assert_eq!(
        problem(pull(anna.clone(), "records", cursor.to_owned()).await)
            .await
            .status,
        400
    );
    assert_eq!(
        problem(pull(bea, "sites", cursor.to_owned()).await)
            .await
            .status,
        403
    );
    let stranger = world.stranger().await;
    assert_eq!(
        problem(pull(stranger, "sites", cursor.to_owned()).await)
            .await
            .status,
        403
    );
    let (_, write) = world.running.app.store.pools();
    let change =
        "UPDATE person SET grants = '[\"shili-2\"]', authz_version = 2 WHERE login = 'anna'";
    sqlx::query(change).execute(write).await.unwrap();
    let fresh: Value = pull(anna, "sites", cursor.to_owned())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(
        fresh["snapshot"], true,
        "other rights mean a fresh snapshot"
    );
}

#[tokio::test]
async fn devices_get_the_sites_of_their_scope_and_a_tombstone_when_one_leaves_it() {
    let world = World::start().await;
    let admin = world.administrator().await;
    let edit = |region: &str, version: u32| json!({ "version": version, "name": "示例厂", "address": "虚构路1号", "region": region });
    let mine: Value = admin
        .post("/api/v1/sites", edit("shili-1", 0))
        .await
        .json()
        .await
        .unwrap();
    let theirs: Value = admin
        .post("/api/v1/sites", edit("shili-2", 0))
        .await
        .json()
        .await
        .unwrap();
    let id = mine["site_id"].as_str().unwrap();
    let anna = world
        .person(&admin, "anna", Role::Inspector, &["shili-1"])
        .await;
    let shop = world
        .person(
            &admin,
            "shop",
            Role::Business,
            &[
                &format!("site:{}", theirs["site_id"].as_str().unwrap()),
                "shili-1",
            ],
        )
        .await;
    let page = anna.get_json("/api/v1/sync/pull?stream=sites").await;
    assert_eq!(page["rows"].as_array().unwrap().len(), 1);
    assert_eq!(page["rows"][0]["site"]["initials"], "slc");
    let own = shop.get_json("/api/v1/sync/pull?stream=sites").await;
    assert_eq!(
        own["rows"].as_array().unwrap().len(),
        1,
        "a business sees its own site only"
    );
    assert_eq!(own["rows"][0]["site"]["site_id"], theirs["site_id"]);

    let put = admin
        .send(
            Method::PUT,
            &format!("/api/v1/sites/{id}"),
            Some(edit("shili-2", 1)),
        )
        .await;
    assert_eq!(put.status(), 200);
    let stale = admin
        .send(
            Method::PUT,
            &format!("/api/v1/sites/{id}"),
            Some(edit("shili-3", 1)),
        )
        .await;
    assert_eq!(problem(stale).await.code, "version_conflict");
    let cursor = page["cursor"].as_str().unwrap();
    let next = anna
        .get_json(&format!("/api/v1/sync/pull?stream=sites&cursor={cursor}"))
        .await;
    assert_eq!(next["rows"], json!([{ "op": "drop", "key": id }]));
}

#[tokio::test]
async fn a_device_pulls_its_persons_own_records_and_nobody_elses() {
    let (world, admin, anna) = World::staffed().await;
    let bea = world
        .person(&admin, "bea", Role::Inspector, &["shili-1"])
        .await;
    let device = anna.enrol(1).await;
    let text = device.sealed(record());
    device.push(&world, 1, std::slice::from_ref(&text)).await;
    let page = anna.get_json("/api/v1/sync/pull?stream=records").await;
    assert_eq!(page["rows"][0]["event"], text);
    assert_eq!(page["rows"][0]["certificate"], device.certificate_text);
    assert_eq!(
        bea.get_json("/api/v1/sync/pull?stream=records").await["rows"],
        json!([])
    );
    let hashes = json!({ "hashes": [zhicha_core::event::EventHash::of_text(&text)] });
    let had: Value = anna
        .post("/api/v1/sync/have", hashes.clone())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(had["missing"], json!([]));
    let had: Value = bea
        .post("/api/v1/sync/have", hashes.clone())
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(had["missing"], hashes["hashes"]);
}
