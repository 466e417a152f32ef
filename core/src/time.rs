//! Times on the wire and in storage: milliseconds since the Unix epoch, and civil dates.
//!
//! There is no clock here; `now` always comes in as an argument.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};
use time::{Date, Duration, Month, OffsetDateTime, UtcOffset};

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// `self` moved by `ms` milliseconds, staying inside the range of `i64`.
    pub fn plus(self, ms: i64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// The tenant's fixed distance from UTC, in minutes (China: 480). Civil dates are taken in this zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ZoneOffset(pub i16);

impl ZoneOffset {
    /// UTC+8.
    pub const CHINA: Self = Self(480);
}

/// A day in the tenant's zone, written `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(
    feature = "schema",
    derive(schemars::JsonSchema),
    schemars(extend("format" = "date"))
)]
pub struct CivilDate(#[cfg_attr(feature = "schema", schemars(with = "String"))] Date);

/// The text is not a date of the form `YYYY-MM-DD`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a date of the form YYYY-MM-DD")]
pub struct BadDate(pub String);

impl CivilDate {
    /// The day with these numbers, if there is one.
    pub fn from_ymd(year: i32, month: u8, day: u8) -> Option<Self> {
        let month = Month::try_from(month).ok()?;
        Date::from_calendar_date(year, month, day).ok().map(Self)
    }

    /// The day that `at` falls on in `zone`; a time outside the calendar is clamped to its nearest end.
    pub fn of(at: Timestamp, zone: ZoneOffset) -> Self {
        let seconds = at.0.div_euclid(1000);
        let offset =
            UtcOffset::from_whole_seconds(i32::from(zone.0) * 60).unwrap_or(UtcOffset::UTC);
        OffsetDateTime::from_unix_timestamp(seconds)
            .ok()
            .and_then(|t| t.checked_to_offset(offset))
            .map_or(Self(if seconds < 0 { Date::MIN } else { Date::MAX }), |t| {
                Self(t.date())
            })
    }

    /// The day `days` later (or earlier), clamped to the calendar.
    pub fn plus_days(self, days: i64) -> Self {
        Self(self.0.saturating_add(Duration::days(days)))
    }

    /// Whole days from `earlier` to `self`.
    pub fn days_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).whole_days()
    }

    /// Year, month (1–12) and day.
    pub fn ymd(self) -> (i32, u8, u8) {
        (self.0.year(), self.0.month().into(), self.0.day())
    }
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.ymd();
        write!(f, "{y:04}-{m:02}-{d:02}")
    }
}

impl fmt::Debug for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for CivilDate {
    type Err = BadDate;
    fn from_str(text: &str) -> Result<Self, BadDate> {
        let bad = || BadDate(text.to_owned());
        let bytes = text.as_bytes();
        let shaped = bytes.len() == 10
            && bytes.iter().enumerate().all(|(i, b)| {
                if i == 4 || i == 7 {
                    *b == b'-'
                } else {
                    b.is_ascii_digit()
                }
            });
        if !shaped {
            return Err(bad());
        }
        let number = |range: std::ops::Range<usize>| text[range].parse::<i32>().map_err(|_| bad());
        let (y, m, d) = (number(0..4)?, number(5..7)?, number(8..10)?);
        let (m, d) = (
            u8::try_from(m).map_err(|_| bad())?,
            u8::try_from(d).map_err(|_| bad())?,
        );
        Self::from_ymd(y, m, d).ok_or_else(bad)
    }
}

impl Serialize for CivilDate {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CivilDate {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_taken_in_the_tenants_zone() {
        // 2026-11-24T16:30:00Z is already the 25th in China.
        let at = Timestamp(1_795_537_800_000);
        assert_eq!(CivilDate::of(at, ZoneOffset(0)).to_string(), "2026-11-24");
        assert_eq!(
            CivilDate::of(at, ZoneOffset::CHINA).to_string(),
            "2026-11-25"
        );
    }

    #[test]
    fn odd_dates_are_refused_and_far_times_do_not_panic() {
        for bad in [
            "",
            "2026-2-03",
            "2026-02-30",
            "2026-13-01",
            "２０２６-01-01",
            "2026-01-0a",
        ] {
            assert!(bad.parse::<CivilDate>().is_err(), "{bad}");
        }
        CivilDate::of(Timestamp(i64::MAX), ZoneOffset::CHINA);
        CivilDate::of(Timestamp(i64::MIN), ZoneOffset::CHINA).plus_days(-1);
    }
}
