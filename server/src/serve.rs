//! Starting and stopping a server: open the data, make what a new folder lacks, listen, and end gracefully.

use crate::{
    Config,
    auth::{limit::Limits, password, proxies::Proxies},
    backup::alarm,
    blob::{Blobs, known},
    checklists, demo,
    derived::Derived,
    http::{body, export::Exports, invites, uploads::along},
    ids::Ids,
    keys::ServerKey,
    listen::Listening,
    metrics::{self, Metrics},
    push, router,
    state::{App, Fixed},
    store::{self, Store, audit, devices, people, settings, tenants, tenants::Tenant},
    sweep,
    tls::{Tls, help, local::Local},
    weights::Weights,
};
use anyhow::Context as _;
use serde_json::json;
use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot},
    task::JoinSet,
};
use zhicha_core::{
    id::{EpochId, TenantId},
    sync::wire::PhotoPolicy,
    time::ZoneOffset,
};

// How long a start waits for files and rows to be brought in line; it goes on beside the server then.
const IN_LINE: Duration = Duration::from_secs(15);

// How often, within two seconds, a start tries to hold its data.
const PATIENCE: u32 = 40;

/// A server that answers.
pub struct Running {
    /// Where it listens, for example `http://127.0.0.1:8080`.
    pub url: String,
    /// Lines for the person who started it: one-time links and sign-ins. They hold secrets; never log them.
    pub notices: Vec<String>,
    /// Where metrics are read, if anywhere.
    pub metrics_url: Option<String>,
    /// What the handlers share, for tests and tools in the same process.
    pub app: App,
    listening: Listening,
    help: Option<Listening>,
    // Ends with this.
    beside: JoinSet<()>,
    _lock: Lock,
}

impl Running {
    /// Stops taking connections, lets running requests end, and closes the database.
    ///
    /// # Errors
    /// When the listener failed.
    pub async fn shutdown(mut self) -> anyhow::Result<()> {
        if let Some(help) = self.help {
            help.end().await?;
        }
        let ended = self.listening.end().await;
        self.beside.shutdown().await;
        self.app.store.close().await;
        ended
    }
}

/// Starts a server.
///
/// # Errors
/// When the data folder cannot be used, belongs to a newer version, is in use, or the address is taken.
pub async fn serve(config: Config) -> anyhow::Result<Running> {
    std::fs::create_dir_all(&config.data_dir).with_context(|| {
        format!(
            "could not make the data folder {}",
            config.data_dir.display()
        )
    })?;
    let lock = lock(&config)?;
    let database = config.database()?;
    anyhow::ensure!(
        ServerKey::exists(&config.data_dir) || !database.exists(),
        "the server key is missing beside an existing database; devices would not believe a new one. Put the key file back"
    );
    let key = ServerKey::open(&config.data_dir)?;
    let store = Store::open(&database).await?;
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("could not listen on {}", config.listen))?;
    let mut beside = JoinSet::new();
    let opened = Tls::open(&config, &mut beside).await?;
    let scheme = opened.tls.as_ref().map_or("http", |_| "https");
    let url = format!("{scheme}://{}", listener.local_addr()?);
    let (public_url, origin_note) = public_url(&store, &config, &url).await?;
    let mut notices: Vec<String> = origin_note.into_iter().collect();
    let mismatch = opened.mismatch(&public_url);
    notices.extend(opened.notices);
    notices.extend(mismatch);
    for said in &notices {
        tracing::warn!("{said}");
    }
    let fixed = Fixed {
        key,
        public_url,
        blobs: Blobs::open(&config)?,
        derived: Derived::open(&config)?,
        exports: Exports::default(),
        room: config.room(),
        weights: Weights::default(),
        along: Semaphore::new(along::AT_ONCE),
        large: Semaphore::new(body::LARGE_AT_ONCE),
        proxies: Proxies::new(config.reach.trusted_proxy.clone()),
        limits: Limits::default(),
        metrics: Metrics::default(),
        newer_kinds: config.newer_kinds.clone(),
        certificate: opened.in_use,
        backup_days: config.backup_alarm_days,
        data_dir: config.data_dir.clone(),
    };
    let app = App {
        store,
        clock: config.clock.clone(),
        fixed: Arc::new(fixed),
    };
    if let Some(words) = app.store.damage() {
        tracing::error!(words, "the database is damaged; it is only read");
        notices.push(format!(
            "数据库有损坏，只能读取 / the database is damaged and only read: {words}. Restore a backup; run `zhicha fsck` to see all of it"
        ));
    } else {
        notices.extend(prepare(&app, &config).await?);
    }
    let help = help(&config, &app.fixed.public_url, &mut notices).await?;
    let (tried, first) = oneshot::channel();
    beside.spawn(sweep::keep(app.clone(), tried));
    beside.spawn(alarm::keep(app.clone()));
    let metrics_url = metrics(&config, &app, &mut beside).await?;
    // Files and rows are brought in line before anybody asks; events are taken whatever state the files are in.
    let _ = tokio::time::timeout(IN_LINE, first).await;
    let listening = Listening::start(listener, opened.tls, router::router(&app));
    Ok(Running {
        url,
        notices,
        metrics_url,
        app,
        listening,
        help,
        beside,
        _lock: lock,
    })
}

// The page for phones that do not trust the CA yet.
async fn help(
    config: &Config,
    public_url: &str,
    notices: &mut Vec<String>,
) -> anyhow::Result<Option<Listening>> {
    let Some(address) = config.reach.tls_help_listen else {
        return Ok(None);
    };
    let local = Local::in_folder(&config.data_dir);
    let ca = local.handed().context("--tls-help-listen")?;
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("could not listen on {address} (--tls-help-listen)"))?;
    let public: axum::http::Uri = public_url.parse()?;
    let host = public.host().context("the public URL has no host")?;
    let url = format!("http://{host}:{}/", listener.local_addr()?.port());
    notices.push(format!(
        "手机安装证书的说明 / how phones install the CA: {url}"
    ));
    notices.push(format!("CA SHA-256 {}", ca.fingerprint));
    let router = help::router(local, public_url, &url);
    Ok(Some(Listening::start(listener, None, router)))
}

/// Held by the one process that works on a data folder and its database; two would give numbers twice.
#[derive(Debug)]
pub struct Lock {
    _folder: File,
    _database: File,
}

/// Holds the data folder, and the database wherever it lies.
///
/// # Errors
/// When another process holds one of them.
pub fn lock(config: &Config) -> anyhow::Result<Lock> {
    let folder = &config.data_dir;
    let folder = held(
        &folder.join("in-use"),
        &format!("data folder {}", folder.display()),
    )?;
    let database = config.database()?;
    let database = same(&database);
    let mut beside = database.clone().into_os_string();
    beside.push(".in-use");
    let database = held(
        Path::new(&beside),
        &format!("database {}", database.display()),
    )?;
    Ok(Lock {
        _folder: folder,
        _database: database,
    })
}

// Two ways to the same file are one database; one that is not there yet is known by its folder.
fn same(database: &Path) -> PathBuf {
    let known = std::fs::canonicalize(database).ok();
    known
        .or_else(|| {
            let folder = std::fs::canonicalize(database.parent()?).ok()?;
            Some(folder.join(database.file_name()?))
        })
        .unwrap_or_else(|| database.to_owned())
}

// SQLite has locks of its own on the database file, which a second handle of ours could undo; so a file beside it.
fn held(path: &Path, what: &str) -> anyhow::Result<File> {
    let file = File::create(path).with_context(|| format!("could not write {}", path.display()))?;
    // The one before may be just about to end, and a restart shall not fail for that.
    for _ in 0..PATIENCE {
        if file.try_lock().is_ok() {
            return Ok(file);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    anyhow::bail!("the {what} is in use by another zhicha; stop that one first")
}

// The public URL: the one given, the one remembered, or where we listen. A new one is a new origin for every browser,
// so it takes a clear word.
async fn public_url(
    store: &Store,
    config: &Config,
    url: &str,
) -> anyhow::Result<(String, Option<String>)> {
    let remembered = settings::get(&mut *store.reader().await?, settings::PUBLIC_URL).await?;
    let Some(given) = config
        .public_url
        .as_ref()
        .filter(|_| store.damage().is_none())
    else {
        return Ok((remembered.unwrap_or_else(|| url.to_owned()), None));
    };
    let given = normalised(given)?;
    let mut note = None;
    let mut tx = store.begin().await?;
    if let Some(remembered) = remembered.filter(|r| *r != given) {
        let holding = devices::with_unsent_work(&mut tx).await?;
        let said = format!(
            "public URL changes from {remembered} to {given}: {holding} devices said that they hold unsent work at the old one"
        );
        anyhow::ensure!(
            config.accept_new_origin,
            "{said}. Let them send first, or start with --accept-new-origin"
        );
        note = Some(said);
    }
    settings::put(&mut tx, settings::PUBLIC_URL, &given).await?;
    store::commit(tx).await?;
    Ok((given, note))
}

fn normalised(url: &str) -> anyhow::Result<String> {
    let parsed: axum::http::Uri = url.parse().with_context(|| format!("--public-url {url}"))?;
    let scheme = parsed.scheme_str().unwrap_or_default();
    anyhow::ensure!(
        matches!(scheme, "http" | "https")
            && matches!(parsed.path(), "" | "/")
            && parsed.query().is_none(),
        "--public-url must be http(s)://HOST[:PORT] without a path"
    );
    let authority = parsed.authority().context("--public-url has no host")?;
    Ok(format!(
        "{scheme}://{}",
        authority.as_str().to_ascii_lowercase()
    ))
}

// Where metrics are read, if anywhere.
async fn metrics(
    config: &Config,
    app: &App,
    beside: &mut JoinSet<()>,
) -> anyhow::Result<Option<String>> {
    let Some(addr) = config.metrics_listen else {
        return Ok(None);
    };
    let (url, serving) = metrics::listen(addr, app).await?;
    beside.spawn(serving);
    Ok(Some(url))
}

async fn prepare(app: &App, config: &Config) -> anyhow::Result<Vec<String>> {
    let existing = tenants::all(&mut *app.store.reader().await?).await?;
    let tenant = match existing.first() {
        Some(tenant) => tenant.clone(),
        None => found(app, config).await?,
    };
    // An unknown login name shall not take longer only because it is the first one.
    password::verify(String::new(), None).await;
    checklists::publish(&app.store, app.clock.now()).await?;
    push::settle(app)
        .await
        .map_err(|e| anyhow::anyhow!("events that wait: {}", e.problem().code))?;
    let mut tx = app.store.begin().await?;
    known::note(&mut tx, config).await?;
    store::commit(tx).await?;
    if config.demo {
        return demo::fill(app, &tenant, existing.is_empty()).await;
    }
    first_link(app, tenant.tenant).await
}

async fn found(app: &App, config: &Config) -> anyhow::Result<Tenant> {
    let mut ids = Ids(&app.clock);
    let name = if config.demo {
        demo::NAME.to_owned()
    } else {
        config.organisation.clone()
    };
    let tenant = Tenant {
        tenant: TenantId::new(&mut ids),
        name,
        zone: ZoneOffset::CHINA,
        photos: PhotoPolicy::default(),
    };
    let epoch = EpochId::new(&mut ids);
    let mut tx = app.store.begin().await?;
    tenants::add(&mut tx, &tenant, epoch, app.clock.now()).await?;
    let detail = json!({ "epoch": epoch, "server_key": app.fixed.key.public().thumbprint() });
    audit::write(
        &mut tx,
        tenant.tenant,
        app.clock.now(),
        None,
        "founded",
        &detail,
    )
    .await?;
    store::commit(tx).await?;
    Ok(tenant)
}

async fn first_link(app: &App, tenant: TenantId) -> anyhow::Result<Vec<String>> {
    let mut tx = app.store.begin().await?;
    if people::has_administrator(&mut tx, tenant).await? {
        return Ok(Vec::new());
    }
    let link = invites::link(app, &mut tx, tenant, None, app.clock.now())
        .await
        .map_err(|e| anyhow::anyhow!("{e:?}"))?;
    store::commit(tx).await?;
    Ok(vec![
        format!(
            "首位管理员一次性链接（7天内有效） / one-time link for the first administrator (valid for 7 days):"
        ),
        format!("first administrator: {}", link.url),
    ])
}
