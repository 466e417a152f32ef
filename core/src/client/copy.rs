//! The copy beside the database: the sealed events that have no receipt yet, as lines of a file of its own, so that a browser
//! that loses its database does not lose evidence (`docs/formats.md`, "The copy beside the database").
//!
//! Nothing in it is believed because it is there: certificate, signature and hash are checked before anything is put back.

use super::Verifier;
use crate::{
    checklist::Digest,
    event::{Certificate, EventHash, Payload},
    id::{TenantId, UserId},
    order,
    store::{EventRow, Head, PushState},
    sync::wire::Identity,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::collections::BTreeMap;

const IDENTITY: &str = "identity ";
const EVENT: &str = "event ";
const BYTES: &str = "bytes ";

/// Up to this length bytes that an event names are in the copy too: what somebody signed and how. Photos are too large for it.
pub const MOST_BYTES: u64 = 64 * 1024;

/// The line that says whose the events behind it are.
///
/// # Errors
/// When the identity cannot be written as JSON.
pub fn identity_line(identity: &Identity) -> Result<String, serde_json::Error> {
    Ok(format!("{IDENTITY}{}\n", serde_json::to_string(identity)?))
}

/// The line of an event: its number for whoever tends the file, and its text, verbatim.
pub fn event_line(event: &EventRow) -> String {
    format!("{EVENT}{} {}\n", event.seq, event.text)
}

/// The line of bytes that an event names; it stands before that event's.
pub fn bytes_line(event: &EventRow, bytes: &[u8]) -> String {
    format!("{BYTES}{} {}\n", event.seq, URL_SAFE_NO_PAD.encode(bytes))
}

/// What the file holds of one enrolment.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved {
    /// The enrolment.
    pub identity: Identity,
    /// Its events by number, each checked.
    pub events: Vec<EventRow>,
    /// Bytes that they name, by their digest.
    pub bytes: BTreeMap<Digest, Vec<u8>>,
}

/// Reads a copy that belongs to a person. Lines that are cut off, altered or somebody else's are left out.
pub async fn read<V: Verifier>(
    verifier: &V,
    (tenant, user): (TenantId, UserId),
    text: &str,
) -> Vec<Saved> {
    let mut all: Vec<(Saved, Certificate)> = Vec::new();
    let mut now = None;
    for line in text.split_inclusive('\n') {
        // What does not end was cut off by a crash.
        let Some(line) = line.strip_suffix('\n') else {
            continue;
        };
        if let Some(json) = line.strip_prefix(IDENTITY) {
            now = match identity(verifier, json).await {
                Some(found) if found.0.tenant == tenant && found.0.user == user => {
                    Some(section(&mut all, found))
                }
                _ => None,
            };
        } else if let Some(rest) = line.strip_prefix(BYTES)
            && let Some((_, text)) = rest.split_once(' ')
            && let Some((saved, _)) = now.map(|at| &mut all[at])
            && let Ok(bytes) = URL_SAFE_NO_PAD.decode(text)
        {
            saved.bytes.insert(Digest::of(&bytes), bytes);
        } else if let Some(rest) = line.strip_prefix(EVENT)
            && let Some((_, text)) = rest.split_once(' ')
            && let Some((saved, certificate)) = now.map(|at| &mut all[at])
            && let Some(row) = event(verifier, certificate, text).await
            && !saved.events.iter().any(|known| known.seq == row.seq)
        {
            saved.events.push(row);
        }
    }
    let mut all: Vec<Saved> = all.into_iter().map(|(saved, _)| saved).collect();
    for saved in &mut all {
        order::sort_by_key(&mut saved.events, |event| event.seq);
    }
    all
}

fn section(
    all: &mut Vec<(Saved, Certificate)>,
    (identity, certificate): (Identity, Certificate),
) -> usize {
    let known = all
        .iter()
        .position(|(saved, _)| saved.identity.device_id == identity.device_id);
    known.unwrap_or_else(|| {
        let saved = Saved {
            identity,
            events: Vec::new(),
            bytes: BTreeMap::new(),
        };
        all.push((saved, certificate));
        all.len() - 1
    })
}

async fn identity<V: Verifier>(verifier: &V, json: &str) -> Option<(Identity, Certificate)> {
    let identity: Identity = crate::json::from_str(json).ok()?;
    let (certificate, jws) = Certificate::parse(&identity.certificate).ok()?;
    let key = identity
        .server_keys
        .iter()
        .find(|key| key.thumbprint() == jws.kid)?;
    let sound = verifier.verify(&jws, key).await
        && certificate.tenant == identity.tenant
        && certificate.user == identity.user
        && certificate.device_id == identity.device_id
        && certificate.kid == identity.kid;
    sound.then_some((identity, certificate))
}

async fn event<V: Verifier>(
    verifier: &V,
    certificate: &Certificate,
    text: &str,
) -> Option<EventRow> {
    let (payload, jws) = Payload::parse(text).ok()?;
    let sound = jws.kid == certificate.kid
        && payload.tenant == certificate.tenant
        && payload.device_id == certificate.device_id
        && verifier.verify(&jws, &certificate.cnf.jwk).await;
    sound.then(|| EventRow {
        v: 1,
        seq: payload.device_seq,
        hash: jws.hash,
        record_id: payload.record_id,
        kind: payload.kind,
        at: payload.t.wall,
        text: text.to_owned(),
    })
}

/// What the database holds.
#[derive(Clone, Debug, Default)]
pub struct Here {
    /// Who is enrolled.
    pub identity: Option<Identity>,
    /// The end of the chain.
    pub head: Option<Head>,
    /// Where sending stands.
    pub push: PushState,
    /// Own events above the acknowledged one.
    pub events: Vec<EventRow>,
}

/// What is to be put back, in one transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Restore {
    /// The enrolment that the events belong to.
    pub identity: Identity,
    /// Whether it is gone from the database too, and with it key and drafts.
    pub anew: bool,
    /// The end of the chain, afterwards.
    pub head: Head,
    /// Where sending stands, afterwards.
    pub push: PushState,
    /// The events, by number.
    pub events: Vec<EventRow>,
    /// Bytes that they may name, by their digest.
    pub bytes: BTreeMap<Digest, Vec<u8>>,
}

/// What the database lacks and the copy has; nothing if that is nothing.
pub fn restore(saved: Vec<Saved>, here: &Here) -> Option<Restore> {
    match (&here.identity, &here.head) {
        (Some(identity), Some(head)) => saved
            .into_iter()
            .find(|saved| saved.identity.device_id == identity.device_id)
            .and_then(|saved| behind(saved, here, head)),
        _ => saved.into_iter().next_back().and_then(emptied),
    }
}

// The database knows nobody: the last enrolment of the copy comes back with all its events.
fn emptied(saved: Saved) -> Option<Restore> {
    let (first, last) = (saved.events.first()?, saved.events.last()?);
    Some(Restore {
        head: head_at(last),
        push: PushState {
            acked: first.seq.saturating_sub(1),
            ..PushState::default()
        },
        identity: saved.identity,
        anew: true,
        events: saved.events,
        bytes: saved.bytes,
    })
}

// The database knows the enrolment and lacks events. Those above its head are added: what lies between was delivered, or
// the server will say what it misses. Those below must be the very ones that the chain names.
fn behind(saved: Saved, here: &Here, head: &Head) -> Option<Restore> {
    if saved
        .events
        .iter()
        .any(|event| contradicts(event, here, head))
    {
        return None;
    }
    let mut named = vec![head.hash.clone()];
    named.extend(here.events.iter().filter_map(prev));
    let mut events = Vec::new();
    for event in saved.events.into_iter().rev() {
        let known = here.events.iter().any(|other| other.seq == event.seq);
        if event.seq <= here.push.acked || known {
            continue;
        }
        if event.seq > head.seq || named.contains(&event.hash) {
            named.extend(prev(&event));
            events.push(event);
        }
    }
    events.reverse();
    let last = events.last()?;
    Some(Restore {
        head: if last.seq > head.seq {
            head_at(last)
        } else {
            head.clone()
        },
        push: here.push.clone(),
        identity: saved.identity,
        anew: false,
        events,
        bytes: saved.bytes,
    })
}

// Another event under the same number: the chain has gone on without the copy, and the two must not be mixed.
fn contradicts(event: &EventRow, here: &Here, head: &Head) -> bool {
    let other = here.events.iter().find(|other| other.seq == event.seq);
    other.is_some_and(|other| other.hash != event.hash)
        || (event.seq == head.seq && event.hash != head.hash)
        || (event.seq == head.seq + 1 && prev(event).as_ref() != Some(&head.hash))
}

fn prev(event: &EventRow) -> Option<EventHash> {
    Payload::parse(&event.text).ok().map(|(p, _)| p.prev)
}

fn head_at(event: &EventRow) -> Head {
    Head {
        seq: event.seq,
        hash: event.hash.clone(),
    }
}
