//! `cargo xtask bench [NAME]`: the optimised apps in an optimised server, measured in a real browser against a floor and peers
//! in the same run. Rows are `tests/e2e/bench/NAME.row.ts`, those of `tests/load`, which need no browser, and `size`. Without a
//! name all are measured and `docs/benchmarks.md` is written from what they found.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use wasm_bindgen_cli_support::Bindgen;

use crate::bundle::brotli;
use crate::toolchain::{Browser, WASM_TARGET, ensure_browser, ensure_npm, ensure_wasm_target};
use crate::wasm::Effort;
use crate::workspace::{cargo, command, execute, output, root, target_dir};
use crate::{build, serve, size};

const DOCUMENT: &str = "docs/benchmarks.md";
const SIZE: &str = "size";
/// What `tests/load` measures.
const NATIVE: [&str; 2] = ["push", "pull"];
/// Folders of `tests/bench/build.js`, and what the table calls them.
const PEERS: [(&str, &str); 2] = [("survey", "SurveyJS"), ("odk", "ODK Web Forms")];

/// A line of the table, as `tests/e2e/bench/figures.ts` and `tests/load` write it.
#[derive(Default, Deserialize, Serialize)]
struct Figure {
    what: String,
    ours: String,
    against: Option<String>,
    ratio: Option<f64>,
    bound: Option<String>,
    holds: Option<bool>,
}

/// Measures the row `NAME` (`drain`, `memory`, …), or all.
pub fn run(args: &[String]) -> Result<()> {
    let name = match args {
        [] => None,
        [name] => Some(name.as_str()),
        _ => bail!("bench takes the name of one row, or nothing"),
    };
    ensure_wasm_target()?;
    let browser = ensure_browser()?;
    ensure_npm("tests/e2e")?;
    ensure_npm("tests/bench")?;
    let dist = build::run()?;
    let rows = target_dir().join("bench/rows");
    if name.is_none() && rows.exists() {
        std::fs::remove_dir_all(&rows)?;
    }
    let programs = Programs {
        zhicha: serve::optimised(&dist)?,
        load: load()?,
        seed: seed()?,
        forms: forms()?,
        rows: rows.clone(),
    };
    if name.is_none_or(|name| name == SIZE) {
        sizes(&dist, &programs)?;
    }
    for row in NATIVE {
        if name.is_none_or(|name| name == row) {
            execute(programs.given_to(command(&programs.load).arg(row)))?;
        }
    }
    if name.is_none_or(|name| name != SIZE && !NATIVE.contains(&name)) {
        let mut playwright = command("npx");
        playwright
            .args(["playwright", "test", "--config", "bench/bench.config.ts"])
            .args(name.map(|name| format!("bench/{name}.row.ts")))
            .current_dir(root().join("tests/e2e"));
        if let Some(chromium) = &browser.chromium {
            playwright.env("CHROMIUM", chromium);
        }
        execute(programs.given_to(&mut playwright))?;
    }
    let table = table(&rows)?;
    println!("\n{table}");
    if name.is_none() {
        let text = document(&table, &browser)?;
        std::fs::write(root().join(DOCUMENT), text)?;
        println!("{DOCUMENT} is written");
    }
    Ok(())
}

/// What the rows are measured with.
struct Programs {
    zhicha: PathBuf,
    load: PathBuf,
    seed: PathBuf,
    forms: PathBuf,
    rows: PathBuf,
}

impl Programs {
    fn given_to<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("ZHICHA_BIN", &self.zhicha)
            .env("ZHICHA_LOAD", &self.load)
            .env("ZHICHA_SEED", &self.seed)
            .env("ZHICHA_FORMS", &self.forms)
            .env("ZHICHA_BENCH_OUT", &self.rows)
    }
}

/// What measures the server, optimised as it is; returns its binary.
fn load() -> Result<PathBuf> {
    execute(cargo().args(["build", "--release", "--package", "zhicha-load"]))?;
    let name = format!("zhicha-load{}", std::env::consts::EXE_SUFFIX);
    Ok(target_dir().join("release").join(name))
}

/// The pages of the floor and the peers; returns their folder.
fn forms() -> Result<PathBuf> {
    let folder = target_dir().join("bench/forms");
    execute(
        command("node")
            .arg("build.js")
            .arg(&folder)
            .current_dir(root().join("tests/bench")),
    )?;
    Ok(folder)
}

/// The row of what a first visit loads: ours as `cargo xtask size` counts it, peers by the same brotli.
fn sizes(dist: &Path, programs: &Programs) -> Result<()> {
    let (first, later) = size::first_and_later(dist)?;
    let kilobytes = |bytes: u64| format!("{:.1} KB", bytes as f64 / 1e3);
    let mut figures = vec![Figure {
        what: "first visit, everything up to the first checklist, brotli".to_owned(),
        ours: kilobytes(first),
        bound: Some(format!("≤ {} KB", size::BUDGET / 1000)),
        holds: Some(first <= size::BUDGET),
        ..Figure::default()
    }];
    for (folder, name) in PEERS {
        let peer = peer_size(&programs.forms.join(folder))?;
        figures.push(Figure {
            what: "the same, with storage, signing and law in it".to_owned(),
            ours: kilobytes(first),
            against: Some(format!("{name}, a form alone: {}", kilobytes(peer))),
            ratio: Some(first as f64 / peer as f64),
            ..Figure::default()
        });
    }
    figures.push(Figure {
        what:
            "what comes after it, while people work: sending, camera, scanner, the other checklists"
                .to_owned(),
        ours: kilobytes(later),
        ..Figure::default()
    });
    std::fs::create_dir_all(&programs.rows)?;
    let text = serde_json::to_string_pretty(&figures)?;
    Ok(std::fs::write(
        programs.rows.join(format!("{SIZE}.json")),
        text,
    )?)
}

fn peer_size(folder: &Path) -> Result<u64> {
    let names: Vec<String> = serde_json::from_slice(&std::fs::read(folder.join("files.json"))?)?;
    let packed = |name: &String| -> Result<u64> {
        let bytes = std::fs::read(folder.join(name))?;
        Ok(brotli(&bytes, Effort::Optimised)?.len().min(bytes.len()) as u64)
    };
    names.iter().map(packed).sum()
}

/// The program that fills a device, ready for a page; returns its folder.
fn seed() -> Result<PathBuf> {
    let build = ["build", "--package", "zhicha-seed", "--target", WASM_TARGET];
    execute(cargo().args(build))?;
    let wasm = target_dir()
        .join(WASM_TARGET)
        .join("debug/zhicha_seed.wasm");
    let folder = target_dir().join("bench/seed");
    Bindgen::new()
        .input_path(wasm)
        .out_name("seed")
        .web(true)?
        .typescript(false)
        .generate(&folder)?;
    Ok(folder)
}

fn table(rows: &Path) -> Result<String> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(rows)
        .context("no row was measured")?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.sort();
    let mut table = String::from(
        "| what | ours | against | ratio | bound | holds |\n|---|---|---|---|---|---|\n",
    );
    for file in files {
        let figures: Vec<Figure> = serde_json::from_slice(&std::fs::read(&file)?)
            .with_context(|| file.display().to_string())?;
        for figure in figures {
            let holds = figure
                .holds
                .map_or("", |holds| if holds { "yes" } else { "**no**" });
            writeln!(
                table,
                "| {} | {} | {} | {} | {} | {holds} |",
                figure.what,
                figure.ours,
                figure.against.unwrap_or_default(),
                figure
                    .ratio
                    .map(|ratio| format!("{ratio:.2}"))
                    .unwrap_or_default(),
                figure.bound.unwrap_or_default(),
            )?;
        }
    }
    Ok(table)
}

fn document(table: &str, browser: &Browser) -> Result<String> {
    let chromium = match &browser.chromium {
        Some(path) => output(Command::new(path).arg("--version"))?,
        None => "Playwright's Chromium".to_owned(),
    };
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown processor", |(_, model)| model);
    let cores = std::thread::available_parallelism()?;
    Ok(format!(
        "# Benchmarks\n\n\
        Written by `cargo xtask bench`, which measures all rows in one run; nothing here is typed by hand. Ratios compare \
        what was measured side by side; times alone say more about the machine than about the program.\n\n\
        Forms (starts, taps) are the same invented items each time: pass, fail or not applicable, and a note where one fails. \
        Floor and peers are bundled and minified, stand behind a service worker that answers from its cache as ours does, and \
        make their items in the page, while ours reads them from the database; SurveyJS draws only what comes into view, its \
        way for long forms. A start is a new page of a running browser without a network, from the navigation until the first \
        answer was painted and lies under a finger. A tap is a real touch, from the moment the finger is lifted until the \
        frame with its effect was painted.\n\n\
        Machine: {cores} cores, {model}, {}. Browser: {}.\n\n{table}",
        std::env::consts::OS,
        chromium.trim(),
    ))
}
