//! Fills the database of the person who is enrolled in a browser with sealed inspections that wait to be sent, by the
//! code that the app itself seals with. Only the benchmark loads it (`tests/e2e/bench`); no release holds it.
#![warn(missing_docs)]

pub mod walk;

#[cfg(target_arch = "wasm32")]
mod inspection;
#[cfg(target_arch = "wasm32")]
mod photo;

#[cfg(target_arch = "wasm32")]
use js_sys::Uint8Array;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// Seals `inspections`, each with all items of the checklist `checklist` answered as passed and with `photos` photos of
/// `picture` (a JPEG; each copy differs in a comment). Nothing is sent.
///
/// # Errors
/// In words: nobody is enrolled, no such checklist, no site, or the store refuses.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen]
pub async fn seed(
    inspections: u32,
    photos: u32,
    checklist: String,
    picture: Uint8Array,
) -> Result<(), JsValue> {
    let words = |error: String| JsValue::from_str(&error);
    let seeder = inspection::Seeder::open(&checklist).await.map_err(words)?;
    for _ in 0..inspections {
        seeder.one(photos, &picture).await.map_err(words)?;
    }
    Ok(())
}
