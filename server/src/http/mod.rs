//! The handlers under `/api/v1/`, one file a subject. Each begins with its policy (`policy`); none holds SQL.

pub mod blobs;
pub mod body;
pub mod certificate;
pub mod checklists;
pub mod devices;
pub mod drafts;
pub mod export;
pub mod health;
pub mod invites;
pub mod people;
pub mod quarantine;
pub mod records;
pub mod remainder;
pub mod session;
pub mod settings;
pub mod sites;
pub mod sync;
pub mod tus;
pub mod uploads;
