//! Checking the bytes that events name: each is here with its receipt, or said to be absent, and nothing else is here.

use super::super::format::{BLOB_RECEIPTS, Manifest, ManifestBlob, blob_path, blob_receipt_path};
use super::Check;
use std::collections::{BTreeMap, BTreeSet};
use zhicha_core::{
    checklist::Digest,
    event::{BlobReceipt, Payload, Typ},
};

impl Check<'_> {
    pub(super) fn blobs(&mut self, manifest: &Manifest) {
        let named = self.named(manifest);
        let mut listed = BTreeSet::new();
        for blob in &manifest.blobs {
            let path = blob_path(&blob.sha256);
            if !listed.insert(blob_path(&blob.sha256)) {
                self.find("manifest.json", "unlisted", format!("lists {path} twice"));
            }
            if !named.contains_key(&path) {
                self.find(
                    &path,
                    "unnamed",
                    "is listed, but no event names it".to_owned(),
                );
            }
            self.blob(manifest, blob, &path);
        }
        for (path, event) in &named {
            if !listed.contains(path) {
                let message =
                    format!("{event} names it, but the manifest does not say whether it is here");
                self.find(path, "missing", message);
            }
        }
        let blobs = self.blobs.keys().filter(|path| !named.contains_key(*path));
        let strays: Vec<String> = blobs.cloned().collect();
        for path in strays {
            self.find(
                &path,
                "unnamed",
                "is here, but no event names it".to_owned(),
            );
        }
        let under = self.files.keys().filter(|p| p.starts_with(BLOB_RECEIPTS));
        let receipts: BTreeSet<&String> = under.collect();
        let known: BTreeSet<String> = manifest
            .blobs
            .iter()
            .map(|blob| blob_receipt_path(&blob.sha256))
            .collect();
        for path in receipts.into_iter().filter(|path| !known.contains(*path)) {
            self.find(
                path,
                "unnamed",
                "is a receipt for bytes that nobody names".to_owned(),
            );
        }
    }

    // The paths of all bytes that events name, each with an event that does.
    fn named(&mut self, manifest: &Manifest) -> BTreeMap<String, String> {
        let lens: BTreeMap<&Digest, u64> =
            manifest.blobs.iter().map(|b| (&b.sha256, b.len)).collect();
        let mut named = BTreeMap::new();
        let events = self.files.keys().filter(|p| p.starts_with("events/"));
        for event in events.collect::<Vec<_>>() {
            let Ok((payload, _)) = Payload::parse(self.text(event)) else {
                continue;
            };
            for blob in payload.blobs {
                if Digest::parse(&blob.sha256.0).is_none() {
                    let message = format!("names bytes by what is no digest: {:?}", blob.sha256.0);
                    self.find(event, "blob_absent", message);
                    continue;
                }
                let path = blob_path(&blob.sha256);
                if lens.get(&blob.sha256).is_some_and(|len| *len != blob.len) {
                    let message = format!("says that {path} has {} bytes", blob.len);
                    self.find(event, "length", message);
                }
                named.insert(path, event.clone());
            }
        }
        named
    }

    fn blob(&mut self, manifest: &Manifest, blob: &ManifestBlob, path: &str) {
        self.report.blobs += 1;
        let receipt = self.blob_receipt(manifest, blob);
        match (self.blobs.get(path), blob.absent) {
            (None, true) => {
                let held = receipt.map_or("", |_| {
                    "; the server's receipt says that it had these bytes, so they exist or are lost"
                });
                let message = format!("is named by an event and not in this copy{held}");
                self.find(path, "blob_absent", message);
            }
            (None, false) => self.find(path, "missing", "listed, but not there".to_owned()),
            (Some(_), true) => {
                let message = "is there, though the manifest says that it is absent";
                self.find(path, "blob_present", message.to_owned());
            }
            (Some(seen), false) => {
                let seen = seen.clone();
                if seen.sha256 != blob.sha256 || seen.len != blob.len {
                    let message = "holds other bytes than its name says";
                    self.find(path, "altered", message.to_owned());
                } else if seen.picture != blob.picture {
                    let message = "is another kind of picture than the manifest says, or none";
                    self.find(path, "altered", message.to_owned());
                }
                if !self.files.contains_key(&blob_receipt_path(&blob.sha256)) {
                    let message = "there is no receipt for these bytes";
                    self.find(
                        &blob_receipt_path(&blob.sha256),
                        "missing",
                        message.to_owned(),
                    );
                }
            }
        }
    }

    fn blob_receipt(&mut self, manifest: &Manifest, blob: &ManifestBlob) -> Option<BlobReceipt> {
        let path = blob_receipt_path(&blob.sha256);
        if !self.files.contains_key(&path) {
            return None;
        }
        self.signed(&path, Typ::BlobReceipt)?;
        let receipt = BlobReceipt::parse(self.text(&path))
            .map_err(|e| self.find(&path, "unreadable", e.to_string()))
            .ok()?
            .0;
        let own = receipt.tenant == manifest.tenant
            && receipt.sha256 == blob.sha256
            && receipt.len == blob.len;
        if !own {
            let message = "is the receipt for other bytes";
            self.find(&path, "misplaced", message.to_owned());
        }
        own.then_some(receipt)
    }
}
