//! What every handler can reach.

use crate::{
    auth::limit::Limits, blob::Blobs, clock::Clock, derived::Derived, http::export::Exports,
    keys::ServerKey, store::Store, weights::Weights,
};
use std::sync::Arc;
use tokio::sync::Semaphore;

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
    /// Sign-in and drop box limits.
    pub limits: Limits,
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

    /// Whether a browser gets a secure context from the public URL: https, or loopback for trying out on this
    /// machine.
    pub fn phones_can_use(&self) -> bool {
        let host = self.public_url.strip_prefix("http://").unwrap_or_default();
        self.https()
            || ["127.0.0.1", "localhost", "[::1]"]
                .iter()
                .any(|h| host.starts_with(h))
    }
}
