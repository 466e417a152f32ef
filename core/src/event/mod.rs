//! Events: signed, immutable, stored and sent verbatim (`docs/formats.md`).

pub mod body;
pub mod certificate;
pub mod envelope;
pub mod jwk;
pub mod jws;
pub mod receipt;
pub mod strict;

pub use body::{Body, Kind};
pub use certificate::Certificate;
pub use envelope::{BlobRef, BuildError, Payload, Testimony, Unsigned};
pub use jwk::Jwk;
pub use jws::{EventHash, Jws, JwsError, Typ};
pub use receipt::{BlobReceipt, Checkpoint, Disposition, Receipt};
