//! The types of a checklist, as authors write them in TOML and devices read them in JSON.
//!
//! Only data: what a condition means is in `rule`, what a mistake is in `lint`.

use super::rule::Condition;
use crate::{json::Tagged, time::CivilDate};
#[cfg(feature = "schema")]
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

/// A text in the two languages of the app.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Simplified Chinese, the authoritative wording.
    pub zh: String,
    /// English.
    pub en: String,
}

/// One published version of a checklist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Checklist {
    /// Stable id, kebab case, equal to its folder.
    pub id: String,
    /// Version number from 1, equal to its file name.
    pub version: u32,
    /// Name shown in lists.
    pub title: Text,
    /// One or two sentences: what it covers and when to use it.
    pub summary: Text,
    /// Day on which the facts behind it were last looked at.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub status_date: CivilDate,
    /// Kinds of sites for which it is offered ([`super::fits`]); empty for any site.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fits: Vec<String>,
    /// How often it is done, for the short checklists of self-inspection: one of [`super::RHYTHMS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rhythm: Option<String>,
    /// Documents that items cite, by key; what is taken over brings its own.
    #[serde(default)]
    pub documents: BTreeMap<String, Document>,
    /// Sections in the order of the walk.
    pub sections: Vec<Section>,
}

/// A law, order or standard that items rest on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Short name as cited on screen, for example `消防法`.
    pub title: Text,
    /// Number or edition, for example `应急管理部令第10号`, `GB 15577-2018`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// First day in force; absent when the fact base does not give it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub effective_from: Option<CivilDate>,
    /// Last day in force; absent while it is in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>"))]
    pub effective_to: Option<CivilDate>,
    /// Key of the document that replaced it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
}

/// A group of items, walked together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Stable id inside the checklist, kebab case.
    pub id: String,
    /// Name of the section.
    pub title: Text,
    /// Question asked first; "no" makes the whole section not applicable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// Present when the section is answered once for each of several things (rooms, dust collectors).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<Repeat>,
    /// Items in the order of the walk.
    pub items: Vec<Item>,
}

/// An applicability question, answered yes or no, for example "is there combustible dust?".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Stable id, unique among the items of the checklist; its answer is a `choice` of `yes` or `no`.
    pub id: String,
    /// The question.
    pub text: Text,
    /// How to find out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<Text>,
    /// `<checklist>/<id>` where it is written, if it is taken over; filled in when the checklist is compiled. Ids are never
    /// given to another question, so it names no version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// A section that is answered for each of several things.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    /// What one instance is called, for example `除尘器` / `dust collector`.
    pub noun: Text,
    /// The most instances one inspection may have.
    pub max: u16,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Stable id inside the checklist; never given to another question.
    pub id: String,
    /// Row of the fact base it comes from, for example `FE-01`.
    pub source: String,
    /// For `check` items a statement that is plainly true when all is well; else the question.
    pub text: Text,
    /// How to check it on site.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<Text>,
    /// What kind of answer it takes.
    pub answer: AnswerKind,
    /// Whether the overview counts it as missing while it has no answer.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub required: bool,
    /// Shown only while this holds; absent means always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible_if: Option<Condition>,
    /// What it rests on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bases: Vec<Basis>,
    /// How grave a failure is.
    #[serde(default)]
    pub severity: Severity,
    /// Basis of the severity itself, where it is another than that of the duty; when none of these is in
    /// force on the day, a grave severity is only `pending`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub severity_bases: Vec<Basis>,
    /// Suggested correction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<Text>,
    /// Something a person should know before judging (an exception, a trap).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
    /// Whether a photo is expected when the item fails.
    #[serde(default, skip_serializing_if = "is_false")]
    pub photo_on_fail: bool,
    /// `<checklist>/<id>` where it is written, if it is taken over; filled in when the checklist is compiled. Ids are never
    /// given to another question, so it names no version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
}

/// A clause of a document that an item rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// Key into [`Checklist::documents`].
    pub document: String,
    /// Clause as the fact base gives it, for example `第十六条(四)`; absent where only the document is cited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Whether somebody compared the clause with its text.
    pub certainty: Certainty,
    /// To what the clause is limited, for example high-rise civil buildings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Text>,
}

/// Whether a clause has been compared with the official text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Read in the text or in official metadata.
    Verified,
    /// From knowledge only; shown as 条文未核对.
    Recalled,
}

/// How grave the failure of an item is (frozen names, `docs/formats.md`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A general hazard.
    #[default]
    General,
    /// General by itself, but counted in the combined determination of a major fire hazard.
    CountsTowardsMajor,
    /// Listed in a determination standard.
    Major,
    /// Of a type that alone makes a major fire hazard.
    DirectMajor,
    /// Depends on more facts than this answer; a rule decides.
    ByRule,
}

/// What kind of answer an item takes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum AnswerKind {
    /// Pass, fail or not applicable.
    Check,
    /// A decimal number. Limits are of plausibility, inclusive, as decimal strings.
    Number {
        /// Unit as shown, for example `m`, `lx`, `%`; empty for a count.
        #[serde(default)]
        unit: String,
        /// Smallest plausible value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<String>,
        /// Largest plausible value.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<String>,
        /// Most digits after the point.
        #[serde(default)]
        decimals: u8,
    },
    /// Exactly one of the options.
    Single {
        /// The options in order.
        options: Vec<Choice>,
    },
    /// Any number of the options, at least one.
    Multiple {
        /// The options in order.
        options: Vec<Choice>,
    },
    /// Free text.
    Text {
        /// Longest text in characters.
        #[serde(default = "text_limit")]
        max_chars: u16,
    },
    /// A civil date.
    Date,
}

impl<'de> Deserialize<'de> for AnswerKind {
    fn deserialize<D: Deserializer<'de>>(given: D) -> Result<Self, D::Error> {
        Tagged::read(given, "kind", true, |variant, fields| {
            Ok(match variant {
                "check" => Self::Check,
                "number" => Self::Number {
                    unit: fields.optional("unit")?.unwrap_or_default(),
                    min: fields.optional("min")?.flatten(),
                    max: fields.optional("max")?.flatten(),
                    decimals: fields.optional("decimals")?.unwrap_or_default(),
                },
                "single" => Self::Single {
                    options: fields.field("options")?,
                },
                "multiple" => Self::Multiple {
                    options: fields.field("options")?,
                },
                "text" => Self::Text {
                    max_chars: fields.optional("max_chars")?.unwrap_or_else(text_limit),
                },
                "date" => Self::Date,
                _ => return fields.unknown(),
            })
        })
    }
}

/// One option of a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Stable id inside the item, kebab case.
    pub id: String,
    /// What is shown.
    pub text: Text,
}

impl Gate {
    /// The answer that opens the section.
    pub const YES: &'static str = "yes";
    /// The answer that makes the section not applicable.
    pub const NO: &'static str = "no";
}

fn yes() -> bool {
    true
}
fn is_true(b: &bool) -> bool {
    *b
}
fn is_false(b: &bool) -> bool {
    !*b
}
fn text_limit() -> u16 {
    500
}

impl Document {
    /// Whether the document is in force on `day`. An end or start that is not recorded does not exclude it.
    pub fn in_force(&self, day: CivilDate) -> bool {
        self.effective_from.is_none_or(|from| from <= day)
            && self.effective_to.is_none_or(|to| day <= to)
    }
}

impl Item {
    /// Whether every basis of the item has ended (or not begun) on `day`. An item without bases has none to end.
    pub fn only_superseded(&self, checklist: &Checklist, day: CivilDate) -> bool {
        !self.bases.is_empty() && !any_in_force(&self.bases, checklist, day)
    }
}

/// Whether at least one of `bases` is in force on `day`.
pub fn any_in_force(bases: &[Basis], checklist: &Checklist, day: CivilDate) -> bool {
    bases.iter().any(|b| {
        checklist
            .documents
            .get(&b.document)
            .is_some_and(|d| d.in_force(day))
    })
}
