//! Places on the way of an upload, a push, an enrolment and a change of the database's form where a test can end the server or make it fail, as the variable `FAILPOINTS` says:
//! `SITE=return(crash)` ends the process there as `kill -9` would, `SITE=return(error)` lets the step fail, and
//! `SITE=2*off->1*return(crash)` does so the third time (the form of the crate `fail`; several are parted by `;`). Nothing
//! of this is in a build without the feature `failpoints`.

/// A place where a build with the feature `failpoints` can be made to fail; without it, nothing.
#[cfg(feature = "failpoints")]
macro_rules! failpoint {
    ($site:ident) => {
        $crate::failpoints::reach($crate::failpoints::Site::$site)?
    };
}

#[cfg(not(feature = "failpoints"))]
macro_rules! failpoint {
    ($site:ident) => {};
}

#[cfg(feature = "failpoints")]
pub use on::{Site, reach, set_up};

#[cfg(feature = "failpoints")]
mod on {
    use crate::blob::BlobError;
    use anyhow::Context as _;

    macro_rules! sites {
        ($($(#[$doc:meta])* $site:ident = $name:literal;)+) => {
            /// Where a test can make the server fail.
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub enum Site {$(
                $(#[$doc])*
                $site,
            )+}

            impl Site {
                /// All of them, in the order in which they are passed, those of an upload first.
                pub const ALL: &[Self] = &[$(Self::$site),+];

                /// Its name in `FAILPOINTS`.
                pub fn name(self) -> &'static str {
                    match self {$(Self::$site => $name,)+}
                }
            }
        };
    }

    sites! {
        /// An upload has its row; nobody has been told.
        UploadNoted = "upload-noted";
        /// A part is in the staging file, and perhaps not on the disk.
        StagingWritten = "staging-written";
        /// A part is on the disk; the row does not say so.
        StagingSynced = "staging-synced";
        /// The row says how far the upload is.
        OffsetNoted = "offset-noted";
        /// All bytes came and are what they should be; they are not in their place.
        PromoteBegins = "promote-begins";
        /// The bytes are in their place; no row says so.
        Promoted = "promoted";
        /// A row says that the bytes are here; the staging file still stands.
        BlobNoted = "blob-noted";
        /// All is done that a request asked for; nobody has been told.
        Answer = "answer";
        /// A push is read and believed; the database has not been asked.
        PushBegins = "push-begins";
        /// An event has its row and what is written with it, in a transaction that is open.
        PushRow = "push-row";
        /// An event's row and all that follows from it is there, in a transaction that is open.
        PushEffect = "push-effect";
        /// All of a push is there, in a transaction that is open.
        PushCommits = "push-commits";
        /// All of a push is on the disk; nothing is signed.
        PushCommitted = "push-committed";
        /// The receipts of a push are signed; nobody has been told.
        PushAnswers = "push-answers";
        /// A new device has its row and its certificate, in a transaction that is open.
        EnrolCommits = "enrol-commits";
        /// A new device is on the disk; it has not been told.
        EnrolCommitted = "enrol-committed";
        /// The copy of a database that is about to change its form is written, and perhaps not on the disk.
        FormCopied = "form-copied";
        /// A database has its next form, in a transaction that is open.
        FormChanges = "form-changes";
        /// A database has its next form.
        FormChanged = "form-changed";
    }

    /// Does what `FAILPOINTS` says about a site.
    ///
    /// # Errors
    /// When it is to fail.
    pub fn reach(site: Site) -> Result<(), BlobError> {
        let told = fail::eval(site.name(), |how| how);
        match told.flatten().as_deref() {
            None => Ok(()),
            Some("crash") => std::process::abort(),
            Some(_) => Err(std::io::Error::other(site.name()).into()),
        }
    }

    /// Reads `FAILPOINTS`.
    ///
    /// # Errors
    /// When it names no site, or no action.
    pub fn set_up() -> anyhow::Result<()> {
        let Ok(told) = std::env::var("FAILPOINTS") else {
            return Ok(());
        };
        for one in told.split(';').filter(|one| !one.trim().is_empty()) {
            let (name, actions) = one.trim().split_once('=').unwrap_or_default();
            let known = Site::ALL.iter().any(|site| site.name() == name);
            anyhow::ensure!(
                known,
                "FAILPOINTS: “{one}” names no site; --list-failpoints lists them"
            );
            let set = fail::cfg(name, actions).map_err(anyhow::Error::msg);
            set.with_context(|| format!("FAILPOINTS: {one}"))?;
        }
        Ok(())
    }
}
