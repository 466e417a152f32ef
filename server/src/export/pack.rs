//! Making an export.

use super::{
    format::{
        self, FORMAT, Keys, Manifest, ManifestFile, ManifestRecord, Seal, event_path, receipt_path,
    },
    render,
    unpack::Files,
};
use crate::{
    error::ApiError,
    http::records::cited,
    keys::ServerKey,
    store::{Conn, devices, events, records, tenants},
};
use std::{
    collections::BTreeSet,
    io::{Cursor, Write as _},
};
use zhicha_core::{
    checklist::Digest,
    event::Payload,
    id::{RecordId, TenantId},
    time::Timestamp,
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Collects the records of a scope; 404 when one of them is not in it.
pub async fn collect(
    conn: &mut Conn,
    key: &ServerKey,
    tenant: TenantId,
    scope: &[String],
    wanted: &[RecordId],
    now: Timestamp,
) -> Result<Files, ApiError> {
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
        files: Vec::new(),
    };
    Ok(seal(files, manifest, key))
}

// Adds what depends on everything else: keys, page, manifest and its signature.
fn seal(mut files: Files, mut manifest: Manifest, key: &ServerKey) -> Files {
    let keys = Keys {
        keys: vec![key.public().clone()],
    };
    files.insert("keys.json".to_owned(), to_json(&keys));
    files.insert("README.txt".to_owned(), format::README.as_bytes().to_vec());
    files.insert(
        "index.html".to_owned(),
        render::page(&manifest, &files).into_bytes(),
    );
    manifest.files = files
        .iter()
        .map(|(path, bytes)| ManifestFile {
            path: path.clone(),
            sha256: Digest::of(bytes),
            bytes: bytes.len() as u64,
        })
        .collect();
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

/// Writes files as a ZIP.
///
/// # Errors
/// Only when the files are larger than a ZIP can be.
pub fn zip(files: &Files) -> zip::result::ZipResult<Vec<u8>> {
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        out.start_file(path.as_str(), SimpleFileOptions::default())?;
        out.write_all(bytes)?;
    }
    Ok(out.finish()?.into_inner())
}
