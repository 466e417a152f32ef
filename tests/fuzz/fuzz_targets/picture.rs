//! What bytes are by their beginning, and the pictures that are shown of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use zhicha_server::picture;

fuzz_target!(|data: &[u8]| {
    let _ = picture::sort(data);
    let _ = picture::sound(data);
    if let Ok(shown) = picture::show(data) {
        for jpeg in &shown {
            // Made by us, so it is no GIF that is a script, and no JPEG with a place in it.
            assert!(jpeg.starts_with(&[0xff, 0xd8, 0xff]));
        }
    }
});
