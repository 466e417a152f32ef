//! Every kind of signed text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhicha_core::{
    event::{BlobReceipt, Certificate, EventHash, Payload, Receipt, jws::native},
    testing,
};

fuzz_target!(|text: &str| {
    let _ = EventHash::of_text(text);
    let _ = Receipt::parse(text);
    let _ = BlobReceipt::parse(text);
    if let Ok((certificate, jws)) = Certificate::parse(text) {
        let _ = native::verify(&jws, &certificate.cnf.jwk);
    }
    if let Ok((payload, jws)) = Payload::parse(text) {
        let _ = payload.body();
        let _ = native::verify(&jws, &testing::NativeKey::number(1).jwk());
        // What was read is named by the text, and by nothing that it says.
        assert_eq!(jws.hash, EventHash::of_text(text));
    }
});
