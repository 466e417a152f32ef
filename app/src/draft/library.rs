//! The checklists as a library: what each rests on, and which items say what somebody looks for. Plain data; works offline.

use zhicha_core::{
    checklist::{Certainty, Checklist, Item},
    order,
};

/// How much there is in a checklist, and how much of what it cites was compared with its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Items.
    pub items: usize,
    /// Clauses that were compared.
    pub verified: usize,
    /// Clauses that were not.
    pub recalled: usize,
}

/// Items of one checklist or several.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    /// The first ones, each with the position of its checklist.
    pub items: Vec<(usize, Item)>,
    /// How many there are in all.
    pub total: usize,
}

/// What a checklist rests on. A clause that several items cite counts for each of them.
pub fn standing(checklist: &Checklist) -> Standing {
    let mut standing = Standing::default();
    for item in checklist.sections.iter().flat_map(|section| &section.items) {
        standing.items += 1;
        for basis in item.bases.iter().chain(&item.severity_bases) {
            match basis.certainty {
                Certainty::Verified => standing.verified += 1,
                Certainty::Recalled => standing.recalled += 1,
            }
        }
    }
    standing
}

/// Items in which every word of `query` stands: in their text, how to check, number, clauses or documents, in either language;
/// the letters A–Z in upper and lower case alike. One that other checklists take over is found once, where it is written; at most
/// `most`, those with the query in their text first.
pub fn find(checklists: &[&Checklist], query: &str, most: usize) -> Found {
    let query = query.to_lowercase();
    let words: Vec<&str> = query.split_whitespace().collect();
    let mut hits: Vec<(bool, usize, &Item)> = Vec::new();
    for (at, checklist) in checklists.iter().enumerate() {
        for item in checklist.sections.iter().flat_map(|s| &s.items) {
            // Where its own checklist is not on the device, or this is a later version of that, it is found all the same.
            let written = |origin: &String| {
                let home = origin.split('/').next();
                let elsewhere = checklists.iter().filter(|list| list.id != checklist.id);
                elsewhere
                    .map(|list| list.id.as_str())
                    .any(|id| Some(id) == home)
            };
            if item.origin.as_ref().is_some_and(written) {
                continue;
            }
            let text = format!("{} {}", item.text.zh, item.text.en).to_lowercase();
            let all = format!("{text} {}", around(checklist, item).to_lowercase());
            if words.iter().all(|word| all.contains(word)) {
                let plain = words.iter().all(|word| text.contains(word));
                hits.push((!plain, at, item));
            }
        }
    }
    let total = hits.len();
    order::sort_by_key(&mut hits, |(later, ..)| *later);
    let first = hits.into_iter().take(most);
    let items = first.map(|(_, at, item)| (at, item.clone())).collect();
    Found { items, total }
}

fn around(checklist: &Checklist, item: &Item) -> String {
    let mut words = vec![item.id.as_str(), item.source.as_str()];
    let texts = [&item.how, &item.suggestion, &item.note]
        .into_iter()
        .flatten();
    words.extend(texts.flat_map(|text| [text.zh.as_str(), text.en.as_str()]));
    for basis in item.bases.iter().chain(&item.severity_bases) {
        words.extend(basis.clause.as_deref());
        if let Some(document) = checklist.documents.get(&basis.document) {
            words.extend([document.title.zh.as_str(), document.title.en.as_str()]);
            words.extend(document.number.as_deref());
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicha_core::checklist::Loaded;

    fn lists() -> Vec<Loaded> {
        let read = |file: &str| {
            let path = format!("{}/../checklists/{file}.json", env!("CARGO_MANIFEST_DIR"));
            Loaded::from_bytes(&std::fs::read(path).expect("published")).expect("reads")
        };
        [
            "fire-exits/1",
            "small-venues/1",
            "town-gas/1",
            "dust-explosion/2",
        ]
        .map(read)
        .into()
    }

    fn ids(query: &str) -> Vec<String> {
        let lists = lists();
        let lists: Vec<_> = lists.iter().map(|list| &list.checklist).collect();
        let found = find(&lists, query, 200);
        assert_eq!(found.items.len(), found.total);
        found.items.into_iter().map(|(_, item)| item.id).collect()
    }

    #[test]
    fn items_are_found_in_both_languages_by_number_clause_and_document() {
        assert!(ids("安全出口").len() > 3);
        assert!(ids("EXITS blocked").contains(&"FE-01".to_owned()));
        assert_eq!(ids("tg-11")[0], "TG-11");
        assert!(ids("安全生产法 第三十六条").contains(&"TG-11".to_owned()));
        assert!(ids("没有这样的词").is_empty());
    }

    #[test]
    fn what_is_taken_over_is_found_once_where_it_is_written() {
        // Small venues take TG-11 over.
        assert_eq!(ids("TG-11").iter().filter(|id| *id == "TG-11").count(), 1);
        let only = lists();
        let found = find(&[&only[1].checklist], "TG-11", 9);
        assert_eq!(
            found.total, 1,
            "without its own checklist it is found in the other"
        );
    }

    #[test]
    fn what_a_later_version_takes_over_from_the_one_before_is_found() {
        assert!(ids("DE-05").contains(&"DE-05".to_owned()));
    }

    #[test]
    fn most_bounds_what_is_given_but_not_the_count() {
        let lists = lists();
        let lists: Vec<_> = lists.iter().map(|list| &list.checklist).collect();
        let found = find(&lists, "", 5);
        assert_eq!(found.items.len(), 5);
        let all: usize = lists.iter().map(|list| standing(list).items).sum();
        assert!(found.total > 80 && found.total < all);
    }

    #[test]
    fn compared_and_recalled_clauses_are_counted() {
        let gas = standing(&lists()[2].checklist);
        assert!(gas.verified > gas.recalled && gas.recalled > 0, "{gas:?}");
        assert_eq!(gas.items, 24);
    }
}
