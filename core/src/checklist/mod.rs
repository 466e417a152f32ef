//! Checklists: what is asked, on what legal basis, and when an item applies.
//!
//! A published version never changes: its JSON bytes are stored verbatim and cited by their SHA-256.

pub mod applies;
#[cfg(feature = "author")]
pub mod author;
pub mod digest;
#[cfg(feature = "author")]
pub mod lint;
pub mod load;
pub mod model;
pub mod rule;

pub use applies::{GateState, Index, ItemState, Row, View};
pub use digest::Digest;
pub use load::{LoadError, Loaded};
pub use model::{
    AnswerKind, Basis, Certainty, Checklist, Choice, Document, Gate, Item, Repeat, Section,
    Severity, Text,
};
pub use rule::{Condition, Truth};
