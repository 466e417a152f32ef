//! What the workspace is made of: where each crate comes from and under which licence, compared with `deny.toml`. Known
//! vulnerabilities are the task of `cargo deny check advisories`, which needs a database from the network.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use spdx::{Expression, Licensee};

use crate::workspace::{cargo, output, root};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

#[derive(Deserialize)]
struct Deny {
    licenses: Licences,
    bans: Bans,
}

#[derive(Deserialize)]
struct Licences {
    allow: Vec<String>,
}

#[derive(Deserialize)]
struct Bans {
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    name: String,
}

/// A crate as cargo knows it.
#[derive(Clone, Debug, Deserialize)]
pub struct Package {
    pub id: String,
    pub name: String,
    pub version: String,
    /// Nothing for our own.
    pub source: Option<String>,
    pub license: Option<String>,
    pub description: Option<String>,
}

/// Crates and which of them use which.
#[derive(Deserialize)]
pub struct Graph {
    pub packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Resolve {
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    dependencies: Vec<String>,
}

impl Graph {
    /// All crates of the lock file.
    pub fn read() -> Result<Self> {
        let mut metadata = cargo();
        metadata.args(["metadata", "--format-version", "1", "--all-features"]);
        serde_json::from_str(&output(&mut metadata)?).context("what cargo metadata says")
    }

    /// Which crates a crate uses, by id.
    pub fn uses(&self) -> BTreeMap<&str, BTreeSet<&str>> {
        let nodes = self.resolve.nodes.iter();
        nodes
            .map(|node| {
                let used = node.dependencies.iter().map(String::as_str);
                (node.id.as_str(), used.collect())
            })
            .collect()
    }
}

/// Compares every crate with `deny.toml`.
pub fn check() -> Result<()> {
    let text = std::fs::read_to_string(root().join("deny.toml")).context("deny.toml")?;
    let deny: Deny = toml::from_str(&text).context("deny.toml")?;
    let graph = Graph::read()?;
    let wrong: Vec<String> = graph
        .packages
        .iter()
        .filter_map(|package| {
            Some(format!(
                "{} {}: {}",
                package.name,
                package.version,
                wrong(package, &deny)?
            ))
        })
        .collect();
    if !wrong.is_empty() {
        bail!("what deny.toml does not allow:\n  {}", wrong.join("\n  "));
    }
    println!(
        "{} crates have allowed sources and licences",
        graph.packages.len()
    );
    Ok(())
}

fn wrong(package: &Package, deny: &Deny) -> Option<String> {
    let banned = deny.bans.deny.iter().any(|ban| ban.name == package.name);
    if banned {
        return Some("is banned".to_owned());
    }
    if let Some(source) = package
        .source
        .as_deref()
        .filter(|source| *source != REGISTRY)
    {
        return Some(format!("comes from {source}"));
    }
    let Some(licence) = &package.license else {
        return Some("names no licence".to_owned());
    };
    // Some still write the form of before SPDX: MIT/Apache-2.0.
    let Ok(expression) = Expression::parse(&licence.replace('/', " OR ")) else {
        return Some(format!("“{licence}” is no SPDX expression"));
    };
    let allowed: Vec<Licensee> = deny
        .licenses
        .allow
        .iter()
        .filter_map(|name| Licensee::parse(name).ok())
        .collect();
    let fits =
        expression.evaluate(|wanted| allowed.iter().any(|licence| licence.satisfies(wanted)));
    (!fits).then(|| format!("is under {licence}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(source: Option<&str>, license: Option<&str>) -> Option<String> {
        let deny = toml::from_str(
            "[licenses]\nallow = [\"MIT\", \"Apache-2.0 WITH LLVM-exception\"]\n[bans]\ndeny = [{ name = \"openssl\" }]",
        );
        let package = Package {
            id: String::new(),
            name: "planted".to_owned(),
            version: "1.0.0".to_owned(),
            source: source.map(str::to_owned),
            license: license.map(str::to_owned),
            description: None,
        };
        wrong(&package, &deny.unwrap())
    }

    #[test]
    fn a_foreign_source_and_a_licence_that_is_not_allowed_are_found() {
        assert_eq!(judged(Some(REGISTRY), Some("GPL-3.0-only OR MIT")), None);
        assert_eq!(judged(None, Some("MIT/Apache-2.0")), None);
        assert_eq!(
            judged(Some(REGISTRY), Some("Apache-2.0 WITH LLVM-exception")),
            None
        );
        for (source, license) in [
            (Some(REGISTRY), Some("GPL-3.0-only")),
            (Some(REGISTRY), Some("MIT AND GPL-3.0-only")),
            (Some(REGISTRY), Some("whatever")),
            (Some(REGISTRY), None),
            (Some("git+https://git.example/planted"), Some("MIT")),
        ] {
            assert!(judged(source, license).is_some(), "{source:?} {license:?}");
        }
    }
}
