//! Files that are made to harm whoever looks at them (`faults.md` D10): refused or neutralised, in little memory, and the
//! server goes on.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod world;

use image::ImageFormat;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};
use world::{
    Caller, PASSWORD,
    pictures::{
        CANARY, ask, assert_clean, encoded, exif, jpeg, segment, shot, uploaded, with_segments,
    },
    problem, sealed,
    tus::{Client, code, delivered_in},
};
use zhicha_core::{access::Role, checklist::Digest, inspection::Mode};

// A PNG whose header claims so many pixels of 8-bit RGBA, with hardly any behind it.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(16, 16, ImageFormat::Png);
    bytes[16..20].copy_from_slice(&width.to_be_bytes());
    bytes[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.to_be_bytes());
    bytes
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
        })
    })
}

// The same of a JPEG: 65,535 by 65,535.
fn claiming_jpeg() -> Vec<u8> {
    let mut bytes = jpeg(16, 16);
    let frame = bytes
        .windows(2)
        .position(|two| two == [0xff, 0xc0])
        .unwrap();
    bytes[frame + 5..frame + 9].fill(0xff);
    bytes
}

// And of an extended WebP: 16,384 by 16,384 in 60 bytes.
fn claiming_webp() -> Vec<u8> {
    let canvas = [0, 0, 0, 0, 0xff, 0x3f, 0, 0xff, 0x3f, 0];
    let frame = b"VP8L\x0d\0\0\0\x2f\xff\xff\xff\x0f\x88\x88\x08\0\0\0\0\0\0";
    let content = [&b"WEBPVP8X\x0a\0\0\0"[..], &canvas, frame].concat();
    let len = u32::try_from(content.len()).unwrap().to_le_bytes();
    [&b"RIFF"[..], &len, &content].concat()
}

// A JPEG whose EXIF block has this inside.
fn exif_with(tiff: &[u8]) -> Vec<u8> {
    let block = segment(0xe1, &[b"Exif\0\0", tiff].concat());
    with_segments(&jpeg(32, 16), &[block])
}

// EXIF that points, counts and measures where nothing is.
fn overflowing() -> Vec<Vec<u8>> {
    let entry = |count: u32, value: u32| {
        let words = [0x0112_u16.to_le_bytes(), 3_u16.to_le_bytes()].concat();
        let tail = [count.to_le_bytes(), value.to_le_bytes()].concat();
        let ifd = [&b"II*\0\x08\0\0\0\xff\xff"[..], &words, &tail].concat();
        exif_with(&ifd)
    };
    let mut longer = with_segments(&jpeg(32, 16), &[exif(6)]);
    longer[4..6].fill(0xff);
    let mut shorter = with_segments(&jpeg(32, 16), &[exif(6)]);
    shorter[4..6].copy_from_slice(&[0, 0]);
    vec![
        exif_with(b"II*\0\xff\xff\xff\xff"),
        exif_with(b"MM\0*\xff\xff\xff\xfe"),
        exif_with(b"II*\0\x08\0\0\0"),
        exif_with(b""),
        entry(u32::MAX, u32::MAX),
        entry(1, 999),
        longer,
        shorter,
    ]
}

// What is no picture, some of it dressed as a JPEG.
fn disguised() -> Vec<Vec<u8>> {
    let script = [b"<script>alert('", CANARY, b"')</script>"].concat();
    let html = [b"<!doctype html>", &script[..]].concat();
    let zip = b"PK\x03\x04\x14\0\0\0\0\0payload.html";
    let gif = b"GIF89a\x01\0\x01\0\0\0\0;";
    vec![
        [b"\xff\xd8\xff\xe0", &html[..]].concat(),
        [b"\xff\xd8\xff", &zip[..]].concat(),
        [b"\xff\xd8\xff", &gif[..]].concat(),
        b"\xff\xd8\xff".to_vec(),
        b"\x89PNG\r\n\x1a\n".to_vec(),
        [b"RIFF\xff\xff\xff\xffWEBP", &html[..]].concat(),
    ]
}

fn opaque() -> Vec<Vec<u8>> {
    let script = [b"<script>alert('", CANARY, b"')</script>"].concat();
    vec![
        [
            b"<svg xmlns='http://www.w3.org/2000/svg'>",
            &script[..],
            b"</svg>",
        ]
        .concat(),
        [b"<!doctype html>", &script[..]].concat(),
        [b"GIF89a=1;/*", &script[..]].concat(),
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<</OpenAction<</S/JavaScript>>>>".to_vec(),
        b"PK\x03\x04\x14\0\0\0\0\0payload.html".to_vec(),
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic".to_vec(),
        b"x".to_vec(),
    ]
}

// Good pictures with something behind them or in them.
fn smuggling() -> Vec<Vec<u8>> {
    let behind = |more: &[u8]| [&jpeg(32, 16)[..], more, CANARY].concat();
    vec![
        behind(b"PK\x03\x04\x14\0\0\0\0\0payload.html"),
        behind(b"<!doctype html><script>alert(1)</script>"),
        with_segments(
            &jpeg(32, 16),
            &[segment(0xfe, b"<script>alert(1)</script>")],
        ),
    ]
}

fn cut() -> Vec<Vec<u8>> {
    let whole = jpeg(400, 300);
    let png = encoded(400, 300, ImageFormat::Png);
    let webp = encoded(400, 300, ImageFormat::WebP);
    let half = |bytes: &[u8]| bytes[..bytes.len() / 2].to_vec();
    vec![half(&whole), half(&png), half(&webp), whole[..300].to_vec()]
}

fn refs(files: &[Vec<u8>]) -> Vec<&[u8]> {
    files.iter().map(Vec::as_slice).collect()
}

#[tokio::test]
async fn what_claims_to_be_huge_or_is_no_picture_is_not_shown() {
    let mut files = vec![
        claiming(60_000, 60_000),
        claiming(u32::MAX >> 1, 1),
        claiming(50_001, 1_000),
        claiming_jpeg(),
        claiming_webp(),
    ];
    files.extend(disguised());
    let (_world, admin, anna, record) = shot(&refs(&files)).await;
    for bytes in &files {
        for form in ["thumb", "view", "view"] {
            let refused = problem(ask(&anna, record, bytes, form).await).await;
            let said = (refused.status, refused.code.as_str());
            assert_eq!(said, (422, "blob_not_shown"), "{bytes:.40?}");
        }
        let response = ask(&admin, record, bytes, "original").await;
        assert_eq!(response.bytes().await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn what_is_no_picture_is_opaque_whatever_an_event_calls_it() {
    let files = opaque();
    let (_world, admin, anna, record) = shot(&refs(&files)).await;
    let detail = admin.get_json(&format!("/api/v1/records/{record}")).await;
    for bytes in &files {
        let blobs = detail["blobs"].as_array().unwrap();
        let sha256 = json!(Digest::of(bytes));
        let blob = blobs.iter().find(|blob| blob["sha256"] == sha256).unwrap();
        assert_eq!(blob["sort"], "opaque");
        for form in ["thumb", "view"] {
            let refused = problem(ask(&anna, record, bytes, form).await).await;
            assert_eq!(refused.code, "blob_not_shown");
        }
        let response = ask(&admin, record, bytes, "original").await;
        let headers = response.headers().clone();
        assert_eq!(headers["content-type"], "application/octet-stream");
        assert!(
            headers["content-disposition"]
                .to_str()
                .unwrap()
                .starts_with("attachment;")
        );
        assert_eq!(response.bytes().await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn what_is_hidden_in_a_picture_does_not_come_out() {
    let mut files = smuggling();
    files.extend(overflowing());
    files.extend(cut());
    let (_world, _, anna, record) = shot(&refs(&files)).await;
    let mut shown = 0;
    for bytes in &files {
        let response = ask(&anna, record, bytes, "view").await;
        if response.status() == 200 {
            assert_clean(&response.bytes().await.unwrap());
            shown += 1;
        } else {
            assert_eq!(problem(response).await.code, "blob_not_shown");
        }
    }
    assert!(shown >= smuggling().len(), "good pictures are shown");
}

#[tokio::test]
async fn a_file_of_no_bytes_is_not_taken() {
    let (world, _, _, device) = world::World::equipped().await;
    let body = sealed(Mode::SpotCheck);
    let event = delivered_in(&world.nobody(), &device, world::record(), &body, &[b""]).await;
    let refused = Client::of(&world).try_create(&event, b"").await;
    assert_eq!(code(refused).await, (400, "upload_metadata".to_owned()));
}

// `zhicha serve` as a program of its own, and its administrator.
struct Program {
    child: Child,
    admin: Caller,
    _dir: tempfile::TempDir,
}

impl Program {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_zhicha"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut line = |start: &str| {
            let mut lines = said.by_ref().map(Result::unwrap);
            let line = lines.find(|line| line.starts_with(start)).unwrap();
            line[start.len()..].to_owned()
        };
        let url = line("listening on ");
        let link = line("first administrator: ");
        let admin = Caller {
            url,
            http: reqwest::Client::new(),
            cookie: String::new(),
        };
        let (_, token) = link.split_once('#').unwrap();
        let first =
            json!({ "token": token, "name": "示例管理员", "login": "admin", "password": PASSWORD });
        let admin = admin.enter("/api/v1/first-administrator", first).await;
        Self {
            child,
            admin,
            _dir: dir,
        }
    }

    fn nobody(&self) -> Caller {
        Caller {
            cookie: String::new(),
            ..self.admin.clone()
        }
    }

    async fn inspector(&self) -> Caller {
        let invite = json!({ "name": "示例", "login": "anna", "role": Role::Inspector, "grants": ["shili-1"] });
        let link = self.admin.post("/api/v1/invites", invite).await;
        let link: Value = link.json().await.unwrap();
        let (_, token) = link["url"].as_str().unwrap().split_once('#').unwrap();
        let body = json!({ "token": token, "password": PASSWORD });
        self.nobody().enter("/api/v1/invites/accept", body).await
    }

    // The most memory it has ever had, in MiB.
    fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        line.trim()
            .trim_end_matches(" kB")
            .trim()
            .parse::<u64>()
            .unwrap()
            / 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

// What a picture of 36 megapixels takes once, and not once for each that asks.
const MOST_MIB: u64 = 280;

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_worst_of_them_all_at_once_take_little_memory() {
    let program = Program::start().await;
    let anna = program.inspector().await;
    let device = anna.enrol(1).await;
    let mut files = vec![claiming(60_000, 60_000), claiming_jpeg(), claiming_webp()];
    files.extend(disguised());
    files.extend(overflowing());
    files.extend(cut());
    // Honest and large, but each another one.
    let large = jpeg(6_000, 6_000);
    files.extend((0..3).map(|n| with_segments(&large, &[segment(0xfe, &[n])])));
    let record = uploaded(&program.nobody(), &device, &refs(&files)).await;
    let before = program.peak();
    let all = files.iter().map(|bytes| {
        let (anna, bytes) = (anna.clone(), bytes.clone());
        async move { ask(&anna, record, &bytes, "view").await.status().as_u16() }
    });
    let all: Vec<_> = all.map(tokio::spawn).collect();
    let mut said = Vec::new();
    for answer in all {
        said.push(answer.await.unwrap());
    }
    assert!(
        said.iter().all(|status| [200, 422].contains(status)),
        "{said:?}"
    );
    assert!(said.ends_with(&[200; 3]), "{said:?}");
    let after = program.peak();
    assert!(after < MOST_MIB, "{before} MiB, then {after} MiB");
    let lives = program.nobody().send(Method::GET, "/healthz", None).await;
    assert_eq!(lives.status(), 200);
}
