//! The app's texts: every key in every language, the same placeholders, and no text that nothing
//! shows. Checklist texts are not here; they belong to the checklist files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::workspace::root;

/// Endings that name a plural form; a language has those it needs.
const PLURALS: [&str; 6] = ["_zero", "_one", "_two", "_few", "_many", "_other"];

/// Key to the placeholders in its text, for one language.
type Texts = BTreeMap<String, BTreeSet<String>>;

/// `cargo xtask locales`.
pub fn run() -> Result<()> {
    let folder = root().join("app/locales");
    if !folder.is_dir() {
        println!("texts: app/locales/ does not exist yet");
        return Ok(());
    }
    let mut languages = BTreeMap::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        languages.insert(name.into_owned(), read_language(&path)?);
    }
    let mut faults = differences(&languages);
    let keys: BTreeSet<&String> = languages.values().flat_map(BTreeMap::keys).collect();
    faults.extend(unused(&keys, &sources(&root().join("app/src"))?));
    if !faults.is_empty() {
        bail!("texts:\n  {}", faults.join("\n  "));
    }
    println!(
        "texts: {} keys in {} languages",
        keys.len(),
        languages.len()
    );
    Ok(())
}

/// A language is a file, or a folder with a file for each namespace.
fn read_language(path: &Path) -> Result<Texts> {
    let mut texts = Texts::new();
    if !path.is_dir() {
        collect(&parse(path)?, "", &mut texts);
        return Ok(texts);
    }
    for entry in fs::read_dir(path)? {
        let file = entry?.path();
        let namespace = file.file_stem().unwrap_or_default().to_string_lossy();
        collect(&parse(&file)?, &namespace, &mut texts);
    }
    Ok(texts)
}

fn parse(path: &Path) -> Result<Value> {
    serde_json::from_str(&fs::read_to_string(path)?).with_context(|| path.display().to_string())
}

fn collect(value: &Value, key: &str, texts: &mut Texts) {
    match value {
        Value::Object(map) => {
            for (name, inner) in map {
                let key = if key.is_empty() {
                    name.clone()
                } else {
                    format!("{key}.{name}")
                };
                collect(inner, &key, texts);
            }
        }
        other => {
            let entry = texts.entry(without_plural(key).to_owned()).or_default();
            entry.extend(placeholders(&other.to_string()));
        }
    }
}

fn without_plural(key: &str) -> &str {
    PLURALS
        .iter()
        .find_map(|ending| key.strip_suffix(ending))
        .map_or(key, |base| base.strip_suffix("_ordinal").unwrap_or(base))
}

/// Names in `{{ name }}`, what follows a comma in them left out.
fn placeholders(text: &str) -> BTreeSet<String> {
    text.split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}"))
        .map(|(inside, _)| {
            inside
                .split(',')
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned()
        })
        .collect()
}

fn differences(languages: &BTreeMap<String, Texts>) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, texts) in languages {
        for (other_name, others) in languages.iter().filter(|(other, _)| *other != name) {
            for (key, places) in texts {
                match others.get(key) {
                    None => faults.push(format!("{key}: in {name}, not in {other_name}")),
                    Some(other) if other != places && name < other_name => faults.push(format!(
                        "{key}: placeholders {places:?} in {name}, {other:?} in {other_name}"
                    )),
                    Some(_) => {}
                }
            }
        }
    }
    faults
}

/// All Rust sources as one text without white space, so that a key may be broken over lines.
fn sources(folder: &Path) -> Result<String> {
    let mut all = String::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            all += &sources(&path)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            all.extend(fs::read_to_string(&path)?.split_whitespace());
        }
    }
    Ok(all)
}

fn unused(keys: &BTreeSet<&String>, sources: &str) -> Vec<String> {
    keys.iter()
        .filter(|key| !mentions(sources, key))
        .map(|key| format!("{key}: nothing shows it"))
        .collect()
}

/// Whether `key` stands in `sources` and does not merely begin a longer key.
fn mentions(sources: &str, key: &str) -> bool {
    sources.match_indices(key).any(|(at, _)| {
        let end = sources[at + key.len()..].chars().next();
        !end.is_some_and(|next| next.is_alphanumeric() || next == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn texts(value: &Value) -> Texts {
        let mut texts = Texts::new();
        collect(value, "", &mut texts);
        texts
    }

    #[test]
    fn a_key_that_one_language_lacks_is_named() {
        let languages = BTreeMap::from([
            (
                "en".to_owned(),
                texts(&json!({"today": {"title": "Today"}})),
            ),
            ("zh-CN".to_owned(), texts(&json!({"today": {}}))),
        ]);
        assert_eq!(
            differences(&languages),
            ["today.title: in en, not in zh-CN"]
        );
    }

    #[test]
    fn placeholders_must_agree_and_plural_forms_need_not() {
        let en = texts(&json!({"left_one": "{{ count }} left", "left_other": "{{ count }} left"}));
        let zh = texts(&json!({"left_other": "还差 {{ count }}"}));
        let wrong = texts(&json!({"left_other": "还差 {{ n }}"}));
        let pair = |zh: &Texts| {
            BTreeMap::from([("en".to_owned(), en.clone()), ("zh".to_owned(), zh.clone())])
        };
        assert!(differences(&pair(&zh)).is_empty());
        assert_eq!(differences(&pair(&wrong)).len(), 1);
    }

    #[test]
    fn a_text_that_nothing_shows_is_named() {
        let (used, long, idle) = (
            "today.title".to_owned(),
            "today.title_long".to_owned(),
            "today.old".to_owned(),
        );
        let keys = BTreeSet::from([&used, &long, &idle]);
        let faults = unused(&keys, "t!(i18n,today.title)t!(i18n,today.title_long)");
        assert_eq!(faults, ["today.old: nothing shows it"]);
        assert_eq!(
            unused(&BTreeSet::from([&used]), "today.title_long").len(),
            1
        );
    }
}
