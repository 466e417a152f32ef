//! One file of the bundle: where it is served and what it holds.

use sha2::{Digest, Sha256};

/// How many hex digits of a hash go into a name; 64 bits suffice against mix-ups.
pub const HASH_CHARS: usize = 16;

/// A file as the browser asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Absolute path as served; one that ends in `/` is that folder's `index.html`.
    pub path: String,
    /// Its content, uncompressed.
    pub bytes: Vec<u8>,
}

impl File {
    /// A file whose name stays the same when its content changes.
    pub fn at(path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        File {
            path: path.to_owned(),
            bytes: bytes.into(),
        }
    }

    /// A file whose name carries its hash: `/a/app.css` becomes `/a/app.<hash>.css`.
    pub fn hashed(path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        let hash = &sha256_hex(&bytes)[..HASH_CHARS];
        let path = match path.rsplit_once('.') {
            Some((stem, extension)) => format!("{stem}.{hash}.{extension}"),
            None => format!("{path}.{hash}"),
        };
        File { path, bytes }
    }

    /// Lower-case hex SHA-256 of the content.
    pub fn sha256(&self) -> String {
        sha256_hex(&self.bytes)
    }

    /// Its place below the bundle's folder.
    pub fn disk_path(&self) -> String {
        let path = self.path.trim_start_matches('/');
        if path.is_empty() || path.ends_with('/') {
            format!("{path}index.html")
        } else {
            path.to_owned()
        }
    }
}

/// Lower-case hex SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hashed_name_keeps_folder_and_extension_and_follows_the_content() {
        let one = File::hashed("/field/app.js", "1");
        let two = File::hashed("/field/app.js", "2");
        assert!(one.path.starts_with("/field/app.6b86b273ff34fce1."));
        assert!(one.path.ends_with(".js"));
        assert_ne!(one.path, two.path);
    }

    #[test]
    fn a_folder_is_its_index_page_on_disk() {
        assert_eq!(File::at("/", "").disk_path(), "index.html");
        assert_eq!(File::at("/office/", "").disk_path(), "office/index.html");
        assert_eq!(File::at("/sw.js", "").disk_path(), "sw.js");
    }
}
