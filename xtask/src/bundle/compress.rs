//! Brotli and gzip beside each file, so that a server compresses nothing while it answers.

use std::io::Write;
use std::path::Path;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::wasm::Effort;

/// Whether compressing a file of this name is worth it.
pub fn compressible(path: &str) -> bool {
    let extension = Path::new(path).extension().and_then(|e| e.to_str());
    matches!(
        extension,
        Some("css" | "html" | "js" | "json" | "svg" | "wasm" | "webmanifest")
    )
}

/// `bytes` as brotli.
pub fn brotli(bytes: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: match effort {
            Effort::Quick => 4,
            Effort::Optimised => 11,
        },
        lgwin: 22,
        size_hint: bytes.len(),
        ..Default::default()
    };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut out, &params)?;
    Ok(out)
}

/// `bytes` as gzip, without a time in its header.
pub fn gzip(bytes: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let level = match effort {
        Effort::Quick => Compression::fast(),
        Effort::Optimised => Compression::best(),
    };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn both_formats_give_the_content_back() {
        let content = "直查".repeat(500).into_bytes();
        let packed = brotli(&content, Effort::Optimised).expect("writing to memory");
        assert!(packed.len() < content.len() / 10);
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut &packed[..], &mut back).expect("what we packed");
        assert_eq!(back, content);

        let packed = gzip(&content, Effort::Quick).expect("writing to memory");
        let mut back = Vec::new();
        flate2::read::GzDecoder::new(&packed[..])
            .read_to_end(&mut back)
            .expect("what we packed");
        assert_eq!(back, content);
    }

    #[test]
    fn pictures_are_left_alone() {
        assert!(compressible("field/app.wasm"));
        assert!(!compressible("icons/icon-192.png"));
    }
}
