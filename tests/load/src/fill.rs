//! Invented sites and checklists, written into a data folder by the server's own code.

use anyhow::Context as _;
use std::path::Path;
use zhicha_core::{api::SiteEdit, checklist::Loaded, id::SiteId, sync::wire::Site};
use zhicha_server::{
    Config,
    clock::Clock,
    http::sites,
    ids::Ids,
    store::{self, Store, checklists, tenants},
};

/// A region in which an inspector of the demo works.
const REGION: &str = "示例一街道";

/// Puts `sites` sites of one region and the checklists in `lists` into the data folder of a server that is stopped.
pub async fn folder(folder: &Path, sites: usize, lists: &[&str]) -> anyhow::Result<()> {
    let store = opened(folder).await?;
    publish(&store, lists).await?;
    register(&store, sites, |_| REGION.to_owned()).await?;
    store.close().await;
    Ok(())
}

/// The store of a folder of which no server runs.
pub async fn opened(folder: &Path) -> anyhow::Result<Store> {
    let database = Config::in_folder(folder.to_owned()).database()?;
    Store::open_existing(&database).await
}

async fn publish(store: &Store, lists: &[&str]) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    let tenant = tenant(&mut tx).await?;
    for path in lists {
        let json = std::fs::read_to_string(path).with_context(|| (*path).to_owned())?;
        let loaded = Loaded::from_bytes(json.as_bytes()).with_context(|| (*path).to_owned())?;
        let now = Clock::default().now();
        checklists::publish(&mut tx, tenant, &loaded, &json, now).await?;
    }
    Ok(store::commit(tx).await?)
}

/// Registers sites; `region` says where the n-th lies.
pub async fn register(
    store: &Store,
    count: usize,
    region: impl Fn(usize) -> String,
) -> anyhow::Result<()> {
    let clock = Clock::default();
    let mut tx = store.begin().await?;
    let tenant = tenant(&mut tx).await?;
    for n in 0..count {
        let site = site(&clock, n, region(n))?;
        store::sites::put(&mut tx, tenant, &site, None, clock.now()).await?;
    }
    Ok(store::commit(tx).await?)
}

async fn tenant(conn: &mut store::Conn) -> anyhow::Result<zhicha_core::id::TenantId> {
    let all = tenants::all(conn).await?;
    Ok(all.first().context("a tenant")?.tenant)
}

fn site(clock: &Clock, n: usize, region: String) -> anyhow::Result<Site> {
    const NAMES: [&str; 8] = [
        "木制品加工厂",
        "五金抛光车间",
        "饲料厂",
        "服装作坊",
        "便利店",
        "餐馆",
        "公寓",
        "电动自行车充电棚",
    ];
    let edit = SiteEdit {
        version: 0,
        name: format!("虚构{}{n:05}号", NAMES[n % NAMES.len()]),
        address: format!("{region}虚构路{}号", n % 997 + 1),
        region,
        credit_code: None,
        category: "生产车间".to_owned(),
        checklists: vec!["fire-exits".to_owned()],
    };
    let made = sites::site(SiteId::new(&mut Ids(clock)), 1, edit);
    made.map_err(|e| anyhow::anyhow!("{e:?}"))
}
