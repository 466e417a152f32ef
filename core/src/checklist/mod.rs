//! Checklists: what is asked, on what legal basis, and when an item applies.
//!
//! A published version never changes: its JSON bytes are stored verbatim and cited by their SHA-256.

pub mod applies;
#[cfg(feature = "author")]
pub mod author;
pub mod digest;
pub mod fits;
#[cfg(feature = "author")]
pub mod lint;
pub mod load;
pub mod model;
pub mod rule;
pub mod shared;

pub use applies::{GateState, Index, ItemState, Row, View};
pub use digest::Digest;
pub use load::{LoadError, Loaded};
pub use model::{
    AnswerKind, Basis, Certainty, Checklist, Choice, Document, Gate, Item, Repeat, Section,
    Severity, Text,
};
pub use rule::{Condition, Truth};
pub use shared::Shared;

/// How often a short checklist is done: 防火巡查 every day, 防火检查 every month or quarter.
pub const RHYTHMS: [&str; 4] = ["daily", "half_monthly", "monthly", "quarterly"];
