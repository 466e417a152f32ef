//! Checking an export: every hash, signature, certificate and receipt, the chain of each device, the bytes that events
//! name, and the page.

mod blobs;

use super::{
    format::{FORMAT, Keys, Manifest, Seal, event_path, receipt_path},
    render,
    seen::Seen,
    unpack::{Files, Unpacked},
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use zhicha_core::{
    checklist::Digest,
    event::{Certificate, Disposition, EventHash, Jwk, Jws, Payload, Receipt, Typ, jws::native},
    id::DeviceId,
};

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The file.
    pub item: String,
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

/// What the check found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Everything that does not fit.
    pub findings: Vec<Finding>,
    /// Thumbprints of the server keys whose signatures were found.
    pub signers: BTreeSet<String>,
    /// Records.
    pub records: usize,
    /// Events.
    pub events: usize,
    /// Bytes that they name.
    pub blobs: usize,
}

struct Check<'a> {
    files: &'a Files,
    blobs: &'a BTreeMap<String, Seen>,
    keys: Vec<Jwk>,
    report: Report,
}

/// Checks the files of an export against each other. Who signed it is for the caller to compare.
pub fn verify(unpacked: &Unpacked) -> Report {
    let files = &unpacked.files;
    let mut check = Check {
        files,
        blobs: &unpacked.blobs,
        keys: Vec::new(),
        report: Report::default(),
    };
    for (path, why) in &unpacked.damaged {
        let message = format!("is damaged: {why}");
        check.find(path, "damaged", message);
    }
    let Some(manifest) = check.json::<Manifest>("manifest.json") else {
        return check.report;
    };
    if manifest.format != FORMAT {
        check.find(
            "manifest.json",
            "format",
            format!("“{}” is not an export of this version", manifest.format),
        );
        return check.report;
    }
    check.keys = check
        .json::<Keys>("keys.json")
        .map(|k| k.keys)
        .unwrap_or_default();
    check.listing(&manifest);
    check.seal(&manifest);
    let certificates = check.certificates(&manifest);
    let chain = check.events(&manifest, &certificates);
    check.chains(&chain, &certificates);
    check.checklists(&manifest);
    check.blobs(&manifest);
    if files.get("index.html").map(Vec::as_slice) != Some(render::page(&manifest, files).as_bytes())
    {
        check.find(
            "index.html",
            "page",
            "the page does not say what the evidence says".to_owned(),
        );
    }
    check.report
}

struct Link {
    path: String,
    device: DeviceId,
    seq: u64,
    prev: EventHash,
    hash: EventHash,
}

impl<'a> Check<'a> {
    // One finding of a kind about an item is enough.
    fn find(&mut self, item: &str, code: &'static str, message: String) {
        let mut found = self.report.findings.iter();
        if found.any(|f| f.item == item && f.code == code) {
            return;
        }
        self.report.findings.push(Finding {
            item: item.to_owned(),
            code,
            message,
        });
    }

    fn json<T: serde::de::DeserializeOwned>(&mut self, path: &str) -> Option<T> {
        let parsed = match self.files.get(path) {
            None => Err("is missing".to_owned()),
            Some(bytes) => serde_json::from_slice(bytes).map_err(|e| e.to_string()),
        };
        parsed.map_err(|e| self.find(path, "unreadable", e)).ok()
    }

    fn text(&self, path: &str) -> &'a str {
        self.files
            .get(path)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    fn listing(&mut self, manifest: &Manifest) {
        let mut listed = BTreeSet::from(["manifest.json", "manifest.jws"]);
        for file in &manifest.files {
            listed.insert(&file.path);
            let texts = self.files.get(&file.path);
            let text = texts.map(|bytes| (Digest::of(bytes), bytes.len() as u64));
            let blob = self.blobs.get(&file.path);
            match text.or_else(|| blob.map(|seen| (seen.sha256.clone(), seen.len))) {
                None => self.find(&file.path, "missing", "listed, but not there".to_owned()),
                Some(found) if found != (file.sha256.clone(), file.bytes) => {
                    self.find(
                        &file.path,
                        "altered",
                        "is not the file that the manifest lists".to_owned(),
                    );
                }
                Some(_) => {}
            }
        }
        let there = self.files.keys().chain(self.blobs.keys());
        for path in there.filter(|p| !listed.contains(p.as_str())) {
            self.find(path, "unlisted", "there, but not listed".to_owned());
        }
    }

    fn seal(&mut self, manifest: &Manifest) {
        const PATH: &str = "manifest.jws";
        let Some(jws) = self.signed(PATH, Typ::Export) else {
            return;
        };
        let seal = serde_json::from_value::<Seal>(jws.payload).ok();
        let fits = seal.is_some_and(|seal| {
            let bytes = self
                .files
                .get("manifest.json")
                .map(Vec::as_slice)
                .unwrap_or_default();
            seal.manifest == Digest::of(bytes)
                && seal.tenant == manifest.tenant
                && seal.exported_at == manifest.exported_at
        });
        if !fits {
            self.find(
                "manifest.json",
                "altered",
                "is not the manifest that the server signed".to_owned(),
            );
        }
        if manifest.server_key != jws.kid {
            self.find(
                "manifest.json",
                "signer",
                "names another key than the one that signed it".to_owned(),
            );
        }
    }

    // A text signed by one of the export's server keys.
    fn signed(&mut self, path: &str, typ: Typ) -> Option<Jws> {
        let jws = match Jws::parse(self.text(path), typ) {
            Ok(jws) => jws,
            Err(error) => {
                self.find(path, "unreadable", error.to_string());
                return None;
            }
        };
        let Some(key) = self.keys.iter().find(|k| k.thumbprint() == jws.kid) else {
            self.find(
                path,
                "signer",
                "is signed by a key that is not in keys.json".to_owned(),
            );
            return None;
        };
        if native::verify(&jws, key).is_err() {
            self.find(
                path,
                "signature",
                "the server's signature does not fit".to_owned(),
            );
            return None;
        }
        self.report.signers.insert(jws.kid.clone());
        Some(jws)
    }

    fn certificates(
        &mut self,
        manifest: &Manifest,
    ) -> BTreeMap<DeviceId, (Certificate, EventHash)> {
        let mut certificates = BTreeMap::new();
        let paths: Vec<&String> = self
            .files
            .keys()
            .filter(|p| p.starts_with("certificates/"))
            .collect();
        for path in paths {
            let Some(jws) = self.signed(path, Typ::Certificate) else {
                continue;
            };
            match Certificate::parse(self.text(path)) {
                Ok((c, _))
                    if c.tenant == manifest.tenant
                        && *path == format!("certificates/{}.jws", c.device_id) =>
                {
                    certificates.insert(c.device_id, (c, jws.hash));
                }
                Ok(_) => self.find(
                    path,
                    "misplaced",
                    "is the certificate of another device".to_owned(),
                ),
                Err(error) => self.find(path, "unreadable", error.to_string()),
            }
        }
        certificates
    }

    fn events(
        &mut self,
        manifest: &Manifest,
        certificates: &BTreeMap<DeviceId, (Certificate, EventHash)>,
    ) -> Vec<Link> {
        let mut links = Vec::new();
        self.report.records = manifest.records.len();
        let mut expected = BTreeSet::new();
        for record in &manifest.records {
            for hash in &record.events {
                self.report.events += 1;
                let Some(receipt) = self.receipt(manifest, hash, certificates) else {
                    continue;
                };
                let path = event_path(receipt.tenant_seq, hash);
                expected.insert(path.clone());
                match self.event(&path, &receipt, certificates) {
                    Ok(payload) if payload.record_id != record.record_id => {
                        self.find(&path, "misplaced", "belongs to another record".to_owned());
                    }
                    Ok(payload) => links.push(Link {
                        path,
                        device: payload.device_id,
                        seq: payload.device_seq,
                        prev: payload.prev,
                        hash: hash.clone(),
                    }),
                    Err((code, message)) => self.find(&path, code, message),
                }
            }
        }
        let paths: Vec<&String> = self
            .files
            .keys()
            .filter(|p| p.starts_with("events/") && !expected.contains(*p))
            .collect();
        for path in paths {
            self.find(
                path,
                "unlisted",
                "no record and receipt lead to it".to_owned(),
            );
        }
        links
    }

    fn receipt(
        &mut self,
        manifest: &Manifest,
        hash: &EventHash,
        certificates: &BTreeMap<DeviceId, (Certificate, EventHash)>,
    ) -> Option<Receipt> {
        let path = receipt_path(hash);
        self.signed(&path, Typ::Receipt)?;
        let receipt = Receipt::parse(self.text(&path))
            .map_err(|e| self.find(&path, "unreadable", e.to_string()))
            .ok()?
            .0;
        if receipt.tenant != manifest.tenant || &receipt.event_hash != hash {
            self.find(
                &path,
                "misplaced",
                "is the receipt of another event".to_owned(),
            );
            return None;
        }
        if !certificates.contains_key(&receipt.device_id) {
            self.find(
                &path,
                "missing",
                "there is no certificate of its device".to_owned(),
            );
        }
        Some(receipt)
    }

    fn event(
        &self,
        path: &str,
        receipt: &Receipt,
        certificates: &BTreeMap<DeviceId, (Certificate, EventHash)>,
    ) -> Result<Payload, (&'static str, String)> {
        let (payload, jws) =
            Payload::parse(self.text(path)).map_err(|e| ("unreadable", e.to_string()))?;
        let (certificate, _) = certificates.get(&receipt.device_id).ok_or((
            "missing",
            "there is no certificate of its device".to_owned(),
        ))?;
        if jws.hash != receipt.event_hash {
            return Err((
                "altered",
                "is not the text that the receipt is for".to_owned(),
            ));
        }
        native::verify(&jws, &certificate.cnf.jwk).map_err(|e| ("signature", e.to_string()))?;
        let own = payload.tenant == certificate.tenant
            && payload.device_id == certificate.device_id
            && payload.device_seq == receipt.device_seq
            && payload.actor == certificate.user;
        if !own && receipt.disposition != Disposition::Quarantined {
            return Err((
                "misplaced",
                "names another device or person than its certificate".to_owned(),
            ));
        }
        Ok(payload)
    }

    fn chains(
        &mut self,
        links: &[Link],
        certificates: &BTreeMap<DeviceId, (Certificate, EventHash)>,
    ) {
        let by_place: BTreeMap<(DeviceId, u64), &Link> =
            links.iter().map(|l| ((l.device, l.seq), l)).collect();
        for link in links {
            let before = match link.seq {
                1 => certificates.get(&link.device).map(|(_, hash)| hash),
                seq => by_place.get(&(link.device, seq - 1)).map(|l| &l.hash),
            };
            // Numbers in between belong to other records, which this export need not hold.
            if before.is_some_and(|before| before != &link.prev) {
                self.find(
                    &link.path,
                    "chain",
                    "does not follow on the device's event before it".to_owned(),
                );
            }
        }
    }

    fn checklists(&mut self, manifest: &Manifest) {
        let mut there = BTreeSet::new();
        let paths: Vec<&String> = self
            .files
            .keys()
            .filter(|p| p.starts_with("checklists/"))
            .collect();
        for path in paths {
            let digest = Digest::of(&self.files[path]);
            if *path != format!("checklists/{digest}.json") {
                self.find(
                    path,
                    "altered",
                    "is not the checklist that its name says".to_owned(),
                );
            }
            there.insert(digest);
        }
        let texts: Vec<&String> = self
            .files
            .keys()
            .filter(|p| p.starts_with("events/"))
            .collect();
        let cited: BTreeSet<Digest> = texts
            .iter()
            .filter_map(|path| Payload::parse(self.text(path)).ok())
            .flat_map(|(payload, _)| payload.checklists)
            .collect();
        for digest in cited.difference(&there) {
            if !manifest.not_published.contains(digest) {
                self.find(
                    &format!("checklists/{digest}.json"),
                    "missing",
                    "is cited, but not there".to_owned(),
                );
            }
        }
    }
}
