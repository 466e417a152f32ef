//! Conditions over earlier answers: a small expression tree, without scripts or patterns.
//!
//! Three-valued: what nobody has answered, or nobody could check, is unknown. An item with a condition is asked
//! only once the condition is true; while it is unknown the item waits and never counts as answered, and the
//! question it waits for counts as missing in its place.

use crate::{answer::AnswerValue, decimal::Decimal, time::CivilDate};
#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A condition over answers of the same checklist (and, inside a repeated section, of the same instance first).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// All of them hold.
    All(Vec<Condition>),
    /// At least one holds.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// The answer of one item compares to a value.
    Compare(Compare),
    /// At least so many of the conditions hold.
    Count(Count),
}

/// `item` `op` `value`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Compare {
    /// Id of an earlier item or gate.
    pub item: String,
    /// How to compare.
    pub op: Op,
    /// `pass`, `fail`, `not_applicable` or `not_checked` for checks (the last also for any kind), an option id for choices, a decimal
    /// for numbers, `YYYY-MM-DD` for dates, `yes`/`no` for gates.
    pub value: String,
}

/// Comparison operators. `lt`…`ge` are for numbers and dates; `includes` is for multiple choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Op {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Less.
    Lt,
    /// Less or equal.
    Le,
    /// Greater.
    Gt,
    /// Greater or equal.
    Ge,
    /// The option is among the chosen ones.
    Includes,
}

/// At least `at_least` of `of` hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The number that must hold.
    pub at_least: u16,
    /// The conditions that are counted.
    pub of: Vec<Condition>,
}

/// The value of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// An answer it needs is missing or was not checked.
    Unknown,
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl std::ops::Not for Truth {
    type Output = Self;
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl Condition {
    /// The value of the condition. `answer` gives the answer to an item or gate, `None` where there is none.
    ///
    /// `not_checked` and `not_applicable` can be asked for by name. Otherwise what was not checked is unknown,
    /// and what is not applicable equals nothing and compares to nothing.
    pub fn eval(&self, answer: &dyn Fn(&str) -> Option<AnswerValue>) -> Truth {
        match self {
            Self::All(of) => at_least(of.len(), of, answer),
            Self::Any(of) => at_least(1, of, answer),
            Self::Count(count) => at_least(usize::from(count.at_least), &count.of, answer),
            Self::Not(inner) => !inner.eval(answer),
            Self::Compare(compare) => {
                answer(&compare.item).map_or(Truth::Unknown, |a| compare.holds(&a))
            }
        }
    }

    /// The comparisons in the condition, in the order in which they are written.
    pub fn compares(&self) -> Vec<&Compare> {
        let mut found = Vec::new();
        self.collect(&mut found);
        found
    }

    /// Ids of the items and gates that the condition looks at; one that is named twice comes twice.
    pub fn items(&self) -> Vec<&str> {
        self.compares()
            .into_iter()
            .map(|c| c.item.as_str())
            .collect()
    }

    fn collect<'a>(&'a self, found: &mut Vec<&'a Compare>) {
        match self {
            Self::All(of) | Self::Any(of) => of.iter().for_each(|c| c.collect(found)),
            Self::Count(count) => count.of.iter().for_each(|c| c.collect(found)),
            Self::Not(inner) => inner.collect(found),
            Self::Compare(compare) => found.push(compare),
        }
    }
}

fn at_least(
    wanted: usize,
    of: &[Condition],
    answer: &dyn Fn(&str) -> Option<AnswerValue>,
) -> Truth {
    let (mut held, mut open) = (0, 0);
    for condition in of {
        match condition.eval(answer) {
            Truth::True => held += 1,
            Truth::Unknown => open += 1,
            Truth::False => {}
        }
    }
    if held >= wanted {
        Truth::True
    } else if held + open >= wanted {
        Truth::Unknown
    } else {
        Truth::False
    }
}

impl Compare {
    fn holds(&self, answer: &AnswerValue) -> Truth {
        let asks_for = |state: &str| match self.op {
            Op::Eq => Some(Truth::from(self.value == state)),
            Op::Ne => Some(Truth::from(self.value != state)),
            _ => None,
        };
        match answer {
            AnswerValue::NotChecked { .. } if self.value == "not_checked" => {
                asks_for("not_checked").unwrap_or(Truth::Unknown)
            }
            AnswerValue::NotChecked { .. } => Truth::Unknown,
            AnswerValue::NotApplicable => asks_for("not_applicable").unwrap_or(Truth::False),
            AnswerValue::Pass => asks_for("pass").unwrap_or(Truth::Unknown),
            AnswerValue::Fail => asks_for("fail").unwrap_or(Truth::Unknown),
            AnswerValue::Choice { value } | AnswerValue::Text { value } => {
                asks_for(value).unwrap_or(Truth::Unknown)
            }
            AnswerValue::Choices { value } => self.among(value),
            AnswerValue::Number { value } => self.ordered(
                self.value
                    .parse::<Decimal>()
                    .ok()
                    .map(|v| value.compare(&v)),
            ),
            AnswerValue::Date { value } => {
                self.ordered(self.value.parse::<CivilDate>().ok().map(|v| value.cmp(&v)))
            }
        }
    }

    fn among(&self, chosen: &[String]) -> Truth {
        match self.op {
            Op::Includes => Truth::from(chosen.contains(&self.value)),
            Op::Eq => Truth::from(chosen == [self.value.as_str()]),
            Op::Ne => Truth::from(chosen != [self.value.as_str()]),
            _ => Truth::Unknown,
        }
    }

    // `None` is a value of another kind: asked for by name (`not_checked`) it is simply not equal.
    fn ordered(&self, order: Option<std::cmp::Ordering>) -> Truth {
        let Some(order) = order else {
            return match self.op {
                Op::Eq => Truth::False,
                Op::Ne => Truth::True,
                _ => Truth::Unknown,
            };
        };
        match self.op {
            Op::Eq => Truth::from(order.is_eq()),
            Op::Ne => Truth::from(order.is_ne()),
            Op::Lt => Truth::from(order.is_lt()),
            Op::Le => Truth::from(order.is_le()),
            Op::Gt => Truth::from(order.is_gt()),
            Op::Ge => Truth::from(order.is_ge()),
            Op::Includes => Truth::Unknown,
        }
    }
}
