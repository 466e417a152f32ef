//! What can be wrong in a checklist that reads well: each mistake with its place and what to do about it.
//!
//! Looks at one checklist at a time and only at the data; files, lines and digests are the business of `author`.

mod conditions;
pub(super) mod determination;
mod documents;
mod ids;
mod offer;
mod parts;
mod texts;

use super::{Checklist, Item, Section};

/// One step from the root of a checklist file to the place of a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A key of a table.
    Key(String),
    /// A position in an array.
    At(usize),
}

/// The way from the root of the file to a place in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The path of a section.
    pub fn section(section: usize) -> Self {
        Self::default().key("sections").at(section)
    }

    /// The path of an item.
    pub fn item(section: usize, item: usize) -> Self {
        Self::section(section).key("items").at(item)
    }

    /// One key further.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.to_owned()));
        self
    }

    /// One array position further.
    #[must_use]
    pub fn at(mut self, at: usize) -> Self {
        self.0.push(Step::At(at));
        self
    }
}

/// What is wrong and what to do, in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// Stable name of the kind of mistake.
    pub code: &'static str,
    /// What is wrong, Chinese.
    pub zh: String,
    /// What is wrong, English.
    pub en: String,
    /// What to do, Chinese.
    pub remedy_zh: String,
    /// What to do, English.
    pub remedy_en: String,
}

/// A mistake and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// Where.
    pub path: Path,
    /// Id of the item, gate or section it concerns.
    pub item: Option<String>,
    /// What.
    pub words: Words,
}

/// Collects mistakes.
#[derive(Default)]
struct Sheet(Vec<Mistake>);

impl Sheet {
    fn note(
        &mut self,
        path: Path,
        item: Option<&str>,
        code: &'static str,
        [zh, en]: [String; 2],
        remedy: [&str; 2],
    ) {
        let item = item.map(str::to_owned);
        let [remedy_zh, remedy_en] = remedy.map(str::to_owned);
        let words = Words {
            code,
            zh,
            en,
            remedy_zh,
            remedy_en,
        };
        self.0.push(Mistake { path, item, words });
    }
}

/// All mistakes in `checklist`. `expected` is the id and version that its path demands, where it has such a path.
pub fn check(checklist: &Checklist, expected: Option<(&str, u32)>) -> Vec<Mistake> {
    let mut sheet = Sheet::default();
    ids::check(checklist, expected, &mut sheet);
    texts::check(checklist, &mut sheet);
    parts::check(checklist, &mut sheet);
    offer::check(checklist, &mut sheet);
    documents::check(checklist, &mut sheet);
    conditions::check(checklist, &mut sheet);
    sheet.0
}

fn sections(checklist: &Checklist) -> impl Iterator<Item = (Path, &Section)> {
    let all = checklist.sections.iter().enumerate();
    all.map(|(i, s)| (Path::section(i), s))
}

fn items(checklist: &Checklist) -> impl Iterator<Item = (Path, &Item)> {
    let all = checklist.sections.iter().enumerate();
    all.flat_map(|(i, s)| {
        let items = s.items.iter().enumerate();
        items.map(move |(j, item)| (Path::item(i, j), item))
    })
}
