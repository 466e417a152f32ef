//! A push as it comes: JSON, certificate, event texts, and the verdict about each.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use zhicha_core::{
    access::Role,
    event::{Certificate, jws::native},
    sync::{
        judge::{DeviceState, Incoming, judge},
        wire::{Identity, PushRequest},
    },
    testing,
};

static DEVICE: LazyLock<Identity> = LazyLock::new(|| testing::identity(1));

fuzz_target!(|data: &[u8]| {
    let Ok(request) = serde_json::from_slice::<PushRequest>(data) else {
        return;
    };
    let certificate = Certificate::parse(&request.certificate)
        .or_else(|_| Certificate::parse(&DEVICE.certificate));
    let (certificate, jws) = certificate.expect("ours is one");
    let mut state = DeviceState {
        last_seq: request.first_seq.saturating_sub(1),
        last_hash: jws.hash,
        after_gap: false,
        frozen: false,
        revoked: false,
        role: Role::Inspector,
    };
    for (n, text) in (0..).zip(&request.events) {
        let seq = request.first_seq.saturating_add(n);
        let key = &certificate.cnf.jwk;
        for event in [
            Incoming::read(text, |jws| native::verify(jws, key).is_ok()),
            // As if the signature fitted: no mutation ever makes one that does.
            Incoming::read(text, |_| true),
        ] {
            judge(&state, &certificate, seq, &event, None);
            state.last_hash = event.hash().clone();
        }
        state.last_seq = seq;
    }
});
