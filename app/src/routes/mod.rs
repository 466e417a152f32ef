//! The route tables of the two apps.

pub mod field;
pub mod office;
