//! Whether the server knows who is there. Only pulling needs it; what was written is sent without.

use crate::signal::RwSignal;
use crate::{api, platform::online};
use zhicha_core::{client::Failure, id::UserId};

/// What is known about the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SessionState {
    /// Nobody has asked the server yet, or it did not answer.
    #[default]
    Unknown,
    /// Signed in.
    SignedIn,
    /// Not signed in: pulling pauses.
    SignedOut,
}

/// The session.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    state: RwSignal<SessionState>,
}

impl Default for Session {
    fn default() -> Self {
        Self {
            state: RwSignal::new(SessionState::Unknown),
        }
    }
}

impl Session {
    /// What is known.
    pub fn get(self) -> SessionState {
        self.state.get()
    }

    /// Asks the server whether `owner` is signed in; without an answer nothing is known.
    pub async fn ask(self, owner: UserId) {
        if !online::is_online() {
            return;
        }
        match api::session().await {
            Ok(session) if session.user == owner => self.set(SessionState::SignedIn),
            Ok(_) => self.set(SessionState::SignedOut),
            Err(Failure::Problem { problem, .. }) if problem.status == 401 => {
                self.set(SessionState::SignedOut);
            }
            Err(_) => {}
        }
    }

    /// Whether the server does not know who is there, read without tracking.
    pub fn is_signed_out(self) -> bool {
        self.state.get_untracked() == SessionState::SignedOut
    }

    /// The server said so.
    pub fn set(self, state: SessionState) {
        self.state.set(state);
    }
}
