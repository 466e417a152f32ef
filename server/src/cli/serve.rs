//! `zhicha serve`.

use super::Found;
use crate::{Config, serve};
use std::io::{IsTerminal as _, Write as _};
use tokio::signal;
use tracing_subscriber::{EnvFilter, fmt};

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: Config,
    /// List the places where a test can make this build fail (`FAILPOINTS`), and end
    #[cfg(feature = "failpoints")]
    #[arg(long)]
    list_failpoints: bool,
}

/// Serves until SIGTERM or SIGINT.
pub fn run(args: Args) -> anyhow::Result<Found> {
    #[cfg(feature = "failpoints")]
    if args.list_failpoints {
        for site in crate::failpoints::Site::ALL {
            println!("{}", site.name());
        }
        return Ok(Found::Good);
    }
    #[cfg(feature = "failpoints")]
    crate::failpoints::set_up()?;
    log(args.config.log_json);
    super::block_on(async move {
        // Before anybody is told that it runs: who is told may end it at once.
        let end = End::listen()?;
        let running = serve(args.config).await?;
        say(&running)?;
        end.comes().await?;
        tracing::info!("stopping");
        running.shutdown().await?;
        Ok(Found::Good)
    })
}

// Links and passwords go to the person at the terminal, never into the log.
fn say(running: &crate::Running) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on {}", running.url)?;
    writeln!(
        out,
        "server key {}",
        running.app.fixed.key.public().thumbprint()
    )?;
    if let Some(url) = &running.metrics_url {
        writeln!(out, "metrics on {url}")?;
    }
    if !running.app.fixed.phones_can_use() {
        writeln!(
            out,
            "手机无法通过 {0} 使用（需要 https） / phones cannot use {0}: they need https",
            running.app.fixed.public_url
        )?;
    }
    for line in &running.notices {
        writeln!(out, "{line}")?;
    }
    out.flush()
}

fn log(json: bool) {
    let filter =
        EnvFilter::try_from_env("ZHICHA_LOG").unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    // A log that cannot be written (its disk is full) holds up nobody: said on the same stream, that would be a panic.
    let builder = fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .log_internal_errors(false);
    if json {
        builder.json().init();
    } else {
        builder.init();
    }
}

/// SIGTERM or SIGINT, from the moment that it listens.
#[cfg(unix)]
struct End {
    interrupt: signal::unix::Signal,
    terminate: signal::unix::Signal,
}

#[cfg(unix)]
impl End {
    fn listen() -> std::io::Result<Self> {
        use signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn comes(mut self) -> std::io::Result<()> {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        Ok(())
    }
}

#[cfg(not(unix))]
struct End;

#[cfg(not(unix))]
impl End {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn comes(self) -> std::io::Result<()> {
        signal::ctrl_c().await
    }
}
