//! Behind the reverse proxies of `deploy/`, as they stand there.

use crate::world::{
    Caller, PASSWORD, World, problem,
    program::Program,
    record, sealed,
    tls::{free, in_time, loopback, shaken, today, trusting},
    tus::{Client, delivered_in, photo, staged_in},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::{
    net::{IpAddr, Ipv4Addr},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use zhicha_core::inspection::Mode;
use zhicha_server::tls::local::Local;

const LINK: &str = "/api/v1/invites/look";

fn link() -> Value {
    json!({ "token": "none" })
}

// Tries links until it is enough, as somebody who guesses; how often.
async fn guesses(caller: &Caller, from: Option<&str>) -> usize {
    for n in 0..1000 {
        let mut request = caller
            .http
            .post(format!("{}{LINK}", caller.url))
            .json(&link());
        if let Some(from) = from {
            request = request.header("x-forwarded-for", from);
        }
        if request.send().await.unwrap().status() == StatusCode::TOO_MANY_REQUESTS {
            return n;
        }
    }
    panic!("nobody is ever slowed down");
}

#[tokio::test]
async fn limits_count_the_caller_that_a_trusted_proxy_names() {
    let trusting = |config: &mut zhicha_server::Config| {
        config.reach.trusted_proxy = vec!["127.0.0.0/8".parse().unwrap()];
    };
    let world = World::start_with(trusting).await;
    assert!(guesses(&world.nobody(), Some("203.0.113.1")).await > 1);
    assert!(guesses(&world.nobody(), Some("203.0.113.2")).await > 1);
    assert_eq!(
        guesses(&world.nobody(), Some("198.51.100.7, 203.0.113.1")).await,
        0,
        "what a caller writes himself does not help him"
    );
    let world = World::start().await;
    assert!(guesses(&world.nobody(), Some("203.0.113.1")).await > 1);
    assert_eq!(
        guesses(&world.nobody(), Some("203.0.113.2")).await,
        0,
        "nobody is believed"
    );
}

struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        // Politely, so that its workers end too.
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

fn deployed(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../deploy")
        .join(name);
    std::fs::read_to_string(path).unwrap()
}

fn replaced(text: &str, by: &[(&str, String)]) -> String {
    by.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    })
}

fn nginx(folder: &Path, local: &Local, port: u16, upstream: &str) -> Proxy {
    let pem = local.server().display().to_string();
    let site = replaced(
        &deployed("nginx.conf"),
        &[
            ("server 127.0.0.1:8080", format!("server {upstream}")),
            (
                "    listen 80;\n    listen [::]:80;\n",
                "    listen 127.0.0.1:0;\n".replace(":0", &format!(":{}", free())),
            ),
            (
                "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n",
                format!("    listen 127.0.0.1:{port} ssl http2;\n"),
            ),
            ("/etc/ssl/zhicha/fullchain.pem", pem.clone()),
            ("/etc/ssl/zhicha/privkey.pem", pem),
        ],
    );
    std::fs::write(folder.join("site.conf"), site).unwrap();
    let shown = folder.display();
    let main = format!(
        "daemon off; pid {shown}/pid; error_log {shown}/error.log; worker_processes 1; events {{}}\n\
         http {{ access_log off; client_body_temp_path {shown}/body; proxy_temp_path {shown}/proxy; \
         fastcgi_temp_path {shown}/f; uwsgi_temp_path {shown}/u; scgi_temp_path {shown}/s; include {shown}/site.conf; }}\n"
    );
    let conf = folder.join("main.conf");
    std::fs::write(&conf, main).unwrap();
    run(Command::new("nginx")
        .arg("-e")
        .arg(folder.join("error.log"))
        .arg("-c")
        .arg(conf))
}

fn caddy(folder: &Path, local: &Local, port: u16, upstream: &str) -> Proxy {
    let pem = local.server().display().to_string();
    let site = replaced(
        &deployed("Caddyfile"),
        &[
            (
                "reverse_proxy 127.0.0.1:8080",
                format!("reverse_proxy {upstream}"),
            ),
            (
                "\nzhicha.example {",
                format!("\nhttps://127.0.0.1:{port} {{\n\ttls {pem} {pem}"),
            ),
            (
                "\tservers {",
                "\tadmin off\n\tauto_https disable_redirects\n\tservers {".to_owned(),
            ),
        ],
    );
    let conf = folder.join("Caddyfile");
    std::fs::write(&conf, site).unwrap();
    run(Command::new("caddy")
        .args(["run", "--adapter", "caddyfile", "--config"])
        .arg(conf)
        .env("HOME", folder))
}

fn run(command: &mut Command) -> Proxy {
    let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
    Proxy(
        silent
            .spawn()
            .expect("the proxies are installed for these tests"),
    )
}

// Everything that a proxy can spoil.
async fn holds_behind(start: fn(&Path, &Local, u16, &str) -> Proxy) {
    let (world, ..) = World::staffed().await;
    let data = world.stop().await;
    let folder = TempDir::new().unwrap();
    let local = loopback(folder.path(), today());
    let (port, upstream) = (free(), free());
    let url = format!("https://127.0.0.1:{port}");
    let at = format!("127.0.0.1:{upstream}");
    let settings = [
        ("ZHICHA_LISTEN", at.as_str()),
        ("ZHICHA_PUBLIC_URL", &url),
        ("ZHICHA_ACCEPT_NEW_ORIGIN", "true"),
        ("ZHICHA_TRUSTED_PROXY", "127.0.0.1"),
    ];
    let program = Program::start_at(data, &settings);
    let _proxy = start(folder.path(), &local, port, &at);
    let nobody = trusting(&url, &local);
    answers(&nobody).await;
    let inspector = signs_in(&nobody).await;
    let device = inspector.enrol(1).await;
    let bytes = photo(1, 6 << 20);
    let body = sealed(Mode::SpotCheck);
    let event = delivered_in(&nobody, &device, record(), &body, &[&bytes]).await;
    let client = Client {
        caller: nobody.clone(),
    };
    let place = client.create(&event, &bytes).await;
    arrives_while_sent(
        &url,
        &local,
        &staged_in(program.folder(), &place),
        &place,
        &bytes,
    )
    .await;
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
    refuses_what_is_too_large(&nobody).await;
    refuses_other_sites(&inspector, &url).await;
    // Another address of the loopback is another caller.
    let there = from(&url, &local, Ipv4Addr::new(127, 0, 0, 2));
    assert!(guesses(&there, None).await > 1);
    assert!(guesses(&nobody, None).await > 1);
}

async fn answers(caller: &Caller) {
    let health = format!("{}/healthz", caller.url);
    while !caller
        .http
        .get(&health)
        .send()
        .await
        .is_ok_and(|r| r.status() == 200)
    {
        // Between two looks, until the proxy listens.
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn signs_in(nobody: &Caller) -> Caller {
    let body = json!({ "login": "anna", "password": PASSWORD });
    let anna = nobody.clone().enter("/api/v1/session", body).await;
    assert!(anna.cookie.starts_with("__Host-zhicha="));
    let answer = anna.get("/api/v1/session").await;
    assert_eq!(
        answer.headers()["strict-transport-security"],
        "max-age=2592000"
    );
    anna
}

// Half of a large part is sent: it has to be on the server's disk before the other half is.
async fn arrives_while_sent(url: &str, local: &Local, staged: &PathBuf, place: &str, bytes: &[u8]) {
    let versions = [&rustls::version::TLS13];
    let (mut stream, _) = shaken(url, local, &versions).await;
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nHost: {}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: {}\r\n\r\n",
        url.strip_prefix("https://").unwrap(),
        bytes.len()
    );
    let (first, rest) = bytes.split_at(bytes.len() / 2);
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(first).await.unwrap();
    stream.flush().await.unwrap();
    // What a socket holds may still be on its way.
    let nearly = first.len() as u64 - (1 << 20);
    while std::fs::metadata(staged).map_or(0, |meta| meta.len()) < nearly {
        // Between two looks at the file.
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    stream.write_all(rest).await.unwrap();
    stream.flush().await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 204");
}

async fn refuses_what_is_too_large(nobody: &Caller) {
    let body = json!({ "login": "x".repeat(10_000_000), "password": "y" });
    let refused = nobody.post("/api/v1/session", body).await;
    assert_eq!(problem(refused).await.code, "too_large");
}

async fn refuses_other_sites(anna: &Caller, url: &str) {
    for (origin, status) in [(url, 204), ("https://other.example", 403)] {
        let request = anna
            .http
            .request(Method::DELETE, format!("{url}/api/v1/session"));
        let request = request
            .header("cookie", &anna.cookie)
            .header("origin", origin);
        let status_of = request.send().await.unwrap().status().as_u16();
        assert_eq!(status_of, status, "{origin}");
    }
}

fn from(url: &str, local: &Local, address: Ipv4Addr) -> Caller {
    let ca = reqwest::Certificate::from_der(&local.handed().unwrap().der).unwrap();
    let http = reqwest::Client::builder()
        .tls_certs_only([ca])
        .no_proxy()
        .local_address(IpAddr::V4(address));
    Caller {
        url: url.to_owned(),
        http: http.build().unwrap(),
        cookie: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs nginx (Debian nginx-light): cargo xtask test --all"]
async fn behind_nginx_uploads_are_passed_on_as_they_come_and_refusals_are_ours() {
    in_time(holds_behind(nginx)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Caddy (Debian caddy): cargo xtask test --all"]
async fn behind_caddy_uploads_are_passed_on_as_they_come_and_refusals_are_ours() {
    in_time(holds_behind(caddy)).await;
}
