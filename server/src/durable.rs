//! What cannot be brought to the disk for certain.

use std::{fmt::Display, io::Write as _};

/// Ends the process, because `fsync` failed: what it should have made durable may be dropped from memory by now, a second
/// `fsync` may succeed without writing any of it, and only a start reads what the disk really has. Nobody was told that
/// anything was stored.
pub fn stop(what: &str, error: &dyn Display) -> ! {
    tracing::error!(%error, "{what} could not be brought to the disk");
    // Whether anybody can read it or not.
    let _ = writeln!(
        std::io::stderr(),
        "zhicha: {what} could not be brought to the disk ({error}). Nothing was confirmed to any device; records there are safe. \
         The server stops. Look at the disk, then start it again and run `zhicha fsck`"
    );
    std::process::abort()
}
