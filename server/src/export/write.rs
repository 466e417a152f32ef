//! Writing an export to a file, one blob after the other.

use super::{
    format::blob_path,
    pack::{self, Draft},
    seen::{Passing, Seen},
};
use crate::{
    blob::{BlobError, Blobs},
    state::App,
};
use std::{
    fs::File,
    io::{BufWriter, Seek as _, SeekFrom, Write as _},
};
use tokio::runtime::Handle;
use tokio_stream::StreamExt as _;
use zhicha_core::event::BlobReceipt;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// An export in a file without a name, to be read from its beginning.
pub struct Written {
    /// The ZIP.
    pub file: File,
    /// Its length in bytes.
    pub len: u64,
}

/// Writes an export; blocks. Bytes that are not what their receipt says stay out and are listed as absent.
///
/// # Errors
/// When a folder does not answer, or bytes change while they are read.
pub fn write(app: &App, draft: Draft) -> anyhow::Result<Written> {
    let (runtime, blobs) = (Handle::current(), &app.fixed.blobs);
    let Draft {
        files,
        mut manifest,
        received,
    } = draft;
    let mut here = Vec::new();
    for receipt in received {
        let Some(seen) = look(&runtime, blobs, &receipt)? else {
            continue;
        };
        let mut listed = manifest.blobs.iter_mut();
        if let Some(blob) = listed.find(|blob| blob.sha256 == receipt.sha256) {
            blob.absent = false;
            blob.picture = seen.picture;
            here.push(receipt);
        }
    }
    let files = pack::seal(files, manifest, &app.fixed.key);
    let mut zip = ZipWriter::new(BufWriter::new(blobs.unnamed()?));
    for (path, bytes) in &files {
        zip.start_file(path.as_str(), SimpleFileOptions::default())?;
        zip.write_all(bytes)?;
    }
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for receipt in &here {
        zip.start_file(blob_path(&receipt.sha256), stored)?;
        let seen = pass(&runtime, blobs, receipt, |piece| zip.write_all(piece))?;
        anyhow::ensure!(
            seen.is_some_and(|seen| seen.sha256 == receipt.sha256),
            "{} changed while it was read",
            receipt.sha256
        );
    }
    let mut file = zip.finish()?.into_inner()?;
    let len = file.stream_position()?;
    file.seek(SeekFrom::Start(0))?;
    Ok(Written { file, len })
}

// What the bytes are, if they are what their receipt says.
fn look(runtime: &Handle, blobs: &Blobs, receipt: &BlobReceipt) -> anyhow::Result<Option<Seen>> {
    let seen = pass(runtime, blobs, receipt, |_| Ok(()))?;
    let fits = seen.filter(|seen| seen.sha256 == receipt.sha256 && seen.len == receipt.len);
    if fits.is_none() {
        let (tenant, sha256) = (receipt.tenant, &receipt.sha256);
        tracing::error!(%tenant, %sha256, "bytes that have a receipt are missing or altered; restore them from a backup and run fsck");
    }
    Ok(fits)
}

fn pass(
    runtime: &Handle,
    blobs: &Blobs,
    receipt: &BlobReceipt,
    mut to: impl FnMut(&[u8]) -> std::io::Result<()>,
) -> anyhow::Result<Option<Seen>> {
    let found = runtime.block_on(blobs.stream(receipt.tenant, &receipt.sha256))?;
    let Some(mut bytes) = found else {
        return Ok(None);
    };
    let mut passing = Passing::default();
    while let Some(piece) = runtime.block_on(bytes.next()) {
        let piece = piece.map_err(BlobError::from)?;
        passing.add(&piece);
        to(&piece)?;
    }
    Ok(Some(passing.end()))
}
