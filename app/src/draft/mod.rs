//! A draft being filled in, as plain data: what is asked, what is missing, what waits to be written.
//!
//! No signals, no browser, no storage: `state::draft` puts those around it. So all of it is tested natively.

pub mod amendment;
pub mod book;
pub mod clause;
pub mod finding;
pub mod library;
pub mod marks;
pub mod people;
pub mod queue;
pub mod scanned;
pub mod sites;
pub mod tally;
pub mod typed;

pub use book::{Ask, Book, Line, Part};
pub use queue::{Apart, Queue, Row, Saving, Write};
pub use tally::{Outcome, Tally};
