//! `zhicha backup`: saves a data folder, also beside a running server.

use super::{Found, fsck};
use crate::{
    Config,
    backup::{
        Damaged,
        key::{Private, Public},
        make, restore,
        set::Set,
    },
    cli::fsck::Finding,
    store::{self, Store, audit, settings, tenants},
};
use anyhow::Context as _;
use serde_json::json;
use std::{
    io::Write as _,
    path::{Path, PathBuf},
};

/// Arguments.
#[derive(clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    make: Make,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make the pair of keys: the server keeps the public half, the file with the private half belongs elsewhere
    Key {
        #[command(flatten)]
        folder: Folder,
        /// New file for the private key
        #[arg(long, value_name = "FILE", required_unless_present = "public")]
        out: Option<PathBuf>,
        /// Take a public key that was made elsewhere (`age1…`); then no private key ever is on this machine
        #[arg(long, value_name = "KEY", conflicts_with = "out")]
        public: Option<String>,
        /// Use another key from now on; backups made so far open with the old one only
        #[arg(long)]
        replace: bool,
    },
    /// Read a backup and compare it with its list; with the private key open and check everything in it
    Verify {
        /// A backup, or the folder of the backups (then the newest one)
        #[arg(value_name = "FROM")]
        from: PathBuf,
        /// File with the private key
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
}

#[derive(clap::Args)]
struct Folder {
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
}

#[derive(clap::Args)]
struct Make {
    #[command(flatten)]
    folder: Folder,
    /// Folder of the backups, on another disk; photos that are in it already are not written again
    #[arg(long, env = "ZHICHA_BACKUP_TO", value_name = "DIR", required = true)]
    to: Option<PathBuf>,
    /// Where photos and other files are kept, as `zhicha serve` was told
    #[arg(long, env = "ZHICHA_BLOB_URL", value_name = "URL")]
    blob_url: Option<String>,
    /// How many backups stay; older databases are removed after a backup that counts, photos never
    #[arg(
        long,
        env = "ZHICHA_BACKUP_KEEP",
        value_name = "N",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    keep: Option<u32>,
    /// Count the backup although the server itself has lost files; look at `zhicha fsck` first
    #[arg(long)]
    accept_missing: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

impl Folder {
    fn config(self) -> Config {
        Config {
            database_url: self.database_url,
            ..Config::in_folder(self.data_dir)
        }
    }
}

/// Runs it.
pub fn run(args: Args) -> anyhow::Result<Found> {
    match args.command {
        None => back_up(args.make),
        Some(Command::Key {
            folder,
            out,
            public,
            replace,
        }) => super::block_on(key(folder.config(), out, public, replace)),
        Some(Command::Verify { from, key, json }) => verify(&from, key.as_deref(), json),
    }
}

fn back_up(args: Make) -> anyhow::Result<Found> {
    let to = args.to.context("--to")?;
    let config = Config {
        blob_url: args.blob_url,
        ..args.folder.config()
    };
    let made = super::block_on(make::make(&make::Wanted {
        config: &config,
        to: &to,
        keep: args.keep.and_then(|keep| usize::try_from(keep).ok()),
        accept_missing: args.accept_missing,
    }))?;
    eprintln!(
        "{}: {} files of evidence, {} of them new, {} bytes written and read again",
        made.path.display(),
        made.blobs,
        made.new,
        made.written
    );
    if made.counts {
        for accepted in &made.found {
            eprintln!("accepted: {}: {}", accepted.item, accepted.message);
        }
        eprintln!("the backup counts");
        return Ok(Found::Good);
    }
    fsck::say(&made.found, args.json);
    eprintln!(
        "the backup was written and DOES NOT COUNT, because of what is listed above / 备份已写入，但因上述问题不计为有效备份"
    );
    Ok(Found::Wrong)
}

async fn key(
    config: Config,
    out: Option<PathBuf>,
    public: Option<String>,
    replace: bool,
) -> anyhow::Result<Found> {
    let store = Store::open_existing(&config.database()?).await?;
    let before = settings::get(&mut *store.reader().await?, settings::BACKUP_RECIPIENT).await?;
    if let Some(before) = before.filter(|_| !replace) {
        anyhow::bail!(
            "backups are encrypted to {before} already. With --replace another key is used from now on; \
             backups made so far open with the old private key only, and the next one needs a new folder"
        );
    }
    let public = match (&out, public) {
        (Some(out), _) => write_new(out, &config.data_dir)?,
        (None, Some(public)) => Public::parse(&public)?,
        (None, None) => anyhow::bail!("--out FILE or --public KEY"),
    };
    note(&store, &config, &public.to_string()).await?;
    store.close().await;
    println!("public key {public}");
    if let Some(out) = out {
        println!(
            "私钥已写入 {0}：请立即复制两份离线保存，并从本机删除；丢失私钥后任何备份都无法恢复\n\
             private key in {0}: make two copies elsewhere now and delete it here; without it no backup opens",
            out.display()
        );
    }
    Ok(Found::Good)
}

fn write_new(out: &Path, data_dir: &Path) -> anyhow::Result<Public> {
    anyhow::ensure!(
        !std::path::absolute(out)?.starts_with(std::path::absolute(data_dir)?),
        "the private key does not belong in the data folder: who has that could open all backups"
    );
    let private = Private::generate();
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let failed = || format!("could not write the new file {}", out.display());
    let mut file = options.open(out).with_context(failed)?;
    file.write_all(private.file().as_bytes())
        .with_context(failed)?;
    file.sync_all().with_context(failed)?;
    // What cannot be read again must not become the key.
    anyhow::ensure!(
        Private::read(out)?.public().to_string() == private.public().to_string(),
        "{} does not read as it was written",
        out.display()
    );
    Ok(private.public())
}

async fn note(store: &Store, config: &Config, public: &str) -> anyhow::Result<()> {
    let now = config.clock.now();
    let mut tx = store.begin().await?;
    settings::put(&mut tx, settings::BACKUP_RECIPIENT, public).await?;
    for tenant in tenants::all(&mut tx).await? {
        let detail = json!({ "public_key": public });
        audit::write(&mut tx, tenant.tenant, now, None, "backup_key_set", &detail).await?;
    }
    store::commit(tx).await?;
    Ok(())
}

fn verify(from: &Path, key: Option<&Path>, json: bool) -> anyhow::Result<Found> {
    let found = match super::block_on(found(from, key)) {
        Ok(found) => found,
        Err(error) => match error.downcast::<Damaged>() {
            Ok(Damaged(found)) => found,
            Err(error) => return Err(error),
        },
    };
    let said = fsck::say(&found, json);
    if said == Found::Good {
        eprintln!(
            "{}",
            if key.is_some() {
                "everything opens and checks; it can be restored"
            } else {
                "everything is there as it was written; whether it opens, only --key shows"
            }
        );
    }
    Ok(said)
}

async fn found(from: &Path, key: Option<&Path>) -> anyhow::Result<Vec<Finding>> {
    let set = Set::open(from)?;
    eprintln!("{} (name {})", from.display(), set.name());
    match key {
        Some(key) => restore::verify(&set, &Private::read(key)?).await,
        None => Ok([set.check_files(), set.check_blobs()].concat()),
    }
}
