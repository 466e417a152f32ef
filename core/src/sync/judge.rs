//! The server's pure decision about one event (the table of `docs/formats.md`, "Push").
//!
//! Input is what the database knows, output is what to do; the caller stores, answers and signs receipts.

use super::wire::Reason;
use crate::{
    access::{Action, Role},
    event::{Body, Certificate, EventHash, JwsError, Payload, envelope::SCHEMA},
    inspection::Mode,
};

/// The most numbers that one report may give up; no device has written so many.
pub const MAX_LOSS: u64 = 100_000;

/// What the server knows about the pushing device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceState {
    /// Number of the last event that took its place, 0 before the first.
    pub last_seq: u64,
    /// Its hash; the certificate's before the first.
    pub last_hash: EventHash,
    /// The slot before the next one is damaged: take the next event whatever its `prev`, and flag it.
    pub after_gap: bool,
    /// Frozen after a fork.
    pub frozen: bool,
    /// The device or its person is revoked.
    pub revoked: bool,
    /// The role the person has now; rights are judged at receipt.
    pub role: Role,
}

/// An event text, parsed and its signature checked against the certificate's key, outside the database.
#[derive(Clone, Debug, PartialEq)]
pub enum Incoming {
    /// The text is sound.
    Sound {
        /// Its hash.
        hash: EventHash,
        /// What it says.
        payload: Box<Payload>,
        /// Its body; nothing for a newer kind or schema.
        body: Result<Option<Body>, String>,
    },
    /// No JWS of ours, or the signature does not fit.
    Damaged {
        /// Hash of the text, to recognise it when it comes again.
        hash: EventHash,
        /// In words.
        detail: String,
    },
}

impl Incoming {
    /// Reads `text`; `sound` says whether the signature fits the certificate's key.
    pub fn read(text: &str, sound: impl FnOnce(&crate::event::Jws) -> bool) -> Self {
        let damaged = |detail: String| Self::Damaged {
            hash: EventHash::of_text(text),
            detail,
        };
        match Payload::parse(text) {
            Ok((payload, jws)) if sound(&jws) => {
                let body = payload.body().map_err(|e| e.to_string());
                Self::Sound {
                    hash: jws.hash,
                    payload: Box::new(payload),
                    body,
                }
            }
            Ok(_) => damaged(JwsError::Signature.to_string()),
            Err(error) => damaged(error.to_string()),
        }
    }

    /// The hash of the text.
    pub fn hash(&self) -> &EventHash {
        match self {
            Self::Sound { hash, .. } | Self::Damaged { hash, .. } => hash,
        }
    }
}

/// What to do with an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is here already: answer with the receipt of that row.
    Duplicate,
    /// Store in quarantine, freeze the device (it may be frozen already), raise an alarm. The chain does not advance.
    Fork,
    /// Apply and advance.
    Apply {
        /// The event before it is missing or damaged.
        after_gap: bool,
    },
    /// It was reported as lost, and came after all: apply it under its number, which is free. The chain stands where it stood.
    ApplyLate,
    /// A loss report: record `from..=to` as lost, apply, go on from its hash.
    ApplyLoss {
        /// First lost number.
        from: u64,
        /// Last lost number.
        to: u64,
    },
    /// Store in quarantine and advance.
    Quarantine {
        /// Why.
        reason: Reason,
        /// In words, for an administrator.
        detail: String,
    },
    /// Store, advance, apply after an upgrade.
    Defer,
    /// Store nothing, stop here: another number is expected (409 when it is the first of the request).
    Expected {
        /// The number.
        seq: u64,
    },
}

/// Judges the event that claims number `seq`. `at_seq` is the hash stored under that number for this device.
pub fn judge(
    device: &DeviceState,
    certificate: &Certificate,
    seq: u64,
    event: &Incoming,
    at_seq: Option<&EventHash>,
) -> Verdict {
    let next = device.last_seq + 1;
    if at_seq == Some(event.hash()) {
        return Verdict::Duplicate;
    }
    // Once frozen, everything else the device still holds is deposited, whatever its number, so that nothing waits
    // on it for ever.
    if device.frozen {
        return Verdict::Fork;
    }
    if seq < next {
        return match at_seq {
            None => judge_late(device, certificate, seq, event),
            Some(_) => Verdict::Fork,
        };
    }
    match loss_range(device, certificate, seq, event) {
        // It takes its place, so that what comes behind the lost numbers can be deposited.
        Some(_) if device.revoked => return revoked(),
        Some((from, to)) => return Verdict::ApplyLoss { from, to },
        None => {}
    }
    if seq > next {
        return Verdict::Expected { seq: next };
    }
    match event {
        Incoming::Damaged { detail, .. } => damaged(detail),
        Incoming::Sound { payload, body, .. } => {
            judge_next(device, certificate, seq, payload, body)
        }
    }
}

// A loss report carries its own number to+1, with `from` the first number the server does not have.
fn loss_range(
    device: &DeviceState,
    certificate: &Certificate,
    seq: u64,
    event: &Incoming,
) -> Option<(u64, u64)> {
    let Incoming::Sound {
        payload,
        body: Ok(Some(Body::DeviceLoss(loss))),
        ..
    } = event
    else {
        return None;
    };
    let own = loss.device_id == certificate.device_id && payload.device_id == certificate.device_id;
    // What the device has lost may be here all the same: it had sent some of it, or all.
    let next = device.last_seq + 1;
    let fits = loss.from <= next
        && next <= seq
        && loss.from <= loss.to
        && loss.to.checked_add(1) == Some(seq)
        && seq - loss.from <= MAX_LOSS;
    (own && fits && belongs(certificate, seq, payload)).then_some((loss.from, loss.to))
}

// Its number was given up. The signature says that the device wrote it there; with the same number twice on that device, the
// second one meets the first. A damaged one closes its number as any other does.
fn judge_late(
    device: &DeviceState,
    certificate: &Certificate,
    seq: u64,
    event: &Incoming,
) -> Verdict {
    let (payload, body) = match event {
        Incoming::Sound { payload, body, .. } => (payload, body),
        Incoming::Damaged { detail, .. } => return damaged(detail),
    };
    if !belongs(certificate, seq, payload) {
        return Verdict::Fork;
    }
    let any = DeviceState {
        after_gap: true,
        ..device.clone()
    };
    match judge_next(&any, certificate, seq, payload, body) {
        Verdict::Apply { .. } => Verdict::ApplyLate,
        other => other,
    }
}

/// Judges an event that was stored as `deferred`, which this version may know, or this start do without the fault: `device` as it
/// stood before that event. What befell it since does not matter.
pub fn judge_waiting(
    device: &DeviceState,
    certificate: &Certificate,
    seq: u64,
    event: &Incoming,
) -> Verdict {
    match event {
        Incoming::Damaged { detail, .. } => damaged(detail),
        Incoming::Sound { payload, body, .. } => {
            // It has its place already, whatever stands before it.
            let then = DeviceState {
                after_gap: true,
                revoked: false,
                ..device.clone()
            };
            judge_next(&then, certificate, seq, payload, body)
        }
    }
}

fn judge_next(
    device: &DeviceState,
    certificate: &Certificate,
    seq: u64,
    payload: &Payload,
    body: &Result<Option<Body>, String>,
) -> Verdict {
    let quarantine = |reason, detail: &str| Verdict::Quarantine {
        reason,
        detail: detail.to_owned(),
    };
    if !belongs(certificate, seq, payload) {
        return quarantine(
            Reason::Foreign,
            "tenant, device, person or number differ from the certificate or the place",
        );
    }
    if payload.prev != device.last_hash && !device.after_gap {
        return Verdict::Fork;
    }
    if device.revoked {
        return revoked();
    }
    match body {
        Err(detail) => quarantine(Reason::Invalid, detail),
        Ok(None) => Verdict::Defer,
        Ok(Some(_)) if payload.schema > SCHEMA => Verdict::Defer,
        Ok(Some(body)) => match permitted(device.role, body) {
            Err(detail) => quarantine(Reason::NotPermitted, detail),
            Ok(()) => match check_body(payload, body) {
                Err(detail) => quarantine(Reason::Invalid, &detail),
                Ok(()) => Verdict::Apply {
                    after_gap: payload.prev != device.last_hash,
                },
            },
        },
    }
}

fn damaged(detail: &str) -> Verdict {
    Verdict::Quarantine {
        reason: Reason::Damaged,
        detail: detail.to_owned(),
    }
}

fn revoked() -> Verdict {
    Verdict::Quarantine {
        reason: Reason::Revoked,
        detail: "the device or its person is revoked".to_owned(),
    }
}

fn belongs(certificate: &Certificate, seq: u64, payload: &Payload) -> bool {
    payload.tenant == certificate.tenant
        && payload.device_id == certificate.device_id
        && payload.actor == certificate.user
        && payload.device_seq == seq
}

fn permitted(role: Role, body: &Body) -> Result<(), &'static str> {
    let mode = match body {
        Body::Started(started) => started.mode,
        Body::Sealed(sealed) => sealed.mode,
        Body::Amended(_) | Body::DeviceLoss(_) => return Ok(()),
    };
    let action = match mode {
        Mode::SpotCheck | Mode::ReInspection => Action::SpotCheck,
        Mode::SelfInspection => Action::SelfInspect,
    };
    if role.may(action) {
        Ok(())
    } else {
        Err("the role may not make this kind of inspection")
    }
}

fn check_body(payload: &Payload, body: &Body) -> Result<(), String> {
    if payload.record_type != body.kind().record_type() {
        return Err(format!(
            "record_type “{}” does not fit kind “{}”",
            payload.record_type, payload.kind
        ));
    }
    if let Body::Sealed(sealed) = body {
        let named = |digest| sealed.checklists.iter().any(|c| &c.digest == digest);
        if sealed.checklists.is_empty()
            || !sealed.answers.iter().all(|group| named(&group.checklist))
        {
            return Err("answers name a checklist that the record does not".to_owned());
        }
        if sealed.to < sealed.from {
            return Err("the inspection ends before it begins".to_owned());
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
