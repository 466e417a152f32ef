//! The pages of the office app: wide first, online, usable on a phone.

pub mod checklists;
pub mod join;
pub mod me;
pub mod parts;
pub mod people;
pub mod quarantine;
pub mod record;
pub mod records;
mod settings;
pub mod sign_in;
pub mod sites;
