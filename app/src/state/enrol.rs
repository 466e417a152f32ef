//! Enrolling this browser: make a key, have the server certify it, check what it says, and only then write it down.

use super::device::{self, Loss};
use crate::{
    api::{self, Http},
    platform::{clock, dom},
    second::Second,
};
use std::rc::Rc;
use zhicha_core::{
    access::Role,
    api::SessionInfo,
    client::{Deposit, Failure, Signer, Verifier, deposit, enrolled},
    event::Certificate,
    store::{Store, StoreError},
    sync::wire::{EnrolReply, EnrolRequest, Identity},
};
use zhicha_storage::{DeviceKey, IdbStore, KeyError, Profile, WebVerifier, canary, copy};

/// Why this browser was not enrolled. What was on it before is untouched.
#[derive(Clone, Debug, PartialEq)]
pub enum EnrolError {
    /// The server did not answer or refused.
    Failed(Failure),
    /// The role does not inspect.
    NotForInspecting(Role),
    /// The server's key is not the one that the invitation or the earlier enrolment named.
    WrongKey,
    /// Key store or disk refused.
    Key(KeyError),
    /// The disk refused.
    Store(StoreError),
}

impl From<Failure> for EnrolError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}
impl From<KeyError> for EnrolError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}
impl From<StoreError> for EnrolError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What an earlier enrolment in this browser left behind.
#[derive(Clone, Debug)]
pub struct Before {
    losses: Vec<Loss>,
    // The server does not take what has no receipt.
    refused: bool,
}

/// Enrols the signed-in person. `pinned` is the thumbprint of the server key that is trusted beforehand; without it
/// the key of this first contact is taken.
pub async fn enrol(
    session: &SessionInfo,
    pinned: Option<&str>,
    second: Second,
) -> Result<(Rc<IdbStore>, Identity), EnrolError> {
    if !session.role.inspects() {
        return Err(EnrolError::NotForInspecting(session.role));
    }
    // A false server must not even learn a new key of ours.
    if pinned.is_some_and(|pinned| {
        !session
            .server_keys
            .iter()
            .any(|key| key.thumbprint() == pinned)
    }) {
        return Err(EnrolError::WrongKey);
    }
    let profile = Profile {
        tenant: session.tenant,
        user: session.user,
    };
    let store = Rc::new(IdbStore::open(&profile).await?);
    if device::is_new(&store).await? {
        let identity = certify(session, pinned, &store).await?;
        store.put_identity(&identity).await?;
        device::forget_key();
        profile.make_current();
        return Ok((store, identity));
    }
    let network = EnrolError::Failed(Failure::Network);
    let tools = second.tools().await.ok_or(network)?;
    let before = (tools.clear)(Rc::clone(&store)).await?;
    let identity = certify(session, pinned, &store).await?;
    (tools.settle)(Rc::clone(&store), identity.clone(), before).await?;
    Ok((store, identity))
}

/// Before an enrolment over an earlier one.
pub async fn clear(store: &IdbStore) -> Result<Before, EnrolError> {
    copy::start();
    let losses = canary::check(store, clock::page_session()).await?;
    // What was written under the enrolment before goes first: afterwards nothing else could send it.
    let deposited = deposit(store, &Http, &WebVerifier::default(), &clock::now).await?;
    match deposited {
        Deposit::Later(why) => Err(EnrolError::Failed(why)),
        deposited => Ok(Before {
            losses,
            refused: deposited == Deposit::Refused,
        }),
    }
}

/// Writes an enrolment over an earlier one down, and tells the server of the losses before it.
pub async fn settle(
    store: &IdbStore,
    identity: &Identity,
    before: Before,
) -> Result<(), StoreError> {
    if before.refused {
        store.replace_identity(identity).await?;
    } else {
        store.put_identity(identity).await?;
    }
    device::forget_key();
    store.profile().make_current();
    for loss in before.losses {
        // What cannot be told now is asked about at the next start.
        let _ = device::admit_loss(store, &loss).await;
    }
    Ok(())
}

async fn certify(
    session: &SessionInfo,
    pinned: Option<&str>,
    store: &IdbStore,
) -> Result<Identity, EnrolError> {
    let key = DeviceKey::generate(store).await?;
    let reply = api::enrol(&EnrolRequest {
        jwk: key.jwk().clone(),
        label: dom::device_label(),
    })
    .await?;
    certified(session, pinned, &key, &reply).await
}

async fn certified(
    session: &SessionInfo,
    pinned: Option<&str>,
    key: &DeviceKey,
    reply: &EnrolReply,
) -> Result<Identity, EnrolError> {
    let (certificate, jws) =
        Certificate::parse(&reply.certificate).map_err(|_| EnrolError::WrongKey)?;
    let signer = reply
        .server_keys
        .iter()
        .find(|server| server.thumbprint() == jws.kid)
        .ok_or(EnrolError::WrongKey)?;
    let sound = pinned.is_none_or(|pinned| pinned == jws.kid)
        && WebVerifier::default().verify(&jws, signer).await
        && certificate.kid == key.kid()
        && certificate.tenant == session.tenant
        && certificate.user == session.user;
    if !sound {
        return Err(EnrolError::WrongKey);
    }
    Ok(enrolled(certificate, reply))
}
