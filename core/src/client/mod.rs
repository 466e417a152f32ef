//! The device's side of sealing and sync, over traits: the same code runs in the browser (IndexedDB, WebCrypto, fetch)
//! and in native tests (memory, p256, HTTP).
//!
//! Order matters here and is written down in `docs/formats.md`: sign outside any transaction, write in one, show and
//! send only after that.

pub mod append;
pub mod copy;
pub mod deposit;
pub mod drafts;
pub mod enrol;
pub mod evidence;
pub mod gap;
pub mod pull;
pub mod push;
pub mod refill;
pub mod traits;

pub use append::{AppendError, Context, append};
pub use deposit::{Deposit, deposit};
pub use drafts::{copy_drafts, known_copies};
pub use enrol::enrolled;
pub use gap::{Gap, gap};
pub use pull::pull_page;
pub use push::{PushStep, push_once};
pub use refill::{Contact, contact, refill, relay};
pub use traits::{Clock, Failure, Signer, Transport, Verifier};

#[cfg(test)]
mod tests;
