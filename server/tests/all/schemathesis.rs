//! Requests made up from the description by schemathesis (<https://schemathesis.io>, `faults.md` G06), such as it allows and such
//! as it does not: each answer is one that the description has, and none is a fault of the server.

use crate::world::{
    Caller, Device, PASSWORD, World, findings, numbers,
    phone::Phone,
    pictures::jpeg,
    program::Program,
    record, sealed, started,
    tus::{Client, delivered_in, photo},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;
use zhicha_core::{
    access::Role,
    checklist::Digest,
    event::Body,
    id::RecordId,
    inspection::{
        Mode,
        record::{SignMethod, SignOff, SignRole},
    },
    testing::CountingIds,
};
use zhicha_server::{openapi::describe, router};

const LEN: usize = 3_000;
const SHOWN: &str = "示例：检查情况如上";

// What is at the server, by the names of the dictionaries in `schemathesis.toml`.
type Words = BTreeMap<&'static str, Vec<Value>>;

// A record with this picture, and with a signature under a text.
async fn signed(world: &World, device: &Device, picture: &[u8]) -> RecordId {
    let Body::Sealed(mut body) = sealed(Mode::SpotCheck) else {
        unreachable!()
    };
    body.sign_offs = vec![SignOff {
        role: SignRole::Representative,
        name: "王虚构".to_owned(),
        method: SignMethod::Drawn,
        at: body.to,
        reason: String::new(),
        blob: None,
        shown: Some(Digest::of(SHOWN.as_bytes())),
    }];
    let (record, files) = (record(), [picture, SHOWN.as_bytes()]);
    let event = delivered_in(&world.nobody(), device, record, &Body::Sealed(body), &files).await;
    for bytes in files {
        Client::of(world).upload(&event, bytes).await;
    }
    record
}

// A server that has something of everything, and what a request may name.
async fn furnished() -> (TempDir, Words) {
    let (world, admin, anna, device) = World::equipped().await;
    let picture = jpeg(400, 300);
    let record_id = signed(&world, &device, &picture).await;
    let site = admin.add_site("示例厂", "shili-1").await;
    let phone = Phone::enrol(&anna, 2).await;
    let mut ids = CountingIds::default();
    phone.poison(&mut ids).await;
    let mut words = Words::new();
    let client = Client::of(&world);
    for seed in 0..12 {
        let bytes = photo(seed, LEN);
        let event = phone.seal_with_photo(&mut ids, &bytes).await;
        phone.deliver(200).await;
        let [_, (_, metadata)] = Client::naming(&event.hash, &bytes);
        words.entry("metadata").or_default().push(json!(metadata));
        words
            .entry("events")
            .or_default()
            .push(json!(event.hash.as_str()));
        if seed < 8 {
            let place = client.create(&event.hash, &bytes).await;
            let id = place.rsplit('/').next().unwrap();
            words.entry("uploads").or_default().push(json!(id));
        }
    }
    phone.pull_everything().await;
    // Somebody to be revoked, and links to be used.
    let bea = world.person(&admin, "bea", Role::Inspector, &["*"]).await;
    let hers = bea.enrol(3).await;
    let people = admin.get_json("/api/v1/people").await;
    let mut people = people.as_array().unwrap().iter();
    let her = people.find(|person| person["login"] == "bea").unwrap();
    for n in 0..40 {
        let invite = json!({ "name": "示例", "login": format!("link-{n}"), "role": "inspector", "grants": [] });
        let link: Value = admin
            .post("/api/v1/invites", invite)
            .await
            .json()
            .await
            .unwrap();
        let token = link["url"].as_str().unwrap().split_once('#').unwrap().1;
        let kind = if n < 30 { "links" } else { "looked_at" };
        words.entry(kind).or_default().push(json!(token));
    }
    let page = anna.get_json("/api/v1/sync/pull?stream=sites").await;
    let unsent = |_| json!(device.append(&device.payload(record(), &started(Mode::SpotCheck))));
    words.extend([
        ("records", vec![json!(record_id)]),
        (
            "files",
            vec![
                json!(Digest::of(&picture)),
                json!(Digest::of(SHOWN.as_bytes())),
            ],
        ),
        ("sites", vec![json!(site)]),
        ("people", vec![her["user"].clone()]),
        ("devices", vec![json!(hers.id())]),
        ("cursors", vec![page["cursor"].clone()]),
        ("lengths", vec![json!(LEN)]),
        ("offsets", vec![json!(0)]),
        ("certificates", vec![json!(device.certificate_text)]),
        ("logins", vec![json!("anna")]),
        ("passwords", vec![json!(PASSWORD)]),
        ("texts", (0..6).map(unsent).collect()),
        ("numbers", (1..8).map(Value::from).collect()),
    ]);
    (world.stop().await, words)
}

// The folder that schemathesis runs in.
fn asking(words: &Words) -> TempDir {
    let dir = TempDir::new().unwrap();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/schemathesis");
    let mut config = std::fs::read_to_string(ours.join("schemathesis.toml")).unwrap();
    for (name, values) in words {
        config.push_str(&format!(
            "\n[dictionaries.{name}]\nvalues = {}\n",
            json!(values)
        ));
    }
    std::fs::write(dir.path().join("schemathesis.toml"), config).unwrap();
    std::fs::copy(ours.join("hooks.py"), dir.path().join("hooks.py")).unwrap();
    dir
}

// Asks what `described` (an address or a file) describes, as `caller`; what was wrong, if anything.
async fn asks(folder: &Path, described: &str, caller: &Caller, only: [&str; 2]) -> Option<String> {
    let program = std::env::var_os("SCHEMATHESIS")
        .map(PathBuf::from)
        .expect("`cargo xtask test --all` installs schemathesis and says where it is");
    let mut command = Command::new(program);
    command
        .current_dir(folder)
        .args(["--config-file", "schemathesis.toml", "run", described])
        .args(["--url", &caller.url])
        .args(["--header", &format!("Cookie: {}", caller.cookie)])
        .args(only);
    // Beside this thread, which sees meanwhile that the server closes connections that nobody uses.
    let output = tokio::task::spawn_blocking(move || command.output());
    let output = output.await.unwrap().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    println!("{said}");
    assert!(said.contains("Test cases:"), "{said}");
    (!output.status.success()).then_some(said)
}

// A description with a mistake in it, in which the mistake is found.
async fn finds_what_is_wrong(folder: &Path, caller: &Caller) {
    let mut wrong = describe();
    let answers = &mut wrong["paths"]["/api/v1/sites"]["get"]["responses"];
    answers["200"]["content"]["application/json"]["schema"] = json!({ "type": "string" });
    std::fs::write(folder.join("wrong.json"), wrong.to_string()).unwrap();
    let sites = ["--include-operation-id", "get_sites"];
    let found = asks(folder, "wrong.json", caller, sites).await;
    assert!(found.is_some_and(|said| said.contains("Response violates schema")));
}

#[tokio::test]
#[ignore = "needs schemathesis (PyPI): cargo xtask test --all"]
async fn whatever_is_asked_is_answered_as_described() {
    let (dir, words) = furnished().await;
    let metrics = [("ZHICHA_METRICS_LISTEN", "127.0.0.1:0")];
    let mut program = Program::start(dir, &metrics);
    let folder = asking(&words);
    let admin = program.sign_in("admin").await;
    finds_what_is_wrong(folder.path(), &admin).await;
    let (but, only) = ("--exclude-operation-id", "--include-operation-id");
    let anna = program.sign_in("anna").await;
    let nobody = program.nobody();
    let mut answers = BTreeSet::new();
    for (caller, operations) in [
        (&anna, [but, "delete_session"]),
        (&admin, [but, "delete_session"]),
        (&nobody, [but, "delete_session"]),
        // Guessing at links is slowed down, whichever route it goes by.
        (&nobody, [only, "post_invites_look"]),
        (&admin, [only, "delete_session"]),
    ] {
        // What was asked before it costs the next one no patience of the server.
        program.kill();
        program.restart(&metrics);
        let mut caller = caller.clone();
        program.url().clone_into(&mut caller.url);
        let signed_in = async || caller.get("/api/v1/session").await.status();
        let before = signed_in().await;
        let described = format!("{}/api/v1/openapi.json", program.url());
        let wrong = asks(folder.path(), &described, &caller, operations).await;
        assert_eq!(wrong, None);
        if operations[0] == but {
            assert_eq!(signed_in().await, before);
        }
        let read = numbers::read(&program.next_line_with("metrics on ")).await;
        answers.extend(read.into_keys());
    }

    // They came through to what the routes are for.
    let good = |route: &&router::Route| {
        let (method, path) = (&route.method, route.path);
        let good =
            format!("zhicha_requests_total{{method=\"{method}\",route=\"{path}\",status=\"2");
        answers.iter().any(|answer| answer.starts_with(&good))
    };
    let routes = router::table();
    let never = routes.routes().iter().filter(|route| !good(route));
    let never: Vec<String> = never
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    // Its one link was used when the server was furnished.
    assert_eq!(never, ["POST /api/v1/first-administrator"]);
    assert_eq!(findings(program.stop().path()).await, []);
}
