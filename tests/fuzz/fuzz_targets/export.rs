//! `zhicha verify`: exports of strangers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::io::Cursor;
use zhicha_server::cli::verify::judge;

fuzz_target!(|data: &[u8]| {
    let (lines, _) = judge(Cursor::new(data), Some("nobody"));
    // There is a verdict whatever came.
    assert!(!lines.is_empty());
});
