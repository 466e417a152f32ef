//! The headers of every kind of answer, as `docs/security.md` lists them.

use crate::world::World;
use serde_json::json;
use std::collections::BTreeMap;
use zhicha_core::access::Role;

fn shown(response: &reqwest::Response) -> BTreeMap<String, String> {
    let varying = [
        "date",
        "content-length",
        "set-cookie",
        "vary",
        "connection",
        "transfer-encoding",
    ];
    let headers = response
        .headers()
        .iter()
        .map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned()));
    headers
        .filter(|(name, _)| !varying.contains(&name.as_str()))
        .collect()
}

#[tokio::test]
async fn every_kind_of_answer_carries_its_headers() {
    let world = World::start().await;
    let caller = world.nobody();
    let mut all = BTreeMap::new();
    for path in [
        "/",
        "/office/",
        "/healthz",
        "/api/v1/session",
        "/api/none",
        "/none.js",
    ] {
        all.insert(path, shown(&caller.get(path).await));
    }
    insta::assert_json_snapshot!(all);
}

#[tokio::test]
async fn over_https_browsers_are_told_to_stay_there() {
    let world =
        World::start_with(|c| c.public_url = Some("https://zhicha.example".to_owned())).await;
    let response = world.nobody().get("/").await;
    assert_eq!(
        response.headers()["strict-transport-security"],
        "max-age=2592000"
    );
}

#[tokio::test]
async fn no_answer_ever_clears_the_browsers_data() {
    let world = World::start().await;
    let admin = world.administrator().await;
    for route in zhicha_server::router::table().routes() {
        let path = route.path.replace(['{', '}'], "");
        let response = admin
            .send(route.method.clone(), &path, Some(json!({})))
            .await;
        assert!(
            response.headers().get("clear-site-data").is_none(),
            "{path}"
        );
        assert!(
            response.headers().contains_key("content-security-policy"),
            "{path}"
        );
        assert_eq!(response.headers()["cache-control"], "no-store", "{path}");
    }
}

#[tokio::test]
async fn addresses_of_the_apps_lead_to_their_pages_and_missing_files_do_not() {
    let world = World::start().await;
    let caller = world.nobody();
    let page = async |path: &str| caller.get(path).await.text().await.unwrap();
    assert_eq!(page("/join").await, page("/").await);
    assert_eq!(page("/office/records/1").await, page("/office/").await);
    assert_eq!(
        caller.get("/field/app.0000000000000000.js").await.status(),
        404
    );
}

#[tokio::test]
async fn a_download_is_brotli_for_who_takes_it() {
    let world = World::start().await;
    let admin = world.administrator().await;
    let anna = world.person(&admin, "anna", Role::Inspector, &[]).await;
    let path = "/api/v1/sync/pull?stream=checklists";
    let plain = anna.get(path).await;
    assert!(!plain.headers().contains_key("content-encoding"));
    let plain = plain.bytes().await.unwrap();
    let request = anna
        .http
        .get(format!("{}{path}", anna.url))
        .header("cookie", &anna.cookie)
        .header("accept-encoding", "gzip, br");
    let packed = request.send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "br");
    assert_eq!(packed.headers()["cache-control"], "no-store");
    let packed = packed.bytes().await.unwrap();
    assert!(
        packed.len() * 2 < plain.len(),
        "{} of {}",
        packed.len(),
        plain.len()
    );
}
