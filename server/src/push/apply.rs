//! The one transaction of a push: judge each event, store it, move the device's chain.

use super::{
    Batch,
    context::{Author, Known, weigh},
    effect::{is_pulled, payload_of, project, projected},
    holder::holder,
    outcome::{Done, Outcome, Stored},
};
use crate::{
    error::ApiError,
    recovery::{self, Why},
    state::App,
    store::{
        self, Conn, audit, blobs, counter,
        devices::{self, DeviceRow},
        events::{self, EventRow, With},
        log,
        projection::Projected,
        quarantine::{self, Stray},
        sessions::SessionRow,
        tenants,
    },
};
use serde_json::json;
use sqlx::Connection as _;
use std::collections::HashMap;
use zhicha_core::{
    access::Role,
    event::Disposition,
    id::RecordId,
    log::Tree,
    sync::{
        epoch::Seen,
        judge::{DeviceState, Incoming, Verdict, judge},
        wire::{PushOutcome, Reason},
    },
    time::Timestamp,
};

struct Push<'a> {
    batch: &'a Batch,
    device: DeviceRow,
    role: Role,
    revoked: bool,
    log: Seen,
    tree: Tree,
    now: Timestamp,
    proven: bool,
    known: Known,
    // Events of records that this push has asked for, which need not be asked for again.
    records: HashMap<RecordId, Vec<EventRow>>,
    care: Care,
}

// How a batch is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Care {
    // In one go: nothing is expected to go wrong.
    None,
    // An effect failed, and all of the batch with it: it is to be stored again, with care.
    Wanted,
    // Each effect by itself, so that one that fails leaves its event deferred.
    Each,
}

/// Stores a batch. Nothing is answered before the commit.
pub async fn apply(
    app: &App,
    batch: &Batch,
    session: Option<&SessionRow>,
) -> Result<Outcome, ApiError> {
    let mut care = Care::None;
    let stored = store(app, batch, session, &mut care).await;
    match care {
        Care::Wanted => store(app, batch, session, &mut Care::Each).await,
        Care::None | Care::Each => stored,
    }
}

async fn store(
    app: &App,
    batch: &Batch,
    session: Option<&SessionRow>,
    care: &mut Care,
) -> Result<Outcome, ApiError> {
    let now = app.clock.now();
    let c = &batch.certificate;
    failpoint!(PushBegins);
    let mut tx = app.store.begin().await?;
    let Some((device, person)) = holder(&mut tx, batch, now).await? else {
        return Ok(Outcome::UnknownHolder);
    };
    if let Some(word) = &batch.checkpoint
        && recovery::is_behind(&mut tx, word).await?
    {
        recovery::begin(&mut tx, &app.clock, c.tenant, Why::Behind(word)).await?;
    }
    if let Some(word) = &batch.blob_receipt
        && recovery::lacks(&mut tx, word).await?
    {
        recovery::begin(&mut tx, &app.clock, c.tenant, Why::Lacks).await?;
    }
    let mut push = Push {
        batch,
        revoked: device.revoked_at.is_some() || person.revoked_at.is_some(),
        role: person.role,
        log: tenants::log(&mut tx, c.tenant).await?,
        tree: log::tree(&mut tx, c.tenant).await?,
        now,
        proven: session.is_some_and(|s| s.tenant == c.tenant && s.user == c.user),
        device,
        known: Known::default(),
        records: HashMap::new(),
        care: *care,
    };
    let records = batch
        .events
        .iter()
        .filter_map(|(_, event)| payload_of(event));
    let records = records.map(|payload| payload.record_id);
    push.records = events::of_records(&mut tx, c.tenant, records).await?;
    let mut results = Vec::new();
    let mut stop = None;
    for (seq, (text, event)) in (batch.first_seq..).zip(&batch.events) {
        let step = push.one(&mut tx, seq, text, event).await;
        *care = push.care;
        match step? {
            Step::Stored(stored) => results.push(stored),
            Step::Stop(outcome) => {
                stop = Some(outcome);
                break;
            }
        }
    }
    push.contact(&mut tx, results.len() as u64).await?;
    let log = log::checkpoint(&mut tx, c.tenant, now).await?;
    let photos = tenants::get(&mut tx, c.tenant).await?.photos;
    failpoint!(PushCommits);
    store::commit(tx).await?;
    failpoint!(PushCommitted);
    match stop {
        Some(outcome) if results.is_empty() => Ok(outcome),
        _ => Ok(Outcome::Taken(Done {
            results,
            log,
            photos,
            next_seq: push.device.last_seq + 1,
        })),
    }
}

enum Step {
    Stored(Stored),
    Stop(Outcome),
}

impl Push<'_> {
    async fn one(
        &mut self,
        conn: &mut Conn,
        seq: u64,
        text: &str,
        event: &Incoming,
    ) -> Result<Step, ApiError> {
        let tenant = self.device.tenant;
        let at_seq = if seq <= self.device.last_seq {
            events::at(conn, tenant, self.device.device, seq).await?
        } else {
            None
        };
        let state = DeviceState {
            last_seq: self.device.last_seq,
            last_hash: self.device.last_hash.clone(),
            after_gap: self.device.gap,
            frozen: self.device.frozen_at.is_some(),
            revoked: self.revoked,
            role: self.role,
        };
        let c = &self.batch.certificate;
        let verdict = judge(&state, c, seq, event, at_seq.as_ref().map(|row| &row.hash));
        if self.lacks_proof(&verdict, seq, event) {
            return Ok(Step::Stop(Outcome::Unproven));
        }
        let stored = match verdict {
            Verdict::Expected { seq } => return Ok(Step::Stop(Outcome::Expected(seq))),
            Verdict::Duplicate => match at_seq {
                Some(row) => Stored::duplicate(&row),
                None => return Err(ApiError::internal()),
            },
            Verdict::Fork => self.fork(conn, seq, text, event).await?,
            Verdict::ApplyLate => self.effect(conn, seq, text, event, true).await?,
            Verdict::Apply { after_gap } => self.effect(conn, seq, text, event, after_gap).await?,
            Verdict::ApplyLoss { from, to } => {
                let detail = json!({ "device": self.device.device, "from": from, "to": to });
                audit::write(
                    conn,
                    tenant,
                    self.now,
                    Some(self.device.user),
                    "device_loss",
                    &detail,
                )
                .await?;
                self.effect(conn, seq, text, event, false).await?
            }
            Verdict::Quarantine { reason, detail } => {
                let mut row = self.row(seq, text, event);
                (row.disposition, row.reason, row.detail) =
                    (Disposition::Quarantined, Some(reason), detail);
                self.insert(conn, row, event, None).await?.0
            }
            Verdict::Defer => {
                tracing::warn!(device = %self.device.device, seq, "an event of a newer kind waits for an upgrade");
                let mut row = self.row(seq, text, event);
                (row.disposition, row.reason) = (Disposition::Deferred, Some(Reason::UnknownKind));
                self.insert(conn, row, event, None).await?.0
            }
        };
        Ok(Step::Stored(stored))
    }

    // A certificate is no secret: every export holds it, with old events beside it. Closing a place with a text that
    // does not verify under it, and freezing the device over one, takes a session of its holder too. Otherwise
    // anybody with an export could take the device's next number.
    fn lacks_proof(&self, verdict: &Verdict, seq: u64, event: &Incoming) -> bool {
        let harmful = matches!(verdict, Verdict::Fork)
            || matches!(
                verdict,
                Verdict::Quarantine {
                    reason: Reason::Damaged | Reason::Foreign,
                    ..
                }
            );
        harmful && !self.proven && !self.proves(seq, event)
    }

    // Whether only the holder of the key can have made this text for this place.
    fn proves(&self, seq: u64, event: &Incoming) -> bool {
        let c = &self.batch.certificate;
        matches!(event, Incoming::Sound { payload, .. } if payload.device_seq == seq && payload.device_id == c.device_id)
    }

    fn row(&self, seq: u64, text: &str, event: &Incoming) -> EventRow {
        let payload = payload_of(event);
        EventRow {
            tenant: self.device.tenant,
            tenant_seq: 0,
            epoch: self.log.epoch,
            hash: event.hash().clone(),
            device: self.device.device,
            device_seq: seq,
            user: self.device.user,
            kind: payload.map(|p| p.kind.clone()),
            record_type: payload.map(|p| p.record_type.clone()),
            record: payload.map(|p| p.record_id),
            disposition: Disposition::Applied,
            reason: None,
            detail: String::new(),
            flags: Vec::new(),
            received_at: self.now,
            text: text.to_owned(),
        }
    }

    // Stores a row under its number, with what is written in the same question, and advances, whatever became of the event.
    async fn insert(
        &mut self,
        conn: &mut Conn,
        mut row: EventRow,
        event: &Incoming,
        projected: Option<&Projected>,
    ) -> Result<(Stored, EventRow), ApiError> {
        let with = match (is_pulled(&row, payload_of(event)), row.record, projected) {
            (false, ..) => With::Nothing,
            (true, Some(record), Some(projected)) => With::FeedAndProjection(record, projected),
            (true, ..) => With::Feed,
        };
        row.tenant_seq = events::add(conn, &row, &mut self.tree, with).await?;
        failpoint!(PushRow);
        self.known.events.insert(row.hash.as_str().to_owned());
        if let Some(record) = row.record {
            self.records.remove(&record);
        }
        if let Some(payload) = payload_of(event) {
            blobs::name(conn, &row, &payload.blobs).await?;
        }
        // One that comes after its number was reported as lost moves nothing.
        if row.device_seq > self.device.last_seq {
            self.device.last_seq = row.device_seq;
            self.device.last_hash = row.hash.clone();
            self.device.gap = matches!(row.reason, Some(Reason::Damaged | Reason::Foreign));
        }
        let outcome = match row.disposition {
            Disposition::Applied => PushOutcome::Applied,
            Disposition::Quarantined => PushOutcome::Quarantined,
            Disposition::Deferred => PushOutcome::Deferred,
        };
        if row.disposition == Disposition::Quarantined {
            tracing::warn!(device = %row.device, seq = row.device_seq, reason = ?row.reason, "quarantined");
        }
        let stored = Stored {
            outcome,
            reason: row.reason,
            receipt: row.receipt(),
        };
        Ok((stored, row))
    }

    // Applies an event. A fault of ours undoes the batch, which is stored again with care: then each effect has a savepoint, and
    // one that fails leaves its event deferred.
    async fn effect(
        &mut self,
        conn: &mut Conn,
        seq: u64,
        text: &str,
        event: &Incoming,
        after_gap: bool,
    ) -> Result<Stored, ApiError> {
        let mut row = self.row(seq, text, event);
        let record_events = match row.record {
            Some(record) => match self.records.remove(&record) {
                Some(known) => known,
                None => events::of_record(conn, row.tenant, record).await?,
            },
            None => Vec::new(),
        };
        let author = Author {
            device: &self.device,
            role: self.role,
        };
        let known = &mut self.known;
        weigh(
            conn,
            known,
            &mut row,
            event,
            &record_events,
            author,
            after_gap,
        )
        .await?;
        if row.disposition == Disposition::Quarantined {
            return Ok(self.insert(conn, row, event, None).await?.0);
        }
        if self.care != Care::Each {
            let stored = self
                .insert_and_project(conn, row, event, record_events)
                .await;
            if stored.is_err() {
                self.care = Care::Wanted;
            }
            return stored;
        }
        let before = (self.device.clone(), self.tree.clone());
        let mut savepoint = conn.begin().await.map_err(store::StoreError::from)?;
        let fault = match self
            .insert_and_project(&mut savepoint, row.clone(), event, record_events)
            .await
        {
            Ok(stored) => {
                savepoint.commit().await.map_err(store::StoreError::from)?;
                return Ok(stored);
            }
            Err(fault) => fault,
        };
        savepoint
            .rollback()
            .await
            .map_err(store::StoreError::from)?;
        tracing::error!(device = %row.device, seq, code = fault.problem().code, "an effect failed; the event waits");
        (self.device, self.tree) = before;
        self.known.events.remove(row.hash.as_str());
        (row.disposition, row.reason) = (Disposition::Deferred, Some(Reason::ServerFault));
        Ok(self.insert(conn, row, event, None).await?.0)
    }

    async fn insert_and_project(
        &mut self,
        conn: &mut Conn,
        mut row: EventRow,
        event: &Incoming,
        mut record_events: Vec<EventRow>,
    ) -> Result<Stored, ApiError> {
        row.tenant_seq = self.tree.size() + 1;
        record_events.push(row.clone());
        let pulled = is_pulled(&row, payload_of(event));
        let projected = projected(&row, &record_events).filter(|_| pulled);
        let (stored, row) = self.insert(conn, row, event, projected.as_ref()).await?;
        if projected.is_none() {
            project(conn, &row, &record_events).await?;
        }
        if let Some(record) = row.record {
            self.records.insert(record, record_events);
        }
        failpoint!(PushEffect);
        Ok(stored)
    }

    // A contradiction: the text goes to quarantine without a number, and the device stands still.
    async fn fork(
        &mut self,
        conn: &mut Conn,
        seq: u64,
        text: &str,
        event: &Incoming,
    ) -> Result<Stored, ApiError> {
        let payload = payload_of(event);
        let mut stray = Stray {
            tenant: self.device.tenant,
            tenant_seq: 0,
            epoch: self.log.epoch,
            hash: event.hash().clone(),
            device: Some(self.device.device),
            device_seq: Some(seq),
            user: Some(self.device.user),
            kind: payload.map(|p| p.kind.clone()),
            record: payload.map(|p| p.record_id),
            reason: Reason::Fork,
            detail: "contradicts what the device sent before".to_owned(),
            received_at: self.now,
            text: text.to_owned(),
        };
        if let Some(known) = quarantine::find(conn, &stray).await? {
            stray = known;
        } else {
            stray.tenant_seq = counter::next(conn, stray.tenant, counter::LOG).await?;
            quarantine::add(conn, &stray).await?;
            self.tree.append(&stray.hash);
        }
        if self.device.frozen_at.is_none() {
            self.device.frozen_at = Some(self.now);
            devices::freeze(conn, stray.tenant, self.device.device, self.now).await?;
            let detail = json!({ "device": self.device.device, "device_seq": seq, "event_hash": stray.hash });
            audit::write(conn, stray.tenant, self.now, None, "device_frozen", &detail).await?;
            tracing::error!(device = %self.device.device, seq, "a device contradicts itself; it is frozen");
        }
        let receipt = stray.receipt().ok_or_else(ApiError::internal)?;
        Ok(Stored {
            outcome: PushOutcome::Fork,
            reason: Some(Reason::Fork),
            receipt,
        })
    }

    // The end of the chain and what the device says of itself, once for all of its events.
    async fn contact(&self, conn: &mut Conn, taken: u64) -> store::Result<()> {
        if taken > 0 {
            devices::advance(conn, &self.device).await?;
        }
        // What another device sends for it says nothing about its own state.
        if self.batch.relayed {
            return Ok(());
        }
        let seen = self.batch.seen.as_ref();
        let unsent = self.batch.unsent.saturating_sub(taken);
        devices::contact(
            conn,
            self.device.tenant,
            self.device.device,
            self.now,
            unsent,
            seen,
        )
        .await
    }
}
