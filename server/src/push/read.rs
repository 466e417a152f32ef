//! Reading a push before the database is asked: sizes, certificate, signatures.

use crate::error::ApiError;
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use zhicha_core::{
    event::{
        BlobReceipt, Certificate, Checkpoint, EventHash, Jwk, Jws, Kind, jws::native,
        strict::MAX_INTEGER,
    },
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
    /// Our own word about the log that it kept.
    pub checkpoint: Option<Checkpoint>,
    /// Our own word about bytes that it kept.
    pub blob_receipt: Option<BlobReceipt>,
    /// Whether another device of the person sends it.
    pub relayed: bool,
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

/// How many bytes of events a push holds.
pub fn bytes(request: &PushRequest) -> u64 {
    request.events.iter().map(|text| text.len() as u64).sum()
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
pub fn read(
    request: PushRequest,
    server_key: &Jwk,
    newer_kinds: &[Kind],
) -> Result<Batch, Box<Refused>> {
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
    let word = request.checkpoint.as_deref();
    let word = word.and_then(|text| Checkpoint::parse(text).ok());
    let own = |(said, jws): &(Checkpoint, _)| {
        said.tenant == certificate.tenant && native::verify(jws, server_key).is_ok()
    };
    let checkpoint = word.filter(own).map(|(said, _)| said);
    let held = request.blob_receipt.as_deref();
    let own = |(said, jws): &(BlobReceipt, _)| {
        said.tenant == certificate.tenant && native::verify(jws, server_key).is_ok()
    };
    let held = held.and_then(|text| BlobReceipt::parse(text).ok());
    let blob_receipt = held.filter(own).map(|(said, _)| said);
    let key = DeviceKey::of(&certificate.cnf.jwk);
    let read_one = |text: String| {
        let event = event(&text, key.as_ref(), newer_kinds);
        (text, event)
    };
    Ok(Batch {
        events: request.events.into_iter().map(read_one).collect(),
        certificate_text: request.certificate,
        certificate_hash: jws.hash,
        certificate,
        first_seq: request.first_seq,
        seen: request.seen,
        checkpoint,
        blob_receipt,
        relayed: request.relayed,
        unsent: request.unsent,
    })
}

/// Reads an event of the device with this key again.
pub fn again(text: &str, certificate: &Certificate, newer_kinds: &[Kind]) -> Incoming {
    event(
        text,
        DeviceKey::of(&certificate.cnf.jwk).as_ref(),
        newer_kinds,
    )
}

fn event(text: &str, key: Option<&DeviceKey>, newer_kinds: &[Kind]) -> Incoming {
    let mut event = Incoming::read(text, |jws| key.is_some_and(|key| key.fits(jws)));
    if let Incoming::Sound { payload, body, .. } = &mut event
        && newer_kinds.iter().any(|kind| kind.as_str() == payload.kind)
    {
        *body = Ok(None);
    }
    event
}

// Checking signatures is most of the work of a push, and `ring` needs a third of the time of `p256` for one.
struct DeviceKey {
    kid: String,
    point: UnparsedPublicKey<[u8; 65]>,
}

impl DeviceKey {
    fn of(key: &Jwk) -> Option<Self> {
        let (x, y) = key.coordinates()?;
        let mut point = [0x04; 65];
        point[1..33].copy_from_slice(&x);
        point[33..].copy_from_slice(&y);
        Some(Self {
            kid: key.thumbprint(),
            point: UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point),
        })
    }

    fn fits(&self, jws: &Jws) -> bool {
        let input = jws.signing_input.as_bytes();
        jws.kid == self.kid && self.point.verify(input, &jws.signature).is_ok()
    }
}

fn refuse(request: PushRequest, error: ApiError) -> Box<Refused> {
    Box::new(Refused {
        certificate: request.certificate,
        events: request.events,
        error,
    })
}
