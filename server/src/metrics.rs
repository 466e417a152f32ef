//! `GET /metrics` on a listener of its own (`--metrics-listen`), in the text format of Prometheus and OpenMetrics. Numbers only:
//! no names, no ids, no texts. What the database knows is asked when somebody reads.

use crate::{
    backup::alarm,
    state::App,
    store::{
        self,
        figures::{self, Figures},
    },
};
use anyhow::Context as _;
use axum::{
    Router,
    extract::{MatchedPath, Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric as _, text},
    metrics::{counter::Counter, family::Family, gauge::ConstGauge},
    registry::Registry,
};
use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering},
};
use tokio::net::TcpListener;
use zhicha_core::{sync::wire::PushOutcome, time::Timestamp};

const KIND: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
const DAY_S: f64 = 86_400.0;

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answer {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Taken {
    outcome: String,
}

/// What is counted while the server runs.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Family<Answer, Counter>,
    events: Family<Taken, Counter>,
    // Bytes with a receipt that are not in their place, as the last look at all of them found.
    missing: AtomicU64,
}

impl Metrics {
    /// Notes what became of an event that was pushed.
    pub fn pushed(&self, outcome: PushOutcome) {
        let outcome = serde_json::to_value(outcome).ok();
        let outcome = outcome.and_then(|name| name.as_str().map(str::to_owned));
        let outcome = outcome.unwrap_or_default();
        self.events.get_or_create(&Taken { outcome }).inc();
    }

    /// Notes how many bytes of receipts a look at their places did not find.
    pub fn set_missing(&self, count: u64) {
        self.missing.store(count, Ordering::Relaxed);
    }
}

/// Counts an answer under the pattern of its route, never under its path: that names records and people.
pub async fn count(State(app): State<App>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>();
    let route = route.map_or("other", |path| path.as_str()).to_owned();
    let method = known(request.method());
    let answer = next.run(request).await;
    let status = answer.status().as_u16();
    let answered = Answer {
        method,
        route,
        status,
    };
    app.fixed.metrics.requests.get_or_create(&answered).inc();
    answer
}

// Anybody can think of methods; each would be a row for ever.
fn known(method: &axum::http::Method) -> String {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    let found = known.into_iter().find(|name| *name == method.as_str());
    found.unwrap_or("other").to_owned()
}

// Numbers as they are at one moment.
#[derive(Debug)]
struct Now(Vec<Gauge>);

impl Collector for Now {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), std::fmt::Error> {
        for (name, help, value) in &self.0 {
            let gauge = ConstGauge::new(*value);
            let metric = encoder.encode_descriptor(name, help, None, gauge.metric_type())?;
            gauge.encode(metric)?;
        }
        Ok(())
    }
}

/// The text that a reader gets.
///
/// # Errors
/// When the database does not answer.
pub async fn text(app: &App) -> store::Result<String> {
    let metrics = &app.fixed.metrics;
    let mut registry = Registry::with_prefix("zhicha");
    registry.register(
        "requests",
        "Answers by route and status",
        metrics.requests.clone(),
    );
    registry.register(
        "events",
        "Pushed events by what became of them",
        metrics.events.clone(),
    );
    registry.register_collector(Box::new(Now(now(app).await?)));
    let mut out = String::new();
    // Writing to memory does not fail.
    let _ = text::encode(&mut out, &registry);
    Ok(out)
}

type Gauge = (&'static str, &'static str, f64);

#[expect(
    clippy::cast_precision_loss,
    reason = "a gauge is a float; nothing here comes near 2^53"
)]
fn float(number: u64) -> f64 {
    number as f64
}

// Seconds from `at` until `now`.
fn since(at: Timestamp, now: Timestamp) -> f64 {
    float(u64::try_from(now.0 - at.0).unwrap_or(0)) / 1000.0
}

async fn now(app: &App) -> store::Result<Vec<Gauge>> {
    let mut conn = app.store.reader().await?;
    let now = app.clock.now();
    let mut all = of_data(&figures::all(&mut conn).await?, now);
    let backup = alarm::standing(app, &mut conn).await?;
    drop(conn);
    all.push((
        "backup_overdue",
        "1 when there is no backup that counts and is young enough",
        f64::from(u8::from(backup.overdue)),
    ));
    if let Some(last) = backup.last {
        let help = "Since the last backup that counts";
        all.push(("backup_age_seconds", help, since(last, now)));
    }
    all.extend(of_process(app, now));
    Ok(all)
}

fn of_data(figures: &Figures, now: Timestamp) -> Vec<Gauge> {
    let silence = figures.oldest_unsent.map_or(0.0, |at| since(at, now));
    [
        ("log_texts", "Texts in the logs of all tenants", figures.log),
        (
            "quarantined_texts",
            "Events and texts in quarantine",
            figures.quarantined,
        ),
        ("devices", "Devices that are not revoked", figures.devices),
        (
            "devices_frozen",
            "Devices frozen after a fork",
            figures.frozen,
        ),
        (
            "devices_with_unsent",
            "Devices that said at their last contact that they hold unsent events",
            figures.with_unsent,
        ),
        (
            "unsent_events",
            "Events that devices said they hold unsent",
            figures.unsent,
        ),
        ("blobs", "Files of evidence with a receipt", figures.blobs),
        (
            "blob_bytes",
            "Bytes of files of evidence",
            figures.blob_bytes,
        ),
    ]
    .into_iter()
    .map(|(name, help, number)| (name, help, float(number)))
    .chain([(
        "unsent_silence_seconds",
        "Since the last contact of the device with unsent events that was silent longest",
        silence,
    )])
    .collect()
}

fn of_process(app: &App, now: Timestamp) -> Vec<Gauge> {
    let metrics = &app.fixed.metrics;
    let mut all = vec![
        (
            "blobs_missing",
            "Files with a receipt that were not in their place at the last start",
            float(metrics.missing.load(Ordering::Relaxed)),
        ),
        (
            "database_wait_seconds",
            "Time that writers waited for their turn since the start",
            app.store.waited().as_secs_f64(),
        ),
    ];
    if let Some(free) = free(&app.fixed.data_dir) {
        let help = "Room on the disk of the data folder";
        all.push(("disk_free_bytes", help, float(free)));
    }
    if let Some(until) = app.fixed.certificate.until() {
        let days = (since(now, until) - since(until, now)) / DAY_S;
        let help = "Until the certificate of TLS ends; negative when it has";
        all.push(("certificate_days_left", help, days));
    }
    all
}

#[cfg(unix)]
fn free(folder: &std::path::Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(folder).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(not(unix))]
fn free(_: &std::path::Path) -> Option<u64> {
    None
}

async fn read(State(app): State<App>) -> Response {
    match text(&app).await {
        Ok(text) => ([(header::CONTENT_TYPE, KIND)], text).into_response(),
        Err(error) => {
            tracing::error!("metrics could not be read: {error}");
            axum::http::StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Listens at `addr` for who reads the metrics; gives its address and what serves as long as it is polled.
///
/// # Errors
/// When the address is taken.
pub async fn listen(
    addr: SocketAddr,
    app: &App,
) -> anyhow::Result<(String, impl Future<Output = ()> + Send + 'static)> {
    let listener = TcpListener::bind(addr)
        .await
        .with_context(|| format!("--metrics-listen {addr}"))?;
    let url = format!("http://{}/metrics", listener.local_addr()?);
    let router = Router::new()
        .route("/metrics", get(read))
        .with_state(app.clone());
    let serving = async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!("the listener of metrics ended: {error}");
        }
    };
    Ok((url, serving))
}
