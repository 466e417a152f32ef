//! Pictures as phones make them, and as nobody should: made in code, and taken apart again.

use super::{
    Caller, Device, World, record, sealed,
    tus::{Client, delivered_in},
};
use image::{ImageFormat, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use reqwest::Response;
use std::io::Cursor;
use zhicha_core::{checklist::Digest, id::RecordId, inspection::Mode};

/// What a picture must not say of where and with what it was made.
pub const CANARY: &[u8] = b"ZHICHA-CANARY";

/// A JPEG, red in its left half and blue in its right one.
pub fn jpeg(width: u32, height: u32) -> Vec<u8> {
    let colour = |x, _| {
        if x < width / 2 {
            Rgb([220, 20, 20])
        } else {
            Rgb([20, 20, 220])
        }
    };
    let mut out = Vec::new();
    let picture = RgbImage::from_fn(width, height, colour);
    let encoder = JpegEncoder::new_with_quality(&mut out, 90);
    picture.write_with_encoder(encoder).unwrap();
    out
}

/// The same as a PNG or WebP.
pub fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let picture = image::load_from_memory(&jpeg(width, height)).unwrap();
    let mut out = Cursor::new(Vec::new());
    picture.write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// A segment of a JPEG: marker, length, content.
pub fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let len = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker][..], &len, content].concat()
}

/// A JPEG with segments right behind its first marker.
pub fn with_segments(jpeg: &[u8], segments: &[Vec<u8>]) -> Vec<u8> {
    [&jpeg[..2], &segments.concat(), &jpeg[2..]].concat()
}

/// What a phone writes: which way it was held (6: to be turned right), its name, and where it was.
pub fn exif(orientation: u8) -> Vec<u8> {
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [
            &tag.to_le_bytes()[..],
            &kind.to_le_bytes(),
            &count.to_le_bytes(),
            &value,
        ]
        .concat()
    };
    let (make_at, gps_at) = (50_u32, 50_u32 + 14);
    let latitude_at = gps_at + 2 + 2 * 12 + 4;
    let mut tiff = b"II*\0\x08\0\0\0".to_vec();
    tiff.extend(3_u16.to_le_bytes());
    let make = u32::try_from(CANARY.len() + 1).unwrap();
    tiff.extend(entry(0x010f, 2, make, make_at.to_le_bytes()));
    tiff.extend(entry(0x0112, 3, 1, [orientation, 0, 0, 0]));
    tiff.extend(entry(0x8825, 4, 1, gps_at.to_le_bytes()));
    tiff.extend(0_u32.to_le_bytes());
    tiff.extend(CANARY);
    tiff.push(0);
    tiff.extend(2_u16.to_le_bytes());
    tiff.extend(entry(1, 2, 2, *b"N\0\0\0"));
    tiff.extend(entry(2, 5, 3, latitude_at.to_le_bytes()));
    tiff.extend(0_u32.to_le_bytes());
    for number in [30_u32, 1, 15, 1, 0, 1] {
        tiff.extend(number.to_le_bytes());
    }
    segment(0xe1, &[b"Exif\0\0", &tiff[..]].concat())
}

/// All that a JPEG may say about itself, each with the canary in it.
pub fn talkative(orientation: u8) -> Vec<Vec<u8>> {
    let saying = |marker, before: &[u8]| segment(marker, &[before, CANARY].concat());
    vec![
        exif(orientation),
        saying(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>"),
        saying(0xe2, b"ICC_PROFILE\0\x01\x01"),
        saying(0xed, b"Photoshop 3.0\0"),
        saying(0xfe, b""),
    ]
}

/// The markers of a JPEG up to its picture, each with what it holds. Behind the picture nothing may come.
pub fn segments(jpeg: &[u8]) -> Vec<(u8, Vec<u8>)> {
    assert_eq!(&jpeg[..2], [0xff, 0xd8]);
    assert_eq!(&jpeg[jpeg.len() - 2..], [0xff, 0xd9]);
    let (mut at, mut found) = (2, Vec::new());
    loop {
        assert_eq!(jpeg[at], 0xff);
        let marker = jpeg[at + 1];
        let len = usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
        found.push((marker, jpeg[at + 4..at + 2 + len].to_vec()));
        at += 2 + len;
        if marker == 0xda {
            break;
        }
    }
    // In the picture itself 0xff is followed by 0 or a restart, so the first end is the end.
    let ends = jpeg[at..].windows(2).position(|two| two == [0xff, 0xd9]);
    assert_eq!(ends, Some(jpeg.len() - 2 - at));
    found
}

/// Looks into a picture that was served: it is a JPEG that says nothing about itself.
pub fn assert_clean(jpeg: &[u8]) {
    for (marker, content) in segments(jpeg) {
        match marker {
            // JFIF's version and density.
            0xe0 => assert!(content.starts_with(b"JFIF\0") && content.len() == 14),
            // Tables, frame, picture.
            0xc0 | 0xc4 | 0xda | 0xdb | 0xdd => {}
            other => panic!("segment {other:x}"),
        }
    }
    let said = jpeg.windows(CANARY.len()).any(|part| part == CANARY);
    assert!(!said);
}

/// A record of a device with these files, all of them uploaded.
pub async fn uploaded(nobody: &Caller, device: &Device, files: &[&[u8]]) -> RecordId {
    let (record, body) = (record(), sealed(Mode::SpotCheck));
    let event = delivered_in(nobody, device, record, &body, files).await;
    let client = Client {
        caller: nobody.clone(),
    };
    for bytes in files {
        client.upload(&event, bytes).await;
    }
    record
}

/// The address of a file of a record.
pub fn address(record: RecordId, bytes: &[u8], form: &str) -> String {
    let sha256 = Digest::of(bytes);
    format!("/api/v1/records/{record}/blobs/{sha256}?as={form}")
}

/// Asks for a file of a record.
pub async fn ask(caller: &Caller, record: RecordId, bytes: &[u8], form: &str) -> Response {
    caller.get(&address(record, bytes, form)).await
}

/// A new server with one record of these files; its administrator and its inspector.
pub async fn shot(files: &[&[u8]]) -> (World, Caller, Caller, RecordId) {
    let (world, admin, anna, device) = World::equipped().await;
    let record = uploaded(&world.nobody(), &device, files).await;
    (world, admin, anna, record)
}
