//! Says when there is no backup that counts, or the last one is old: in the log, in the metrics and on the administrator's page.

use crate::{
    state::App,
    store::{self, Conn, backups},
};
use std::time::Duration;
use zhicha_core::time::Timestamp;

const DAY_MS: i64 = 24 * 3_600_000;
const EVERY: Duration = Duration::from_secs(3_600);

/// How backups stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// When the last one was made that counts.
    pub last: Option<Timestamp>,
    /// Whether that is too long ago, or never.
    pub overdue: bool,
}

/// How backups stand now.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(app: &App, conn: &mut Conn) -> store::Result<Standing> {
    let last = backups::last(conn).await?;
    let oldest = app
        .clock
        .now()
        .plus(-i64::from(app.fixed.backup_days) * DAY_MS);
    Ok(Standing {
        last,
        overdue: last.is_none_or(|last| last < oldest),
    })
}

/// Warns in the log once a day while there is no backup that is young enough, for as long as it is polled.
pub async fn keep(app: App) {
    loop {
        // A task of its own: one that is broken off in the middle would leave its connection open behind the end of the server.
        let app = app.clone();
        let told = tokio::spawn(async move { tell(&app).await }).await;
        if let Ok(Err(error)) = told {
            tracing::error!("whether there is a backup could not be read: {error}");
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn tell(app: &App) -> store::Result<()> {
    let standing = standing(app, &mut *app.store.reader().await?).await?;
    let now = app.clock.now();
    if !standing.overdue || !app.fixed.limits.once_a_day("backup", now) {
        return Ok(());
    }
    match standing.last {
        None => {
            tracing::warn!("backup_overdue: there is no backup that counts; see docs/operate.md");
        }
        Some(last) => tracing::warn!(
            days = (now.0 - last.0) / DAY_MS,
            "backup_overdue: the last backup that counts is old; see docs/operate.md"
        ),
    }
    Ok(())
}
