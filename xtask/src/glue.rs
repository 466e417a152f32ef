//! The JavaScript that wasm-bindgen writes beside a program: names and spaces that only a reader needs are taken out.

use std::collections::HashMap;

use anyhow::Result;

use crate::workspace::{command, execute, root, target_dir};

/// Without the classes that a dependency exports for JavaScript to use: there is none that does. Returns their names.
pub fn without_classes(js: &str) -> (String, Vec<String>) {
    let mut classes = Vec::new();
    let mut kept = String::new();
    let mut depth = 0;
    for line in js.lines() {
        let class = line.strip_prefix("export class ");
        if let Some(rest) = class {
            let name = rest.split_whitespace().next().unwrap_or_default();
            classes.push(name.to_owned());
        }
        if depth > 0 || class.is_some() {
            depth += line.matches('{').count();
            depth -= line.matches('}').count();
        } else if !line.starts_with("if (Symbol.dispose) ") {
            // What frees objects of these classes goes with them, if nothing else names it.
            let pure = "/*@__PURE__*/ new FinalizationRegistry";
            kept += &line.replace("new FinalizationRegistry", pure);
            kept.push('\n');
        }
    }
    (kept, classes)
}

/// Whether the wasm exports `name` for a class.
pub fn is_of_class(name: &str, class: &str) -> bool {
    let class = class.to_lowercase();
    let method = name
        .strip_prefix(&class)
        .is_some_and(|rest| rest.starts_with('_'));
    method || name == format!("__wbg_{class}_free")
}

/// Gives each import that wasm-bindgen named with a hash a short name, in the wasm (`names`) and in its JavaScript: a
/// hash cannot be compressed, and each stands in both files.
pub fn shortened<'a>(js: &str, names: impl Iterator<Item = &'a mut String>) -> String {
    let mut uses: HashMap<&str, usize> = HashMap::new();
    for word in words(js) {
        *uses.entry(word).or_default() += 1;
    }
    let mut short = HashMap::new();
    for name in names.filter(|name| name.starts_with("__wb")) {
        // A name that the JavaScript uses for anything else too stays.
        if uses.get(name.as_str()) == Some(&1) {
            let new = format!("i{}", short.len());
            short.insert(std::mem::replace(name, new.clone()), new);
        }
    }
    words(js)
        .map(|word| short.get(word).map_or(word, String::as_str))
        .collect()
}

/// The text in pieces: names, and what stands between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let of_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let mut rest = text;
    std::iter::from_fn(move || {
        let named = rest.chars().next().map(of_name)?;
        let end = rest.find(|c| of_name(c) != named).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        rest = after;
        Some(word)
    })
}

/// Without spaces and with short names of variables, by terser.
pub fn minified(name: &str, js: &str) -> Result<String> {
    let folder = target_dir().join("web/terser");
    std::fs::create_dir_all(&folder)?;
    let input = folder.join(format!("{name}.in.js"));
    let output = folder.join(format!("{name}.js"));
    std::fs::write(&input, js)?;
    execute(
        command("node")
            .arg(root().join("xtask/npm/node_modules/terser/bin/terser"))
            .arg(&input)
            .args(["--module", "--compress", "passes=2", "--mangle"])
            .arg("--output")
            .arg(&output),
    )?;
    Ok(std::fs::read_to_string(&output)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exported_classes_go_with_what_the_wasm_exports_for_them() {
        let js = "export class Stream {\nf() {\n}\n}\nif (Symbol.dispose) Stream.prototype.x = 1;\nkept();\n";
        let (js, classes) = without_classes(js);
        assert_eq!(
            (js.as_str(), &classes[..]),
            ("kept();\n", &["Stream".to_owned()][..])
        );
        assert!(is_of_class("stream_f", "Stream"));
        assert!(is_of_class("__wbg_stream_free", "Stream"));
        assert!(!is_of_class("streams", "Stream"));
    }

    #[test]
    fn hashed_imports_get_short_names_on_both_sides() {
        let mut names = ["__wbg_a_01", "memory", "__wbg_twice", "__wbg_b_02"].map(str::to_owned);
        let js = "{ __wbg_a_01: f, __wbg_twice: __wbg_twice, __wbg_b_02: g, __wbg_b_023: h }";
        let js = shortened(js, names.iter_mut());
        assert_eq!(
            js,
            "{ i0: f, __wbg_twice: __wbg_twice, i1: g, __wbg_b_023: h }"
        );
        assert_eq!(names, ["i0", "memory", "__wbg_twice", "i1"]);
    }
}
