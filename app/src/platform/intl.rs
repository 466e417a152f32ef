//! Dates and numbers as people write them, by the browser's own `Intl`.

use super::clock;
use js_sys::{Array, Date, Intl, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use zhicha_core::time::{CivilDate, Timestamp, ZoneOffset};

/// How a point in time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// 11月24日 周二 / Tue, 24 Nov; with the year when it is not this one.
    Day,
    /// 2026年11月24日 / 24 November 2026.
    LongDay,
    /// 10:58.
    Clock,
    /// 11月24日 10:58; with the year when it is not this one.
    DayClock,
    /// 2026年11月24日 10:58: what evidence says.
    Whole,
}

/// Writes `at` in the tenant's zone. `tag` is a language tag such as `zh-CN`.
pub fn moment(at: Timestamp, zone: ZoneOffset, tag: &str, style: Style) -> String {
    let options = Object::new();
    let set = |name: &str, value: &str| {
        let _ = Reflect::set(
            &options,
            &JsValue::from_str(name),
            &JsValue::from_str(value),
        );
    };
    // The zone is a fixed offset: shifted and then read as UTC, every browser agrees.
    set("timeZone", "UTC");
    match style {
        Style::Day => {
            set(
                "month",
                if tag.starts_with("zh") {
                    "long"
                } else {
                    "short"
                },
            );
            set("day", "numeric");
            set("weekday", "short");
        }
        Style::LongDay => {
            set("month", "long");
            set("day", "numeric");
        }
        Style::Clock | Style::DayClock | Style::Whole => {
            if style != Style::Clock {
                set("month", "short");
                set("day", "numeric");
            }
            set("hour", "2-digit");
            set("minute", "2-digit");
            set("hourCycle", "h23");
        }
    }
    let date = shifted(at, zone);
    let other_year = || date.get_utc_full_year() != shifted(clock::now(), zone).get_utc_full_year();
    if match style {
        Style::LongDay | Style::Whole => true,
        Style::Day | Style::DayClock => other_year(),
        Style::Clock => false,
    } {
        set("year", "numeric");
    }
    let format = Intl::DateTimeFormat::new(&Array::of1(&JsValue::from_str(tag)), &options);
    call(&format.format(), date.as_ref())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "milliseconds stay far below 2^53"
)]
fn shifted(at: Timestamp, zone: ZoneOffset) -> Date {
    let shifted = at.plus(i64::from(zone.0) * 60_000);
    Date::new(&JsValue::from_f64(shifted.0 as f64))
}

/// Writes a day.
pub fn day(date: CivilDate, tag: &str, style: Style) -> String {
    let epoch = CivilDate::from_ymd(1970, 1, 1).expect("a day of the calendar");
    // In a zone, so that this year ends when it ends there.
    let zone = ZoneOffset::CHINA;
    let midnight = Timestamp(date.days_since(epoch) * 86_400_000);
    moment(midnight.plus(-i64::from(zone.0) * 60_000), zone, tag, style)
}

/// Writes a whole number with the language's grouping.
pub fn number(value: u64, tag: &str) -> String {
    let format = Intl::NumberFormat::new(&Array::of1(&JsValue::from_str(tag)), &Object::new());
    #[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
    call(&format.format(), &JsValue::from_f64(value as f64))
}

fn call(format: &js_sys::Function, value: &JsValue) -> String {
    format
        .call1(&JsValue::UNDEFINED, value)
        .ok()
        .and_then(|text| text.dyn_into::<js_sys::JsString>().ok())
        .map_or_else(String::new, |text| String::from(&text))
}
