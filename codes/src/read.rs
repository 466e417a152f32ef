//! Finding and decoding.

use rqrr::PreparedImage;

/// The smallest code has 21 modules a side (ISO/IEC 18004); with fewer pixels there is none.
const LEAST_SIDE: usize = 21;

/// What the codes of a picture say, each text once. Dark on light first; light on dark only where that finds nothing, since
/// it is rare and takes as long again.
pub fn codes(luma: &[u8], width: usize) -> Vec<Vec<u8>> {
    let Some(height) = luma.len().checked_div(width) else {
        return Vec::new();
    };
    // Where the search ends may lie on the picture's edge, and a picture is not that thin.
    if width < LEAST_SIDE || height < LEAST_SIDE || luma.len() != width * height {
        return Vec::new();
    }
    let found = look(width, height, |x, y| luma[y * width + x]);
    if found.is_empty() {
        return look(width, height, |x, y| 255 - luma[y * width + x]);
    }
    found
}

fn look(width: usize, height: usize, at: impl FnMut(usize, usize) -> u8) -> Vec<Vec<u8>> {
    let mut picture = PreparedImage::prepare_from_greyscale(width, height, at);
    let mut found: Vec<Vec<u8>> = Vec::new();
    for grid in picture.detect_grids() {
        let mut said = Vec::new();
        // What is damaged beyond repair is no code.
        if grid.decode_to(&mut said).is_ok() && !said.is_empty() && !found.contains(&said) {
            found.push(said);
        }
    }
    found
}
