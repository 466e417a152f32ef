//! All tests of the server in one program: each of them alone would compile the world anew and link the whole server
//! once more.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on ends")]

mod world;

mod acme;
mod along;
mod auth;
mod backup;
mod backup_beside;
mod backup_damage;
mod bad_input;
mod bucket;
mod certificates;
mod clocks;
mod command_line;
mod connections;
mod damage;
mod data_folder;
mod disk;
mod drafts;
mod enrol_again;
mod export_blobs;
mod export_verify;
mod export_zips;
mod exports_at_once;
mod headers;
mod hostile_pictures;
mod https;
mod logs;
mod lost_and_forged;
mod mutated_pictures;
mod network;
mod openapi;
mod other_evidence;
mod pictures;
mod policy;
mod proxied;
mod push_table;
mod push_trouble;
mod pushes_killed;
mod rebuild;
mod recover;
mod restored_twice;
mod schemathesis;
mod story;
mod sweep_races;
mod systemd;
mod upload_rules;
mod uploads;
mod uploads_killed;
mod waiting_events;
mod watched;
mod wire_1;
mod wire_1_device;
