//! Which checklists the phone lists first for a site, as far as the office can say before the site is saved.

use std::collections::BTreeSet;
use zhicha_core::{
    api::ChecklistInfo,
    checklist::{Text, fits},
};

/// What the phone lists first, by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum First {
    /// What was named for the site; then its category says nothing.
    Named(Vec<Text>),
    /// What fits its category.
    Fitting(Vec<Text>),
    /// Nothing: there is no category.
    NoCategory,
    /// Nothing: no kind of site is called so.
    UnknownCategory,
    /// Nothing: what would come first is not published.
    Unpublished,
}

/// For a site of this category for which the checklists `named` were named. `published` holds the newest version of each
/// checklist, by id.
pub fn first(category: &str, named: &BTreeSet<String>, published: &[ChecklistInfo]) -> First {
    let titles = |lists: Vec<&ChecklistInfo>, first: fn(Vec<Text>) -> First| {
        let titles: Vec<Text> = lists.iter().map(|list| list.title.clone()).collect();
        match titles.is_empty() {
            true => First::Unpublished,
            false => first(titles),
        }
    };
    if !named.is_empty() {
        let known = published.iter().filter(|list| named.contains(&list.id));
        return titles(known.collect(), First::Named);
    }
    match fits::kind_of(category) {
        _ if category.trim().is_empty() => First::NoCategory,
        None => First::UnknownCategory,
        Some(_) => titles(
            fits::fitting(category, published, |list| &list.fits),
            First::Fitting,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicha_core::checklist::Digest;

    fn list(id: &str, fits: &[&str]) -> ChecklistInfo {
        ChecklistInfo {
            id: id.to_owned(),
            version: 1,
            digest: Digest::of(id.as_bytes()),
            title: Text {
                zh: id.to_owned(),
                en: id.to_owned(),
            },
            items: 1,
            fits: fits.iter().map(|kind| (*kind).to_owned()).collect(),
        }
    }

    #[test]
    fn what_was_named_goes_first_then_what_fits_the_category() {
        let published = [
            list("any", &[]),
            list("factory", &["factory"]),
            list("market", &["market"]),
        ];
        let named = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        let say = |category: &str, ids: &[&str]| first(category, &named(ids), &published);
        let texts = |ids: &[&str]| -> Vec<Text> {
            let one = |id: &&str| list(id, &[]).title;
            ids.iter().map(one).collect()
        };
        assert_eq!(
            say("农贸市场", &[]),
            First::Fitting(texts(&["market", "any"]))
        );
        assert_eq!(
            say("market", &["factory"]),
            First::Named(texts(&["factory"]))
        );
        assert_eq!(say("", &["any"]), First::Named(texts(&["any"])));
        assert_eq!(say(" ", &[]), First::NoCategory);
        assert_eq!(say("城堡", &[]), First::UnknownCategory);
        assert_eq!(say("market", &["gone"]), First::Unpublished);
    }
}
