//! Times as the office reads them: in the tenant's zone, in a form that is the same in both languages.

use zhicha_core::time::{CivilDate, Timestamp, ZoneOffset};

const MINUTE: i64 = 60_000;
const DAY_MINUTES: i64 = 24 * 60;

/// `2026-11-24 10:26` in `zone`.
pub fn minute(at: Timestamp, zone: ZoneOffset) -> String {
    let minutes = (at.0.div_euclid(MINUTE) + i64::from(zone.0)).rem_euclid(DAY_MINUTES);
    let day = CivilDate::of(at, zone);
    format!("{day} {:02}:{:02}", minutes / 60, minutes % 60)
}

/// `10:26` for a time on `day`, else as [`minute`].
pub fn clock(at: Timestamp, zone: ZoneOffset, day: CivilDate) -> String {
    let text = minute(at, zone);
    text.strip_prefix(&format!("{day} "))
        .map(str::to_owned)
        .unwrap_or(text)
}

/// As [`minute`] with seconds, for evidence.
pub fn second(at: Timestamp, zone: ZoneOffset) -> String {
    let seconds = at.0.div_euclid(1000).rem_euclid(60);
    format!("{}:{seconds:02}", minute(at, zone))
}

/// How far a clock is off, in whole seconds, as text: `-4 s`, `+185 s`.
pub fn skew(wall: Timestamp, server: Timestamp) -> String {
    format!("{:+} s", (wall.0 - server.0) / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2026-11-24T16:30:05Z is already the 25th in China.
    const AT: Timestamp = Timestamp(1_795_537_805_000);

    #[test]
    fn times_are_read_in_the_tenants_zone() {
        assert_eq!(second(AT, ZoneOffset::CHINA), "2026-11-25 00:30:05");
        assert_eq!(minute(AT, ZoneOffset(0)), "2026-11-24 16:30");
        assert_eq!(
            second(Timestamp(-1_000), ZoneOffset(0)),
            "1969-12-31 23:59:59"
        );
    }

    #[test]
    fn the_day_is_left_out_only_when_it_is_known() {
        let day = CivilDate::of(AT, ZoneOffset::CHINA);
        assert_eq!(clock(AT, ZoneOffset::CHINA, day), "00:30");
        assert_eq!(
            clock(AT, ZoneOffset::CHINA, day.plus_days(1)),
            "2026-11-25 00:30"
        );
    }
}
