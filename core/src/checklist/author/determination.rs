//! Which answers feed which rule of the determination standards: data beside the checklists, for people and for the engine to come.
//!
//! Nothing here determines anything. What no item feeds is said in words, never invented.

use super::{
    Finding, SourceFile,
    read::{self, Lines},
    sorted,
};
use crate::{
    checklist::{Certainty, Condition, Text},
    time::CivilDate,
};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Name of the file in the root of the tree.
pub const DETERMINATION_FILE: &str = "determination.toml";

/// The rules of the determination standards with what feeds them.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Determinations {
    /// Day on which the facts behind it were last looked at.
    pub status_date: CivilDate,
    /// The standards, by the key that checklists use too.
    pub documents: BTreeMap<String, Standard>,
    /// The rules in the order of the facts.
    #[serde(default)]
    pub rules: Vec<Rule>,
    /// What feeds them.
    #[serde(default)]
    pub feeds: Vec<Feed>,
    /// Items of some gravity that feed no rule.
    #[serde(default)]
    pub without: Vec<Without>,
}

/// A determination standard.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standard {
    /// Its name.
    pub title: Text,
    /// Number or edition.
    pub number: Option<String>,
    /// First day in force, where the facts give it.
    pub effective_from: Option<CivilDate>,
    /// Last day in force; absent while it is in force.
    pub effective_to: Option<CivilDate>,
    /// Key of the standard that replaced it.
    pub successor: Option<String>,
    /// As in the table of editions.
    pub certainty: Certainty,
    /// How far its rules may be used.
    #[serde(default)]
    pub standing: Standing,
    /// To whom it applies, where that is to be asked first.
    pub scope: Option<Text>,
    /// What a person must know; for a standard without rules, why there are none.
    pub note: Option<Text>,
}

/// How far the rules of a standard may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// For a suspicion, which people confirm.
    #[default]
    InUse,
    /// Its text was not obtained: it only names the clause at which a person looks.
    Draft,
    /// A pointer without any weight of its own.
    Hint,
}

/// One rule, as the facts have it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable id.
    pub id: String,
    /// What it is about.
    pub title: Text,
    /// Key of the standard.
    pub document: String,
    /// Its place in the standard as the facts print it, for example `PD-11-3` or `7.3.9`.
    pub clause: String,
    /// Whether its words were compared with the text.
    pub certainty: Certainty,
    /// How it is put together.
    pub form: Form,
    /// What follows when it holds.
    #[serde(default)]
    pub gives: Gives,
    /// The parts that `any` and `all` are about, where the facts tell them apart.
    #[serde(default)]
    pub parts: Vec<Part>,
    /// For `count`: how many of `of` must hold.
    pub at_least: Option<u16>,
    /// For `count`: the elements.
    #[serde(default)]
    pub of: Vec<String>,
    /// Where it applies.
    pub scope: Option<Text>,
    /// What is still for a person to judge.
    pub judgement: Option<Text>,
    /// What of it no item feeds.
    pub unfed: Option<Text>,
}

/// How a rule is put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// One circumstance.
    Direct,
    /// Any one of several.
    Any,
    /// Several together.
    All,
    /// A number of elements; fed by rules, not by items.
    Count,
    /// The facts do not have its words, or leave it to a person altogether.
    Manual,
}

/// What follows when a rule holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gives {
    /// A suspicion.
    #[default]
    Major,
    /// An element that is only counted.
    Element,
    /// Nothing is determined.
    Exclusion,
}

/// One of the circumstances of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Stable id inside the rule.
    pub id: String,
    /// The circumstance.
    pub title: Text,
    /// What of it no item feeds.
    pub unfed: Option<Text>,
}

/// An answer that feeds a rule.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feed {
    /// Id of the rule.
    pub rule: String,
    /// The part it feeds; absent where the item is about the whole rule.
    pub part: Option<String>,
    /// `<checklist>/<item>`, where the item is written.
    pub item: String,
    /// `fail`, or the option of a choice.
    pub answer: String,
    /// What other answers of the same checklist must be.
    pub only_if: Option<Condition>,
    /// What must be asked besides.
    pub ask: Option<Text>,
}

/// Items that feed no rule although they are more than general.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Without {
    /// `<checklist>/<item>`, where they are written.
    pub items: Vec<String>,
    /// Why.
    pub reason: Text,
}

/// Reads the form only; what the data means is for `lint`.
pub(super) fn read_with_lines(
    file: &SourceFile,
) -> Result<(Determinations, Lines<'_>), Vec<Finding>> {
    let root = read::root_of(file)?;
    let mut faults = Vec::new();
    let (head, rules) = read::without(&root, "rules");
    let (head, feeds) = read::without(&head, "feeds");
    let (head, without) = read::without(&head, "without");
    let whole: Option<Determinations> = read::part(file, head.clone(), None, &mut faults);
    let rules = read::parts(file, &rules, "id", &mut faults);
    let feeds = read::parts(file, &feeds, "item", &mut faults);
    let without = read::parts(file, &without, "", &mut faults);
    match whole.filter(|_| faults.is_empty()) {
        Some(whole) => Ok((
            Determinations {
                rules,
                feeds,
                without,
                ..whole
            },
            Lines::new(file, root),
        )),
        None => Err(sorted(faults)),
    }
}
