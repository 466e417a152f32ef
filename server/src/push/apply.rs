//! The one transaction of a push: judge each event, store it, move the device's chain.

use super::{
    Batch,
    context::{flags, hindrance},
    holder::holder,
};
use crate::{
    error::ApiError,
    state::App,
    store::{
        self, Conn, audit, blobs, counter,
        devices::{self, DeviceRow},
        drafts,
        events::{self, EventRow},
        feed::{self, Op},
        quarantine::{self, Stray},
        sessions::SessionRow,
        tenants,
    },
};
use serde_json::json;
use sqlx::Connection as _;
use zhicha_core::{
    access::Role,
    event::{Disposition, Payload, Receipt},
    sync::{
        epoch::Seen,
        judge::{DeviceState, Incoming, Verdict, judge},
        wire::{PhotoPolicy, PushOutcome, Reason, Stream},
    },
    time::Timestamp,
};

/// What became of a push.
pub enum Outcome {
    /// Committed.
    Taken(Done),
    /// The first event claims a number that is not the next; nothing was stored.
    Expected(u64),
    /// The first event would take a place or freeze the device without proof that the device sent it.
    Unproven,
    /// The certificate is of our key, but not one that this database can place.
    UnknownHolder,
}

/// What was committed.
pub struct Done {
    /// One for each event that was looked at.
    pub results: Vec<Stored>,
    /// The log after the commit.
    pub log: Seen,
    /// What the tenant wants of photos.
    pub photos: PhotoPolicy,
    /// The number expected next.
    pub next_seq: u64,
}

/// A committed row, as its sender hears of it.
pub struct Stored {
    /// What was done.
    pub outcome: PushOutcome,
    /// Why, when it was not applied.
    pub reason: Option<Reason>,
    /// What the receipt says.
    pub receipt: Receipt,
}

/// Whether the event goes on its person's feed; `sound` is what its text says, when the device's signature fits. What the
/// author's other devices could not verify stays off.
pub fn is_pulled(row: &EventRow, sound: Option<&Payload>) -> bool {
    let own = |p: &Payload| p.device_seq == row.device_seq && p.device_id == row.device;
    sound.is_some_and(own) && row.reason != Some(Reason::Foreign)
}

struct Push<'a> {
    batch: &'a Batch,
    device: DeviceRow,
    role: Role,
    revoked: bool,
    log: Seen,
    now: Timestamp,
    proven: bool,
}

/// Stores a batch. Nothing is answered before the commit.
pub async fn apply(
    app: &App,
    batch: &Batch,
    session: Option<&SessionRow>,
) -> Result<Outcome, ApiError> {
    let now = app.clock.now();
    let c = &batch.certificate;
    let mut tx = app.store.begin().await?;
    let Some((device, person)) = holder(&mut tx, batch, now).await? else {
        return Ok(Outcome::UnknownHolder);
    };
    let mut push = Push {
        batch,
        revoked: device.revoked_at.is_some() || person.revoked_at.is_some(),
        role: person.role,
        log: tenants::log(&mut tx, c.tenant).await?,
        now,
        proven: session.is_some_and(|s| s.tenant == c.tenant && s.user == c.user),
        device,
    };
    let mut results = Vec::new();
    let mut stop = None;
    for (seq, (text, event)) in (batch.first_seq..).zip(&batch.events) {
        match push.one(&mut tx, seq, text, event).await? {
            Step::Stored(stored) => results.push(stored),
            Step::Stop(outcome) => {
                stop = Some(outcome);
                break;
            }
        }
    }
    push.contact(&mut tx, results.len() as u64).await?;
    let log = tenants::log(&mut tx, c.tenant).await?;
    let photos = tenants::get(&mut tx, c.tenant).await?.photos;
    store::commit(tx).await?;
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
                Some(row) => duplicate(&row),
                None => return Err(ApiError::internal()),
            },
            Verdict::Fork => self.fork(conn, seq, text, event).await?,
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
                self.insert(conn, row, event).await?
            }
            Verdict::Defer => {
                tracing::warn!(device = %self.device.device, seq, "an event of a newer kind waits for an upgrade");
                let mut row = self.row(seq, text, event);
                (row.disposition, row.reason) = (Disposition::Deferred, Some(Reason::UnknownKind));
                self.insert(conn, row, event).await?
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

    // Stores a row under its number and advances, whatever became of the event.
    async fn insert(
        &mut self,
        conn: &mut Conn,
        mut row: EventRow,
        event: &Incoming,
    ) -> Result<Stored, ApiError> {
        row.tenant_seq = counter::next(conn, row.tenant, counter::LOG).await?;
        events::add(conn, &row).await?;
        if let Some(payload) = payload_of(event) {
            blobs::name(conn, &row, &payload.blobs).await?;
        }
        if is_pulled(&row, payload_of(event)) {
            let key = row.tenant_seq.to_string();
            feed::add(
                conn,
                row.tenant,
                Stream::Records,
                &row.user.to_string(),
                &key,
                Op::Put,
                self.now,
            )
            .await?;
        }
        self.device.last_seq = row.device_seq;
        self.device.last_hash = row.hash.clone();
        self.device.gap = matches!(row.reason, Some(Reason::Damaged | Reason::Foreign));
        devices::advance(conn, &self.device).await?;
        let outcome = match row.disposition {
            Disposition::Applied => PushOutcome::Applied,
            Disposition::Quarantined => PushOutcome::Quarantined,
            Disposition::Deferred => PushOutcome::Deferred,
        };
        if row.disposition == Disposition::Quarantined {
            tracing::warn!(device = %row.device, seq = row.device_seq, reason = ?row.reason, "quarantined");
        }
        Ok(Stored {
            outcome,
            reason: row.reason,
            receipt: row.receipt(),
        })
    }

    // Applies an event inside a savepoint; a fault of ours leaves it stored as deferred instead.
    async fn effect(
        &mut self,
        conn: &mut Conn,
        seq: u64,
        text: &str,
        event: &Incoming,
        after_gap: bool,
    ) -> Result<Stored, ApiError> {
        let mut row = self.row(seq, text, event);
        let Incoming::Sound {
            payload,
            body: Ok(Some(body)),
            ..
        } = event
        else {
            return Err(ApiError::internal());
        };
        if let Some((reason, detail)) = hindrance(conn, &row, body, self.role).await? {
            (row.disposition, row.reason, row.detail) =
                (Disposition::Quarantined, Some(reason), detail.to_owned());
            return self.insert(conn, row, event).await;
        }
        row.flags = flags(conn, payload, body, &self.device, after_gap, self.now).await?;
        let before = self.device.clone();
        let mut savepoint = conn.begin().await.map_err(store::StoreError::from)?;
        let fault = match self
            .insert_and_project(&mut savepoint, row.clone(), event)
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
        self.device = before;
        (row.disposition, row.reason) = (Disposition::Deferred, Some(Reason::ServerFault));
        self.insert(conn, row, event).await
    }

    async fn insert_and_project(
        &mut self,
        conn: &mut Conn,
        row: EventRow,
        event: &Incoming,
    ) -> Result<Stored, ApiError> {
        let record = row
            .record
            .filter(|_| row.record_type.as_deref() == Some("inspection"));
        let seals = row.kind.as_deref() == Some("sealed");
        let stored = self.insert(conn, row, event).await?;
        if let Some(record) = record {
            store::projection::refresh(conn, self.device.tenant, record).await?;
            if seals {
                let (tenant, user) = (self.device.tenant, self.device.user);
                let key = drafts::Key {
                    tenant,
                    user,
                    record,
                };
                drafts::remove(conn, key).await?;
            }
        }
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

    async fn contact(&self, conn: &mut Conn, taken: u64) -> store::Result<()> {
        let seen = self.batch.seen.as_ref();
        if let Some(seen) = seen
            && (seen.epoch != self.log.epoch || seen.size > self.log.size)
        {
            tracing::error!(device = %self.device.device, seen = ?seen, log = ?self.log, "a device has seen more of the log than is here");
        }
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

fn payload_of(event: &Incoming) -> Option<&Payload> {
    match event {
        Incoming::Sound { payload, .. } => Some(payload),
        Incoming::Damaged { .. } => None,
    }
}

fn duplicate(row: &EventRow) -> Stored {
    Stored {
        outcome: PushOutcome::Duplicate,
        reason: row.reason,
        receipt: row.receipt(),
    }
}
