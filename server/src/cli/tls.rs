//! `zhicha tls`: a certificate for a LAN or a closed network, and its renewal.

use super::Found;
use crate::{
    Config,
    clock::Clock,
    store::{Store, tenants},
    tls::local::{Local, Name},
};
use clap::Subcommand;
use std::{net::IpAddr, path::PathBuf};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a CA of this organisation, which phones install once, and a certificate for this server
    Init(Init),
    /// Make a fresh certificate for the same names; phones keep the CA that they have
    Renew(Renew),
}

#[derive(clap::Args)]
struct Init {
    /// Names and addresses that phones open, for example `zhicha.lan 10.0.0.5`; the CA can vouch for these only
    #[arg(required = true, value_name = "NAME_OR_ADDRESS")]
    names: Vec<String>,
    #[command(flatten)]
    at: Renew,
    /// What the CA is called on the phones; by default the organisation of the data folder
    #[arg(long, env = "ZHICHA_ORGANISATION", value_name = "NAME")]
    organisation: Option<String>,
    /// Replace the CA; every phone has to install the new one
    #[arg(long)]
    new_ca: bool,
}

#[derive(clap::Args)]
struct Renew {
    /// Folder of the server's data
    #[arg(
        long,
        env = "ZHICHA_DATA_DIR",
        value_name = "DIR",
        default_value = "./data"
    )]
    data_dir: PathBuf,
}

/// Runs it. A running server takes the new certificate by itself.
pub fn run(args: Args) -> anyhow::Result<Found> {
    let now = Clock::default().now();
    let local = match args.command {
        Command::Init(init) => {
            let names = read(&init.names)?;
            let organisation = match &init.organisation {
                Some(given) => given.clone(),
                None => organisation(init.at.data_dir.clone()),
            };
            let local = Local::in_folder(&init.at.data_dir);
            local.init(&names, &organisation, init.new_ca, now)?;
            local
        }
        Command::Renew(renew) => {
            let local = Local::in_folder(&renew.data_dir);
            local.renew(now)?;
            local
        }
    };
    say(&local)?;
    Ok(Found::Good)
}

fn read(given: &[String]) -> anyhow::Result<Vec<Name>> {
    let mut names = Vec::new();
    for text in given {
        let name = Name::parse(text)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

// The name that the data folder has, if a server has run there.
fn organisation(data_dir: PathBuf) -> String {
    let known = super::block_on(async {
        let store = Store::open_existing(&Config::in_folder(data_dir).database()?).await?;
        let tenants = tenants::all(&mut *store.reader().await?).await?;
        store.close().await;
        Ok(tenants.into_iter().next().map(|tenant| tenant.name))
    });
    known.ok().flatten().unwrap_or_else(|| "直查".to_owned())
}

fn say(local: &Local) -> anyhow::Result<()> {
    let names = local.names()?;
    let shown: Vec<String> = names.iter().map(ToString::to_string).collect();
    let ca = local.handed()?;
    println!(
        "certificate for {}: {}",
        shown.join(", "),
        local.server().display()
    );
    println!("valid until {}", crate::tls::shown(local.until()?));
    println!("CA for phones: {}", local.for_phones().display());
    println!("CA SHA-256 {}", ca.fingerprint);
    let host = match names.first() {
        Some(Name::Ip(IpAddr::V6(address))) => format!("[{address}]"),
        Some(name) => name.to_string(),
        None => return Ok(()),
    };
    println!(
        "start: zhicha serve --listen 0.0.0.0:8443 --public-url https://{host}:8443 --tls-help-listen 0.0.0.0:8080"
    );
    Ok(())
}
