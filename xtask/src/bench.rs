//! `cargo xtask bench [NAME]`: the optimised apps in an optimised server, measured in a real browser against a floor and peers
//! in the same run. Without a name all rows are measured and `docs/benchmarks.md` is written from what they found.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use wasm_bindgen_cli_support::Bindgen;

use crate::toolchain::{Browser, WASM_TARGET, ensure_browser, ensure_npm, ensure_wasm_target};
use crate::workspace::{cargo, command, execute, output, root, target_dir};
use crate::{build, serve};

const DOCUMENT: &str = "docs/benchmarks.md";

/// A line of the table, as `tests/e2e/bench/figures.ts` writes it.
#[derive(Deserialize)]
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
    let zhicha = serve::optimised(&dist)?;
    let seed = seed()?;
    let rows = target_dir().join("bench/rows");
    if name.is_none() && rows.exists() {
        std::fs::remove_dir_all(&rows)?;
    }
    let mut playwright = command("npx");
    playwright
        .args(["playwright", "test", "--config", "bench/bench.config.ts"])
        .current_dir(root().join("tests/e2e"))
        .env("ZHICHA_BIN", zhicha)
        .env("ZHICHA_SEED", seed)
        .env("ZHICHA_BENCH_OUT", &rows);
    if let Some(name) = name {
        playwright.arg(format!("bench/{name}.row.ts"));
    }
    if let Some(chromium) = &browser.chromium {
        playwright.env("CHROMIUM", chromium);
    }
    execute(&mut playwright)?;
    let table = table(&rows)?;
    println!("\n{table}");
    if name.is_none() {
        let text = document(&table, &browser)?;
        std::fs::write(root().join(DOCUMENT), text)?;
        println!("{DOCUMENT} is written");
    }
    Ok(())
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
        Machine: {cores} cores, {model}, {}. Browser: {}.\n\n{table}",
        std::env::consts::OS,
        chromium.trim(),
    ))
}
