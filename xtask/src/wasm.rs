//! From the crates `zhicha-app` and `zhicha-codes` to what a browser loads: cargo, wasm-bindgen and, for the optimised
//! build, wasm-opt. It knows nothing of pages and file names.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::bundle::brotli;
use crate::glue;
use crate::order;
use crate::split;
use crate::toolchain::{WASM_TARGET, ensure_npm, ensure_rust_src, ensure_wasm_target, rust_src};
use crate::workspace::{cargo, command, execute, root, target_dir};

/// One of the two browser programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum App {
    /// For the inspector: works without a network.
    Field,
    /// For the desk.
    Office,
}

impl App {
    /// Both, in the order in which they are built.
    pub const ALL: [App; 2] = [App::Field, App::Office];

    /// The name of its binary and of its folder.
    pub fn name(self) -> &'static str {
        match self {
            App::Field => "field",
            App::Office => "office",
        }
    }

    /// Where it is served, which is also the scope of its service worker.
    pub fn scope(self) -> &'static str {
        match self {
            App::Field => "/",
            App::Office => "/office/",
        }
    }
}

/// A program ready for the browser.
pub struct Program {
    /// The module that wasm-bindgen wrote; it does not know where the wasm lies.
    pub js: String,
    /// The program.
    pub wasm: Vec<u8>,
    /// Its parts that are loaded later. The module fetches `./<name>.wasm`.
    pub chunks: Vec<split::Chunk>,
}

/// All programs of a build.
pub struct Built {
    /// Those of [`App::ALL`], in its order.
    pub apps: Vec<Program>,
    /// The reader of QR codes, for a worker: its JavaScript is a classic script that makes `wasm_bindgen`.
    pub codes: Program,
}

/// Whether a build is made for trying out or for keeps.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// No wasm-opt, light compression: needs no Node.js.
    Quick,
    /// wasm-opt -Oz, terser and the strongest compression.
    Optimised,
}

/// Compiles both apps and what their workers run.
pub fn build(effort: Effort) -> Result<Built> {
    ensure_wasm_target()?;
    if effort == Effort::Optimised {
        ensure_npm("xtask/npm")?;
        ensure_rust_src()?;
    }
    compile(effort)?;
    let apps = App::ALL
        .into_iter()
        .map(|app| bind(app, effort).with_context(|| format!("the {} app", app.name())))
        .collect::<Result<_>>()?;
    let codes = bind_codes(effort).context("the reader of QR codes")?;
    Ok(Built { apps, codes })
}

fn compile(effort: Effort) -> Result<()> {
    let mut build = cargo();
    build
        .args(["build", "--package", "zhicha-app", "--bins"])
        .args(["--package", "zhicha-codes", "--lib"])
        .args(["--target", WASM_TARGET, "--profile", "wasm-release"])
        .arg("--config")
        .arg(rustflags(effort)?);
    if effort == Effort::Optimised {
        build.args(SMALL_STD).env("RUSTC_BOOTSTRAP", "1");
    }
    execute(&mut build)
}

/// Builds the standard library for size too, and without words for panics: they are told by the page
/// (`public/boot.js`). Unstable options of the pinned compiler; without them the program is the same but for size and
/// words.
const SMALL_STD: [&str; 5] = [
    "-Zbuild-std=std,panic_abort",
    "-Zbuild-std-features=optimize_for_size",
    "--no-default-features",
    "--features",
    "zhicha-app/programs",
];

/// The linker keeps the relocations for the splitter. Panic messages hold source paths; the same commit must give the
/// same bytes in every folder, and nobody's home folder belongs in them.
fn rustflags(effort: Effort) -> Result<String> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")))
        .unwrap_or_default();
    let remap = |from: PathBuf, to: &str| format!("--remap-path-prefix={}={to}", from.display());
    let mut flags = vec![
        "-Clink-arg=--emit-relocs".to_owned(),
        remap(root().to_path_buf(), "."),
        remap(home.join("registry/src"), "crates"),
        remap(rust_src()?, "rust"),
    ];
    if effort == Effort::Optimised {
        flags.extend(["-Zunstable-options", "-Cpanic=immediate-abort"].map(str::to_owned));
    }
    Ok(format!("target.{WASM_TARGET}.rustflags={flags:?}"))
}

// What cargo made.
fn linked(name: &str) -> PathBuf {
    let folder = target_dir().join(WASM_TARGET).join("wasm-release");
    folder.join(format!("{name}.wasm"))
}

fn bind_codes(effort: Effort) -> Result<Program> {
    let mut bindgen = Bindgen::new();
    let mut bound = bindgen
        .input_path(linked("zhicha_codes"))
        .no_modules(true)?
        .omit_default_module_path(true)
        .typescript(false)
        .remove_name_section(effort == Effort::Quick)
        .remove_producers_section(true)
        .generate_output()?;
    // The relocations are for the splitter; nothing is cut here.
    let customs = &mut bound.wasm_mut().customs;
    for name in ["linking", "reloc.CODE", "reloc.DATA"] {
        customs.remove_raw(name);
    }
    let wasm = bound.wasm_mut().emit_wasm();
    Ok(Program {
        js: bound.js().to_owned(),
        wasm: fit("codes", wasm, effort)?,
        chunks: Vec::new(),
    })
}

fn fit(name: &str, wasm: Vec<u8>, effort: Effort) -> Result<Vec<u8>> {
    match effort {
        Effort::Quick => Ok(wasm),
        Effort::Optimised => optimise(name, &wasm),
    }
}

fn bind(app: App, effort: Effort) -> Result<Program> {
    let input = linked(app.name());
    let split = split::split(app.name(), &std::fs::read(&input)?)?;
    let mut bindgen = Bindgen::new();
    let mut bound = bindgen
        .input_path(&split.main)
        .web(true)?
        .omit_default_module_path(true)
        .typescript(false)
        // The parts that are loaded later use the memory and the table of the first.
        .keep_lld_exports(true)
        // wasm-opt drops the names itself, after it has written down what became of the functions.
        .remove_name_section(effort == Effort::Quick)
        .remove_producers_section(true)
        .generate_output()?;
    let inline = bound.snippets().values().any(|scripts| !scripts.is_empty());
    if inline || !bound.local_modules().is_empty() {
        bail!("a dependency brings JavaScript files, which the precache list does not know");
    }
    let (js, classes) = glue::without_classes(bound.js());
    let module = bound.wasm_mut();
    let of_class = |name: &str| classes.iter().any(|class| glue::is_of_class(name, class));
    let unused: Vec<_> = module
        .exports
        .iter()
        .filter(|export| of_class(&export.name))
        .map(|export| export.id())
        .collect();
    for id in unused {
        module.exports.delete(id);
    }
    let js = glue::shortened(&js, module.imports.iter_mut().map(|i| &mut i.name));
    let wasm = bound.wasm_mut().emit_wasm();
    let (js, chunks) = split.joined(&js)?;
    Ok(Program {
        js: match effort {
            Effort::Quick => js,
            Effort::Optimised => glue::minified(app.name(), &js)?,
        },
        wasm: fit(app.name(), wasm, effort)?,
        chunks: chunks
            .into_iter()
            .map(|(name, wasm)| Ok((name.clone(), fit(&name, wasm, effort)?)))
            .collect::<Result<_>>()?,
    })
}

/// Leaves a list of the functions beside its output: what a crash page names by number can be found there.
fn optimise(name: &str, wasm: &[u8]) -> Result<Vec<u8>> {
    let folder = target_dir().join("web/wasm-opt");
    std::fs::create_dir_all(&folder)?;
    let input = folder.join(format!("{name}.in.wasm"));
    let output = folder.join(format!("{name}.wasm"));
    let symbols = folder.join(format!("{name}.symbols"));
    std::fs::write(&input, wasm)?;
    execute(
        command("node")
            .arg(root().join("xtask/npm/node_modules/binaryen/bin/wasm-opt"))
            .arg("-Oz")
            .arg(&input)
            .arg("--output")
            .arg(&output)
            .arg(format!("--symbolmap={}", symbols.display())),
    )?;
    let optimised = std::fs::read(&output)?;
    // wasm-opt that does not understand a feature may hand back its input without a word.
    if optimised.len() >= wasm.len() {
        bail!(
            "wasm-opt made nothing smaller ({} bytes before, {} after)",
            wasm.len(),
            optimised.len()
        );
    }
    let size = |wasm: &[u8]| Ok(brotli(wasm, Effort::Optimised)?.len());
    let ordered = order::by_likeness(&optimised, size)?;
    let names = std::fs::read_to_string(&symbols)?;
    std::fs::write(&symbols, renumbered(&names, &ordered.functions)?)?;
    Ok(ordered.wasm)
}

// wasm-opt's list of functions, a line each, in their new order.
fn renumbered(names: &str, functions: &[u32]) -> Result<String> {
    let names: Vec<&str> = names
        .lines()
        .filter_map(|line| line.split_once(':').map(|(_, name)| name))
        .collect();
    let mut list = String::new();
    for (number, old) in functions.iter().enumerate() {
        let name = names
            .get(*old as usize)
            .context("a function without a name")?;
        list += &format!("{number}:{name}\n");
    }
    Ok(list)
}
