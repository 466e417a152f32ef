//! The headers of uploads: a name and a value a line.
#![no_main]

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, Request},
};
use libfuzzer_sys::fuzz_target;
use zhicha_server::http::tus::{Creation, Part, UploadId};

fuzz_target!(|data: &[u8]| {
    let mut request = Request::new(Body::empty());
    for line in data.split(|byte| *byte == b'\n') {
        let Some(at) = line.iter().position(|byte| *byte == b':') else {
            let _ = std::str::from_utf8(line).map(str::parse::<UploadId>);
            continue;
        };
        let name = HeaderName::from_bytes(&line[..at]);
        let value = HeaderValue::from_bytes(&line[at + 1..]);
        if let (Ok(name), Ok(value)) = (name, value) {
            request.headers_mut().append(name, value);
        }
    }
    if let Some(creation) = Creation::of(request.headers()) {
        assert!(creation.len > 0);
    }
    if let Ok(part) = Part::of(request)
        && let Some(mut checksum) = part.checksum
    {
        checksum.update(data);
        let _ = checksum.fits();
    }
});
