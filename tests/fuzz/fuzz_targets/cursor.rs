//! Pull cursors, which a device hands back as it got them, or not.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhicha_server::cursor::Cursor;

const KEY: [u8; 32] = [7; 32];

fuzz_target!(|text: &str| {
    // Nobody without the key makes one.
    assert!(Cursor::open(text, &KEY).is_err());
});
