//! `zhicha openapi`.

use super::Found;

/// Prints the description.
pub fn run() -> anyhow::Result<Found> {
    println!("{}", crate::openapi::describe().to_pretty_json()?);
    Ok(Found::Good)
}
