//! Rules that a manifest cannot show: which words may stand in which folder. Read line by line,
//! comments left out; a rule is broken by what a person would write, not by what a parser could hide.

use std::fs;
use std::path::Path;

use anyhow::{Result, bail};

use crate::workspace::root;

/// Words that may stand below `within` only in `home`.
struct Rule {
    words: &'static [&'static str],
    within: &'static [&'static str],
    home: &'static [&'static str],
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        words: &["web_sys::", "js_sys::"],
        within: &["app/src/"],
        home: &["app/src/platform/", "app/src/platform.rs", "app/src/view/"],
        why: "browser APIs are named in app/src/platform/ only, and what draws in app/src/view/; call platform",
    },
    Rule {
        words: &[
            "sqlx::query",
            "\"SELECT ",
            "\"INSERT ",
            "\"UPDATE ",
            "\"DELETE ",
        ],
        within: &["server/src/", "core/src/", "app/src/"],
        home: &["server/src/store/", "server/src/store.rs"],
        why: "SQL stands in server/src/store/ only",
    },
    Rule {
        words: &[
            "indexed_db_futures",
            "web_sys::Idb",
            "SubtleCrypto",
            ".subtle()",
            "getDirectory",
        ],
        within: &["app/src/", "core/src/", "server/src/"],
        home: &[],
        why: "IndexedDB, WebCrypto and OPFS belong to storage/",
    },
    Rule {
        words: &["object_store::"],
        within: &["server/src/"],
        home: &[
            "server/src/blob.rs",
            "server/src/blob/",
            "server/src/derived.rs",
        ],
        why: "blobs are kept by server/src/blob only, and pictures made of them by derived.rs",
    },
    Rule {
        words: &[" style=\"", " style={", " style=move", " style=format!"],
        within: &["app/src/"],
        home: &[],
        why: "the Content-Security-Policy blocks style attributes; use a class or style:prop=",
    },
    Rule {
        words: &["inner_html", "set_inner_html", "insert_adjacent_html"],
        within: &["app/src/", "storage/src/"],
        home: &[],
        why: "no HTML from strings",
    },
    Rule {
        words: &["unsafe {", "unsafe fn", "#[allow("],
        within: &[
            "app/src/",
            "codes/src/",
            "core/src/",
            "server/src/",
            "storage/src/",
            "xtask/src/",
        ],
        home: &["xtask/src/sources.rs"],
        why: "no unsafe code; #[expect(…, reason = …)] instead of #[allow]",
    },
];

/// `cargo xtask check-deps`, the part on sources.
pub fn run() -> Result<()> {
    let mut broken = Vec::new();
    let mut files = 0;
    for folder in [
        "app/src",
        "core/src",
        "server/src",
        "storage/src",
        "xtask/src",
    ] {
        walk(&root().join(folder), &mut |path, text| {
            files += 1;
            broken.extend(broken_in(path, text));
        })?;
    }
    if !broken.is_empty() {
        bail!("source rules broken:\n  {}", broken.join("\n  "));
    }
    println!("source rules: {files} files keep them");
    Ok(())
}

fn walk(folder: &Path, visit: &mut impl FnMut(&str, &str)) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, visit)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).unwrap_or(&path);
            let name = name.to_string_lossy().replace('\\', "/");
            visit(&name, &fs::read_to_string(&path)?);
        }
    }
    Ok(())
}

/// The broken rules of one file; `path` is relative to the root, with `/`.
fn broken_in(path: &str, text: &str) -> Vec<String> {
    let rules: Vec<&Rule> = RULES
        .iter()
        .filter(|rule| starts_with_any(path, rule.within) && !starts_with_any(path, rule.home))
        .collect();
    let mut broken = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.trim_start();
        if code.starts_with("//") {
            continue;
        }
        for rule in &rules {
            if let Some(word) = rule.words.iter().find(|word| line.contains(**word)) {
                broken.push(format!(
                    "{path}:{}: `{}`: {}",
                    number + 1,
                    word.trim(),
                    rule.why
                ));
            }
        }
    }
    broken
}

fn starts_with_any(path: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| path.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_violations_are_named_with_file_and_line() {
        for (path, line) in [
            ("app/src/pages/me.rs", "let w = web_sys::window();"),
            ("server/src/http/sync.rs", "sqlx::query(text)"),
            ("server/src/http/sync.rs", "let q = \"SELECT 1\";"),
            (
                "app/src/state/draft.rs",
                "use indexed_db_futures::Database;",
            ),
            (
                "app/src/pages/me.rs",
                "view! { <p style=\"color:red\"></p> }",
            ),
            ("app/src/pages/me.rs", "view! { <p inner_html=text></p> }"),
        ] {
            let broken = broken_in(path, &format!("\n{line}\n"));
            assert_eq!(broken.len(), 1, "{path}: {line}");
            assert!(broken[0].starts_with(&format!("{path}:2:")));
        }
    }

    #[test]
    fn the_home_of_a_word_and_comments_are_free() {
        assert!(broken_in("app/src/platform/geo.rs", "web_sys::window()").is_empty());
        assert!(broken_in("server/src/store/sql.rs", "sqlx::query(\"SELECT 1\")").is_empty());
        assert!(broken_in("app/src/lib.rs", "//! never web_sys:: here").is_empty());
        assert!(broken_in("app/src/lib.rs", "view! { <p style:width=w></p> }").is_empty());
    }
}
