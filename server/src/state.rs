//! What every handler can reach.

use crate::{
    auth::{limit::Limits, proxies::Proxies},
    blob::Blobs,
    clock::Clock,
    derived::Derived,
    http::export::Exports,
    keys::ServerKey,
    metrics::Metrics,
    store::Store,
    tls::InUse,
    weights::Weights,
};
use axum::http::Uri;
use std::{net::IpAddr, path::PathBuf, sync::Arc};
use tokio::sync::Semaphore;
use zhicha_core::event::Kind;

/// Shared by all handlers; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The database.
    pub store: Store,
    /// The clock.
    pub clock: Clock,
    /// Everything that does not change while the server runs.
    pub fixed: Arc<Fixed>,
}

/// Settings and keys of a running server.
pub struct Fixed {
    /// The server key.
    pub key: ServerKey,
    /// Address under which devices reach this server, without a slash at the end.
    pub public_url: String,
    /// Photos and other bytes that events name.
    pub blobs: Blobs,
    /// Small pictures made of them.
    pub derived: Derived,
    /// Exports on their way.
    pub exports: Exports,
    /// How many bytes are taken.
    pub room: Room,
    /// About how many bytes each person has here.
    pub weights: Weights,
    /// Turns for bytes that come with the beginning of their upload.
    pub along: Semaphore,
    /// Turns for large bodies, which are in memory while they come.
    pub large: Semaphore,
    /// Proxies that may say who asks.
    pub proxies: Proxies,
    /// Limits against guessing and flooding.
    pub limits: Limits,
    /// What is counted while the server runs.
    pub metrics: Metrics,
    /// Kinds of events that are taken for newer than this server; none outside of tests.
    pub newer_kinds: Vec<Kind>,
    /// Until when the certificate of TLS holds.
    pub certificate: Arc<InUse>,
    /// How many days old the last backup may be before there is an alarm.
    pub backup_days: u32,
    /// The data folder.
    pub data_dir: PathBuf,
}

/// How many bytes are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Most bytes of one file.
    pub file: u64,
    /// Most bytes of all files of one person.
    pub person: u64,
}

impl Fixed {
    /// Whether browsers speak TLS to this server.
    pub fn https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// Whether the public URL leads a phone here in a secure context: https, and not this machine's own loopback.
    pub fn phones_can_use(&self) -> bool {
        let url = self.public_url.parse::<Uri>().ok();
        let host = url.as_ref().and_then(Uri::host).unwrap_or_default();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>().ok();
        let nowhere = |address: IpAddr| address.is_loopback() || address.is_unspecified();
        self.https() && host != "localhost" && !address.is_some_and(nowhere)
    }
}
