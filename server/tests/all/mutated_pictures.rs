//! Pictures that something happened to on their way: bits flipped, pieces cut out or put in, parts of other pictures, sizes
//! changed. Whatever comes, the code that shows pictures answers, and what it gives is small and clean (`faults.md` D10).

use crate::world::pictures::{assert_clean, encoded, exif, jpeg, talkative, with_segments};
use image::{ImageFormat, ImageReader};
use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed},
};
use std::{io::Cursor, sync::LazyLock};
use zhicha_server::picture::{self, Size, Unshown};

// One change of some bytes; numbers are parts of 65,536 of the length.
#[derive(Clone, Debug)]
enum Change {
    Flip {
        at: u16,
        bit: u8,
    },
    Set {
        at: u16,
        to: u8,
    },
    Number {
        at: u16,
        to: u32,
    },
    Cut {
        at: u16,
        len: u16,
    },
    End {
        at: u16,
    },
    Again {
        at: u16,
        len: u16,
        to: u16,
    },
    Other {
        which: usize,
        at: u16,
        len: u16,
        to: u16,
    },
}

fn change() -> impl Strategy<Value = Change> {
    // Headers are short and at the beginning: half of all changes go there.
    let at = prop_oneof![any::<u16>(), 0..4_000_u16];
    let edges = prop_oneof![
        Just(0),
        Just(1),
        Just(0x7fff_ffff),
        Just(0x8000_0000),
        Just(u32::MAX),
        any::<u32>()
    ];
    prop_oneof![
        4 => (at.clone(), 0..8_u8).prop_map(|(at, bit)| Change::Flip { at, bit }),
        4 => (at.clone(), any::<u8>()).prop_map(|(at, to)| Change::Set { at, to }),
        3 => (at.clone(), edges).prop_map(|(at, to)| Change::Number { at, to }),
        2 => (at.clone(), 0..6_000_u16).prop_map(|(at, len)| Change::Cut { at, len }),
        1 => any::<u16>().prop_map(|at| Change::End { at }),
        2 => (at.clone(), 0..6_000_u16, at.clone()).prop_map(|(at, len, to)| Change::Again { at, len, to }),
        2 => (any::<usize>(), at.clone(), any::<u16>(), at)
            .prop_map(|(which, at, len, to)| Change::Other { which, at, len, to }),
    ]
}

fn place(part: u16, of: &[u8]) -> usize {
    usize::from(part) * of.len() / 65_536
}

fn piece(of: &[u8], at: u16, len: u16) -> Vec<u8> {
    let at = place(at, of);
    of[at..of.len().min(at + place(len, of) + 1)].to_vec()
}

fn put(bytes: &mut Vec<u8>, to: u16, piece: Vec<u8>) {
    let to = place(to, bytes);
    bytes.splice(to..to, piece);
}

impl Change {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match *self {
            Self::Flip { at, bit } => {
                let at = place(at, bytes);
                bytes[at] ^= 1 << bit;
            }
            Self::Set { at, to } => {
                let at = place(at, bytes);
                bytes[at] = to;
            }
            Self::Number { at, to } => {
                let at = place(at, bytes);
                for (byte, new) in bytes[at..].iter_mut().zip(to.to_be_bytes()) {
                    *byte = new;
                }
            }
            Self::Cut { at, len } => {
                let from = place(at, bytes);
                let end = bytes.len().min(from + place(len, bytes) + 1);
                bytes.drain(from..end);
            }
            Self::End { at } => bytes.truncate(place(at, bytes)),
            Self::Again { at, len, to } => {
                let piece = piece(bytes, at, len);
                put(bytes, to, piece);
            }
            Self::Other { which, at, len, to } => {
                let other = &SOUND[which % SOUND.len()];
                put(bytes, to, piece(other, at, len));
            }
        }
    }
}

static SOUND: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    vec![
        jpeg(96, 64),
        with_segments(&jpeg(64, 96), &talkative(6)),
        with_segments(&jpeg(33, 17), &[exif(3)]),
        encoded(96, 64, ImageFormat::Png),
        encoded(17, 33, ImageFormat::Png),
        encoded(96, 64, ImageFormat::WebP),
        encoded(33, 17, ImageFormat::WebP),
    ]
});

fn dimensions(bytes: &[u8]) -> (u32, u32) {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    reader.unwrap().into_dimensions().unwrap()
}

#[test]
fn what_the_changes_begin_with_is_shown() {
    for sound in SOUND.iter() {
        picture::show(sound).unwrap();
    }
}

proptest! {
    // The same changes each time: a new one that fails belongs into a test of its own.
    #![proptest_config(Config { cases: 1_500, rng_seed: RngSeed::Fixed(1), failure_persistence: None, ..Config::default() })]

    #[test]
    fn whatever_happened_to_a_picture_it_is_shown_clean_or_refused(
        which in 0..7_usize,
        changes in prop::collection::vec(change(), 1..8),
    ) {
        let mut bytes = SOUND[which].clone();
        changes.iter().for_each(|change| change.apply(&mut bytes));
        match picture::show(&bytes) {
            Ok(shown) => {
                let (width, height) = dimensions(&bytes);
                prop_assert!(u64::from(width) * u64::from(height) <= 50_000_000);
                for (jpeg, size) in shown.iter().zip(Size::ALL) {
                    assert_clean(jpeg);
                    let (width, height) = dimensions(jpeg);
                    prop_assert!((1..=size.longest()).contains(&width.max(height)));
                }
            }
            Err(Unshown::Opaque | Unshown::TooLarge | Unshown::Damaged) => {}
        }
    }
}
