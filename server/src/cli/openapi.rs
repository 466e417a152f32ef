//! `zhicha openapi`.

use super::Found;

/// Prints the description.
pub fn run() -> anyhow::Result<Found> {
    println!("{:#}", crate::openapi::describe());
    Ok(Found::Good)
}
