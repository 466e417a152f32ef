//! `cargo xtask faults`: writes `docs/faults.md` from `tests/faults.toml` and from what the runners printed in the last run of
//! `cargo xtask test`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::workspace::{root, target_dir};

const LIST: &str = "tests/faults.toml";
const DOCUMENT: &str = "docs/faults.md";

#[derive(Deserialize)]
struct List {
    fault: Vec<Fault>,
}

#[derive(Deserialize)]
struct Fault {
    id: String,
    what: String,
    #[serde(default)]
    all: bool,
    tests: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "**failed**",
            Self::Skipped => "**skipped**",
        }
    }
}

/// Where a step of the test run keeps what its runners print.
pub fn log(step: &str) -> PathBuf {
    target_dir().join("test-logs").join(format!("{step}.log"))
}

/// Writes the document; fails when a named test did not run or did not pass.
pub fn write() -> Result<()> {
    let list = list()?;
    let results = results()?;
    let missing = missing(&list, &results, true);
    if !missing.is_empty() {
        bail!("not shown by the last run:\n  {}", missing.join("\n  "));
    }
    std::fs::write(root().join(DOCUMENT), document(&list, &results))?;
    println!("{DOCUMENT} is written");
    Ok(())
}

/// Fails when a test that shows a fault did not run or did not pass in the run that has just ended.
pub fn check(all: bool) -> Result<()> {
    let list = list()?;
    let missing = missing(&list, &results()?, all);
    if !missing.is_empty() {
        bail!(
            "{LIST} names what this run does not show:\n  {}",
            missing.join("\n  ")
        );
    }
    println!(
        "{} faults of {LIST} were tried in this run",
        list.fault.iter().filter(|fault| all || !fault.all).count()
    );
    Ok(())
}

fn list() -> Result<List> {
    let text = std::fs::read_to_string(root().join(LIST)).context(LIST)?;
    toml::from_str(&text).context(LIST)
}

fn results() -> Result<BTreeMap<String, Outcome>> {
    let mut results = BTreeMap::new();
    for step in ["native", "wasm", "browser"] {
        let text = std::fs::read_to_string(log(step))
            .with_context(|| format!("`cargo xtask test` has not come to its step \"{step}\""))?;
        results.extend(text.lines().filter_map(result));
    }
    Ok(results)
}

// A line of cargo's or Playwright's list.
fn result(line: &str) -> Option<(String, Outcome)> {
    if let Some(rest) = line.strip_prefix("test ") {
        let (name, outcome) = rest.rsplit_once(" ... ")?;
        let outcome = match outcome.split([',', ' ']).next()? {
            "ok" => Outcome::Passed,
            "ignored" => Outcome::Skipped,
            _ => Outcome::Failed,
        };
        return Some((name.to_owned(), outcome));
    }
    let outcome = match line.trim_start().chars().next()? {
        '✓' => Outcome::Passed,
        '✘' => Outcome::Failed,
        '-' => Outcome::Skipped,
        _ => return None,
    };
    // `[phone] › specs/name.spec.ts:9:1 › title (1.2s)`
    let mut parts = line.split(" › ").skip(1);
    let file = parts.next()?.strip_prefix("specs/")?.split(':').next()?;
    let title = parts.collect::<Vec<_>>().join(" › ");
    let title = title
        .rsplit_once(" (")
        .map_or(title.as_str(), |(title, _)| title);
    Some((format!("{file} › {title}"), outcome))
}

fn missing(list: &List, results: &BTreeMap<String, Outcome>, all: bool) -> Vec<String> {
    let named = list.fault.iter().filter(|fault| all || !fault.all);
    let named = named.flat_map(|fault| fault.tests.iter().map(|test| (&fault.id, test)));
    named
        .filter(|(_, test)| results.get(*test) != Some(&Outcome::Passed))
        .map(|(id, test)| match results.get(test) {
            Some(outcome) => format!("{id}: {test} ({})", outcome.word()),
            None => format!("{id}: {test} (not run)"),
        })
        .collect()
}

fn document(list: &List, results: &BTreeMap<String, Outcome>) -> String {
    let mut text = "# Faults\n\n\
        Written by `cargo xtask faults` from `tests/faults.toml` and the output of the last `cargo xtask test --all`: nothing here \
        is typed by hand.\n\n| id | fault | test | result |\n|---|---|---|---|\n"
        .to_owned();
    for fault in &list.fault {
        for (n, test) in fault.tests.iter().enumerate() {
            let (id, what) = if n == 0 {
                (fault.id.as_str(), fault.what.as_str())
            } else {
                ("", "")
            };
            let outcome = results
                .get(test)
                .map_or("**not run**", |outcome| outcome.word());
            let _ = writeln!(text, "| {id} | {what} | {test} | {outcome} |");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_promise_of_the_security_page_has_its_tests_and_every_id_stands_once() {
        let text = std::fs::read_to_string(root().join("docs/security.md")).unwrap();
        let ids = text.lines().filter_map(|line| {
            let id = line.strip_prefix("| S")?.split(' ').next()?;
            id.starts_with(|c: char| c.is_ascii_digit())
                .then(|| format!("S{id}"))
        });
        let promised: Vec<String> = ids.collect();
        let list = list().unwrap();
        let shown = list.fault.iter().filter(|fault| fault.id.starts_with('S'));
        let shown: Vec<String> = shown.map(|fault| fault.id.clone()).collect();
        assert_eq!(promised, shown);
        assert!(list.fault.iter().all(|fault| !fault.tests.is_empty()));
        let mut all: Vec<&str> = list.fault.iter().map(|fault| fault.id.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), list.fault.len());
    }

    #[test]
    fn lines_of_both_runners_are_read() {
        let read = |line: &str| result(line).map(|(name, outcome)| (name, outcome.word()));
        let found = |name: &str, word| Some((name.to_owned(), word));
        assert_eq!(
            read("test uploads::whole ... ok"),
            found("uploads::whole", "passed")
        );
        assert_eq!(
            read("test uploads::whole ... FAILED"),
            found("uploads::whole", "**failed**")
        );
        assert_eq!(
            read("test a ... ignored, no disk"),
            found("a", "**skipped**")
        );
        let line =
            "  ✓  36 [phone] › specs/other.spec.ts:227:1 › A15: of a file (that) goes (17.3s)";
        assert_eq!(
            read(line),
            found("other.spec.ts › A15: of a file (that) goes", "passed")
        );
        assert_eq!(
            read("  - 4 [phone] › specs/a.spec.ts:1:1 › skipped"),
            found("a.spec.ts › skipped", "**skipped**")
        );
        assert_eq!(read("running 4 tests"), None);
    }
}
