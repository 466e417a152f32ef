//! What the badge may say. It says "delivered" only when verified receipts cover every sealed event and all bytes that it names,
//! and no draft waits for its seal.

/// The states of `data-testid="sync-status"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    /// No connection; `count` events and photos wait.
    Offline,
    /// `count` events and photos wait for their turn.
    Pending,
    /// `count` events and photos are on their way.
    Sending,
    /// Nothing waits to be sent, and something is on this device alone (a draft), or nothing was ever written here.
    Saved,
    /// Everything written here has an `applied` receipt.
    Delivered,
    /// A person must act.
    Attention,
}

impl Badge {
    /// The value of `data-state`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Offline => "offline",
            Self::Pending => "pending",
            Self::Sending => "sending",
            Self::Saved => "saved",
            Self::Delivered => "delivered",
            Self::Attention => "attention",
        }
    }
}

/// What is known about sending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Events written here, ever.
    pub written: u64,
    /// Events, photos and other evidence without a receipt.
    pub unsent: u64,
    /// Drafts: nobody can send them before their seal.
    pub drafts: usize,
    /// Events whose receipt is not `applied` (deferred ones included), and evidence that the server does not take.
    pub troubled: u64,
    /// Sending stands still until a person acts (`push::State::needs_person`): signs in again, enrols again, looks.
    pub halted: bool,
    /// A request is on its way.
    pub sending: bool,
    /// The browser says there is a connection.
    pub online: bool,
}

impl Facts {
    /// The badge.
    pub fn badge(self) -> Badge {
        match self {
            Self { halted: true, .. } => Badge::Attention,
            Self { troubled: 1.., .. } => Badge::Attention,
            Self {
                unsent: 0,
                drafts: 0,
                written: 1..,
                ..
            } => Badge::Delivered,
            Self { unsent: 0, .. } => Badge::Saved,
            Self { online: false, .. } => Badge::Offline,
            Self { sending: true, .. } => Badge::Sending,
            Self { .. } => Badge::Pending,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::push::State;
    use proptest::prelude::*;

    #[test]
    fn an_ended_session_asks_for_a_person_even_offline() {
        let facts = Facts {
            unsent: 2,
            halted: State::SignedOut.needs_person(),
            ..Facts::default()
        };
        assert_eq!(facts.badge(), Badge::Attention);
    }

    #[test]
    fn an_open_draft_is_saved_and_not_delivered() {
        let facts = Facts {
            written: 4,
            online: true,
            ..Facts::default()
        };
        assert_eq!(facts.badge(), Badge::Delivered);
        assert_eq!(Facts { drafts: 1, ..facts }.badge(), Badge::Saved);
        let waiting = Facts {
            drafts: 1,
            unsent: 1,
            ..facts
        };
        assert_eq!(
            waiting.badge(),
            Badge::Pending,
            "what can be sent comes first"
        );
    }

    proptest! {
        #[test]
        fn delivered_is_never_said_too_early(written in 0_u64..3, unsent in 0_u64..3, drafts in 0_usize..2, troubled in 0_u64..3, halted: bool, sending: bool, online: bool) {
            let facts = Facts { written, unsent, drafts, troubled, halted, sending, online };
            let all = written > 0 && unsent == 0 && drafts == 0 && troubled == 0 && !halted;
            prop_assert_eq!(facts.badge() == Badge::Delivered, all);
        }
    }
}
