//! The device's clocks and random numbers. No other module of the app asks what time it is.

use std::cell::OnceCell;
use zhicha_core::{client::Clock, event::Testimony, id::PageSession, time::Timestamp};
use zhicha_storage::BrowserIds;

thread_local! {
    static SESSION: OnceCell<PageSession> = const { OnceCell::new() };
}

/// Wall clock, milliseconds since 1970.
pub fn now() -> Timestamp {
    // A double holds milliseconds exactly for the next 285,000 years.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "Date.now() is a whole number far below 2^53"
    )]
    Timestamp(js_sys::Date::now() as i64)
}

/// Monotonic milliseconds since this page was loaded.
pub fn mono() -> i64 {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "milliseconds of one page load fit i64"
    )]
    web_sys::window()
        .and_then(|w| w.performance())
        .map_or(0, |p| p.now() as i64)
}

/// This page load.
pub fn page_session() -> PageSession {
    SESSION.with(|cell| *cell.get_or_init(|| PageSession::new(&mut BrowserIds)))
}

/// A uniform random number, for the jitter of back-off.
pub fn random() -> u32 {
    let mut bytes = [0; 4];
    // Without random numbers no key could have been made either; the middle is a fair wait.
    getrandom::fill(&mut bytes).map_or(u32::MAX / 2, |()| u32::from_le_bytes(bytes))
}

/// The clocks of this page.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageClock;

impl Clock for PageClock {
    fn now(&self) -> Timestamp {
        now()
    }

    fn testimony(&self, offset: Option<(i64, i64)>) -> Testimony {
        let wall = now();
        Testimony {
            wall,
            mono: mono(),
            page_session: page_session(),
            server_est: offset.map(|(ms, _)| wall.plus(ms)),
            uncertainty: offset.map(|(_, ms)| ms),
        }
    }
}
