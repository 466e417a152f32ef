//! Https: with files that somebody renews, and with a CA of one's own for a LAN.

use crate::world::{
    PASSWORD, World,
    tls::{NOW, apart, ca, first, loopback, shaken, today, trusting},
};
use rustls::version::{TLS12, TLS13};
use serde_json::json;
use std::path::Path;
use tempfile::TempDir;
use zhicha_server::{
    Config, serve,
    tls::local::{Local, Name},
};

const DAY: i64 = 24 * 60 * 60 * 1000;

async fn with_own_ca(change: impl FnOnce(&mut Config)) -> (World, Local) {
    let dir = TempDir::new().unwrap();
    let local = loopback(dir.path(), today());
    let world = World::start_in(dir, |config| {
        config.public_url = Some("https://127.0.0.1:8443".to_owned());
        change(config);
    })
    .await;
    (world, local)
}

#[tokio::test]
async fn a_phone_that_trusts_the_ca_signs_in_over_tls_1_2_and_1_3() {
    let (world, local) = with_own_ca(|_| {}).await;
    let url = &world.running.url;
    assert!(url.starts_with("https://127.0.0.1:"), "{url}");
    let body = json!({ "token": world.first_token(), "name": "示例管理员", "login": "admin", "password": PASSWORD });
    let admin = trusting(url, &local)
        .enter("/api/v1/first-administrator", body)
        .await;
    assert!(
        admin.cookie.starts_with("__Host-zhicha="),
        "{}",
        admin.cookie
    );
    let answer = admin.get("/api/v1/session").await;
    assert_eq!(answer.status(), 200);
    assert_eq!(
        answer.headers()["strict-transport-security"],
        "max-age=2592000"
    );
    for version in [&TLS12, &TLS13] {
        let (stream, _) = shaken(url, &local, &[version]).await;
        assert_eq!(stream.get_ref().1.protocol_version(), Some(version.version));
    }
    assert!(
        world.nobody().http.get(url).send().await.is_err(),
        "who does not trust the CA gets nothing"
    );
}

async fn refusal(dir: &Path, cert: &Path, key: &Path) -> String {
    let mut config = Config::in_folder(dir.to_owned());
    config.reach.tls_cert = Some(cert.to_owned());
    config.reach.tls_key = Some(key.to_owned());
    format!("{:#}", serve(config).await.map(|_| ()).unwrap_err())
}

#[tokio::test]
async fn files_that_cannot_be_used_are_refused_in_words() {
    let dir = TempDir::new().unwrap();
    let folder = dir.path();
    let (one, other) = (folder.join("one"), folder.join("other"));
    let (cert, key) = apart(&loopback(&one, NOW), &one);
    let (_, other_key) = apart(&loopback(&other, NOW), &other);
    let (text, locked) = (folder.join("text"), folder.join("locked"));
    std::fs::write(&text, "示例").unwrap();
    std::fs::write(
        &locked,
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
    )
    .unwrap();
    let none = folder.join("none");
    let data = folder.join("data");
    for (cert, key, words) in [
        (&none, &key, "could not read the certificate"),
        (&cert, &none, "could not read the private key"),
        (&text, &key, "holds no certificate in PEM form"),
        (&cert, &text, "holds no private key in PEM form"),
        (&cert, &locked, "has a password"),
        (&cert, &other_key, "does not belong to the certificate"),
    ] {
        let said = refusal(&data, cert, key).await;
        assert!(said.contains(words), "{said}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_over_soon_or_already_is_said_and_served() {
    let after = |days: i64| NOW.plus(-days * DAY);
    for (made, words) in [
        (after(0), None),
        (after(814), Some("in 4 days")),
        (after(900), Some("expired on 2026-")),
    ] {
        let (elsewhere, files) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let (cert, key) = apart(&loopback(elsewhere.path(), made), files.path());
        let world = World::start_with(|config| {
            config.reach.tls_cert = Some(cert);
            config.reach.tls_key = Some(key);
            config.public_url = Some("https://127.0.0.1".to_owned());
        })
        .await;
        let said = world
            .running
            .notices
            .iter()
            .find(|line| line.contains("expire"));
        assert_eq!(said.is_some(), words.is_some(), "{said:?}");
        assert!(
            said.is_none_or(|said| said.contains(words.unwrap())),
            "{said:?}"
        );
    }
}

#[tokio::test]
async fn a_public_url_that_the_certificate_does_not_serve_is_told() {
    for (public, words) in [
        ("https://127.0.0.1:8443", None),
        ("https://localhost", None),
        (
            "https://zhicha.example",
            Some("does not name zhicha.example"),
        ),
        ("http://127.0.0.1", Some("speaks https")),
    ] {
        let (world, _) = with_own_ca(|config| config.public_url = Some(public.to_owned())).await;
        let told = |words: &str| {
            world
                .running
                .notices
                .iter()
                .any(|line| line.contains(words))
        };
        match words {
            Some(words) => assert!(told(words), "{public}"),
            None => assert!(!told("does not name") && !told("speaks https"), "{public}"),
        }
    }
}

fn named(names: &[&str]) -> Vec<Name> {
    names
        .iter()
        .map(|name| Name::parse(name).unwrap())
        .collect()
}

#[test]
fn the_ca_vouches_for_its_names_only_and_stays_when_the_certificate_is_renewed() {
    let dir = TempDir::new().unwrap();
    let local = Local::in_folder(dir.path());
    let names = named(&["Zhicha.Example", "10.0.0.5", "fd00::5"]);
    local.init(&names, "示例单位", false, NOW).unwrap();
    let (before, server) = (ca(&local), first(&local.server()));
    local.renew(NOW.plus(700 * DAY)).unwrap();
    assert_eq!(ca(&local), before);
    assert_ne!(first(&local.server()), server);
    assert_eq!(local.names().unwrap(), names);
    local
        .init(&named(&["10.0.0.5"]), "示例单位", false, NOW)
        .unwrap();
    assert_eq!(
        (ca(&local), local.names().unwrap()),
        (before.clone(), named(&["10.0.0.5"]))
    );
    for foreign in ["10.0.0.6", "other.example"] {
        let refused = local
            .init(&named(&[foreign]), "示例单位", false, NOW)
            .unwrap_err();
        assert!(format!("{refused:#}").contains("--new-ca"), "{refused:#}");
        assert_eq!(
            local.names().unwrap(),
            named(&["10.0.0.5"]),
            "what works stays"
        );
    }
    local
        .init(&named(&["10.0.0.6"]), "示例单位", true, NOW)
        .unwrap();
    assert_ne!(ca(&local), before);
}

#[test]
fn a_ca_for_names_vouches_for_no_address_and_one_for_addresses_for_no_name() {
    for (own, foreign) in [
        ("zhicha.example", "10.0.0.5"),
        ("10.0.0.5", "zhicha.example"),
        ("10.0.0.5", "fd00::5"),
    ] {
        let dir = TempDir::new().unwrap();
        let local = Local::in_folder(dir.path());
        local.init(&named(&[own]), "示例单位", false, NOW).unwrap();
        assert!(
            local
                .init(&named(&[foreign]), "示例单位", false, NOW)
                .is_err(),
            "{own} {foreign}"
        );
    }
}

#[test]
fn certificates_are_as_phones_want_them() {
    let dir = TempDir::new().unwrap();
    let local = loopback(dir.path(), NOW);
    let der = first(&local.server());
    let (_, server) = x509_parser::parse_x509_certificate(&der).unwrap();
    let days = (server.validity().not_after.timestamp() - server.validity().not_before.timestamp())
        * 1000
        / DAY;
    assert!(
        (800..=825).contains(&days),
        "iOS takes 825 days at most, not {days}"
    );
    let usage = server.extended_key_usage().unwrap().unwrap();
    assert!(usage.value.server_auth);
    assert_eq!(
        server
            .subject_alternative_name()
            .unwrap()
            .unwrap()
            .value
            .general_names
            .len(),
        2
    );
    assert!(!server.is_ca());
    let der = ca(&local);
    let (_, authority) = x509_parser::parse_x509_certificate(&der).unwrap();
    let constraints = authority.name_constraints().unwrap().unwrap();
    assert!(authority.is_ca() && constraints.critical);
    assert_eq!(local.handed().unwrap().name, "示例单位 CA");
}

#[cfg(unix)]
#[test]
fn keys_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = TempDir::new().unwrap();
    loopback(dir.path(), NOW);
    let mode = |name: &str| {
        std::fs::metadata(dir.path().join("tls").join(name))
            .unwrap()
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(
        (mode("ca.pem"), mode("server.pem"), mode("")),
        (0o600, 0o600, 0o700)
    );
}

#[tokio::test]
async fn a_certificate_of_the_own_ca_is_renewed_at_a_start_before_it_is_over() {
    let dir = TempDir::new().unwrap();
    let local = loopback(dir.path(), NOW.plus(-800 * DAY));
    let before = first(&local.server());
    let world = World::start_in(dir, |_| {}).await;
    assert_ne!(first(&local.server()), before);
    assert!(local.until().unwrap() > NOW.plus(800 * DAY));
    world.stop().await;
}

#[test]
fn what_is_no_name_of_a_server_is_refused() {
    for bad in [
        "https://zhicha.example",
        "zhicha.example:8443",
        "*.example",
        "10.0.0",
        "10.0.0.256",
        "示例.cn",
        "",
        "0.0.0.0",
        "a b",
    ] {
        assert!(Name::parse(bad).is_err(), "{bad}");
    }
    for good in [
        "zhicha",
        "zhicha.example",
        "10.0.0.5",
        "[fd00::5]",
        "xn--fiqs8s",
    ] {
        assert!(Name::parse(good).is_ok(), "{good}");
    }
}

#[tokio::test]
async fn a_phone_that_trusts_nobody_yet_reads_how_to_and_gets_the_ca_and_nothing_else() {
    let (world, local) = with_own_ca(|config| {
        config.reach.tls_help_listen = Some(([127, 0, 0, 1], 0).into());
    })
    .await;
    let line = world
        .running
        .notices
        .iter()
        .find_map(|line| line.split_once("install the CA: "));
    let url = line.unwrap().1;
    let http = world.nobody().http;
    let page = http.get(url).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(
        page.headers()["content-security-policy"]
            .to_str()
            .unwrap()
            .starts_with("default-src 'none'")
    );
    let text = page.text().await.unwrap().replace(":<br>", ":");
    let fingerprint = local.handed().unwrap().fingerprint;
    assert!(
        world
            .running
            .notices
            .iter()
            .any(|line| line.ends_with(&fingerprint))
    );
    for wanted in [
        &fingerprint,
        "https://127.0.0.1:8443",
        "证书信任设置",
        "Certificate Trust Settings",
        "加密与凭据",
        "Encryption &amp; credentials",
        "示例单位 CA",
        "<svg",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
    assert!(
        !text.contains("{name}") && !text.contains("{qr"),
        "every place is filled"
    );
    let file = http
        .get(format!("{url}zhicha-ca.crt"))
        .send()
        .await
        .unwrap();
    assert_eq!(file.headers()["content-type"], "application/x-x509-ca-cert");
    assert_eq!(file.bytes().await.unwrap(), ca(&local).to_vec());
    for path in [
        "api/v1/session",
        "office/",
        "index.html",
        "healthz",
        "tls/ca.pem",
        "../tls/ca.pem",
    ] {
        let none = http.get(format!("{url}{path}")).send().await.unwrap();
        assert_eq!(none.status(), 404, "{path}");
    }
    assert_eq!(http.post(url).send().await.unwrap().status(), 405);
    let no_ca = TempDir::new().unwrap();
    let mut config = Config::in_folder(no_ca.path().to_owned());
    config.reach.tls_help_listen = Some(([127, 0, 0, 1], 0).into());
    let refused = format!("{:#}", serve(config).await.map(|_| ()).unwrap_err());
    assert!(refused.contains("zhicha tls init"), "{refused}");
}

#[test]
fn the_command_makes_what_the_server_uses_and_says_what_to_start() {
    let dir = TempDir::new().unwrap();
    let run = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_zhicha"))
            .arg("tls")
            .args(args)
            .arg("--data-dir")
            .arg(dir.path())
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
        )
    };
    assert_eq!(run(&["renew"]).0, 2);
    let (code, said) = run(&[
        "init",
        "10.0.0.5",
        "zhicha.lan",
        "--organisation",
        "示例单位",
    ]);
    assert_eq!(code, 0);
    let local = Local::in_folder(dir.path());
    let fingerprint = local.handed().unwrap().fingerprint;
    assert!(
        said.contains(&fingerprint) && said.contains("--public-url https://10.0.0.5:8443"),
        "{said}"
    );
    let (code, again) = run(&["renew"]);
    assert!(code == 0 && again.contains(&fingerprint), "{again}");
    assert_eq!(run(&["init", "10.0.0.6"]).0, 2);
    assert_eq!(run(&["init", "10.0.0.6", "--new-ca"]).0, 0);
    assert_eq!(run(&["init", "not a name"]).0, 2);
}
