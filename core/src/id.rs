//! Identifiers: UUIDv7 newtypes, made on the device and never renamed (`RFC 9562` §5.7).
//!
//! This module must not make an identifier by itself: randomness and clock come from an [`IdSource`].

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
pub use uuid::Uuid;

/// Where new identifiers come from: the browser's or server's random numbers, or a seeded source in tests.
pub trait IdSource {
    /// A fresh UUIDv7.
    fn next_id(&mut self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(
            feature = "schema",
            derive(schemars::JsonSchema),
            schemars(extend("format" = "uuid"))
        )]
        #[serde(transparent)]
        pub struct $name(#[cfg_attr(feature = "schema", schemars(with = "String"))] pub Uuid);

        impl $name {
            /// A fresh identifier from `ids`.
            pub fn new(ids: &mut impl IdSource) -> Self {
                Self(ids.next_id())
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// One organisation with its own people, sites and records; no row is read without it.
    TenantId,
    /// A person who can sign in.
    UserId,
    /// One enrolment: one person in one browser profile.
    DeviceId,
    /// A record that events belong to; for an inspection it is also the draft's id.
    RecordId,
    /// One event.
    EventId,
    /// A place that is inspected.
    SiteId,
    /// A hazard, made on the device when an item fails.
    HazardId,
    /// A photo, signature or other thing that was captured on the spot.
    EvidenceId,
    /// Bytes on the device, before and after their digest is known.
    BlobId,
    /// One page load of the app; monotonic clocks compare only within it.
    PageSession,
    /// One life of a server's log, see `sync::epoch`.
    EpochId,
}
