//! A certificate from an ACME directory: Pebble, the small one of Let's Encrypt for tests.

use crate::world::{
    World,
    numbers::days_left,
    program::Program,
    tls::{connected, first, free, in_time, loopback, today},
};
use rustls::{
    pki_types::{CertificateDer, pem::PemObject as _},
    version::TLS13,
};
use serde_json::json;
use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use zhicha_server::tls::local::Local;

const DOMAIN: &str = "zhicha.example";

struct Beside(Child);

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn run(command: &mut Command) -> Beside {
    let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
    Beside(silent.spawn().expect("Pebble is installed for this test"))
}

// A directory that finds every name at the loopback and checks it at `port`; where its roots are.
fn pebble(folder: &Path, local: &Local, directory: u16, port: u16) -> (Vec<Beside>, String) {
    let (dns, management, roots) = (free(), free(), free());
    let names = run(Command::new("pebble-challtestsrv").args([
        "-defaultIPv6=",
        "-http01=",
        "-https01=",
        "-tlsalpn01=",
        &format!("-dns01=127.0.0.1:{dns}"),
        &format!("-management=127.0.0.1:{management}"),
    ]));
    let config = json!({ "pebble": {
        "listenAddress": format!("127.0.0.1:{directory}"),
        "managementListenAddress": format!("127.0.0.1:{roots}"),
        "certificate": local.server(),
        "privateKey": local.server(),
        "httpPort": free(),
        "tlsPort": port,
    } });
    let file = folder.join("pebble.json");
    std::fs::write(&file, config.to_string()).unwrap();
    let server = run(Command::new("pebble")
        .arg("-config")
        .arg(file)
        .arg(format!("-dnsserver=127.0.0.1:{dns}"))
        .envs([("PEBBLE_VA_NOSLEEP", "1"), ("PEBBLE_WFE_NONCEREJECT", "20")]));
    (
        vec![names, server],
        format!("https://127.0.0.1:{roots}/roots/0"),
    )
}

async fn root(url: &str, local: &Local) -> CertificateDer<'static> {
    let http = crate::world::tls::trusting("", local).http;
    loop {
        if let Ok(answer) = http.get(url).send().await {
            return CertificateDer::from_pem_slice(&answer.bytes().await.unwrap()).unwrap();
        }
        // Between two looks, until Pebble listens.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Pebble (Debian pebble): cargo xtask test --all"]
async fn a_directory_certifies_the_server_and_the_certificate_is_kept_for_the_next_start() {
    in_time(certified_and_kept()).await;
}

async fn certified_and_kept() {
    let folder = TempDir::new().unwrap();
    let local = loopback(folder.path(), today());
    let (directory, port) = (free(), free());
    let (beside, roots) = pebble(folder.path(), &local, directory, port);
    let root = root(&roots, &local).await;
    let world = World::start().await;
    let at = format!("127.0.0.1:{port}");
    let trusted = local.for_phones();
    let settings = [
        ("ZHICHA_LISTEN", at.as_str()),
        ("ZHICHA_PUBLIC_URL", "https://zhicha.example"),
        ("ZHICHA_ACME", DOMAIN),
        ("ZHICHA_ACME_CONTACT", "admin@zhicha.example"),
        (
            "ZHICHA_ACME_DIRECTORY",
            &format!("https://127.0.0.1:{directory}/dir"),
        ),
        ("SSL_CERT_FILE", trusted.to_str().unwrap()),
        ("ZHICHA_METRICS_LISTEN", "127.0.0.1:0"),
    ];
    let mut program = Program::start_at(world.stop().await, &settings);
    let metrics = program.next_line_with("metrics on ");
    assert_eq!(program.url(), format!("https://{at}"));
    let shown = loop {
        if let Ok((_, shown)) = connected(&at, DOMAIN, root.clone(), &[&TLS13]).await {
            break shown;
        }
        // Between two looks, until the certificate has come.
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_ne!(shown, first(&local.server()));
    let days = days_left(&metrics).await.expect("it has one now");
    assert!(days > 0.0, "{days}");

    // The directory may be away then.
    drop(beside);
    let mut again = Program::start_at(program.stop(), &settings);
    let metrics = again.next_line_with("metrics on ");
    let kept = loop {
        if let Ok((_, kept)) = connected(&at, DOMAIN, root.clone(), &[&TLS13]).await {
            break kept;
        }
        // Between two looks, until the kept one is in use.
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(kept, shown);
    let after = days_left(&metrics).await.expect("it is the one before");
    assert!((after - days).abs() < 0.1, "{after} {days}");
}

#[tokio::test]
async fn an_address_cannot_be_certified_by_a_directory() {
    let dir = TempDir::new().unwrap();
    let mut config = zhicha_server::Config::in_folder(dir.path().to_owned());
    config.reach.acme = vec!["10.0.0.5".to_owned()];
    let refused = zhicha_server::serve(config).await.map(|_| ()).unwrap_err();
    assert!(
        format!("{refused:#}").contains("certify names only"),
        "{refused:#}"
    );
}
