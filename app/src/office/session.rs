//! Who is signed in at the office. Its methods are the only writers.

use super::{
    client::{self, Failure},
    load::Load,
};
use crate::platform::dom;
use crate::signal::RwSignal;
use leptos::{prelude::*, task::spawn_local};
use zhicha_core::{access::Action, api::SessionInfo, time::ZoneOffset};

/// Pages for people who are not signed in.
const BEFORE_SIGN_IN: [&str; 2] = ["/office/join", "/office/sign-in"];

/// The session, provided once as a context.
#[derive(Clone, Copy)]
pub struct OfficeSession {
    state: RwSignal<Load<Option<SessionInfo>>>,
    wanted: RwSignal<Option<String>>,
}

impl OfficeSession {
    /// Asks the server who is signed in, and provides the session to everything below.
    pub fn provide() -> Self {
        let session = Self {
            state: RwSignal::new(Load::Waiting),
            wanted: RwSignal::new(None),
        };
        provide_context(session);
        // There is nobody to ask about yet, and the browser would log the refusal as an error.
        if BEFORE_SIGN_IN.contains(&dom::path().as_str()) {
            session.ended();
        } else {
            session.ask();
        }
        session
    }

    /// The session of this app.
    pub fn get() -> Self {
        use_context().expect("the office provides its session at the start")
    }

    /// Asks the server anew.
    pub fn ask(self) {
        self.state.set(Load::Waiting);
        spawn_local(async move {
            self.state.set(match client::session().await {
                Ok(info) => Load::Ready(Some(info)),
                Err(failure) if failure.signed_out() => Load::Ready(None),
                Err(failure) => Load::Failed(failure),
            });
        });
    }

    /// What is known.
    pub fn state(self) -> RwSignal<Load<Option<SessionInfo>>> {
        self.state
    }

    /// Somebody signed in.
    pub fn signed_in(self, info: SessionInfo) {
        self.state.set(Load::Ready(Some(info)));
    }

    /// Signs out; on a failure the session stays and the caller shows why.
    pub async fn sign_out(self) -> Result<(), Failure> {
        client::sign_out().await?;
        self.state.set(Load::Ready(None));
        Ok(())
    }

    /// The server said 401: the session has ended.
    pub fn ended(self) {
        self.state.set(Load::Ready(None));
    }

    /// Remembers the page that somebody wanted before signing in.
    pub fn remember(self, path: String) {
        self.wanted.set(Some(path));
    }

    /// Where to go after signing in.
    pub fn destination(self) -> String {
        self.wanted
            .try_update(Option::take)
            .flatten()
            .unwrap_or_else(|| "/office/".to_owned())
    }

    /// Who is signed in.
    pub fn info(self) -> Option<SessionInfo> {
        self.state.with(|s| {
            if let Load::Ready(info) = s {
                info.clone()
            } else {
                None
            }
        })
    }

    /// Whether the person may do `action`. It only hides what the server would refuse.
    pub fn may(self, action: Action) -> bool {
        self.state
            .with(|s| matches!(s, Load::Ready(Some(info)) if info.role.may(action)))
    }

    /// The tenant's zone.
    pub fn zone(self) -> ZoneOffset {
        self.state.with(|s| {
            if let Load::Ready(Some(info)) = s {
                info.zone
            } else {
                ZoneOffset::CHINA
            }
        })
    }
}
