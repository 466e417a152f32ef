//! Turns `locales/{zh,en}/*.json` into Rust: a missing key or placeholder is a compile error.
//!
//! Uses the parser and generator behind `leptos_i18n_build`; that crate itself also builds a generator of Unicode data
//! which is not needed here and takes minutes.

use leptos_i18n_parser::parse_locales::{
    options::{Config, ParseOptions},
    parse_locales,
};
use std::{env, error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?).join("i18n");
    let config = Config::new("zh")?
        .add_locale("en")?
        .add_namespaces(["common", "field", "inspection", "office"])?
        .parse_options(ParseOptions::new().interpolate_display(true));
    let texts = parse_locales(None, config)?;
    for error in texts.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    for warning in texts.diag.warnings().iter() {
        println!("cargo::error={warning}");
    }
    let code = leptos_i18n_codegen::gen_code(&texts, None, false, None, false)?;
    fs::create_dir_all(&out)?;
    fs::write(out.join("mod.rs"), code.to_string())?;
    Ok(())
}
