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

/// Header of an answer to the last bytes of an upload: the receipt for all of them. Not of tus, but of ours.
pub const RECEIPT: &str = "upload-receipt";

/// `Upload-Checksum` of a part that is all of the bytes with this digest.
pub fn checksum_of(sha256: &Digest) -> String {
    let digits = sha256.0.as_bytes().chunks(2);
    let byte = |two: &[u8]| u8::from_str_radix(std::str::from_utf8(two).unwrap_or("0"), 16);
    let bytes: Vec<u8> = digits.map(|two| byte(two).unwrap_or(0)).collect();
    format!("sha256 {}", STANDARD.encode(bytes))
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
        assert_eq!(checksum_of(&Digest::of(b"")), sum);
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
