//! `zhicha fsck`: checks a data folder without changing it. May run beside a running server.

mod blobs;
pub(super) mod feed;

use super::Found;
use crate::{
    Config,
    blob::{Blobs, Place, known},
    keys::ServerKey,
    projection::project,
    push,
    store::{
        self, Conn, Store, audit, checklists, counter,
        devices::{self, DeviceRow},
        events::{self, EventRow},
        log, projection, settlements, tenants,
    },
};
use anyhow::Context as _;
use serde_json::json;
use sqlx::Connection as _;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
    path::PathBuf,
};
use zhicha_core::{
    checklist::Digest,
    event::{Certificate, EventHash, Payload, jws::native},
    id::{DeviceId, TenantId, UserId},
    log::Tree,
    sync::wire::Reason,
};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// Folder of the server
    #[arg(
        long,
        env = "ZHICHA_DATA_DIR",
        value_name = "DIR",
        default_value = "./data"
    )]
    data_dir: PathBuf,
    /// Where photos and other files are kept, as `zhicha serve` was told
    #[arg(long, env = "ZHICHA_BLOB_URL", value_name = "URL")]
    blob_url: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Something that does not fit.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// What it is about.
    pub item: String,
    /// Stable code.
    pub code: &'static str,
    /// In words.
    pub message: String,
}

/// Checks a data folder.
pub fn run(args: Args) -> anyhow::Result<Found> {
    super::block_on(async move {
        let config = Config {
            blob_url: args.blob_url,
            ..Config::in_folder(args.data_dir)
        };
        let store = Store::open_existing(&config.database()?).await?;
        anyhow::ensure!(
            ServerKey::exists(&config.data_dir),
            "there is no server key in the data folder"
        );
        let key = ServerKey::open(&config.data_dir)?;
        known::agree(&mut *store.reader().await?, &config).await?;
        let blobs = match config.blobs()? {
            // A folder that is gone has lost all bytes.
            Place::Folder(_) => Blobs::existing(&config).ok(),
            // A bucket that does not answer may have all of them.
            Place::Bucket(..) => {
                let blobs = Blobs::existing(&config)?;
                blobs.place_answers().await.context("--blob-url")?;
                Some(blobs)
            }
        };
        let findings = check(&store, &key, blobs.as_ref()).await?;
        store.close().await;
        let found = say(&findings, args.json);
        if found == Found::Good {
            eprintln!("nothing wrong found");
        }
        Ok(found)
    })
}

/// Lists findings on stdout.
pub(super) fn say(findings: &[Finding], json: bool) -> Found {
    for finding in findings {
        if json {
            println!("{}", json!(finding));
        } else {
            println!("{}: {}", finding.item, finding.message);
        }
    }
    if findings.is_empty() {
        Found::Good
    } else {
        Found::Wrong
    }
}

/// Checks everything in a database and among its blobs; returns what does not fit.
///
/// # Errors
/// When they cannot be read.
pub async fn check(
    store: &Store,
    key: &ServerKey,
    blobs: Option<&Blobs>,
) -> store::Result<Vec<Finding>> {
    walk(store, key, Bytes::Hashed(blobs)).await
}

/// The same without reading the bytes that events name.
///
/// # Errors
/// When the database cannot be read.
pub async fn check_database(store: &Store, key: &ServerKey) -> store::Result<Vec<Finding>> {
    walk(store, key, Bytes::Unread).await
}

// What is done about the bytes that events name.
#[derive(Clone, Copy)]
enum Bytes<'a> {
    // Without their folder all of them are missing.
    Hashed(Option<&'a Blobs>),
    Unread,
}

async fn walk(store: &Store, key: &ServerKey, bytes: Bytes<'_>) -> store::Result<Vec<Finding>> {
    // One view of the database, whatever a server beside it writes meanwhile.
    let mut conn = store.reader().await?;
    let mut conn = conn.begin().await?;
    let mut check = Check {
        findings: Vec::new(),
        key,
    };
    let damaged = store::open::integrity(&mut conn).await?;
    if let Some(words) = damaged.clone() {
        check.find("database", "integrity", words);
    }
    match (check.all(&mut conn, bytes).await, damaged) {
        // Of what is damaged not everything can be read.
        (Err(error), Some(_)) => check.find("database", "unread", error.to_string()),
        (done, _) => done?,
    }
    Ok(check.findings)
}

struct Check<'a> {
    findings: Vec<Finding>,
    key: &'a ServerKey,
}

// What a walk over the log found.
#[derive(Default)]
struct Log {
    events: u64,
    // Places that belong on the feed of a person.
    pulled: BTreeMap<u64, UserId>,
}

#[derive(Default)]
struct Chain {
    last: Option<(u64, EventHash, bool)>,
    // Numbers that reports of their loss left free, and those that came all the same.
    lost: Vec<Range<u64>>,
    late: BTreeSet<u64>,
}

impl Check<'_> {
    fn find(&mut self, item: impl Into<String>, code: &'static str, message: impl Into<String>) {
        self.findings.push(Finding {
            item: item.into(),
            code,
            message: message.into(),
        });
    }

    async fn all(&mut self, conn: &mut Conn, bytes: Bytes<'_>) -> store::Result<()> {
        for tenant in tenants::all(conn).await? {
            self.tenant(conn, tenant.tenant).await?;
            let wrong = blobs::noted(conn, tenant.tenant).await?;
            self.findings.extend(wrong);
            if let Bytes::Hashed(blobs) = bytes {
                let wrong = blobs::check(conn, blobs, tenant.tenant).await?;
                self.findings.extend(wrong);
            }
        }
        Ok(())
    }

    async fn tenant(&mut self, conn: &mut Conn, tenant: TenantId) -> store::Result<()> {
        if let Some(seq) = audit::broken_at(conn, tenant).await? {
            self.find(
                format!("audit row {seq}"),
                "audit",
                "the chain of the audit log is broken here",
            );
        }
        let devices = devices::all(conn, tenant)
            .await?
            .into_iter()
            .map(|d| (d.device, d))
            .collect();
        self.certificates(&devices);
        let log = self.events(conn, tenant, &devices).await?;
        let seen = log.events;
        let strays = store::quarantine::count(conn, tenant).await?;
        let size = counter::last(conn, tenant, counter::LOG).await?;
        if seen + strays != size {
            self.find(
                "log",
                "log_size",
                format!(
                    "{size} numbers were given out, {} texts are there",
                    seen + strays
                ),
            );
        }
        self.tree(conn, tenant).await?;
        for place in settlements::astray(conn, tenant).await? {
            self.find(
                format!("settlement of no. {place}"),
                "settlement",
                "it says what became of an event that never had to wait",
            );
        }
        for checklist in checklists::all(conn, tenant).await? {
            if Digest::of(checklist.json.as_bytes()) != checklist.digest {
                self.find(
                    format!("checklist {}", checklist.digest),
                    "checklist",
                    "the published bytes were altered",
                );
            }
        }
        let incomplete = feed::check(conn, tenant, &log.pulled).await?;
        self.findings.extend(incomplete);
        self.projections(conn, tenant).await
    }

    fn certificates(&mut self, devices: &BTreeMap<DeviceId, DeviceRow>) {
        for device in devices.values() {
            let sound = Certificate::parse(&device.certificate).is_ok_and(|(c, jws)| {
                native::verify(&jws, self.key.public()).is_ok()
                    && (c.tenant, c.device_id, c.user)
                        == (device.tenant, device.device, device.user)
                    && jws.hash == device.certificate_hash
            });
            if !sound {
                self.find(
                    format!("device {}", device.device),
                    "certificate",
                    "its certificate does not check",
                );
            }
        }
    }

    // Every root that was ever signed is computed anew.
    async fn tree(&mut self, conn: &mut Conn, tenant: TenantId) -> store::Result<()> {
        let mut tree = Tree::default();
        loop {
            let hashes = log::hashes(conn, tenant, tree.size()).await?;
            if hashes.is_empty() {
                break;
            }
            for hash in &hashes {
                tree.append(hash);
                if log::root(conn, tenant, tree.size()).await? != Some(tree.root()) {
                    let item = format!("log to {}", tree.size());
                    let message = "the tree over the log is not that of its texts: one of them was exchanged, or `zhicha admin rebuild` is due";
                    self.find(item, "log_root", message);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    // Walks the log.
    async fn events(
        &mut self,
        conn: &mut Conn,
        tenant: TenantId,
        devices: &BTreeMap<DeviceId, DeviceRow>,
    ) -> store::Result<Log> {
        let mut chains: BTreeMap<DeviceId, Chain> = BTreeMap::new();
        let (mut after, mut log) = (0, Log::default());
        loop {
            let rows = events::after(conn, tenant, after, 200).await?;
            let Some(last) = rows.last() else { break };
            after = last.tenant_seq;
            log.events += rows.len() as u64;
            for row in &rows {
                if let Some(device) = devices.get(&row.device) {
                    if self.event(row, device) {
                        log.pulled.insert(row.tenant_seq, row.user);
                    }
                    self.link(row, device, chains.entry(row.device).or_default());
                }
            }
        }
        for device in devices.values() {
            let (seq, hash) = match chains.get(&device.device).and_then(|c| c.last.clone()) {
                Some((seq, hash, _)) => (seq, hash),
                None => (0, device.certificate_hash.clone()),
            };
            if (device.last_seq, &device.last_hash) != (seq, &hash) {
                self.find(
                    format!("device {}", device.device),
                    "head",
                    "its row does not name its last event",
                );
            }
        }
        Ok(log)
    }

    // Checks an event by itself; returns whether it belongs on its person's feed.
    fn event(&mut self, row: &EventRow, device: &DeviceRow) -> bool {
        let item = format!("event {} ({})", row.tenant_seq, row.hash);
        if EventHash::of_text(&row.text) != row.hash {
            self.find(&item, "hash", "the text is not the one that was received");
        }
        if row.reason == Some(Reason::Damaged) {
            return false;
        }
        let Ok((certificate, _)) = Certificate::parse(&device.certificate) else {
            return false;
        };
        match Payload::parse(&row.text) {
            Ok((payload, jws)) => {
                let sound = native::verify(&jws, &certificate.cnf.jwk).is_ok();
                if !sound {
                    self.find(&item, "signature", "the device's signature does not fit");
                }
                if row.kind.as_ref() != Some(&payload.kind) || row.record != Some(payload.record_id)
                {
                    self.find(
                        &item,
                        "columns",
                        "kind or record differ from what the text says",
                    );
                }
                push::is_pulled(row, sound.then_some(&payload))
            }
            Err(error) => {
                self.find(&item, "unreadable", error.to_string());
                false
            }
        }
    }

    fn link(&mut self, row: &EventRow, device: &DeviceRow, chain: &mut Chain) {
        let lost = chain.lost.iter().any(|lost| lost.contains(&row.device_seq));
        if lost && chain.late.insert(row.device_seq) {
            return;
        }
        let broken_before = matches!(row.reason, Some(Reason::Damaged | Reason::Foreign));
        let payload = Payload::parse(&row.text)
            .ok()
            .map(|(payload, _)| payload)
            .filter(|_| !broken_before);
        let loss = row.kind.as_deref() == Some("device_loss");
        let (last_seq, last_hash, gap) =
            chain
                .last
                .clone()
                .unwrap_or((0, device.certificate_hash.clone(), false));
        if loss {
            chain.lost.push(last_seq + 1..row.device_seq);
        }
        let follows = payload.is_none_or(|p| p.prev == last_hash || gap || loss);
        let next = row.device_seq == last_seq + 1 || (loss && row.device_seq > last_seq);
        if !follows || !next {
            let item = format!("event {} ({})", row.tenant_seq, row.hash);
            self.find(
                item,
                "chain",
                "does not follow on the device's event before it",
            );
        }
        chain.last = Some((row.device_seq, row.hash.clone(), broken_before));
    }

    async fn projections(&mut self, conn: &mut Conn, tenant: TenantId) -> store::Result<()> {
        let stored: BTreeMap<_, _> = projection::dump(conn, tenant).await?.into_iter().collect();
        let records = events::records(conn, tenant).await?;
        for record in &records {
            let events = events::of_record(conn, tenant, *record).await?;
            let wanted = project(*record, &events).map(|row| projection::text(&row));
            if stored.get(record).map(|s| &s.1) != wanted.as_ref() {
                let message =
                    "the list row differs from its events; `zhicha admin rebuild` makes it anew";
                self.find(format!("record {record}"), "projection", message);
            }
        }
        for record in stored.keys().filter(|r| !records.contains(r)) {
            self.find(
                format!("record {record}"),
                "projection",
                "a list row without events",
            );
        }
        Ok(())
    }
}
