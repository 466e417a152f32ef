//! Whether the server knows who is there. Only pulling needs it; what was written is sent without.

use leptos::prelude::{Get, GetUntracked, RwSignal, Set};

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

    /// Whether the server does not know who is there, read without tracking.
    pub fn is_signed_out(self) -> bool {
        self.state.get_untracked() == SessionState::SignedOut
    }

    /// The server said so.
    pub fn set(self, state: SessionState) {
        self.state.set(state);
    }
}
