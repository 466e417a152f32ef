//! `zhicha admin`: looking after a data folder while no server runs on it.

use super::Found;
use crate::{
    Config, serve,
    store::{self, Store, projection, tenants},
};
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make all projections anew from the events
    Rebuild {
        /// Folder of the server
        #[arg(
            long,
            env = "ZHICHA_DATA_DIR",
            value_name = "DIR",
            default_value = "./data"
        )]
        data_dir: PathBuf,
    },
}

/// Runs an administrator's command.
pub fn run(args: Args) -> anyhow::Result<Found> {
    let Command::Rebuild { data_dir } = args.command;
    super::block_on(async move {
        let config = Config::in_folder(data_dir);
        let database = config.database()?;
        anyhow::ensure!(
            database.exists(),
            "there is no database at {}",
            database.display()
        );
        let _lock = serve::lock(&config)?;
        let store = Store::open_existing(&database).await?;
        let records = rebuild(&store).await?;
        store.close().await;
        println!("{records} records projected anew");
        Ok(Found::Good)
    })
}

/// Makes all projections of all tenants anew; returns the number of records.
///
/// # Errors
/// When the database refuses; the old projections are still there then.
pub async fn rebuild(store: &Store) -> store::Result<usize> {
    let mut tx = store.begin().await?;
    let mut records = 0;
    for tenant in tenants::all(&mut tx).await? {
        records += projection::rebuild(&mut tx, tenant.tenant).await?;
    }
    store::commit(tx).await?;
    Ok(records)
}
