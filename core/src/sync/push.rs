//! The device's decisions about sending: which events next, and what an answer means.

use super::{
    backoff,
    wire::{MAX_PUSH_BYTES, MAX_PUSH_EVENTS, PushOutcome},
};
use crate::{
    client::Failure,
    store::{EventRow, Halt},
};

/// How sending stands, between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing waits, or nobody has looked yet.
    Idle,
    /// A request is on its way.
    Sending {
        /// How many tries before it failed in a row.
        failures: u32,
    },
    /// Waiting before try number `attempt`.
    Waiting {
        /// Number of the coming try.
        attempt: u32,
    },
    /// The server wants its session back before it takes what comes next: sending pauses until somebody signs in
    /// again. Nothing is lost and nothing of it is on the disk, so that a new start of the app asks once more.
    SignedOut,
    /// A person must act.
    Halted(Halt),
}

/// What happens to the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Something was appended, the app started, or the waiting time is over.
    Wake,
    /// The device is online again or the app came to the foreground: waiting is over, counting starts anew.
    Fresh,
    /// The request brought receipts; more events wait or not.
    Receipts {
        /// Whether more wait.
        more: bool,
    },
    /// There was nothing to send.
    Nothing,
    /// The request brought no answer that counts.
    Failed(Failure),
    /// A receipt could not be believed, or the answer says that sending must stop.
    Stop(Halt),
    /// A person acted: signed in, enrolled again, or asked to try.
    Resumed,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Send the next batch.
    Send,
    /// Send again with half as many events.
    SendLess,
    /// Wake again after so many milliseconds.
    WakeIn(u64),
    /// Do nothing until the next input.
    Rest,
}

impl State {
    /// A first try.
    pub const SENDING: Self = Self::Sending { failures: 0 };

    /// Whether sending stands still until a person acts: what `status::Facts::halted` says.
    pub fn needs_person(self) -> bool {
        matches!(self, Self::SignedOut | Self::Halted(_))
    }

    /// One step. `random` is uniform in 0..=u32::MAX and only used for waiting times.
    pub fn step(self, input: &Input, random: u32) -> (Self, Action) {
        match (self, input) {
            (Self::Halted(_), Input::Resumed) => (Self::SENDING, Action::Send),
            (Self::Halted(halt), _) => (Self::Halted(halt), Action::Rest),
            (_, Input::Stop(halt)) => (Self::Halted(*halt), Action::Rest),
            // Repeating it blindly brings the same answer. Coming online or to the foreground tries once: somebody may
            // have signed in elsewhere in this browser.
            (Self::SignedOut, Input::Wake) => (self, Action::Rest),
            // A request on its way will itself look for more.
            (Self::Sending { .. }, Input::Wake | Input::Fresh | Input::Resumed) => {
                (self, Action::Rest)
            }
            (Self::Waiting { attempt }, Input::Wake) => {
                (Self::Sending { failures: attempt }, Action::Send)
            }
            (_, Input::Wake | Input::Fresh | Input::Resumed | Input::Receipts { more: true }) => {
                (Self::SENDING, Action::Send)
            }
            (_, Input::Receipts { more: false } | Input::Nothing) => (Self::Idle, Action::Rest),
            (before, Input::Failed(failure)) => before.failed(failure, random),
        }
    }

    fn failed(self, failure: &Failure, random: u32) -> (Self, Action) {
        let (status, retry_after) = match failure {
            Failure::Network | Failure::NotOurs => (503, None),
            Failure::Problem {
                problem,
                retry_after_s,
            } => (problem.status, *retry_after_s),
        };
        if status == 413 {
            return (self, Action::SendLess);
        }
        if session_ended(failure) {
            return (Self::SignedOut, Action::Rest);
        }
        if !backoff::retryable(status) {
            return (Self::Halted(halt_for(failure)), Action::Rest);
        }
        let attempt = match self {
            Self::Sending { failures } => failures.saturating_add(1),
            Self::Waiting { attempt } => attempt,
            Self::Idle | Self::SignedOut | Self::Halted(_) => 1,
        };
        (
            Self::Waiting { attempt },
            Action::WakeIn(backoff::delay_ms(attempt, random, retry_after)),
        )
    }
}

// A certificate that is not accepted is answered 401 too, but signing in does not mend it.
fn session_ended(failure: &Failure) -> bool {
    matches!(failure, Failure::Problem { problem, .. } if problem.status == 401 && problem.code != "certificate")
}

/// Why a refusal that is not worth repeating stops the sender.
pub fn halt_for(failure: &Failure) -> Halt {
    match failure {
        Failure::Problem { problem, .. } => match problem.code.as_str() {
            "expected_seq" => Halt::Gap,
            "certificate" => Halt::Certificate,
            "revoked" => Halt::Revoked,
            _ => Halt::Refused,
        },
        _ => Halt::Refused,
    }
}

/// How many of `events` go into the next request: at most `limit` and [`MAX_PUSH_BYTES`], but always one. It ends before a
/// gap in the numbers, since an event's place in a request says which number it claims.
pub fn batch(events: &[EventRow], limit: usize) -> usize {
    let most = limit.clamp(1, MAX_PUSH_EVENTS);
    let places = events.first().map_or(0, |first| first.seq)..;
    let following = events.iter().take(most).zip(places);
    let following = following.take_while(|(event, place)| event.seq == *place);
    fitting(following.map(|(event, _)| event.text.len()))
}

/// How many texts of these lengths fit one request; always one.
pub fn fitting(lengths: impl Iterator<Item = usize>) -> usize {
    let (mut bytes, mut count) = (0, 0);
    for length in lengths.take(MAX_PUSH_EVENTS) {
        bytes += length;
        if count > 0 && bytes > MAX_PUSH_BYTES {
            break;
        }
        count += 1;
    }
    count
}

/// Whether an outcome means that the device must be enrolled again. What it still holds is sent all the same, to be
/// kept in quarantine. A revocation alone stops nothing: signed events may still be deposited.
pub fn consequence(outcome: PushOutcome) -> Option<Halt> {
    (outcome == PushOutcome::Fork).then_some(Halt::Frozen)
}

#[cfg(test)]
#[path = "push_tests.rs"]
mod tests;
