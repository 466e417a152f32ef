//! Files that are made to harm whoever looks at them (`faults.md` D10): refused or neutralised, in little memory, and the
//! server goes on.

use crate::world::{
    World,
    pictures::{
        CANARY, ask, assert_clean, encoded, exif, jpeg, segment, shot, uploaded, with_segments,
    },
    problem,
    program::Program,
    sealed,
    tus::{Client, code, delivered_in},
};
use image::ImageFormat;
use reqwest::Method;
use serde_json::json;
use zhicha_core::{checklist::Digest, inspection::Mode};

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

// EXIF whose directories lead to each other without end, and as many as there is room for.
fn circling() -> Vec<Vec<u8>> {
    let next = |at: u32, next: u32| {
        let entry = [&0x8769_u16.to_le_bytes()[..], &4_u16.to_le_bytes()].concat();
        let value = [1_u32.to_le_bytes(), at.to_le_bytes()].concat();
        [
            &1_u16.to_le_bytes()[..],
            &entry,
            &value,
            &next.to_le_bytes(),
        ]
        .concat()
    };
    let header = b"II*\0\x08\0\0\0";
    let itself = [&header[..], &next(8, 8)].concat();
    let each_other = [&header[..], &next(26, 26), &next(8, 8)].concat();
    let chain = (0..3_000).flat_map(|n| next(8 + 18 * (n + 1), 8 + 18 * (n + 1)));
    let chain: Vec<u8> = header.iter().copied().chain(chain).collect();
    [itself, each_other, chain]
        .map(|tiff| exif_with(&tiff))
        .into()
}

// Segments and chunks for colour profiles and other words, as large and as many as the formats allow.
fn stuffed() -> Vec<Vec<u8>> {
    let full = |marker: u8, before: &[u8]| {
        segment(
            marker,
            &[before, &vec![0x41; 65_533 - before.len()]].concat(),
        )
    };
    let profile = |n: u8, of: u8| full(0xe2, &[b"ICC_PROFILE\0", &[n, of][..]].concat());
    let whole: Vec<_> = (1..=255).map(|n| profile(n, 255)).collect();
    let words: Vec<_> = (0xe0..=0xef)
        .cycle()
        .take(200)
        .map(|m| full(m, b""))
        .collect();
    let picture = jpeg(32, 16);
    let mut files = vec![
        with_segments(&picture, &whole),
        with_segments(&picture, &words),
        with_segments(&picture, &[profile(0, 0), profile(255, 1), profile(7, 3)]),
        // A whole picture inside the words of another, and one in that.
        with_segments(
            &picture,
            &[segment(
                0xe1,
                &with_segments(&picture, &[segment(0xe1, &picture)]),
            )],
        ),
    ];
    files.extend(inflating());
    files.push(claiming_chunk());
    files
}

// A chunk of a PNG.
fn chunk(kind: &[u8], content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(content.len()).unwrap().to_be_bytes();
    let named = [kind, content].concat();
    [&len[..], &named, &crc(&named).to_be_bytes()].concat()
}

// PNGs with a colour profile or a text that takes a kilobyte and inflates to a thousand times that.
fn inflating() -> Vec<Vec<u8>> {
    let mut zeros = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zeros
        .start_file("z", zip::write::SimpleFileOptions::default())
        .unwrap();
    let piece = vec![0; 1 << 20];
    for _ in 0..64 {
        std::io::Write::write_all(&mut zeros, &piece).unwrap();
    }
    let zip = zeros.finish().unwrap().into_inner();
    // What is between the local header with its names and the central directory is the deflated stream.
    let end = zip.windows(4).position(|four| four == b"PK\x01\x02");
    let names = usize::from(zip[26]) + usize::from(zip[28]);
    let deflated = &zip[30 + names..end.unwrap()];
    let stream = [&b"\x78\x9c"[..], deflated, &[0, 0, 0, 0]].concat();
    let picture = encoded(32, 16, ImageFormat::Png);
    let with = |kind: &[u8]| {
        let more = chunk(kind, &[&b"p\0\0"[..], &stream].concat());
        [&picture[..33], &more, &picture[33..]].concat()
    };
    vec![with(b"iCCP"), with(b"zTXt")]
}

// A WebP with a chunk for EXIF that claims four gigabytes.
fn claiming_chunk() -> Vec<u8> {
    let simple = encoded(16, 16, ImageFormat::WebP);
    let canvas = [0x08, 0, 0, 0, 15, 0, 0, 15, 0, 0];
    let exif = b"EXIF\xfe\xff\xff\xffII*\0";
    let content = [&b"WEBPVP8X\x0a\0\0\0"[..], &canvas, &simple[12..], exif].concat();
    let len = u32::try_from(content.len()).unwrap().to_le_bytes();
    [&b"RIFF"[..], &len, &content].concat()
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
        let sort = match bytes.starts_with(b"%PDF-") {
            true => "document",
            false => "opaque",
        };
        assert_eq!(blob["sort"], sort);
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
    files.extend(circling());
    files.extend(stuffed());
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
    let (world, _, _, device) = World::equipped().await;
    let body = sealed(Mode::SpotCheck);
    let event = delivered_in(
        &world.nobody(),
        &device,
        crate::world::record(),
        &body,
        &[b""],
    )
    .await;
    let refused = Client::of(&world).try_create(&event, b"").await;
    assert_eq!(code(refused).await, (400, "upload_metadata".to_owned()));
}

// What a picture of 36 megapixels takes once, and not once for each that asks; beside what the program took before.
const MOST_MIB: u64 = 230;

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn the_worst_of_them_all_at_once_take_little_memory() {
    let (world, _, _, device) = World::equipped().await;
    let program = Program::start(world.stop().await, &[]);
    let anna = program.sign_in("anna").await;
    let mut files = vec![claiming(60_000, 60_000), claiming_jpeg(), claiming_webp()];
    files.extend(disguised());
    files.extend(overflowing());
    files.extend(circling());
    files.extend(stuffed());
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
    assert!(after < before + MOST_MIB, "{before} MiB, then {after} MiB");
    let lives = program.nobody().send(Method::GET, "/healthz", None).await;
    assert_eq!(lives.status(), 200);
}
