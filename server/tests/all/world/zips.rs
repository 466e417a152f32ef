//! Exports taken apart and put together again.

use std::io::{Cursor, Read as _, Write as _};
use zhicha_server::export::unpack::Files;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

/// All files of a ZIP, blobs too.
pub fn unzipped(bytes: &[u8]) -> Files {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Files::new();
    for index in 0..zip.len() {
        let mut entry = zip.by_index(index).unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        let before = files.insert(entry.name().to_owned(), content);
        assert_eq!(before, None, "{}", entry.name());
    }
    files
}

/// A ZIP of files, in the order of their names.
pub fn zipped(files: &Files) -> Vec<u8> {
    let all = files
        .iter()
        .map(|(path, bytes)| (path.as_str(), &bytes[..]));
    zip_of(all, CompressionMethod::Deflated)
}

/// A ZIP of whatever a test wants.
pub fn zip_of<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    how: CompressionMethod,
) -> Vec<u8> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(how);
        out.start_file(path, options).unwrap();
        out.write_all(bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}
