//! Reads the QR codes of a picture. A browser program of its own, which the worker `public/codes.js` loads when somebody
//! scans: the field app is small without it. It takes brightnesses and gives bytes, and knows nothing of what they mean.

mod read;
#[cfg(test)]
mod tests;

#[cfg(target_arch = "wasm32")]
use wasm_bindgen::prelude::wasm_bindgen;

/// What the QR codes of a picture say. `luma` is a brightness (0 black, 255 white) for each pixel, `width` of them a row, from
/// the upper left corner. The answer is what each code says, as bytes behind their length (4 bytes, little endian); empty
/// when there is no code that can be read.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen)]
pub fn read(luma: &[u8], width: usize) -> Vec<u8> {
    let mut packed = Vec::new();
    for said in read::codes(luma, width) {
        // A code holds a few thousand bytes at most.
        let len = u32::try_from(said.len()).unwrap_or(u32::MAX);
        packed.extend_from_slice(&len.to_le_bytes());
        packed.extend_from_slice(&said);
    }
    packed
}
