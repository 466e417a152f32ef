//! What evidence says in its `text`, by its kind: lines, the first of which a program can read (frozen, `docs/formats.md`). What
//! is not of this form is a text like any other, shown as it is.

use super::EvidenceKind;
use crate::decimal::Decimal;

/// Most characters of a unit.
pub const UNIT_CHARS: usize = 16;
/// Most characters of the name of an instrument, and of its number.
pub const INSTRUMENT_CHARS: usize = 60;
/// Most characters of a caption.
pub const CAPTION_CHARS: usize = 200;

/// Units that instruments of inspectors show most; any other text will do.
pub const UNITS: [&str; 13] = [
    "mg/m³", "%LEL", "ppm", "°C", "dB(A)", "lx", "MPa", "Ω", "m/s", "mm", "V", "A", "%",
];

/// What an instrument showed. Whether that is good or bad is not said here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// As it stood on the display.
    pub value: Decimal,
    /// Its unit; empty for a bare number.
    pub unit: String,
    /// Which instrument; empty when nobody said.
    pub instrument: String,
    /// The number on the instrument; empty when nobody said.
    pub serial: String,
}

impl Reading {
    /// With texts in one line each and no longer than they may be.
    pub fn new(value: Decimal, unit: &str, instrument: &str, serial: &str) -> Self {
        Self {
            value,
            unit: line(unit, UNIT_CHARS),
            instrument: line(instrument, INSTRUMENT_CHARS),
            serial: line(serial, INSTRUMENT_CHARS),
        }
    }

    /// Value and unit.
    pub fn measured(&self) -> String {
        format!("{} {}", self.value, self.unit)
            .trim_end()
            .to_owned()
    }

    /// The `text` of the evidence.
    pub fn text(&self) -> String {
        let Self {
            instrument, serial, ..
        } = self;
        let text = format!("{}\n{instrument}\n{serial}", self.measured());
        text.trim_end().to_owned()
    }

    /// Of a `text`; nothing when that has another form.
    pub fn of(text: &str) -> Option<Self> {
        let mut lines = text.split('\n');
        let first = lines.next()?;
        let (value, unit) = first.split_once(' ').unwrap_or((first, ""));
        let mut next = || lines.next().unwrap_or_default().to_owned();
        let read = Self {
            value: value.parse().ok()?,
            unit: unit.to_owned(),
            instrument: next(),
            serial: next(),
        };
        lines.next().is_none().then_some(read)
    }
}

/// How long a voice note is, and whether its end is missing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voice {
    /// As the app counted while it recorded; of a note that was cut, how much of it there is, roughly.
    pub seconds: u32,
    /// Whether the app ended before the recording did: what was on the disk by then was kept.
    pub cut: bool,
    /// What a person wrote about it.
    pub caption: String,
}

const CUT: &str = " cut";

impl Voice {
    /// Minutes and seconds.
    pub fn length(&self) -> String {
        format!("{}:{:02}", self.seconds / 60, self.seconds % 60)
    }

    /// The `text` of the evidence.
    pub fn text(&self) -> String {
        let cut = if self.cut { CUT } else { "" };
        let text = format!("{}{cut}\n{}", self.length(), self.caption);
        text.trim_end().to_owned()
    }

    /// Of a `text`; nothing when that has another form.
    pub fn of(text: &str) -> Option<Self> {
        let (first, caption) = text.split_once('\n').unwrap_or((text, ""));
        let length = first.strip_suffix(CUT);
        let (minutes, seconds) = length.unwrap_or(first).split_once(':')?;
        let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        let good = digits(minutes) && (1..=4).contains(&minutes.len()) && digits(seconds);
        let part = seconds.parse::<u32>().ok().filter(|part| *part < 60);
        Some(Self {
            seconds: minutes.parse::<u32>().ok()? * 60
                + part.filter(|_| good && seconds.len() == 2)?,
            cut: length.is_some(),
            caption: caption.to_owned(),
        })
    }
}

/// What a person wrote about evidence of this kind; nothing where the whole `text` is of a fixed form.
pub fn caption(kind: EvidenceKind, text: &str) -> Option<String> {
    match kind {
        EvidenceKind::Reading if Reading::of(text).is_some() => None,
        EvidenceKind::Voice => {
            let said = Voice::of(text);
            Some(said.map_or_else(|| text.to_owned(), |voice| voice.caption))
        }
        _ => Some(text.to_owned()),
    }
}

/// The `text` with another caption.
pub fn captioned(kind: EvidenceKind, text: &str, caption: String) -> String {
    match (kind, Voice::of(text)) {
        (EvidenceKind::Voice, Some(voice)) => Voice { caption, ..voice }.text(),
        _ => caption,
    }
}

/// A text in one line, without room at its ends, of at most so many characters.
pub fn line(text: &str, most: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words
        .chars()
        .take(most)
        .collect::<String>()
        .trim_end()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reading(value: &str, unit: &str, instrument: &str, serial: &str) -> Reading {
        Reading::new(value.parse().unwrap(), unit, instrument, serial)
    }

    #[test]
    fn a_reading_is_up_to_three_lines() {
        for (reading, text) in [
            (reading("23.50", "°C", "", ""), "23.50 °C"),
            (reading("-3", "", "", ""), "-3"),
            (
                reading("12", "%LEL", "虚构气体检测仪", "SN 01"),
                "12 %LEL\n虚构气体检测仪\nSN 01",
            ),
            (reading("0.4", "MPa", "", "07"), "0.4 MPa\n\n07"),
            (reading("7", "", "", "07"), "7\n\n07"),
        ] {
            assert_eq!(reading.text(), text);
            assert_eq!(Reading::of(text), Some(reading));
        }
    }

    #[test]
    fn what_is_no_reading_is_a_text() {
        for text in ["", "about 5", "5,3 mm", "1e3 V", "5 mm\na\nb\nc", "NaN %"] {
            assert_eq!(Reading::of(text), None, "{text:?}");
        }
        // What others wrote before keeps its unit as it is.
        assert_eq!(Reading::of("23.5 ℃").unwrap().unit, "℃");
    }

    #[test]
    fn texts_of_a_reading_stay_in_their_lines() {
        let long = "仪".repeat(500);
        let reading = reading("1", " m /\n s\t", &long, " a\u{2028}b\r\nc ");
        assert_eq!(
            (reading.unit.as_str(), reading.serial.as_str()),
            ("m / s", "a b c")
        );
        assert_eq!(reading.instrument.chars().count(), INSTRUMENT_CHARS);
        assert_eq!(Reading::of(&reading.text()), Some(reading));
    }

    #[test]
    fn a_voice_note_says_its_length_and_whether_it_was_cut() {
        let voice = |seconds, cut, caption: &str| Voice {
            seconds,
            cut,
            caption: caption.to_owned(),
        };
        for (voice, text) in [
            (voice(0, false, ""), "0:00"),
            (voice(62, false, ""), "1:02"),
            (voice(180, true, ""), "3:00 cut"),
            (voice(7, true, "门卫说明"), "0:07 cut\n门卫说明"),
        ] {
            assert_eq!(voice.text(), text);
            assert_eq!(Voice::of(text), Some(voice));
        }
        for text in [
            "",
            "门卫",
            "1:2",
            "1:60",
            ":01",
            "+1:01",
            "1:+1",
            "00001:00",
            "0:07 cut!",
        ] {
            assert_eq!(Voice::of(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_caption_leaves_alone_what_the_app_said() {
        let cut = captioned(EvidenceKind::Voice, "0:07 cut", "门卫说明".to_owned());
        assert_eq!(cut, "0:07 cut\n门卫说明");
        assert_eq!(
            caption(EvidenceKind::Voice, &cut).as_deref(),
            Some("门卫说明")
        );
        assert_eq!(
            captioned(EvidenceKind::Voice, &cut, String::new()),
            "0:07 cut"
        );
        assert_eq!(
            captioned(EvidenceKind::File, "报告.pdf", "报告".to_owned()),
            "报告"
        );
        assert_eq!(caption(EvidenceKind::Reading, "5 mm"), None);
        assert_eq!(
            caption(EvidenceKind::Photo, "0:07").as_deref(),
            Some("0:07")
        );
    }

    #[test]
    fn units_fit() {
        for unit in UNITS {
            assert_eq!(line(unit, UNIT_CHARS), unit);
        }
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(unit in ".{0,40}", instrument in ".{0,90}", serial in ".{0,90}", whole in 0_i64..1_000_000) {
            let value = whole.to_string().parse().unwrap();
            let reading = Reading::new(value, &unit, &instrument, &serial);
            let text = reading.text();
            prop_assert!(text.chars().count() <= 26 + UNIT_CHARS + 2 * INSTRUMENT_CHARS + 3);
            prop_assert_eq!(Reading::of(&text), Some(reading));
        }

        #[test]
        fn nothing_that_is_read_stops_the_program(text in "(?s).{0,60}") {
            let _ = (Reading::of(&text), Voice::of(&text));
        }
    }
}
