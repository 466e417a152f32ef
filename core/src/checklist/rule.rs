//! Conditions over earlier answers: a small expression tree, without scripts or patterns.
//!
//! Three-valued: what nobody has answered is unknown, and unknown never hides an item that might apply.

#[cfg(feature = "author")]
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A condition over answers of the same checklist (and, inside a repeated section, of the same instance first).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "author", derive(JsonSchema))]
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
#[cfg_attr(feature = "author", derive(JsonSchema))]
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
#[cfg_attr(feature = "author", derive(JsonSchema))]
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
#[cfg_attr(feature = "author", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// The number that must hold.
    pub at_least: u16,
    /// The conditions that are counted.
    pub of: Vec<Condition>,
}
