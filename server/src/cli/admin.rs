//! `zhicha admin`: looking after a data folder.

mod recover;

use super::{Found, fsck};
use crate::{
    Config, push, serve,
    store::{
        self, Conn, Store, blobs, devices,
        events::{self, EventRow},
        log, projection, refill, tenants,
    },
};
use std::{collections::BTreeMap, path::PathBuf};
use zhicha_core::{
    event::{Certificate, Payload, jws::native},
    id::{DeviceId, TenantId, UserId},
    time::Timestamp,
};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make all projections anew from the events, and the feeds that devices pull where they are damaged
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
    /// Print a one-time link for who cannot sign in any more, or for a new administrator; also beside a running server
    Recover(recover::Args),
}

/// Runs an administrator's command.
pub fn run(args: Args) -> anyhow::Result<Found> {
    let data_dir = match args.command {
        Command::Rebuild { data_dir } => data_dir,
        Command::Recover(args) => return recover::run(args),
    };
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
        let done = rebuild(&store, config.clock.now()).await?;
        store.close().await;
        println!("{} records projected anew", done.records);
        if done.refilled > 0 {
            println!(
                "the feeds of {} tenants were damaged and are filled anew; their devices download everything once more",
                done.refilled
            );
        }
        Ok(Found::Good)
    })
}

/// What a rebuild did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Records that were projected.
    pub records: usize,
    /// Tenants whose feeds were filled anew.
    pub refilled: usize,
}

/// Makes all projections of all tenants anew. Feeds that are as they should be are left alone, since devices have read them
/// up to their numbers.
///
/// # Errors
/// When the database refuses; everything is as before then.
pub async fn rebuild(store: &Store, now: Timestamp) -> store::Result<Rebuilt> {
    let mut tx = store.begin().await?;
    let mut done = Rebuilt::default();
    for tenant in tenants::all(&mut tx).await? {
        let tenant = tenant.tenant;
        done.records += projection::rebuild(&mut tx, tenant).await?;
        blobs::rebuild(&mut tx, tenant).await?;
        log::rebuild(&mut tx, tenant).await?;
        let pulled = pulled(&mut tx, tenant).await?;
        if !fsck::feed::check(&mut tx, tenant, &pulled)
            .await?
            .is_empty()
        {
            refill::refill(&mut tx, tenant, &pulled, now).await?;
            done.refilled += 1;
        }
    }
    store::commit(tx).await?;
    Ok(done)
}

// The places in the log that belong on the feed of a person.
async fn pulled(conn: &mut Conn, tenant: TenantId) -> store::Result<BTreeMap<u64, UserId>> {
    let certificates: BTreeMap<DeviceId, Certificate> = devices::all(conn, tenant)
        .await?
        .into_iter()
        .filter_map(|device| {
            let (certificate, _) = Certificate::parse(&device.certificate).ok()?;
            Some((device.device, certificate))
        })
        .collect();
    let (mut after, mut pulled) = (0, BTreeMap::new());
    loop {
        let rows = events::after(conn, tenant, after, 200).await?;
        let Some(last) = rows.last() else {
            return Ok(pulled);
        };
        after = last.tenant_seq;
        let own = rows.iter().filter(|row| {
            certificates
                .get(&row.device)
                .is_some_and(|certificate| is_pulled(row, certificate))
        });
        pulled.extend(own.map(|row| (row.tenant_seq, row.user)));
    }
}

fn is_pulled(row: &EventRow, certificate: &Certificate) -> bool {
    let sound = Payload::parse(&row.text)
        .ok()
        .filter(|(_, jws)| native::verify(jws, &certificate.cnf.jwk).is_ok());
    push::is_pulled(row, sound.map(|(payload, _)| payload).as_ref())
}
