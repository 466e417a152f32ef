//! Starting and stopping a server: open the data, make what a new folder lacks, listen, and end gracefully.

use crate::{
    Config,
    auth::{limit::Limits, password},
    blob::Blobs,
    checklists, demo,
    derived::Derived,
    http::{export::Exports, invites, uploads::along},
    ids::Ids,
    keys::ServerKey,
    router,
    state::{App, Fixed},
    store::{self, Store, audit, devices, people, settings, tenants, tenants::Tenant},
    sweep,
    weights::Weights,
};
use anyhow::Context as _;
use serde_json::json;
use std::{fs::File, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, oneshot},
    task::{JoinHandle, JoinSet},
};
use zhicha_core::{
    id::{EpochId, TenantId},
    sync::wire::PhotoPolicy,
    time::ZoneOffset,
};

// How long a start waits for files and rows to be brought in line; it goes on beside the server then.
const IN_LINE: Duration = Duration::from_secs(15);

/// A server that answers.
pub struct Running {
    /// Where it listens, for example `http://127.0.0.1:8080`.
    pub url: String,
    /// Lines for the person who started it: one-time links and sign-ins. They hold secrets; never log them.
    pub notices: Vec<String>,
    /// What the handlers share, for tests and tools in the same process.
    pub app: App,
    stop: oneshot::Sender<()>,
    task: JoinHandle<std::io::Result<()>>,
    // Ends with this.
    tidying: JoinSet<()>,
    _lock: File,
}

impl Running {
    /// Stops taking connections, lets running requests end, and closes the database.
    ///
    /// # Errors
    /// When the listener failed.
    pub async fn shutdown(mut self) -> anyhow::Result<()> {
        // An error means that it has stopped by itself; the task says why.
        let _ = self.stop.send(());
        let ended = self.task.await;
        self.tidying.shutdown().await;
        self.app.store.close().await;
        ended??;
        Ok(())
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
    let url = format!("http://{}", listener.local_addr()?);
    let (public_url, origin_note) = public_url(&store, &config, &url).await?;
    let fixed = Fixed {
        key,
        public_url,
        blobs: Blobs::open(&config)?,
        derived: Derived::open(&config)?,
        exports: Exports::default(),
        room: config.room(),
        weights: Weights::default(),
        along: Semaphore::new(along::AT_ONCE),
        limits: Limits::default(),
    };
    let app = App {
        store,
        clock: config.clock.clone(),
        fixed: Arc::new(fixed),
    };
    let mut notices: Vec<String> = origin_note.into_iter().collect();
    notices.extend(prepare(&app, &config).await?);
    let mut tidying = JoinSet::new();
    let (tried, first) = oneshot::channel();
    tidying.spawn(sweep::keep(app.clone(), tried));
    // Files and rows are brought in line before anybody asks; events are taken whatever state the files are in.
    let _ = tokio::time::timeout(IN_LINE, first).await;
    let (stop, stopped) = oneshot::channel();
    let service = router::router(&app).into_make_service_with_connect_info::<SocketAddr>();
    let ending = async move {
        // A sender that is gone stops the server as well as one that speaks.
        let _ = stopped.await;
    };
    let task = tokio::spawn(async move {
        axum::serve(listener, service)
            .with_graceful_shutdown(ending)
            .await
    });
    Ok(Running {
        url,
        notices,
        app,
        stop,
        task,
        tidying,
        _lock: lock,
    })
}

/// Holds the data folder: two servers on one database would give numbers twice.
///
/// # Errors
/// When another process holds it.
pub fn lock(config: &Config) -> anyhow::Result<File> {
    let path = config.data_dir.join("in-use");
    let file =
        File::create(&path).with_context(|| format!("could not write {}", path.display()))?;
    file.try_lock().map_err(|_| {
        anyhow::anyhow!(
            "the data folder {} is in use by another zhicha; stop that one first",
            config.data_dir.display()
        )
    })?;
    Ok(file)
}

// The public URL: the one given, the one remembered, or where we listen. A new one is a new origin for every browser,
// so it takes a clear word.
async fn public_url(
    store: &Store,
    config: &Config,
    url: &str,
) -> anyhow::Result<(String, Option<String>)> {
    let mut tx = store.begin().await?;
    let remembered = settings::get(&mut tx, settings::PUBLIC_URL).await?;
    let Some(given) = &config.public_url else {
        return Ok((remembered.unwrap_or_else(|| url.to_owned()), None));
    };
    let given = normalised(given)?;
    let mut note = None;
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

async fn prepare(app: &App, config: &Config) -> anyhow::Result<Vec<String>> {
    let existing = tenants::all(&mut *app.store.reader().await?).await?;
    let tenant = match existing.first() {
        Some(tenant) => tenant.clone(),
        None => found(app, config).await?,
    };
    // An unknown login name shall not take longer only because it is the first one.
    password::verify(String::new(), None).await;
    checklists::publish(&app.store, app.clock.now()).await?;
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
