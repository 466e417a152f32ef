//! The determination data says nothing beyond `facts/determination-rules.md`, and leaves nothing of it out.

use super::{checklists, determinations, folder};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};
use zhicha_core::checklist::{
    Item, Severity, Text,
    author::determination::{Form, Gives, Rule},
};

fn facts() -> String {
    fs::read_to_string(folder().join("facts/determination-rules.md")).unwrap()
}

/// The numbers in a text, with points inside them but not at their ends.
fn numbers(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !c.is_ascii_digit() && c != '.');
    let parts = parts.map(|part| part.trim_matches('.').to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

/// The numbers that the facts print; `7.4.1–7.4.6` and `7.3.1..7.3.9` print those between too.
fn printed(facts: &str) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for line in facts.replace("..", "–").lines() {
        all.extend(numbers(line));
        for (at, dash) in line.match_indices('–') {
            let end = |c: char| !c.is_ascii_digit() && c != '.';
            let first = line[..at].rsplit(end).next().unwrap();
            let last = line[at + dash.len()..].split(end).next().unwrap();
            let (Some((head, from)), Some((other, to))) =
                (first.rsplit_once('.'), last.rsplit_once('.'))
            else {
                continue;
            };
            if let (true, Ok(from), Ok(to)) =
                (head == other, from.parse::<u16>(), to.parse::<u16>())
            {
                all.extend((from..=to).map(|n| format!("{head}.{n}")));
            }
        }
    }
    all
}

fn texts(rule: &Rule) -> Vec<&Text> {
    let parts = rule.parts.iter();
    let parts = parts.flat_map(|p| [Some(&p.title), p.unfed.as_ref()]);
    let own = [
        Some(&rule.title),
        rule.scope.as_ref(),
        rule.judgement.as_ref(),
        rule.unfed.as_ref(),
    ];
    own.into_iter().chain(parts).flatten().collect()
}

#[test]
fn every_clause_and_number_is_printed_in_the_facts() {
    let facts = facts();
    let printed = printed(&facts);
    let known = |about: &str, text: &str| {
        for number in numbers(text) {
            assert!(printed.contains(&number), "{about}: {number} in “{text}”");
        }
    };
    let data = determinations();
    for rule in &data.rules {
        let numbered = rule.clause.chars().all(|c| c.is_ascii_digit() || c == '.');
        // `PD-11-1` must not be taken for a part of `PD-11-10`.
        let whole = facts.match_indices(&rule.clause).any(|(at, clause)| {
            let after = facts[at + clause.len()..].chars().next();
            !after.is_some_and(|c| c.is_ascii_digit())
        });
        let here = if numbered {
            printed.contains(&rule.clause)
        } else {
            whole
        };
        assert!(here, "{}: {}", rule.id, rule.clause);
        for text in texts(rule) {
            known(&rule.id, &text.zh);
            known(&rule.id, &text.en);
        }
        let least = rule.at_least.map(|n| format!(">= {n}"));
        assert!(least.is_none_or(|n| facts.contains(&n)), "{}", rule.id);
    }
    for feed in &data.feeds {
        let ask = feed.ask.iter().flat_map(|ask| [&ask.zh, &ask.en]);
        ask.for_each(|text| known(&feed.item, text));
    }
}

#[test]
fn documents_are_those_of_the_table_of_editions() {
    let facts = facts();
    let lists = checklists();
    for (key, standard) in &determinations().documents {
        let title = &standard.title.zh;
        let cited = |list: &zhicha_core::checklist::Checklist| {
            list.documents
                .get(key)
                .is_some_and(|d| d.title.zh == *title)
        };
        assert!(
            facts.contains(title) || lists.iter().any(cited),
            "{key}: {title}"
        );
        if let Some(number) = &standard.number {
            let number = number.trim_start_matches("应急管理部令");
            assert!(facts.contains(number), "{key}: {number}");
        }
        for day in [standard.effective_from, standard.effective_to] {
            let day = day.map(|day| day.to_string());
            assert!(day.is_none_or(|day| facts.contains(&day)), "{key}");
        }
        let words = standard.note.iter().chain(&standard.scope);
        for number in words.flat_map(|text| numbers(&text.zh)) {
            assert!(facts.contains(&number), "{key}: {number}");
        }
    }
}

#[test]
fn every_rule_of_the_facts_is_in() {
    let facts = facts();
    let data = determinations();
    let clauses = |document: &str| -> BTreeSet<String> {
        let rules = data.rules.iter().filter(|rule| rule.document == document);
        rules.map(|rule| rule.clause.clone()).collect()
    };
    let labels = |prefix: &str| -> BTreeSet<String> {
        let end = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
        let words = facts.split(end).filter(|word| word.starts_with(prefix));
        words.map(str::to_owned).collect()
    };
    let mut order = clauses("mem-order-10");
    assert!(order.remove("第9条") && order.remove("第10条"));
    assert_eq!(order, labels("PD-"));
    assert_eq!(clauses("town-gas-criteria"), labels("CG-"));
    assert_eq!(clauses("construction-criteria-2024"), labels("HC-"));
    assert_eq!(clauses("hazchem-criteria-2017").len(), 20);
    // The rows of the tables, by their first cell.
    let rows = |from: &str, to: &str| -> BTreeSet<String> {
        let (_, rest) = facts.split_once(from).unwrap();
        let (part, _) = rest.split_once(to).unwrap();
        let cells = part.lines().filter_map(|line| line.strip_prefix("| "));
        let cells = cells.map(|line| line.split(" |").next().unwrap());
        let clause = cells.filter(|cell| cell.starts_with(|c: char| c.is_ascii_digit()));
        clause.map(str::to_owned).collect()
    };
    assert_eq!(clauses("aq-3067-2026"), rows("| 条号 |", "（5+10"));
    let fire = clauses("gb-35181-2017");
    for row in rows("**直接判定要素", "**计数门槛") {
        let all = printed(&row);
        assert!(all.is_subset(&fire), "{row}");
    }
    assert_eq!(fire.len(), 1 + 10 + 39 + 4);
}

#[test]
fn thresholds_count_what_the_facts_count() {
    let facts = facts();
    let data = determinations();
    let elements = |rule: &Rule| -> BTreeSet<String> {
        let of = rule
            .of
            .iter()
            .map(|id| data.rules.iter().find(|r| r.id == *id).unwrap());
        of.map(|rule| rule.clause.clone()).collect()
    };
    let chapter: BTreeSet<String> = data
        .rules
        .iter()
        .filter(|r| r.document == "gb-35181-2017" && r.gives == Gives::Element)
        .map(|r| r.clause.clone())
        .collect();
    let mut counts = 0;
    for rule in data.rules.iter().filter(|rule| rule.form == Form::Count) {
        let mut lines = facts.lines();
        let line = lines
            .find(|l| l.starts_with(&format!("{} ", rule.clause)) && l.contains("count("))
            .unwrap();
        let (counted, least) = line
            .split_once("count(")
            .unwrap()
            .1
            .split_once(") >= ")
            .unwrap();
        assert_eq!(rule.at_least.unwrap().to_string(), least.trim());
        let wanted = if counted == "第7章任意" {
            chapter.clone()
        } else {
            printed(counted)
        };
        assert_eq!(elements(rule), wanted, "{}", rule.id);
        counts += 1;
    }
    assert_eq!(counts, 4);
}

/// Items by `<checklist>/<item>`, where they are written.
fn written() -> BTreeMap<String, &'static Item> {
    let lists = checklists().iter();
    let items = lists.flat_map(|list| {
        let items = list.sections.iter().flat_map(|s| &s.items);
        items.map(move |item| (format!("{}/{}", list.id, item.id), item))
    });
    items.filter(|(_, item)| item.origin.is_none()).collect()
}

#[test]
fn every_graded_item_feeds_a_rule_or_is_listed_with_the_reason() {
    let data = determinations();
    for (id, item) in written() {
        let feeds = data.feeds.iter().any(|feed| feed.item == id);
        let listed = data.without.iter().any(|group| group.items.contains(&id));
        let graded = item.severity != Severity::General;
        assert!(feeds || listed || !graded, "{id}");
        assert!(!(feeds && listed), "{id}");
        assert!(graded || !listed, "{id} is general");
    }
}

const DIGITS: [&str; 21] = [
    "", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四",
    "十五", "十六", "十七", "十八", "十九", "二十",
];

fn digit(zh: &str) -> usize {
    DIGITS
        .iter()
        .position(|d| *d == zh)
        .unwrap_or_else(|| panic!("{zh}"))
}

// How the facts name the clause that an item gives for its gravity; several where it gives several.
fn named(document: &str, clause: &str) -> Vec<String> {
    let (article, points) = clause
        .split_once('条')
        .map_or((clause, ""), |(a, p)| (a, p));
    let article = article.trim_start_matches('第');
    let points = points.split(['(', ')', '–']).filter(|p| !p.is_empty());
    match document {
        "mem-order-10" if points.clone().next().is_none() => vec![format!("PD-{}", digit(article))],
        "mem-order-10" => points
            .map(|p| format!("PD-{}-{}", digit(article), digit(p)))
            .collect(),
        "town-gas-criteria" => vec![format!("CG-{}", digit(article))],
        "construction-criteria-2024" => vec![format!("HC-{}", digit(article))],
        "hazchem-criteria-2017" => {
            let at = digit(article.trim_end_matches('项')) - 1;
            "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
                .chars()
                .nth(at)
                .into_iter()
                .map(String::from)
                .collect()
        }
        _ => article.split('、').map(str::to_owned).collect(),
    }
}

#[test]
fn an_item_feeds_the_clause_that_it_gives_for_its_gravity() {
    let data = determinations();
    for (id, item) in written() {
        for basis in &item.severity_bases {
            let document = basis.document.as_str();
            let ruled = data.rules.iter().any(|rule| rule.document == document);
            let Some(clause) = basis.clause.as_ref().filter(|_| ruled) else {
                continue;
            };
            let feeds = data.feeds.iter().filter(|feed| feed.item == id);
            let rules = feeds.filter_map(|feed| data.rules.iter().find(|r| r.id == feed.rule));
            let fed: Vec<&str> = rules
                .filter(|r| r.document == document)
                .map(|r| r.clause.as_str())
                .collect();
            for clause in named(document, clause) {
                let inside = |fed: &&str| **fed == clause || printed(fed).contains(&clause);
                assert!(fed.iter().any(inside), "{id}: {clause} is not in {fed:?}");
            }
        }
    }
}
