//! Reading a push before the database is asked: sizes, certificate, signatures.

use crate::error::ApiError;
use zhicha_core::{
    event::{Certificate, EventHash, Jwk, jws::native, strict::MAX_INTEGER},
    sync::{
        epoch::Seen,
        judge::Incoming,
        wire::{MAX_PUSH_BYTES, MAX_PUSH_EVENTS, PushRequest},
    },
};

/// A push whose certificate is ours.
pub struct Batch {
    /// What the certificate says.
    pub certificate: Certificate,
    /// Its text.
    pub certificate_text: String,
    /// Its hash, the `prev` of the first event.
    pub certificate_hash: EventHash,
    /// The number that the first event claims.
    pub first_seq: u64,
    /// The events, each with its text.
    pub events: Vec<(String, Incoming)>,
    /// What the device last saw of the log.
    pub seen: Option<Seen>,
    /// How many events it holds unsent.
    pub unsent: u64,
}

/// A push that cannot be believed; its texts go to the drop box.
pub struct Refused {
    /// The certificate as it came.
    pub certificate: String,
    /// The event texts.
    pub events: Vec<String>,
    /// What the sender is told.
    pub error: ApiError,
}

impl Batch {
    /// The same push as something that cannot be believed.
    pub fn refused(&self) -> Refused {
        Refused {
            certificate: self.certificate_text.clone(),
            events: self.events.iter().map(|(text, _)| text.clone()).collect(),
            error: ApiError::certificate(),
        }
    }
}

/// Refuses what is larger than a push may be, before anything is parsed.
pub fn check_size(request: &PushRequest) -> Result<(), ApiError> {
    let bytes: usize = request.events.iter().map(String::len).sum();
    if request.events.len() > MAX_PUSH_EVENTS {
        return Err(ApiError::too_many_events());
    }
    // One event always fits, whatever its size: a too large one gets its place in quarantine.
    if bytes > MAX_PUSH_BYTES && request.events.len() > 1 {
        return Err(ApiError::too_large());
    }
    Ok(())
}

/// Checks the certificate against the server key and every signature against the certificate.
pub fn read(request: PushRequest, server_key: &Jwk) -> Result<Batch, Box<Refused>> {
    let Ok((certificate, jws)) = Certificate::parse(&request.certificate) else {
        return Err(refuse(request, ApiError::unreadable_push()));
    };
    let largest = MAX_INTEGER.unsigned_abs() - MAX_PUSH_EVENTS as u64;
    if !(1..=largest).contains(&request.first_seq) {
        return Err(refuse(request, ApiError::unreadable_push()));
    }
    if native::verify(&jws, server_key).is_err() {
        return Err(refuse(request, ApiError::certificate()));
    }
    let key = &certificate.cnf.jwk;
    let read_one = |text: String| {
        let event = Incoming::read(&text, |jws| native::verify(jws, key).is_ok());
        (text, event)
    };
    Ok(Batch {
        events: request.events.into_iter().map(read_one).collect(),
        certificate_text: request.certificate,
        certificate_hash: jws.hash,
        certificate,
        first_seq: request.first_seq,
        seen: request.seen,
        unsent: request.unsent,
    })
}

fn refuse(request: PushRequest, error: ApiError) -> Box<Refused> {
    Box::new(Refused {
        certificate: request.certificate,
        events: request.events,
        error,
    })
}
