//! Sending all that an enrolment still holds before it ends: afterwards nothing else could.

use super::{Contact, Failure, Transport, Verifier, contact, push_once, refill};
use crate::{
    store::{Halt, Store, StoreError},
    sync::{
        backoff::retryable,
        push::{Action, Input, State},
        wire::MAX_PUSH_EVENTS,
    },
    time::Timestamp,
};

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deposit {
    /// Everything has a receipt.
    Confirmed,
    /// The server will not give receipts to this enrolment, whatever is tried.
    Refused,
    /// Not now: no network, a busy server, or nobody signed in.
    Later(Failure),
}

/// Sends what has no receipt, also where sending stands still.
///
/// # Errors
/// When the store cannot be read or written.
pub async fn deposit<S: Store, T: Transport, V: Verifier>(
    store: &S,
    transport: &T,
    verifier: &V,
    now: &impl Fn() -> Timestamp,
) -> Result<Deposit, StoreError> {
    // What the server has lost since goes first: the enrolment that begins knows nothing of it.
    match contact(store, transport).await? {
        Ok(Contact::Known) => {}
        Ok(Contact::Restored) => {
            if let Err(failure) = refill(store, transport).await? {
                return Ok(Deposit::Later(failure));
            }
        }
        Err(Failure::Problem { problem, .. }) if !retryable(problem.status) => {}
        Err(failure) => return Ok(Deposit::Later(failure)),
    }
    let mut limit = MAX_PUSH_EVENTS;
    loop {
        let input = push_once(store, transport, verifier, limit, now)
            .await?
            .input;
        match (State::SENDING.step(&input, 0), input) {
            ((_, Action::Send), _) => {}
            ((_, Action::SendLess), _) if limit > 1 => limit /= 2,
            ((State::Idle, _), _) => return Ok(Deposit::Confirmed),
            // A receipt that cannot be believed may come from a false server: nothing is given up for it.
            ((State::Halted(Halt::UnknownServerKey), _), _) => {
                return Ok(Deposit::Later(Failure::NotOurs));
            }
            ((State::Waiting { .. } | State::SignedOut, _), Input::Failed(failure)) => {
                return Ok(Deposit::Later(failure));
            }
            _ => return refused(store).await,
        }
    }
}

// A frozen device stands still too, with a receipt for everything.
async fn refused<S: Store>(store: &S) -> Result<Deposit, StoreError> {
    let acked = store.push_state().await?.acked;
    let unsent = store.events_after(acked, 1).await?;
    Ok(if unsent.is_empty() {
        Deposit::Confirmed
    } else {
        Deposit::Refused
    })
}
