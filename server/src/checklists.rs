//! The built-in checklists: published into each tenant's feed at start, verbatim, when they are new.

use crate::store::{self, Conn, Store, checklists, tenants};
use anyhow::Context as _;
use rust_embed::RustEmbed;
use std::{collections::BTreeMap, sync::LazyLock};
use zhicha_core::{
    checklist::{
        Checklist, Loaded,
        author::{LOCK_FILE, LockEntry},
        fits,
    },
    id::TenantId,
    time::Timestamp,
};

/// `<id>/<version>.json` and `lock.json`, as `cargo xtask checklists` writes them.
#[derive(RustEmbed)]
#[folder = "$ZHICHA_EMBED_CHECKLISTS"]
#[allow_missing = true]
#[include = "*.json"]
struct Files;

/// A compiled checklist with its published text.
pub struct BuiltIn {
    /// What it says.
    pub loaded: Loaded,
    /// The text, verbatim.
    pub json: String,
}

/// The checklists in this binary, each checked against the lock file.
///
/// # Errors
/// When a file is not the one that the lock names: the binary was put together wrongly.
pub fn built_in() -> anyhow::Result<Vec<BuiltIn>> {
    let lock = Files::get(LOCK_FILE).map_or_else(|| b"[]".to_vec(), |file| file.data.to_vec());
    let mut lock: Vec<LockEntry> = serde_json::from_slice(&lock).context("checklists/lock.json")?;
    lock.sort();
    lock.iter().map(read).collect()
}

fn read(entry: &LockEntry) -> anyhow::Result<BuiltIn> {
    let name = format!("{}/{}.json", entry.id, entry.version);
    let file = Files::get(&name).with_context(|| format!("checklists/{name} is missing"))?;
    let loaded =
        Loaded::expect(&file.data, &entry.digest).with_context(|| format!("checklists/{name}"))?;
    Ok(BuiltIn {
        loaded,
        json: String::from_utf8(file.data.to_vec())?,
    })
}

// The newest version of each, as far as they can be read.
static NEWEST: LazyLock<Vec<Checklist>> = LazyLock::new(|| {
    let mut newest: BTreeMap<String, Checklist> = BTreeMap::new();
    for built_in in built_in().unwrap_or_default() {
        let list = built_in.loaded.checklist;
        let known = newest.get(&list.id).map_or(0, |known| known.version);
        if list.version > known {
            newest.insert(list.id.clone(), list);
        }
    }
    newest.into_values().collect()
});

/// Ids of the built-in checklists for a site of this category, in the order to offer them; none for a category that says nothing
/// about it.
pub fn fitting(category: &str) -> Vec<String> {
    let fitting = fits::fitting(category, NEWEST.iter(), |list| &list.fits);
    fitting.into_iter().map(|list| list.id.clone()).collect()
}

/// Publishes what is new into every tenant's feed.
///
/// # Errors
/// When the database refuses.
pub async fn publish(store: &Store, now: Timestamp) -> anyhow::Result<()> {
    let built_in = built_in()?;
    let mut tx = store.begin().await?;
    for tenant in tenants::all(&mut tx).await? {
        for checklist in &built_in {
            publish_one(&mut tx, tenant.tenant, checklist, now).await?;
        }
    }
    store::commit(tx).await?;
    Ok(())
}

async fn publish_one(
    conn: &mut Conn,
    tenant: TenantId,
    new: &BuiltIn,
    now: Timestamp,
) -> store::Result<()> {
    let (id, version) = (&new.loaded.checklist.id, new.loaded.checklist.version);
    match checklists::digest_of(conn, tenant, id, version).await? {
        None => checklists::publish(conn, tenant, &new.loaded, &new.json, now).await,
        Some(digest) => {
            if digest != new.loaded.digest {
                // Devices and records cite the published bytes; those stay, and a person must look.
                tracing::error!(%id, version, %digest, "the built-in checklist differs from the published one");
            }
            Ok(())
        }
    }
}
