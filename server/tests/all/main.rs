//! All tests of the server in one program: each of them alone would compile the world anew and link the whole server
//! once more.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod world;

mod along;
mod auth;
mod bad_input;
mod bucket;
mod command_line;
mod data_folder;
mod drafts;
mod enrol_again;
mod export_blobs;
mod export_verify;
mod export_zips;
mod exports_at_once;
mod headers;
mod hostile_pictures;
mod mutated_pictures;
mod openapi;
mod other_evidence;
mod pictures;
mod policy;
mod push_table;
mod push_trouble;
mod rebuild;
mod story;
mod sweep_races;
mod upload_rules;
mod uploads;
mod uploads_killed;
