//! What the device must lend: a clock, a signing key, a way to check signatures, and a way to the server.

use crate::{
    event::{Jwk, Jws, Testimony},
    id::RecordId,
    sync::wire::{DraftCopy, DraftKept, Problem, PullPage, PushReply, PushRequest, Stream},
    time::Timestamp,
};

/// The device's clocks.
pub trait Clock {
    /// Wall clock.
    fn now(&self) -> Timestamp;
    /// All clocks at once, given the last measured offset to the server (milliseconds) and its uncertainty.
    fn testimony(&self, offset: Option<(i64, i64)>) -> Testimony;
}

/// The device key.
#[expect(
    async_fn_in_trait,
    reason = "both users are single-threaded; no Send bound is wanted"
)]
pub trait Signer {
    /// Thumbprint of the public key.
    fn kid(&self) -> &str;
    /// ES256 over `bytes`: r and s, 32 bytes each.
    ///
    /// # Errors
    /// What the key store said, in words.
    async fn sign(&self, bytes: &[u8]) -> Result<[u8; 64], String>;
}

/// Checks signatures.
#[expect(
    async_fn_in_trait,
    reason = "both users are single-threaded; no Send bound is wanted"
)]
pub trait Verifier {
    /// Whether the signature of `jws` fits `key` (its `kid` is compared by the caller).
    async fn verify(&self, jws: &Jws, key: &Jwk) -> bool;
}

/// Why a request brought no answer that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// No connection, or it broke: the server may or may not have acted.
    Network,
    /// Something answered that is not our server (captive portal, proxy page).
    NotOurs,
    /// Our server answered with a problem.
    Problem {
        /// The problem.
        problem: Problem,
        /// `Retry-After`, in seconds.
        retry_after_s: Option<u64>,
    },
}

/// The way to the server.
#[expect(
    async_fn_in_trait,
    reason = "both users are single-threaded; no Send bound is wanted"
)]
pub trait Transport {
    /// `POST /api/v1/sync/push`.
    async fn push(&self, request: &PushRequest) -> Result<PushReply, Failure>;
    /// `GET /api/v1/sync/pull`.
    async fn pull(&self, stream: Stream, cursor: Option<&str>) -> Result<PullPage, Failure>;
    /// `PUT /api/v1/drafts/{record_id}`.
    async fn keep_draft(&self, id: RecordId, copy: &DraftCopy) -> Result<DraftKept, Failure>;
}
