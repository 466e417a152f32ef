//! One step of pulling: ask for a page, check what it holds, apply it together with its cursor.

use super::{Failure, Transport, Verifier, push::verified_receipt};
use crate::{
    checklist::{Digest, Loaded},
    event::{Certificate, Payload},
    id::DeviceId,
    store::{PulledEvent, Store, StoreError},
    sync::wire::{Identity, PullPage, PullRow, Stream},
};

/// Why a page was not applied. Nothing of it was written, and the cursor stands where it stood.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PullError {
    /// Nobody is enrolled on this device.
    #[error("nobody is signed in on this device")]
    NotEnrolled,
    /// No answer that counts.
    #[error("no answer from the server")]
    Failed(Failure),
    /// The server was restored from a backup: stop pulling, push first.
    #[error("the server was restored from a backup")]
    Restored,
    /// The page holds something that does not check.
    #[error("the server sent something that does not check: {0}")]
    Unsound(String),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How the events of a page are checked before any of it is written.
#[expect(
    async_fn_in_trait,
    reason = "both users are single-threaded; no Send bound is wanted"
)]
pub trait EventCheck {
    /// The event of a row, or why it does not count.
    async fn check(
        &self,
        identity: &Identity,
        row: &ProvenEvent<'_>,
    ) -> Result<PulledEvent, PullError>;
}

/// An event of a page, with what proves it.
#[derive(Clone, Copy, Debug)]
pub struct ProvenEvent<'a> {
    /// The event, verbatim.
    pub event: &'a str,
    /// Certificate of the device that signed it.
    pub certificate: &'a str,
    /// The server's receipt for it.
    pub receipt: &'a str,
}

/// For streams with events: every signature is checked, and the certificates of their devices are kept.
#[derive(Clone, Copy, Debug)]
pub struct CheckedEvents<'a, V, S> {
    /// Checks signatures.
    pub verifier: &'a V,
    /// Where certificates are kept.
    pub store: &'a S,
}

/// For streams that hold no events: one that comes all the same makes the page unsound. It needs no code to read events.
#[derive(Clone, Copy, Debug)]
pub struct NoEvents;

impl EventCheck for NoEvents {
    async fn check(&self, _: &Identity, _: &ProvenEvent<'_>) -> Result<PulledEvent, PullError> {
        Err(PullError::Unsound(
            "an event among reference data".to_owned(),
        ))
    }
}

/// Pulls one page of `stream`; returns whether more wait.
pub async fn pull_page<S: Store, T: Transport, E: EventCheck>(
    store: &S,
    transport: &T,
    events: &E,
    stream: Stream,
) -> Result<bool, PullError> {
    let identity = store.identity().await?.ok_or(PullError::NotEnrolled)?;
    let cursor = store.cursor(stream).await?;
    let page = match transport.pull(stream, cursor.as_deref()).await {
        // The server cannot go on from this cursor (410: too old, or of another key). A fresh snapshot replaces what
        // was pulled; own events, sent or not, are never among what it drops.
        Err(Failure::Problem { problem, .. }) if problem.status == 410 && cursor.is_some() => {
            transport.pull(stream, None).await
        }
        answer => answer,
    }
    .map_err(PullError::Failed)?;
    // A shorter log of the same life is none of its business: the page may have been made before the last push was answered.
    let seen = store.push_state().await?.seen;
    if seen.is_some_and(|seen| seen.epoch != page.log.epoch) {
        return Err(PullError::Restored);
    }
    if page.stream != stream {
        return Err(PullError::Unsound(
            "another stream than asked for".to_owned(),
        ));
    }
    let pulled = check(events, &identity, &page).await?;
    store.apply_page(&page, &pulled).await?;
    Ok(page.more)
}

/// The note that holds the certificate of one of the person's devices: with it the events of that device can be sent for it.
pub(super) fn certificate_note(device: DeviceId) -> String {
    format!("certificate.{device}")
}

// With it the events of that device can be sent for it.
async fn keep_certificate<S: Store>(
    store: &S,
    device: DeviceId,
    certificate: &str,
) -> Result<(), StoreError> {
    let name = certificate_note(device);
    match store.note(&name).await? {
        Some(_) => Ok(()),
        None => store.put_note(&name, certificate).await,
    }
}

async fn check<E: EventCheck>(
    events: &E,
    identity: &Identity,
    page: &PullPage,
) -> Result<Vec<PulledEvent>, PullError> {
    let mut pulled = Vec::new();
    for row in &page.rows {
        match row {
            PullRow::Checklist { digest, json } => check_checklist(digest, json)?,
            PullRow::Event {
                event,
                certificate,
                receipt,
                reason,
            } => {
                let row = ProvenEvent {
                    event,
                    certificate,
                    receipt,
                };
                let mut event = events.check(identity, &row).await?;
                if let Some(receipt) = &mut event.receipt {
                    receipt.reason = *reason;
                }
                pulled.push(event);
            }
            PullRow::Site { .. } | PullRow::Drop { .. } => {}
        }
    }
    Ok(pulled)
}

fn check_checklist(digest: &Digest, json: &str) -> Result<(), PullError> {
    Loaded::expect(json.as_bytes(), digest)
        .map(drop)
        .map_err(|e| PullError::Unsound(e.to_string()))
}

impl<V: Verifier, S: Store> EventCheck for CheckedEvents<'_, V, S> {
    async fn check(
        &self,
        identity: &Identity,
        row: &ProvenEvent<'_>,
    ) -> Result<PulledEvent, PullError> {
        let verifier = self.verifier;
        let unsound = |what: &str| PullError::Unsound(what.to_owned());
        let (certificate, signed) =
            Certificate::parse(row.certificate).map_err(|e| PullError::Unsound(e.to_string()))?;
        let key = identity
            .server_keys
            .iter()
            .find(|k| k.thumbprint() == signed.kid)
            .ok_or_else(|| unsound("certificate of an unknown server"))?;
        let (payload, jws) =
            Payload::parse(row.event).map_err(|e| PullError::Unsound(e.to_string()))?;
        let (receipt, kept) = verified_receipt(verifier, &identity.server_keys, row.receipt)
            .await
            .ok_or_else(|| unsound("receipt"))?;
        let sound = verifier.verify(&signed, key).await
            && jws.kid == certificate.kid
            && verifier.verify(&jws, &certificate.cnf.jwk).await
            && payload.tenant == identity.tenant
            && receipt.event_hash == jws.hash;
        if !sound {
            return Err(unsound("an event whose signatures do not fit"));
        }
        keep_certificate(self.store, certificate.device_id, row.certificate).await?;
        Ok(PulledEvent {
            v: 1,
            hash: jws.hash,
            record_id: payload.record_id,
            text: row.event.to_owned(),
            receipt: Some(kept),
        })
    }
}
