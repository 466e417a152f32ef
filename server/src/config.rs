//! What `zhicha serve` can be told. Flags and `ZHICHA_…` variables are the only source.

use crate::{blob::Place, clock::Clock, state::Room, tls::Reach};
use clap::Args;
use std::{net::SocketAddr, path::PathBuf};
use zhicha_core::event::Kind;

// In GiB: some ten thousand photos.
const PERSON_QUOTA: u64 = 20;
// In MiB.
const MAX_FILE: u64 = 64;
const BACKUP_DAYS: u32 = 3;

/// The longest single file that a server can be told to take, in MiB.
pub const MAX_FILE_MIB: u64 = 1024;

/// Settings of a server.
#[derive(Args, Clone, Debug)]
pub struct Config {
    /// Address to listen on; port 0 picks a free one
    #[arg(
        long,
        env = "ZHICHA_LISTEN",
        value_name = "ADDR",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: SocketAddr,
    /// Folder that holds everything: database, server key
    #[arg(
        long,
        env = "ZHICHA_DATA_DIR",
        value_name = "DIR",
        default_value = "./data"
    )]
    pub data_dir: PathBuf,
    /// Database, `sqlite:PATH`; by default `zhicha.sqlite` in the data folder
    #[arg(long, env = "ZHICHA_DATABASE_URL", value_name = "URL")]
    pub database_url: Option<String>,
    /// Address under which phones reach this server, for example `https://zhicha.example`; remembered
    #[arg(long, env = "ZHICHA_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Accept that the public URL changes: devices keep their unsent work at the old one
    #[arg(long, env = "ZHICHA_ACCEPT_NEW_ORIGIN")]
    pub accept_new_origin: bool,
    /// Name of the organisation, used when the data folder is new
    #[arg(
        long,
        env = "ZHICHA_ORGANISATION",
        value_name = "NAME",
        default_value = "直查"
    )]
    pub organisation: String,
    /// Where photos and other files are kept, `file:DIR` or `s3://BUCKET/PREFIX` (keys, region and endpoint by the usual
    /// `AWS_…` variables); by default `blobs` in the data folder
    #[arg(long, env = "ZHICHA_BLOB_URL", value_name = "URL")]
    pub blob_url: Option<String>,
    /// Most that the photos and other files of one person may take up here, in GiB; what comes after that is refused and
    /// stays on the device
    #[arg(
        long,
        env = "ZHICHA_PERSON_QUOTA",
        value_name = "GIB",
        default_value_t = PERSON_QUOTA,
        value_parser = clap::value_parser!(u64).range(1..=1_000_000)
    )]
    pub person_quota: u64,
    /// Largest file that is taken, in MiB; a larger one stays on the device
    #[arg(
        long,
        env = "ZHICHA_MAX_FILE",
        value_name = "MIB",
        default_value_t = MAX_FILE,
        value_parser = clap::value_parser!(u64).range(1..=MAX_FILE_MIB)
    )]
    pub max_file: u64,
    /// How phones reach it
    #[command(flatten)]
    pub reach: Reach,
    /// Address on which `GET /metrics` answers, for example `127.0.0.1:9464`; never one that others reach
    #[arg(long, env = "ZHICHA_METRICS_LISTEN", value_name = "ADDR")]
    pub metrics_listen: Option<SocketAddr>,
    /// How many days old the last backup may be before administrators are warned
    #[arg(
        long,
        env = "ZHICHA_BACKUP_ALARM_DAYS",
        value_name = "DAYS",
        default_value_t = BACKUP_DAYS,
        value_parser = clap::value_parser!(u32).range(1..=365)
    )]
    pub backup_alarm_days: u32,
    /// Log as JSON, one object a line, on stderr
    #[arg(long, env = "ZHICHA_LOG_JSON")]
    pub log_json: bool,
    /// Fill a new data folder with an invented district, and print a sign-in for each role
    #[arg(long, env = "ZHICHA_DEMO")]
    pub demo: bool,
    /// The server's clock, which tests can move
    #[arg(skip)]
    pub clock: Clock,
    /// Kinds of events that it is to take for newer than itself: what a test makes an older server of
    #[arg(skip)]
    pub newer_kinds: Vec<Kind>,
}

impl Config {
    /// A server on a free port of the loopback, for tests and tools.
    pub fn in_folder(data_dir: PathBuf) -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data_dir,
            database_url: None,
            blob_url: None,
            public_url: None,
            accept_new_origin: false,
            organisation: "示例单位".to_owned(),
            person_quota: PERSON_QUOTA,
            max_file: MAX_FILE,
            reach: Reach::default(),
            metrics_listen: None,
            backup_alarm_days: BACKUP_DAYS,
            log_json: false,
            demo: false,
            clock: Clock::default(),
            newer_kinds: Vec::new(),
        }
    }

    /// Where the SQLite file lies.
    ///
    /// # Errors
    /// For a database that this version cannot use.
    pub fn database(&self) -> anyhow::Result<PathBuf> {
        let Some(url) = &self.database_url else {
            return Ok(self.data_dir.join("zhicha.sqlite"));
        };
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            anyhow::bail!(
                "PostgreSQL is not built yet: leave --database-url out to use SQLite in the data folder"
            );
        }
        match url.strip_prefix("sqlite:") {
            Some(path) if !path.is_empty() => Ok(PathBuf::from(path.trim_start_matches("//"))),
            _ => anyhow::bail!("--database-url must be sqlite:PATH"),
        }
    }

    /// Where uploads are until they are whole.
    pub fn staging(&self) -> PathBuf {
        self.data_dir.join("staging")
    }

    /// Where small pictures are kept, which can be made anew.
    pub fn derived(&self) -> PathBuf {
        self.data_dir.join("derived")
    }

    /// How many bytes are taken.
    pub fn room(&self) -> Room {
        Room {
            file: self.max_file << 20,
            person: self.person_quota << 30,
        }
    }

    /// Where the bytes are kept that events name.
    ///
    /// # Errors
    /// For an address of no known form.
    pub fn blobs(&self) -> anyhow::Result<Place> {
        match &self.blob_url {
            Some(url) => Place::parse(url),
            None => Ok(Place::Folder(self.data_dir.join("blobs"))),
        }
    }
}
