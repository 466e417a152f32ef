//! Notices between tabs that something changed. They make other tabs read again and paint; no data travels here and
//! no decision rests on them.

use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{BroadcastChannel, MessageEvent};

const NAME: &str = "zhicha";

/// What to read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// Drafts or their answers.
    Drafts,
    /// Events or receipts.
    Records,
    /// Sites or checklists.
    Reference,
    /// Who is enrolled, or why sending stands still.
    Device,
    /// A person asks in another tab that everything is sent now.
    Asked,
}

impl Notice {
    const ALL: [Self; 5] = [
        Self::Drafts,
        Self::Records,
        Self::Reference,
        Self::Device,
        Self::Asked,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Drafts => "drafts",
            Self::Records => "records",
            Self::Reference => "reference",
            Self::Device => "device",
            Self::Asked => "asked",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.as_str() == text)
    }
}

thread_local! {
    // One channel for the page, so that its own notices do not come back to it.
    static CHANNEL: RefCell<Option<BroadcastChannel>> = const { RefCell::new(None) };
}

fn channel() -> Option<BroadcastChannel> {
    CHANNEL.with(|slot| {
        let mut slot = slot.borrow_mut();
        if slot.is_none() {
            *slot = BroadcastChannel::new(NAME).ok();
        }
        slot.clone()
    })
}

/// Tells the other tabs. Without channels in the browser they find out at their next read.
pub fn post(notice: Notice) {
    if let Some(channel) = channel() {
        // A closed channel is the only failure, and ours is never closed.
        let _ = channel.post_message(&JsValue::from_str(notice.as_str()));
    }
}

/// Listens until it is dropped.
#[must_use = "dropping it stops listening"]
pub struct Listener {
    channel: Option<BroadcastChannel>,
    on_message: Closure<dyn FnMut(MessageEvent)>,
}

/// Calls `heard` for each notice of another tab.
pub fn listen(heard: impl Fn(Notice) + 'static) -> Listener {
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let notice = event.data().as_string();
        if let Some(notice) = notice.as_deref().and_then(Notice::parse) {
            heard(notice);
        }
    });
    let channel = channel();
    if let Some(channel) = &channel {
        let callback = on_message.as_ref().unchecked_ref();
        // Adding a listener does not throw.
        let _ = channel.add_event_listener_with_callback("message", callback);
    }
    Listener {
        channel,
        on_message,
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(channel) = &self.channel {
            let callback = self.on_message.as_ref().unchecked_ref();
            // Removing a listener does not throw.
            let _ = channel.remove_event_listener_with_callback("message", callback);
        }
    }
}
