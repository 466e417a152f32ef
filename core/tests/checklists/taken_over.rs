//! Items that are written once and taken over elsewhere, what a visit with several checklists asks once, and which checklists
//! fit a site.

use zhicha_core::checklist::{
    Checklist, Shared,
    author::{SourceFile, lint_tree, read, to_bytes},
    fits,
};

const HEAD: &str = r#"
title = { zh = "虚构", en = "Invented" }
summary = { zh = "虚构检查表。", en = "An invented checklist." }
status_date = "2026-01-02"
"#;

const OWNER: &str = r#"
[documents.old]
title = { zh = "虚构标准", en = "Invented standard" }
number = "XX 1-2000"
effective_from = "2000-01-01"
effective_to = "2020-12-31"
successor = "new"

[documents.new]
title = { zh = "虚构标准", en = "Invented standard" }
number = "XX 1-2020"

[[sections]]
id = "doors"
title = { zh = "门", en = "Doors" }
gate = { id = "has-doors", text = { zh = "有门吗？", en = "Are there doors?" } }

[[sections.items]]
id = "XX-01"
source = "XX-01"
text = { zh = "门能打开。", en = "The door opens." }
answer = { kind = "check" }
bases = [{ document = "old", clause = "1.2", certainty = "verified" }]

[[sections.items]]
id = "XX-02"
source = "XX-02"
text = { zh = "门上有标志。", en = "The door has a sign." }
answer = { kind = "check" }
visible_if = { compare = { item = "XX-01", op = "eq", value = "pass" } }

[[sections]]
id = "paths"
title = { zh = "通道", en = "Paths" }

[[sections.items]]
id = "XX-03"
source = "XX-03"
text = { zh = "通道畅通。", en = "The path is clear." }
answer = { kind = "check" }
"#;

fn source(id: &str, head: &str, body: &str) -> SourceFile {
    SourceFile {
        path: format!("checklists/{id}/1.toml"),
        text: format!("id = \"{id}\"\nversion = 1\n{HEAD}{head}\n{body}"),
    }
}

fn section(body: &str) -> String {
    format!("[[sections]]\nid = \"all\"\ntitle = {{ zh = \"全部\", en = \"All\" }}\n{body}\n")
}

fn item(reference: &str) -> String {
    format!("[[sections.items]]\n{reference}\n")
}

fn tree(body: &str) -> Vec<SourceFile> {
    vec![
        source("owner", "", OWNER),
        source("short", "rhythm = \"daily\"", body),
    ]
}

fn both(body: &str) -> [Checklist; 2] {
    let files = tree(body);
    let list = |at: usize| read(&files[at], &files).unwrap();
    [list(0), list(1)]
}

fn codes(body: &str) -> Vec<String> {
    let findings = lint_tree(&tree(body)).findings;
    findings.into_iter().map(|f| f.code).collect()
}

#[test]
fn an_item_comes_with_its_words_bases_and_their_documents() {
    let body = section(&item("from = \"owner@1/XX-01\"\nsource = \"YY-07\""));
    let [owner, short] = both(&body);
    let (there, here) = (&owner.sections[0].items[0], &short.sections[0].items[0]);
    assert_eq!(here.origin.as_deref(), Some("owner/XX-01"));
    assert_eq!(here.source, "YY-07");
    assert_eq!(
        (&here.id, &here.text, &here.bases),
        (&there.id, &there.text, &there.bases)
    );
    // With the document that replaced the cited one.
    assert_eq!(short.documents, owner.documents);
    let bytes = to_bytes(&short);
    let again: Checklist = zhicha_core::json::from_slice(bytes.as_bytes()).unwrap();
    assert_eq!(again, short);
    assert!(bytes.contains(r#""rhythm":"daily""#), "{bytes}");
}

#[test]
fn a_gate_and_a_condition_come_along_or_the_condition_is_another() {
    let gate = "gate = { from = \"owner@1/has-doors\" }\n";
    let both_items = item("from = \"owner@1/XX-01\"") + &item("from = \"owner@1/XX-02\"");
    let [owner, short] = both(&section(&format!("{gate}{both_items}")));
    let gate = short.sections[0].gate.as_ref().unwrap();
    assert_eq!(gate.origin.as_deref(), Some("owner/has-doors"));
    assert_eq!(gate.text, owner.sections[0].gate.as_ref().unwrap().text);
    assert_eq!(
        short.sections[0].items[1].visible_if,
        owner.sections[0].items[1].visible_if
    );

    let other = "visible_if = { compare = { item = \"XX-03\", op = \"eq\", value = \"fail\" } }";
    let body =
        item("from = \"owner@1/XX-03\"") + &item(&format!("from = \"owner@1/XX-02\"\n{other}"));
    let [_, short] = both(&section(&body));
    assert_ne!(
        short.sections[0].items[1].visible_if,
        owner.sections[0].items[1].visible_if
    );
}

#[test]
fn what_cannot_be_taken_over_is_said_with_its_line() {
    let one = |reference: &str| codes(&section(&item(reference)));
    assert_eq!(one("from = \"owner/XX-01\""), ["reference-form"]);
    assert_eq!(one("from = \"owner@1\""), ["reference-form"]);
    assert_eq!(one("from = \"owner@1/XX-99\""), ["reference"]);
    assert_eq!(one("from = \"owner@2/XX-01\""), ["reference"]);
    assert_eq!(one("from = \"short@1/XX-01\""), ["reference"]);
    assert_eq!(
        one("from = \"owner@1/XX-01\"\nseverity = \"major\""),
        ["unknown-field"]
    );
    // Its condition asks for an item that is not here.
    assert_eq!(one("from = \"owner@1/XX-02\""), ["dangling-reference"]);
    let gate = "gate = { from = \"owner@1/no-gate\" }\n";
    assert_eq!(
        codes(&section(&format!(
            "{gate}{}",
            item("from = \"owner@1/XX-01\"")
        ))),
        ["reference"]
    );
    let copied = "id = \"a\"\nsource = \"YY-01\"\ntext = { zh = \"好。\", en = \"Good.\" }\nanswer = { kind = \"check\" }\norigin = \"owner/XX-01\"";
    assert_eq!(one(copied), ["origin"]);
    let document = "[documents.new]\ntitle = { zh = \"另一个\", en = \"Another\" }\n\n";
    let body = format!("{document}{}", section(&item("from = \"owner@1/XX-01\"")));
    assert_eq!(codes(&body), ["document-differs"]);

    let body = section(&item("from = \"owner@1/XX-99\""));
    let found = lint_tree(&tree(&body)).findings.remove(0);
    let line = tree(&body)[1]
        .text
        .lines()
        .position(|l| l == "[[sections.items]]")
        .unwrap();
    assert_eq!(
        (found.line, found.item.as_deref()),
        (line + 1, Some("owner@1/XX-99"))
    );
}

#[test]
fn kinds_and_rhythms_are_known_words() {
    let with = |head: &str| {
        let file = source("owner", head, OWNER);
        let found = lint_tree(&[file]).findings;
        found.into_iter().map(|f| f.code).collect::<Vec<_>>()
    };
    assert_eq!(
        with("fits = [\"shop\", \"market\"]\nrhythm = \"monthly\""),
        [""; 0]
    );
    assert_eq!(with("fits = [\"castle\"]"), ["fits"]);
    assert_eq!(with("fits = [\"shop\", \"shop\"]"), ["fits"]);
    assert_eq!(with("rhythm = \"half_monthly\""), [""; 0]);
    assert_eq!(with("rhythm = \"sometimes\""), ["rhythm"]);
}

#[test]
fn a_question_is_asked_where_nothing_can_hide_it_and_counts_in_both() {
    // In the short checklist the door has no gate.
    let body = section(&(item("from = \"owner@1/XX-01\"") + &item("from = \"owner@1/XX-03\"")));
    let [owner, short] = both(&body);
    let shared = Shared::of([&owner, &short]);
    assert_eq!(shared.home(0, "XX-01"), Some(&(1, "XX-01".to_owned())));
    assert_eq!(shared.home(1, "XX-01"), None);
    assert_eq!(shared.home(1, "XX-03"), Some(&(0, "XX-03".to_owned())));
    assert_eq!(
        shared.copies(0, "XX-03").collect::<Vec<_>>(),
        [&(1, "XX-03".to_owned())]
    );
    let copied = |at: usize, ids: &[&str]| {
        ids.iter()
            .filter(|id| shared.home(at, id).is_some())
            .count()
    };
    let (there, here) = (["has-doors", "XX-01", "XX-02", "XX-03"], ["XX-01", "XX-03"]);
    assert_eq!((copied(0, &there), copied(1, &here)), (1, 1));
    assert_eq!(Shared::of([&owner]), Shared::default());
}

#[test]
fn what_might_be_hidden_in_both_or_is_asked_for_each_instance_is_asked_in_both() {
    let gate = "gate = { from = \"owner@1/has-doors\" }\n";
    let [owner, short] = both(&section(&format!(
        "{gate}{}",
        item("from = \"owner@1/XX-01\"")
    )));
    let shared = Shared::of([&owner, &short]);
    assert_eq!(shared.home(1, "XX-01"), None);
    assert_eq!(
        shared.home(1, "has-doors"),
        Some(&(0, "has-doors".to_owned()))
    );

    let repeat = "repeat = { noun = { zh = \"间\", en = \"room\" }, max = 9 }\n";
    let [owner, short] = both(&section(&format!(
        "{repeat}{}",
        item("from = \"owner@1/XX-03\"")
    )));
    assert_eq!(Shared::of([&owner, &short]), Shared::default());
}

#[test]
fn the_same_words_are_needed_to_be_the_same_question() {
    let [owner, mut short] = both(&section(&item("from = \"owner@1/XX-03\"")));
    short.sections[0].items[0].text.zh.push('！');
    assert_eq!(Shared::of([&owner, &short]), Shared::default());
}

#[test]
fn the_most_particular_checklist_is_offered_first_and_none_where_the_category_says_nothing() {
    let list = |id: &'static str, kinds: &[&str]| {
        let kinds: Vec<String> = kinds.iter().map(|k| (*k).to_owned()).collect();
        (id, kinds)
    };
    let all = [
        list("any", &[]),
        list("factories", &["factory", "workshop"]),
        list("venues", &["shop", "restaurant", "market"]),
        list("markets", &["market"]),
    ];
    let ids = |category: &str| {
        let fitting = fits::fitting(category, &all, |(_, kinds)| kinds);
        fitting.into_iter().map(|(id, _)| *id).collect::<Vec<_>>()
    };
    let market = ["markets", "venues", "any"];
    assert_eq!(ids("market"), market);
    assert_eq!(ids("农贸市场"), market);
    assert_eq!(ids(" Market "), market);
    assert!(ids("城堡").is_empty() && ids("").is_empty());
    // A category is one kind: two of them in one text are none.
    assert!(ids("农贸市场、燃气经营").is_empty());
}
