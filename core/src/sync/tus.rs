//! Header values of tus 1.0 (<https://tus.io/protocols/resumable-upload>) as the device writes them.

use crate::{checklist::Digest, event::EventHash};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// `Tus-Resumable`.
pub const VERSION: &str = "1.0.0";
/// Media type of a part.
pub const PART: &str = "application/offset+octet-stream";

/// `Upload-Metadata` of bytes that an event names.
pub fn metadata(event: &EventHash, sha256: &Digest) -> String {
    let (event, sha256) = (STANDARD.encode(event.as_str()), STANDARD.encode(&sha256.0));
    format!("event {event},sha256 {sha256}")
}

/// `Upload-Checksum` of a part.
pub fn checksum(part: &[u8]) -> String {
    format!("sha256 {}", STANDARD.encode(Sha256::digest(part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_as_the_protocol_says() {
        let sum = "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(checksum(b""), sum);
        let said = metadata(&EventHash::of("event"), &Digest::of(b"bytes"));
        let pairs: Vec<_> = said.split(',').filter_map(|p| p.split_once(' ')).collect();
        assert_eq!(
            pairs.iter().map(|(key, _)| *key).collect::<Vec<_>>(),
            ["event", "sha256"]
        );
        let read = STANDARD.decode(pairs[1].1).expect("base64");
        assert_eq!(read, Digest::of(b"bytes").0.as_bytes());
    }
}
