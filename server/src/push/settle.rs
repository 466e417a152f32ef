//! Events that had to wait are looked at again when a server starts: this version may know their kind, and a fault of ours may be
//! gone. What became of them goes beside their rows; their devices and readers hear of it by the feed.

use super::{
    context::{Author, Known, weigh},
    effect::{feed, is_pulled, payload_of, project},
    read,
};
use crate::{
    error::ApiError,
    state::App,
    store::{
        self, Conn, StoreError, audit, devices,
        events::{self, EventRow},
        people, settlements, tenants,
    },
};
use serde_json::json;
use sqlx::Connection as _;
use zhicha_core::{
    event::{Certificate, Disposition},
    sync::judge::{DeviceState, Verdict, judge_waiting},
    time::Timestamp,
};

const AT_ONCE: u32 = 100;

/// Applies what can be applied by now, in the order of the log. What still cannot be goes on waiting.
///
/// # Errors
/// When the database cannot be read or written.
pub async fn settle(app: &App) -> Result<(), ApiError> {
    let mut tx = app.store.begin().await?;
    for tenant in tenants::all(&mut tx).await? {
        let mut settling = Settling {
            app,
            now: app.clock.now(),
            known: Known::default(),
        };
        let (mut place, mut settled, mut waiting) = (0, 0_u64, 0_u64);
        loop {
            let rows = settlements::waiting(&mut tx, tenant.tenant, place, AT_ONCE).await?;
            let Some(last) = rows.last() else { break };
            place = last.tenant_seq;
            for row in rows {
                match settling.one(&mut tx, row).await? {
                    true => settled += 1,
                    false => waiting += 1,
                }
            }
        }
        if settled > 0 {
            let detail = json!({ "settled": settled, "waiting": waiting });
            audit::write(
                &mut tx,
                tenant.tenant,
                settling.now,
                None,
                "deferred_settled",
                &detail,
            )
            .await?;
        }
        if settled + waiting > 0 {
            tracing::warn!(settled, waiting, "events that had to wait");
        }
    }
    store::commit(tx).await?;
    Ok(())
}

struct Settling<'a> {
    app: &'a App,
    now: Timestamp,
    known: Known,
}

impl Settling<'_> {
    // Whether it waits no more. A fault of ours leaves it as it was.
    async fn one(&mut self, conn: &mut Conn, row: EventRow) -> Result<bool, ApiError> {
        let (device, seq) = (row.device, row.device_seq);
        let mut savepoint = conn.begin().await.map_err(StoreError::from)?;
        match self.decide(&mut savepoint, row).await {
            Ok(settled) => {
                savepoint.commit().await.map_err(StoreError::from)?;
                Ok(settled)
            }
            Err(fault) => {
                savepoint.rollback().await.map_err(StoreError::from)?;
                tracing::error!(%device, seq, code = fault.problem().code, "an effect failed again; the event waits");
                Ok(false)
            }
        }
    }

    async fn decide(&mut self, conn: &mut Conn, mut row: EventRow) -> Result<bool, ApiError> {
        let (Some(device), Some(person)) = (
            devices::get(conn, row.tenant, row.device).await?,
            people::get(conn, row.tenant, row.user).await?,
        ) else {
            return Ok(false);
        };
        let Ok((certificate, _)) = Certificate::parse(&device.certificate) else {
            return Ok(false);
        };
        let event = read::again(&row.text, &certificate, &self.app.fixed.newer_kinds);
        let before = row.device_seq.saturating_sub(1);
        let previous = events::at(conn, row.tenant, row.device, before).await?;
        let state = DeviceState {
            last_seq: before,
            last_hash: previous.map_or_else(|| device.certificate_hash.clone(), |row| row.hash),
            after_gap: true,
            frozen: false,
            revoked: false,
            role: person.role,
        };
        let mut of_record = match row.record {
            Some(record) => events::of_record(conn, row.tenant, record).await?,
            None => Vec::new(),
        };
        match judge_waiting(&state, &certificate, row.device_seq, &event) {
            Verdict::Quarantine { reason, detail } => {
                (row.disposition, row.reason, row.detail) =
                    (Disposition::Quarantined, Some(reason), detail);
            }
            Verdict::Apply { after_gap } => {
                let author = Author {
                    device: &device,
                    role: person.role,
                };
                let known = &mut self.known;
                weigh(conn, known, &mut row, &event, &of_record, author, after_gap).await?;
            }
            _ => return Ok(false),
        }
        settlements::add(conn, &row, self.now).await?;
        if row.disposition == Disposition::Applied {
            for known in of_record
                .iter_mut()
                .filter(|e| e.tenant_seq == row.tenant_seq)
            {
                known.clone_from(&row);
            }
            project(conn, &row, &of_record).await?;
        }
        if is_pulled(&row, payload_of(&event)) {
            feed(conn, &row, self.now).await?;
        }
        Ok(true)
    }
}
