//! Items and gates that are taken over from another checklist: written once, read where they stand.
//!
//! The version is part of the reference, since published bytes never change: what is taken over stays as it was.

use super::{SourceFile, checklists, read};
use crate::checklist::{Checklist, Condition, Document, Gate, Item, lint::Words};
use serde::Deserialize;
use std::collections::BTreeMap;

/// An item of another checklist. Its words, bases and gravity are those of the original.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemReference {
    /// `<checklist>@<version>/<item>`.
    pub from: String,
    /// Row of the fact base that it stands for here, where that is another than the original's.
    pub source: Option<String>,
    /// Condition in place of the original's.
    pub visible_if: Option<Condition>,
}

/// A gate of another checklist.
#[derive(Clone, Debug, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GateReference {
    /// `<checklist>@<version>/<gate>`.
    pub from: String,
}

/// Finds what references name, and keeps the documents that come along.
pub(super) struct Library<'a> {
    files: &'a [SourceFile],
    read: BTreeMap<String, Option<Checklist>>,
    /// Documents of what was taken over.
    pub documents: BTreeMap<String, Document>,
}

type Found<T> = Result<T, Box<Words>>;

impl<'a> Library<'a> {
    pub fn new(files: &'a [SourceFile]) -> Self {
        let (read, documents) = (BTreeMap::new(), BTreeMap::new());
        Self {
            files,
            read,
            documents,
        }
    }

    /// The item, as it stands in its checklist.
    pub fn item(&mut self, reference: ItemReference) -> Found<Item> {
        let (list, id) = self.home(&reference.from)?;
        let mut items = list.sections.iter().flat_map(|s| &s.items);
        let found = items.find(|item| item.id == id);
        let mut item = found.ok_or_else(|| absent(&reference.from))?.clone();
        let cited = item.bases.iter().chain(&item.severity_bases);
        let cited: Vec<String> = cited.map(|basis| basis.document.clone()).collect();
        self.take(&list, cited)?;
        item.origin = Some(format!("{}/{id}", list.id));
        if let Some(source) = reference.source {
            item.source = source;
        }
        if reference.visible_if.is_some() {
            item.visible_if = reference.visible_if;
        }
        Ok(item)
    }

    /// The gate, as it stands in its checklist.
    pub fn gate(&mut self, reference: &GateReference) -> Found<Gate> {
        let (list, id) = self.home(&reference.from)?;
        let mut gates = list.sections.iter().filter_map(|s| s.gate.as_ref());
        let found = gates.find(|gate| gate.id == id);
        let mut gate = found.ok_or_else(|| absent(&reference.from))?.clone();
        gate.origin = Some(format!("{}/{id}", list.id));
        Ok(gate)
    }

    // The checklist of a reference without what it takes over itself: a reference names the place where it is written.
    fn home(&mut self, from: &str) -> Found<(Checklist, String)> {
        let (path, id) = from.split_once('/').ok_or_else(|| form(from))?;
        let (list, version) = path.split_once('@').ok_or_else(|| form(from))?;
        if !self.read.contains_key(path) {
            let file = format!("{list}/{version}.toml");
            let fits = |f: &&SourceFile| {
                f.path
                    .strip_suffix(&file)
                    .is_some_and(|before| before.is_empty() || before.ends_with('/'))
            };
            let file = checklists(self.files).find(fits);
            let found = file.and_then(read::written_here);
            self.read.insert(path.to_owned(), found);
        }
        let found = self.read.get(path).cloned().flatten();
        Ok((found.ok_or_else(|| absent(from))?, id.to_owned()))
    }

    fn take(&mut self, list: &Checklist, mut keys: Vec<String>) -> Found<()> {
        while let Some(key) = keys.pop() {
            let Some(document) = list.documents.get(&key) else {
                continue;
            };
            match self.documents.get(&key) {
                Some(known) if known != document => return Err(differs(&key)),
                Some(_) => {}
                None => {
                    keys.extend(document.successor.clone());
                    self.documents.insert(key, document.clone());
                }
            }
        }
        Ok(())
    }

    /// Adds the documents that came along to those that the checklist names itself.
    pub fn complete(self, checklist: &mut Checklist) -> Result<(), Box<Words>> {
        for (key, document) in self.documents {
            match checklist.documents.get(&key) {
                Some(own) if *own != document => return Err(differs(&key)),
                Some(_) => {}
                None => drop(checklist.documents.insert(key, document)),
            }
        }
        Ok(())
    }
}

/// An item that says itself where it comes from: a copy instead of a reference.
pub(super) fn by_hand() -> Box<Words> {
    Box::new(Words {
        code: "origin",
        zh: "origin 由程序填写。".into(),
        en: "The program fills in origin.".into(),
        remedy_zh: "引用写成 from = \"检查表@版本/检查项\"，不要抄写。".into(),
        remedy_en: "Write from = \"checklist@version/item\" in place of a copy.".into(),
    })
}

fn form(from: &str) -> Box<Words> {
    Box::new(Words {
        code: "reference-form",
        zh: format!("引用“{from}”的写法不对。"),
        en: format!("The reference “{from}” has the wrong form."),
        remedy_zh: "写成 检查表@版本/检查项，例如 fire-exits@1/FE-01。".into(),
        remedy_en: "Write checklist@version/item, for example fire-exits@1/FE-01.".into(),
    })
}

fn absent(from: &str) -> Box<Words> {
    Box::new(Words {
        code: "reference",
        zh: format!("没有“{from}”，或它自己也是引用。"),
        en: format!("There is no “{from}”, or it is a reference itself."),
        remedy_zh: "改正名称；引用要指向写出这一项的检查表。".into(),
        remedy_en: "Mend the name; refer to the checklist in which the item is written.".into(),
    })
}

fn differs(key: &str) -> Box<Words> {
    Box::new(Words {
        code: "document-differs",
        zh: format!("文件“{key}”和被引用的检查表写得不一样。"),
        en: format!("Document “{key}” differs from that of the checklist that is referred to."),
        remedy_zh: "两处写成一样。".into(),
        remedy_en: "Write it alike in both.".into(),
    })
}
