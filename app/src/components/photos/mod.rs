//! Photos: the strip of an item or of the visit, the camera, and one photo large.

mod camera;
mod image;
mod large;
mod strip;
pub mod words;

pub use image::StoredImage;
pub use large::Large;
pub use strip::Photos;
