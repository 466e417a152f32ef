//! From what was typed to an answer. What does not fit is no answer; the text stays on screen with the reason.

use zhicha_core::{
    answer::{AnswerError, AnswerValue},
    checklist::AnswerKind,
    decimal::Decimal,
};

/// Why a typed text is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Not a number of the form `0.80`.
    NotANumber,
    /// Not a day.
    NotADate,
    /// It does not fit the item.
    Unfit(AnswerError),
}

/// The answer that `text` gives to an item of `kind`; nothing when it is empty.
pub fn value(text: &str, kind: &AnswerKind) -> Result<Option<AnswerValue>, Wrong> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let value = match kind {
        AnswerKind::Number { .. } => AnswerValue::Number {
            value: decimal(text).ok_or(Wrong::NotANumber)?,
        },
        AnswerKind::Date => AnswerValue::Date {
            value: text.parse().map_err(|_| Wrong::NotADate)?,
        },
        _ => AnswerValue::Text {
            value: text.to_owned(),
        },
    };
    value.check(kind).map_err(Wrong::Unfit)?;
    Ok(Some(value))
}

/// The text that stands in the field for an answer; nothing for one that was not typed.
pub fn text(value: &AnswerValue) -> Option<String> {
    match value {
        AnswerValue::Number { value } => Some(value.to_string()),
        AnswerValue::Text { value } => Some(value.clone()),
        AnswerValue::Date { value } => Some(value.to_string()),
        _ => None,
    }
}

/// The number that was typed, as it was typed. Chinese keyboards give full-width digits and points.
pub fn decimal(text: &str) -> Option<Decimal> {
    let narrow = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        '．' | '。' => '.',
        '－' | '−' => '-',
        other => other,
    };
    let text: String = text.trim().chars().map(narrow).collect();
    let text = if text.starts_with('.') {
        format!("0{text}")
    } else {
        text
    };
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metres() -> AnswerKind {
        let (min, max) = (Some("0".to_owned()), Some("50".to_owned()));
        AnswerKind::Number {
            unit: "m".to_owned(),
            min,
            max,
            decimals: 2,
        }
    }

    fn shown(text: &str) -> Option<String> {
        value(text, &metres())
            .ok()
            .flatten()
            .as_ref()
            .and_then(super::text)
    }

    #[test]
    fn a_number_keeps_its_text_and_takes_full_width_digits() {
        assert_eq!(shown(" 0.80 ").as_deref(), Some("0.80"));
        assert_eq!(shown("１．２").as_deref(), Some("1.2"));
        assert_eq!(shown(".9").as_deref(), Some("0.9"));
        assert_eq!(value("  ", &metres()), Ok(None));
    }

    #[test]
    fn what_does_not_fit_says_why() {
        assert_eq!(value("1.2m", &metres()), Err(Wrong::NotANumber));
        assert_eq!(
            value("0.123", &metres()),
            Err(Wrong::Unfit(AnswerError::Decimals(2)))
        );
        assert!(matches!(
            value("51", &metres()),
            Err(Wrong::Unfit(AnswerError::TooLarge { .. }))
        ));
        assert_eq!(value("2026-02-30", &AnswerKind::Date), Err(Wrong::NotADate));
        let short = AnswerKind::Text { max_chars: 2 };
        assert_eq!(
            value("三个字", &short),
            Err(Wrong::Unfit(AnswerError::TooLong(2)))
        );
    }
}
