//! `zhicha admin recover`: a way in for who cannot sign in any more. It takes the data folder, which nobody has
//! over the network.

use super::Found;
use crate::{
    Config,
    http::invites::{self, FIELD, OFFICE},
    keys::ServerKey,
    store::{self, Conn, Store, audit, people, settings, tenants},
};
use anyhow::Context as _;
use serde_json::json;
use std::path::PathBuf;
use zhicha_core::{
    access::Role,
    id::{TenantId, UserId},
};

const VALID_HOURS: i64 = 24;

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
    /// Database, as `zhicha serve` was told
    #[arg(long, env = "ZHICHA_DATABASE_URL", value_name = "URL")]
    database_url: Option<String>,
    /// Login name of the person who chooses a new password; without it the link makes a new administrator
    #[arg(long, value_name = "NAME")]
    login: Option<String>,
    /// Address of the server, where it has remembered none
    #[arg(long, env = "ZHICHA_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,
}

/// Prints the link.
pub fn run(args: Args) -> anyhow::Result<Found> {
    super::super::block_on(async move {
        let config = Config {
            database_url: args.database_url,
            ..Config::in_folder(args.data_dir)
        };
        let store = Store::open_existing(&config.database()?).await?;
        anyhow::ensure!(
            ServerKey::exists(&config.data_dir),
            "there is no server key in the data folder"
        );
        let key = ServerKey::open(&config.data_dir)?;
        let now = config.clock.now();
        let mut tx = store.begin().await?;
        let remembered = settings::get(&mut tx, settings::PUBLIC_URL).await?;
        let address = args.public_url.or(remembered);
        let address = address.context("the server has remembered no address: give --public-url")?;
        let (tenant, person) = whom(&mut tx, args.login.as_deref()).await?;
        let office = person.is_none_or(|(_, role)| role == Role::Administrator);
        let path = if office { OFFICE } else { FIELD };
        let page = format!("{}{path}", address.trim_end_matches('/'));
        let user = person.map(|(user, _)| user);
        let until = now.plus(VALID_HOURS * 3_600_000);
        let link = invites::link_to(&page, &key, &mut tx, tenant, user, (now, until)).await?;
        let detail = json!({ "user": user });
        audit::write(&mut tx, tenant, now, None, "recovery_link", &detail).await?;
        store::commit(tx).await?;
        store.close().await;
        println!(
            "一次性链接（{VALID_HOURS} 小时内有效，已记入审计日志） / one-time link (valid for {VALID_HOURS} hours, \
             noted in the audit log):\n{}",
            link.url
        );
        Ok(Found::Good)
    })
}

// The person with this login name; without one, nobody yet.
async fn whom(
    conn: &mut Conn,
    login: Option<&str>,
) -> anyhow::Result<(TenantId, Option<(UserId, Role)>)> {
    let Some(login) = login else {
        let all = tenants::all(conn).await?;
        let first = all
            .first()
            .context("the server has no organisation yet; start it once")?;
        return Ok((first.tenant, None));
    };
    let person = people::by_login(conn, login.trim()).await?;
    let person = person.filter(|p| p.revoked_at.is_none());
    let person = person.with_context(|| {
        format!("nobody who may sign in has the login name {login}; without --login the link makes a new administrator")
    })?;
    Ok((person.tenant, Some((person.user, person.role))))
}
