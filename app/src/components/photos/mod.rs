//! Evidence: the strip of an item or of the visit, the camera, the recorder, readings and files, one of them large, and marks on photos.

mod adds;
mod camera;
pub mod face;
pub mod icons;
mod image;
mod large;
mod marks;
mod other;
mod reading;
mod recorder;
mod remove;
mod shoot;
mod strip;
pub mod words;

pub use face::Face;
pub use image::StoredImage;
pub use large::Large;
pub use shoot::Shoot;
pub use strip::Photos;
