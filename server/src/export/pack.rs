//! What goes into an export: texts, and which bytes. `super::write` makes a ZIP of it.

use super::{
    format::{
        self, FORMAT, Keys, Manifest, ManifestBlob, ManifestFile, ManifestRecord, Seal, blob_path,
        blob_receipt_path, event_path, receipt_path,
    },
    render,
    unpack::Files,
};
use crate::{
    error::ApiError,
    http::records::cited,
    keys::ServerKey,
    store::{
        Conn, blobs, devices,
        events::{self, EventRow},
        records, tenants,
    },
};
use std::collections::{BTreeMap, BTreeSet};
use zhicha_core::{
    checklist::Digest,
    event::{BlobReceipt, Payload},
    id::{RecordId, TenantId},
    time::Timestamp,
};

/// An export without its bytes, its page and its manifest's signature.
pub struct Draft {
    /// Texts.
    pub files: Files,
    /// The manifest so far: no files, and all bytes absent.
    pub manifest: Manifest,
    /// The bytes that should be here, for they have a receipt.
    pub received: Vec<BlobReceipt>,
}

/// Collects the records of a scope; 404 when one of them is not in it.
pub async fn collect(
    conn: &mut Conn,
    key: &ServerKey,
    tenant: TenantId,
    scope: &[String],
    wanted: &[RecordId],
    now: Timestamp,
) -> Result<Draft, ApiError> {
    let mut files = Files::new();
    let mut listed = Vec::new();
    let mut rows = Vec::new();
    for record in wanted {
        records::get(conn, tenant, scope, *record)
            .await?
            .ok_or_else(ApiError::not_found)?;
        let of_record = events::of_record(conn, tenant, *record).await?;
        listed.push(ManifestRecord {
            record_id: *record,
            events: of_record.iter().map(|e| e.hash.clone()).collect(),
        });
        rows.extend(of_record);
    }
    for row in &rows {
        files.insert(
            event_path(row.tenant_seq, &row.hash),
            row.text.clone().into_bytes(),
        );
        files.insert(
            receipt_path(&row.hash),
            key.receipt(&row.receipt()).into_bytes(),
        );
        let device = devices::get(conn, tenant, row.device)
            .await?
            .ok_or_else(ApiError::internal)?;
        files.insert(
            format!("certificates/{}.jws", device.device),
            device.certificate.into_bytes(),
        );
    }
    let published = cited(conn, tenant, &rows).await?;
    for checklist in &published {
        files.insert(
            format!("checklists/{}.json", checklist.digest),
            checklist.json.clone().into_bytes(),
        );
    }
    let named: BTreeSet<Digest> = rows
        .iter()
        .filter_map(|row| Payload::parse(&row.text).ok())
        .flat_map(|(p, _)| p.checklists)
        .collect();
    let not_published = named
        .into_iter()
        .filter(|d| !published.iter().any(|c| &c.digest == d))
        .collect();
    let received = received(conn, &rows).await?;
    for receipt in received.values() {
        files.insert(
            blob_receipt_path(&receipt.sha256),
            key.blob_receipt(receipt).into_bytes(),
        );
    }
    let tenant_row = tenants::get(conn, tenant).await?;
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        exported_at: now,
        tenant,
        tenant_name: tenant_row.name,
        zone: tenant_row.zone,
        server_key: key.public().thumbprint(),
        records: listed,
        not_published,
        blobs: named_blobs(&rows, &received),
        files: Vec::new(),
    };
    Ok(Draft {
        files,
        manifest,
        received: received.into_values().collect(),
    })
}

// The bytes that the events name and that came.
async fn received(
    conn: &mut Conn,
    rows: &[EventRow],
) -> Result<BTreeMap<Digest, BlobReceipt>, ApiError> {
    let mut found = BTreeMap::new();
    for row in rows {
        let of_event = blobs::of_event(conn, &row.hash).await?;
        let of_tenant = of_event.into_iter().filter(|b| b.tenant == row.tenant);
        found.extend(of_tenant.map(|blob| (blob.sha256.clone(), blob)));
    }
    Ok(found)
}

// All bytes that the events name, as if none were here.
fn named_blobs(rows: &[EventRow], received: &BTreeMap<Digest, BlobReceipt>) -> Vec<ManifestBlob> {
    let mut named = BTreeMap::new();
    let payloads = rows.iter().filter_map(|row| Payload::parse(&row.text).ok());
    for blob in payloads.flat_map(|(payload, _)| payload.blobs) {
        if Digest::parse(&blob.sha256.0).is_some() {
            named.entry(blob.sha256).or_insert(blob.len);
        }
    }
    let listed = named.into_iter().map(|(sha256, len)| ManifestBlob {
        len: received.get(&sha256).map_or(len, |receipt| receipt.len),
        sha256,
        absent: true,
        picture: None,
    });
    listed.collect()
}

/// Adds what depends on everything else: keys, page, manifest and its signature. `manifest.blobs` says by now what is here.
pub fn seal(mut files: Files, mut manifest: Manifest, key: &ServerKey) -> Files {
    let keys = Keys {
        keys: vec![key.public().clone()],
    };
    files.insert("keys.json".to_owned(), to_json(&keys));
    files.insert("README.txt".to_owned(), format::README.as_bytes().to_vec());
    files.insert(
        "index.html".to_owned(),
        render::page(&manifest, &files).into_bytes(),
    );
    let texts = files.iter().map(|(path, bytes)| ManifestFile {
        path: path.clone(),
        sha256: Digest::of(bytes),
        bytes: bytes.len() as u64,
    });
    let here = manifest.blobs.iter().filter(|blob| !blob.absent);
    let blobs = here.map(|blob| ManifestFile {
        path: blob_path(&blob.sha256),
        sha256: blob.sha256.clone(),
        bytes: blob.len,
    });
    let mut listed: Vec<_> = texts.chain(blobs).collect();
    listed.sort_by(|a, b| a.path.cmp(&b.path));
    manifest.files = listed;
    let text = to_json(&manifest);
    let seal = Seal {
        format: FORMAT.to_owned(),
        tenant: manifest.tenant,
        exported_at: manifest.exported_at,
        manifest: Digest::of(&text),
    };
    files.insert("manifest.jws".to_owned(), key.export(&seal).into_bytes());
    files.insert("manifest.json".to_owned(), text);
    files
}

fn to_json<T: serde::Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec_pretty(value).expect("strings and numbers serialise")
}
