//! The bill of materials of what is released: CycloneDX 1.5 (ECMA-424), as JSON.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use cyclonedx_bom::external_models::{normalized_string::NormalizedString, uri::Purl};
use cyclonedx_bom::models::{
    bom::Bom,
    component::{Classification, Component, Components},
    dependency::{Dependencies, Dependency},
    license::{LicenseChoice, Licenses},
    metadata::Metadata,
};
use cyclonedx_bom::prelude::{SpdxExpression, SpecVersion, Validate as _};

use crate::supply::{Graph, Package};
use crate::workspace::{cargo, output};

/// Writes which crates are compiled into `package` for `target`.
pub fn write(graph: &Graph, package: &str, target: &str, file: &Path) -> Result<()> {
    let bom = bom(graph, package, target)?;
    let valid = bom.validate_version(SpecVersion::V1_5);
    anyhow::ensure!(
        valid.passed(),
        "the bill of {package} is not valid: {valid:?}"
    );
    let mut text = Vec::new();
    bom.output_as_json_v1_5(&mut text)
        .map_err(|error| anyhow::anyhow!("the bill of {package}: {error}"))?;
    std::fs::write(file, text).with_context(|| format!("could not write {}", file.display()))
}

fn bom(graph: &Graph, package: &str, target: &str) -> Result<Bom> {
    let inside = compiled_in(package, target)?;
    let is_inside = |p: &&Package| inside.contains(&(p.name.clone(), p.version.clone()));
    let packages: Vec<&Package> = graph.packages.iter().filter(is_inside).collect();
    let root = packages.iter().find(|p| p.name == package);
    let root = component(root.context("the package is in its own tree")?, true)?;
    let others = packages.iter().filter(|p| p.name != package);
    let components = others.map(|p| component(p, false)).collect::<Result<_>>()?;
    let ids: BTreeSet<&str> = packages.iter().map(|p| p.id.as_str()).collect();
    let uses = graph.uses();
    let dependencies = packages.iter().map(|p| Dependency {
        dependency_ref: p.id.clone(),
        dependencies: uses
            .get(p.id.as_str())
            .into_iter()
            .flatten()
            .filter(|id| ids.contains(*id))
            .map(|id| (*id).to_owned())
            .collect(),
    });
    Ok(Bom {
        // The same crates give the same file.
        serial_number: None,
        metadata: Some(Metadata {
            timestamp: None,
            component: Some(root),
            ..Metadata::default()
        }),
        dependencies: Some(Dependencies(dependencies.collect())),
        components: Some(Components(components)),
        ..Bom::default()
    })
}

// Name and version of what is compiled into a package for a target: no macros, no tests.
fn compiled_in(package: &str, target: &str) -> Result<BTreeSet<(String, String)>> {
    let mut tree = cargo();
    tree.args(["tree", "--package", package, "--target", target])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "none"])
        .args(["--format", "{p}"]);
    let text = output(&mut tree)?;
    let read = |line: &str| {
        let mut words = line.split_whitespace();
        let (name, version) = (words.next()?, words.next()?);
        Some((name.to_owned(), version.strip_prefix('v')?.to_owned()))
    };
    Ok(text.lines().filter_map(read).collect())
}

fn component(package: &Package, root: bool) -> Result<Component> {
    let kind = if root {
        Classification::Application
    } else {
        Classification::Library
    };
    let id = Some(package.id.clone());
    let mut component = Component::new(kind, &package.name, &package.version, id);
    component.description = package.description.as_deref().map(NormalizedString::new);
    if let Some(licence) = &package.license {
        let expression = SpdxExpression::new(&licence.replace('/', " OR "));
        component.licenses = Some(Licenses(vec![LicenseChoice::Expression(expression)]));
    }
    if package.source.is_some() {
        let purl = Purl::new("cargo", &package.name, &package.version);
        component.purl = Some(purl.map_err(|error| anyhow::anyhow!("{}: {error}", package.name))?);
    }
    Ok(component)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bill_of_the_server_names_what_is_compiled_in_and_nothing_that_only_tests_use() {
        let graph = Graph::read().unwrap();
        let target = "x86_64-unknown-linux-gnu";
        let bom = bom(&graph, "zhicha-server", target).unwrap();
        assert!(bom.validate_version(SpecVersion::V1_5).passed());
        let mut text = Vec::new();
        bom.output_as_json_v1_5(&mut text).unwrap();
        let bill: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(bill["bomFormat"], "CycloneDX");
        assert_eq!(bill["metadata"]["component"]["name"], "zhicha-server");
        let components = bill["components"].as_array().unwrap();
        let has = |name: &str| components.iter().any(|c| c["name"] == name);
        assert!(has("zhicha-core") && has("axum") && has("libsqlite3-sys"));
        assert!(!has("insta") && !has("leptos"));
        let without = components.iter().filter(|c| c["licenses"].is_null());
        assert_eq!(without.count(), 0, "each names its licence");
    }
}
