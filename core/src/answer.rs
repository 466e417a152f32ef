//! Answers: what an inspector says to an item, and where in the checklist it stands.

use crate::{
    checklist::{AnswerKind, Digest},
    decimal::Decimal,
    json::Tagged,
    time::CivilDate,
};
use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;

/// Where an answer stands (frozen): checklist, item and instance path.
///
/// `instance` is empty outside repeated sections; inside one it holds the instance number from 1, as text
/// (`"3"`); nested repeats would join numbers with `.`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerKey {
    /// Digest of the checklist version.
    pub checklist: Digest,
    /// Item or gate id.
    pub item: String,
    /// Instance path.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instance: String,
}

impl fmt::Display for AnswerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.checklist, self.item, self.instance)
    }
}

/// The value of an answer (frozen). No answer at all is not a pass.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AnswerValue {
    /// The statement holds.
    Pass,
    /// It does not hold.
    Fail,
    /// Its condition is absent here.
    NotApplicable,
    /// Nobody could look; says why.
    NotChecked {
        /// Why, in the inspector's words.
        reason: String,
    },
    /// A measured or counted number.
    Number {
        /// A decimal string such as `0.80`.
        value: Decimal,
    },
    /// The chosen option, or `yes`/`no` at a gate.
    Choice {
        /// Option id.
        value: String,
    },
    /// The chosen options, in the order of the checklist.
    Choices {
        /// Option ids.
        value: Vec<String>,
    },
    /// Free text.
    Text {
        /// The text, trimmed.
        value: String,
    },
    /// A date.
    Date {
        /// The day.
        value: CivilDate,
    },
}

impl<'de> Deserialize<'de> for AnswerValue {
    fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        Tagged::read(given, "kind", true, |variant, fields| {
            Ok(match variant {
                "pass" => Self::Pass,
                "fail" => Self::Fail,
                "not_applicable" => Self::NotApplicable,
                "not_checked" => Self::NotChecked {
                    reason: fields.field("reason")?,
                },
                "number" => Self::Number {
                    value: fields.field("value")?,
                },
                "choice" => Self::Choice {
                    value: fields.field("value")?,
                },
                "choices" => Self::Choices {
                    value: fields.field("value")?,
                },
                "text" => Self::Text {
                    value: fields.field("value")?,
                },
                "date" => Self::Date {
                    value: fields.field("value")?,
                },
                _ => return fields.unknown(),
            })
        })
    }
}

/// Why a value does not fit its item; the value stays on screen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AnswerError {
    /// Another kind of answer than the item takes.
    #[error("this item takes another kind of answer")]
    Kind,
    /// Not one of the item's options.
    #[error("“{0}” is not one of the options")]
    Option(String),
    /// A number below the plausible range.
    #[error("{value} is below {min}")]
    TooSmall {
        /// What was typed.
        value: String,
        /// Smallest plausible value.
        min: String,
    },
    /// A number above the plausible range.
    #[error("{value} is above {max}")]
    TooLarge {
        /// What was typed.
        value: String,
        /// Largest plausible value.
        max: String,
    },
    /// More digits after the point than the item takes.
    #[error("at most {0} digits after the point")]
    Decimals(u8),
    /// Too many characters.
    #[error("at most {0} characters")]
    TooLong(u16),
    /// Nothing was given where something is needed (a reason, a text, an option).
    #[error("this may not be empty")]
    Empty,
}

impl AnswerValue {
    /// Checks the value against what the item takes. `not_checked` and, for everything but gates,
    /// `not_applicable` fit every kind.
    pub fn check(&self, kind: &AnswerKind) -> Result<(), AnswerError> {
        match (self, kind) {
            (Self::NotChecked { reason }, _) => filled(reason),
            (Self::NotApplicable, _)
            | (Self::Pass | Self::Fail, AnswerKind::Check)
            | (Self::Date { .. }, AnswerKind::Date) => Ok(()),
            (
                Self::Number { value },
                AnswerKind::Number {
                    min, max, decimals, ..
                },
            ) => check_number(value, min.as_deref(), max.as_deref(), *decimals),
            (Self::Choice { value }, AnswerKind::Single { options }) => {
                known(value, options.iter().map(|o| o.id.as_str()))
            }
            (Self::Choices { value }, AnswerKind::Multiple { options }) => {
                if value.is_empty() {
                    return Err(AnswerError::Empty);
                }
                value
                    .iter()
                    .try_for_each(|v| known(v, options.iter().map(|o| o.id.as_str())))
            }
            (Self::Text { value }, AnswerKind::Text { max_chars }) => {
                filled(value)?;
                if value.chars().count() > usize::from(*max_chars) {
                    return Err(AnswerError::TooLong(*max_chars));
                }
                Ok(())
            }
            _ => Err(AnswerError::Kind),
        }
    }
}

fn filled(text: &str) -> Result<(), AnswerError> {
    if text.trim().is_empty() {
        Err(AnswerError::Empty)
    } else {
        Ok(())
    }
}

fn known<'a>(value: &str, mut options: impl Iterator<Item = &'a str>) -> Result<(), AnswerError> {
    if options.any(|o| o == value) {
        Ok(())
    } else {
        Err(AnswerError::Option(value.to_owned()))
    }
}

fn check_number(
    value: &Decimal,
    min: Option<&str>,
    max: Option<&str>,
    decimals: u8,
) -> Result<(), AnswerError> {
    if value.decimals() > usize::from(decimals) {
        return Err(AnswerError::Decimals(decimals));
    }
    let bound = |text: Option<&str>| text.and_then(|t| t.parse::<Decimal>().ok());
    if let Some(min) = bound(min).filter(|min| value.compare(min).is_lt()) {
        return Err(AnswerError::TooSmall {
            value: value.to_string(),
            min: min.to_string(),
        });
    }
    if let Some(max) = bound(max).filter(|max| value.compare(max).is_gt()) {
        return Err(AnswerError::TooLarge {
            value: value.to_string(),
            max: max.to_string(),
        });
    }
    Ok(())
}
