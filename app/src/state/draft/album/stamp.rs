//! What a stamp says: time, place, site and who takes the photo, as sensors and draft say. A file's own words count for nothing.

use crate::{
    office::when,
    platform::kept,
    state::App,
    words::{Locale, t_string},
};
use zhicha_core::{
    inspection::{
        Draft,
        evidence::{Capture, Source},
    },
    time::{Timestamp, ZoneOffset},
};

const WANTED: &str = "zhicha.stamp";
/// From this difference on the server's time is told beside the device's (milliseconds).
const SKEW_MS: i64 = 60_000;

/// Whether photos of this device get a stamp from now on.
pub fn is_wanted() -> bool {
    kept::get(WANTED).is_some()
}

/// Chooses that.
pub fn want(yes: bool) {
    kept::set(WANTED, yes.then_some("yes"));
}

// The language now; a stamp does not follow it.
struct Now(Locale);

impl Now {
    fn get_locale(&self) -> Locale {
        self.0
    }
}

/// The lines of a stamp.
pub(super) fn lines(app: App, draft: &Draft, capture: &Capture) -> Vec<String> {
    let i18n = Now(app.prefs.locale.get_untracked());
    let site = draft.site.name.trim().to_owned();
    let names = draft.inspectors.iter().map(|one| one.name.trim());
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    let who = match names.is_empty() {
        true => app.identity().name.clone(),
        false => names.join(t_string!(i18n, common.list.and)),
    };
    vec![
        time(&i18n, capture, app.zone()),
        place(&i18n, capture),
        t_string!(i18n, evidence.stamp.who, site = site, who = who),
    ]
}

fn time(i18n: &Now, capture: &Capture, zone: ZoneOffset) -> String {
    let write = |at: Timestamp| when::second(at, zone);
    let wall = capture.t.wall;
    let time = write(wall);
    let line = match capture.source {
        Source::App => t_string!(i18n, evidence.stamp.taken, time = time),
        Source::Picked => t_string!(i18n, evidence.stamp.picked, time = time),
    };
    let estimate = capture.t.server_est.zip(capture.t.uncertainty);
    let off = estimate.filter(|(at, _)| (at.0 - wall.0).abs() >= SKEW_MS);
    let Some((at, uncertainty)) = off else {
        return line;
    };
    let seconds = (uncertainty + 999) / 1000;
    let clock = t_string!(
        i18n,
        evidence.clock,
        time = write(at),
        s = seconds.to_string()
    );
    format!("{line}{}{clock}", t_string!(i18n, common.list.comma))
}

fn place(i18n: &Now, capture: &Capture) -> String {
    match &capture.place {
        Some(place) => t_string!(
            i18n,
            evidence.place.at,
            lat = place.lat.to_string(),
            lon = place.lon.to_string(),
            m = place.accuracy_m
        ),
        None => t_string!(i18n, evidence.stamp.no_place).to_owned(),
    }
}
