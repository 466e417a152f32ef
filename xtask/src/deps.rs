//! The dependency rules of the workspace: which of our crates may use which, and which libraries must
//! not get into a crate. Direct dependencies are read from `cargo metadata`, those behind them from
//! `cargo tree`, since only it resolves features for one crate alone. Dev-dependencies are free.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use serde::Deserialize;

use crate::toolchain::WASM_TARGET;
use crate::workspace::{cargo, output};

/// What one crate of the workspace may and may not use.
struct Rule {
    name: &'static str,
    /// Crates of the workspace that it may use.
    ours: &'static [&'static str],
    /// If given, nothing else from outside may be named in its manifest.
    only: Option<&'static [&'static str]>,
    /// Must not be named in its manifest.
    not_named: &'static [&'static str],
    /// Must not be reached through anything, with default features, on `target`.
    not_reached: &'static [&'static str],
    target: Option<&'static str>,
}

const RULES: &[Rule] = &[
    Rule {
        name: "zhicha-core",
        ours: &[],
        only: Some(&[
            "base64",
            "chacha20",
            "p256",
            "schemars",
            "serde",
            "serde_json",
            "sha2",
            "thiserror",
            "time",
            "toml",
            "uuid",
        ]),
        not_named: &[],
        not_reached: &[
            "axum",
            "getrandom",
            "js-sys",
            "leptos",
            "p256",
            "schemars",
            "sqlx",
            "tokio",
            "toml",
            "web-sys",
        ],
        target: Some(WASM_TARGET),
    },
    Rule {
        name: "zhicha-storage",
        ours: &["zhicha-core"],
        only: None,
        // tokio's locks come with indexed_db_futures and cost nothing; its runtime is never ours.
        not_named: &["gloo", "leptos", "tokio"],
        not_reached: &["axum", "leptos", "mio", "p256", "schemars", "sqlx", "toml"],
        target: Some(WASM_TARGET),
    },
    Rule {
        name: "zhicha-app",
        ours: &["zhicha-core", "zhicha-storage", "zhicha-view-macro"],
        only: None,
        // Each costs 20 to 190 KB of the 300 KB budget, or belongs to storage.
        not_named: &[
            "chrono",
            "image",
            "indexed_db_futures",
            "jiff",
            "matrix_indexed_db_futures",
            "regex",
            "tokio",
            "toml",
        ],
        not_reached: &["axum", "chrono", "jiff", "mio", "p256", "schemars", "sqlx"],
        target: Some(WASM_TARGET),
    },
    Rule {
        name: "zhicha-server",
        ours: &["zhicha-core"],
        only: None,
        not_named: &["gloo", "js-sys", "leptos", "wasm-bindgen", "web-sys"],
        not_reached: &["leptos", "openssl", "web-sys"],
        target: None,
    },
    Rule {
        name: "zhicha-codes",
        ours: &[],
        only: Some(&["rqrr", "wasm-bindgen"]),
        not_named: &[],
        // It is one small program beside the app.
        not_reached: &["image", "js-sys", "serde", "web-sys"],
        target: Some(WASM_TARGET),
    },
    Rule {
        name: "zhicha-fuzz",
        ours: &["zhicha-core", "zhicha-server"],
        only: Some(&["axum", "libfuzzer-sys", "serde_json"]),
        not_named: &[],
        not_reached: &["leptos", "web-sys"],
        target: None,
    },
    Rule {
        name: "zhicha-load",
        ours: &["zhicha-core", "zhicha-seed", "zhicha-server"],
        only: None,
        not_named: &[],
        not_reached: &["leptos", "web-sys"],
        target: None,
    },
    Rule {
        name: "zhicha-seed",
        ours: &["zhicha-core", "zhicha-storage"],
        only: Some(&["js-sys", "wasm-bindgen", "wasm-bindgen-futures", "web-sys"]),
        not_named: &[],
        not_reached: &["leptos"],
        target: Some(WASM_TARGET),
    },
    Rule {
        name: "zhicha-sim",
        ours: &["zhicha-core", "zhicha-server"],
        only: None,
        not_named: &[],
        not_reached: &["leptos", "web-sys"],
        target: None,
    },
    Rule {
        name: "zhicha-view-macro",
        ours: &[],
        only: Some(&["proc-macro2", "quote", "rstml", "syn"]),
        not_named: &[],
        not_reached: &[],
        target: None,
    },
    Rule {
        name: "xtask",
        ours: &["zhicha-core"],
        only: None,
        not_named: &[],
        not_reached: &["leptos", "sqlx", "tokio"],
        target: None,
    },
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `None` for a normal one.
    kind: Option<String>,
    /// Given for crates of the workspace.
    path: Option<String>,
}

/// `cargo xtask check-deps`, the part on crates.
pub fn run() -> Result<()> {
    let text = output(cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Metadata = serde_json::from_str(&text)?;
    let mut broken = broken_in_manifests(&metadata);
    for rule in RULES {
        broken.extend(broken_behind(rule, &reached(rule)?));
    }
    if !broken.is_empty() {
        bail!("dependency rules broken:\n  {}", broken.join("\n  "));
    }
    println!("dependency rules: {} crates keep them", RULES.len());
    Ok(())
}

fn broken_in_manifests(metadata: &Metadata) -> Vec<String> {
    let mut broken = Vec::new();
    for package in &metadata.packages {
        let Some(rule) = RULES.iter().find(|rule| rule.name == package.name) else {
            broken.push(format!(
                "{}: has no rule in xtask/src/deps.rs",
                package.name
            ));
            continue;
        };
        let used = package
            .dependencies
            .iter()
            .filter(|dependency| dependency.kind.is_none());
        for dependency in used {
            if let Some(why) = forbidden(rule, dependency) {
                broken.push(format!("{}: {} {why}", rule.name, dependency.name));
            }
        }
    }
    broken
}

fn forbidden(rule: &Rule, dependency: &Dependency) -> Option<&'static str> {
    let name = dependency.name.as_str();
    if dependency.path.is_some() {
        return (!rule.ours.contains(&name)).then_some("is against the direction of the layers");
    }
    if rule.not_named.contains(&name) {
        return Some("does not belong in this crate");
    }
    let unknown = rule.only.is_some_and(|only| !only.contains(&name));
    unknown.then_some("is not on the list of what this crate may use")
}

fn reached(rule: &Rule) -> Result<BTreeSet<String>> {
    let mut tree = cargo();
    tree.args(["tree", "--package", rule.name, "--prefix", "none"])
        .args(["--edges", "normal,no-proc-macro", "--format", "{p}"]);
    if let Some(target) = rule.target {
        tree.args(["--target", target]);
    }
    Ok(names(&output(&mut tree)?))
}

fn names(tree: &str) -> BTreeSet<String> {
    tree.lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect()
}

fn broken_behind(rule: &Rule, reached: &BTreeSet<String>) -> Vec<String> {
    rule.not_reached
        .iter()
        .filter(|name| reached.contains(**name))
        .map(|name| format!("{}: {name} gets in through another crate", rule.name))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manifest(name: &str, dependency: &str, kind: Option<&str>, ours: bool) -> Metadata {
        Metadata {
            packages: vec![Package {
                name: name.to_owned(),
                dependencies: vec![Dependency {
                    name: dependency.to_owned(),
                    kind: kind.map(str::to_owned),
                    path: ours.then(|| "somewhere".to_owned()),
                }],
            }],
        }
    }

    #[test]
    fn a_layer_may_not_use_one_above_it() {
        for (name, dependency) in [
            ("zhicha-core", "zhicha-storage"),
            ("zhicha-storage", "zhicha-app"),
            ("zhicha-app", "zhicha-server"),
            ("zhicha-server", "zhicha-storage"),
        ] {
            let broken = broken_in_manifests(&manifest(name, dependency, None, true));
            assert_eq!(broken.len(), 1, "{name} uses {dependency}");
        }
        let fine = manifest("zhicha-app", "zhicha-storage", None, true);
        assert!(broken_in_manifests(&fine).is_empty());
    }

    #[test]
    fn a_library_that_does_not_belong_is_named() {
        for (name, dependency) in [
            ("zhicha-core", "tokio"),
            ("zhicha-core", "rand"),
            ("zhicha-app", "regex"),
            ("zhicha-server", "leptos"),
        ] {
            let broken = broken_in_manifests(&manifest(name, dependency, None, false));
            assert_eq!(broken.len(), 1, "{name} uses {dependency}");
            assert!(broken[0].contains(dependency));
        }
    }

    #[test]
    fn dev_dependencies_are_free() {
        let dev = manifest("zhicha-core", "tokio", Some("dev"), false);
        assert!(broken_in_manifests(&dev).is_empty());
    }

    #[test]
    fn a_crate_without_a_rule_is_an_error() {
        assert_eq!(
            broken_in_manifests(&manifest("new", "x", None, false)).len(),
            1
        );
    }

    #[test]
    fn what_comes_in_behind_another_crate_is_found() {
        let app = &RULES[2];
        let tree = names("zhicha-app v0.1.0 (folder)\nleptos v0.8.23\nchrono v0.4.0 (*)\n");
        assert_eq!(broken_behind(app, &tree).len(), 1);
        assert!(broken_behind(app, &names("leptos v0.8.23\n")).is_empty());
    }
}
