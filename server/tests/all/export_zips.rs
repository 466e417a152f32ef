//! ZIPs that are none, or that would be something else for somebody else: a clear word, and no panic.

use crate::world::zips::zip_of;
use std::{
    collections::BTreeMap,
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
};
use zhicha_server::{
    cli::{Found, verify::judge},
    export::{directory, unpack::unpack},
};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

const FILES: [(&str, &[u8]); 4] = [
    ("README.txt", b"some words, some words, some words"),
    ("blobs/aa", b"bytes and bytes and bytes and bytes"),
    ("blobs/bb", b"others"),
    ("manifest.json", b"{}"),
];

fn small(how: CompressionMethod) -> Vec<u8> {
    zip_of(FILES, how)
}

// The places of a text in a ZIP.
fn places(zip: &[u8], text: &[u8]) -> Vec<usize> {
    let windows = zip.windows(text.len()).enumerate();
    windows
        .filter(|(_, w)| *w == text)
        .map(|(at, _)| at)
        .collect()
}

fn replaced(mut zip: Vec<u8>, from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    for at in places(&zip, from) {
        zip[at..at + to.len()].copy_from_slice(to);
    }
    zip
}

// The same number at a place of the local and of the central header of `name`.
fn patched(mut zip: Vec<u8>, name: &str, local: usize, central: usize, bytes: &[u8]) -> Vec<u8> {
    for at in places(&zip, name.as_bytes()) {
        let (from, field) = if at >= 46 && zip[at - 46..].starts_with(b"PK\x01\x02") {
            (at - 46, central)
        } else if zip[at - 30..].starts_with(b"PK\x03\x04") {
            (at - 30, local)
        } else {
            continue;
        };
        zip[from + field..from + field + bytes.len()].copy_from_slice(bytes);
    }
    zip
}

fn refusal(zip: &[u8]) -> String {
    let (lines, found) = judge(Cursor::new(zip), None);
    assert_eq!((lines.len(), lines[0].1), (1, "unreadable"), "{lines:?}");
    assert_eq!(found, Found::Wrong);
    lines[0].2.clone()
}

#[test]
fn names_that_lead_elsewhere_or_stand_there_twice_are_refused() {
    for name in [
        "../escape",
        "blobs/../../x",
        "/etc/passwd",
        "C:\\x",
        "blobs\\x",
        "a//b",
        "./a",
        "blobs/..",
        "照片",
        "a b",
        "x\n",
        "",
    ] {
        let zip = zip_of([(name, &b"x"[..])], CompressionMethod::Stored);
        assert!(
            refusal(&zip).contains("is no name of an export's file"),
            "{name}"
        );
    }
    let stored = small(CompressionMethod::Stored);
    let twice = replaced(stored.clone(), b"blobs/bb", b"blobs/aa");
    assert!(refusal(&twice).contains("blobs/aa is there twice"));
    let nearly = replaced(stored, b"blobs/bb", b"blobs/AA");
    assert!(refusal(&nearly).contains("is there twice"));
}

#[test]
fn sizes_that_are_not_true_are_refused() {
    let deflated = || small(CompressionMethod::Deflated);
    let name = "blobs/aa";
    let size = |n: u32| n.to_le_bytes();
    for (n, word) in [
        (10, "longer than the ZIP says"),
        (99, "shorter than the ZIP says"),
    ] {
        let zip = patched(deflated(), name, 22, 24, &size(n));
        assert_eq!(refusal(&zip), format!("{name} is {word}"));
    }
    let zip = patched(deflated(), name, 22, 24, &size(1025 << 20));
    assert!(refusal(&zip).contains("larger than any file of evidence"));
    let zip = patched(deflated(), "README.txt", 22, 24, &size(600 << 20));
    assert_eq!(refusal(&zip), "larger than any export");
    let zip = patched(deflated(), name, 18, 20, &size(1 << 30));
    assert!(refusal(&zip).contains("goes beyond the end"));
    let zip = patched(deflated(), name, 18, 20, &size(60));
    assert!(refusal(&zip).contains("shares bytes with another file"));
}

#[test]
fn a_bomb_is_not_unpacked() {
    let zeros = vec![0; 65 << 20];
    let zip = zip_of([("blobs/aa", &zeros[..])], CompressionMethod::Deflated);
    assert!(zip.len() < 1 << 20);
    let huge = patched(
        zip.clone(),
        "blobs/aa",
        22,
        24,
        &(1025_u32 << 20).to_le_bytes(),
    );
    assert!(refusal(&huge).contains("larger than any file of evidence"));
    // It says that it is small: no more than it says is unpacked.
    let zip = patched(zip, "blobs/aa", 22, 24, &1000_u32.to_le_bytes());
    assert!(refusal(&zip).contains("longer than the ZIP says"));
}

#[test]
fn what_no_export_is_made_of_is_refused() {
    let stored = || small(CompressionMethod::Stored);
    let encrypted = patched(stored(), "blobs/aa", 6, 8, &[1, 0]);
    assert!(refusal(&encrypted).contains("is encrypted"));
    let packed = patched(stored(), "blobs/aa", 8, 10, &[12, 0]);
    assert!(refusal(&packed).contains("packed in a way that no export uses"));
    let mut link = ZipWriter::new(Cursor::new(Vec::new()));
    link.add_symlink("blobs/aa", "/etc/passwd", SimpleFileOptions::default())
        .unwrap();
    assert!(refusal(&link.finish().unwrap().into_inner()).contains("is a link"));
    let mut folder = ZipWriter::new(Cursor::new(Vec::new()));
    folder
        .start_file("blobs/", SimpleFileOptions::default())
        .unwrap();
    folder.write_all(b"x").unwrap();
    let folder = folder.finish().unwrap().into_inner();
    assert!(refusal(&folder).contains("a folder with content"));

    let behind = [&stored()[..], b"x"].concat();
    assert!(refusal(&behind).contains("not a ZIP"));
    let before = [b"x", &stored()[..]].concat();
    assert!(refusal(&before).contains("not where the ZIP says"));
    let end = stored().len() - 22;
    for (count, word) in [(3_u16, "more entries"), (5, "fewer entries")] {
        let mut zip = stored();
        zip[end + 10..end + 12].copy_from_slice(&count.to_le_bytes());
        assert!(refusal(&zip).contains(word) || refusal(&zip).contains("too early"));
    }
    // Files that only whoever reads from the front would see.
    let hidden = zip_of([("blobs/zz", &b"hidden"[..])], CompressionMethod::Stored);
    let hidden = &hidden[..places(&hidden, b"PK\x01\x02")[0]];
    let whole = ZipArchive::new(Cursor::new(stored())).unwrap();
    let directory = usize::try_from(whole.central_directory_start()).unwrap();
    let mut zip = [&stored()[..directory], hidden, &stored()[directory..]].concat();
    let end = zip.len() - 22;
    let start = u32::try_from(directory + hidden.len()).unwrap();
    zip[end + 16..end + 20].copy_from_slice(&start.to_le_bytes());
    assert!(refusal(&zip).contains("belong to no file"));
    // Another name for whoever reads from the front.
    let mut zip = stored();
    let first = places(&zip, b"blobs/bb")[0];
    zip[first..first + 8].copy_from_slice(b"blobs/cc");
    assert!(refusal(&zip).contains("not where the directory says"));
}

// A file of zeros but for what was written in small pieces.
#[derive(Default)]
struct Hollow {
    pieces: BTreeMap<u64, Vec<u8>>,
    at: u64,
    len: u64,
}

impl Write for Hollow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.len() < 4096 {
            self.pieces.insert(self.at, bytes.to_vec());
        }
        self.at += bytes.len() as u64;
        self.len = self.len.max(self.at);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Hollow {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.len - self.at.min(self.len)).unwrap();
        let len = into.len().min(most);
        into[..len].fill(0);
        let end = self.at + len as u64;
        // A piece that was written over begins where the later one does.
        for (from, piece) in self.pieces.range(self.at.saturating_sub(4096)..end) {
            for (place, byte) in (*from..).zip(piece) {
                if (self.at..end).contains(&place) {
                    into[usize::try_from(place - self.at).unwrap()] = *byte;
                }
            }
        }
        self.at = end;
        Ok(len)
    }
}

impl Seek for Hollow {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.len.saturating_add_signed(by),
            SeekFrom::Current(by) => self.at.saturating_add_signed(by),
        };
        Ok(self.at)
    }
}

#[test]
fn more_files_and_more_bytes_than_a_small_zip_can_count_are_read() {
    let names: Vec<String> = (0..66_000).map(|n| format!("events/{n}")).collect();
    let all = names.iter().map(|name| (name.as_str(), &b"x"[..]));
    let zip = zip_of(all, CompressionMethod::Stored);
    let found = directory::read(&mut Cursor::new(zip)).unwrap();
    assert_eq!(found.len(), 66_000);
    assert!(found.iter().all(|entry| entry.len == 1));

    let zeros = vec![0; 64 << 20];
    let one = zip_of([("blobs/0", &zeros[..])], CompressionMethod::Stored);
    let mut one = ZipArchive::new(Cursor::new(one)).unwrap();
    let mut many = ZipWriter::new(Hollow::default());
    for n in 0..66 {
        let entry = one.by_index_raw(0).unwrap();
        many.raw_copy_file_rename(entry, format!("blobs/{n}"))
            .unwrap();
    }
    let mut many = many.finish().unwrap();
    assert!(many.len > 1 << 32);
    let found = directory::read(&mut many).unwrap();
    assert_eq!(found.len(), 66);
    assert!(found.iter().all(|entry| entry.len == 64 << 20));
}

#[test]
fn no_byte_and_no_cut_makes_it_panic() {
    for how in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let zip = small(how);
        assert_eq!(unpack(Cursor::new(&zip)).unwrap().files.len(), 2);
        for at in 0..zip.len() {
            assert!(unpack(Cursor::new(&zip[..at])).is_err(), "cut at {at}");
            for value in [0, 1, 0x7f, 0xff, zip[at] ^ 1] {
                let mut altered = zip.clone();
                altered[at] = value;
                let _ = unpack(Cursor::new(&altered));
                let next = (at + 1).min(zip.len() - 1);
                altered[next] = value;
                let _ = unpack(Cursor::new(&altered));
            }
        }
    }
}
