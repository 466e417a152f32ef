//! Turns `locales/{zh,en}/*.json` into Rust: a missing key or placeholder is a compile error.
//!
//! Uses the parser and generator behind `leptos_i18n_build`; that crate itself also builds a generator of Unicode data
//! which is not needed here and takes minutes.

use leptos_i18n_parser::parse_locales::{
    options::{Config, ParseOptions},
    parse_locales,
};
use serde_json::{Map, Value, json};
use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
};

const LANGUAGES: [&str; 2] = ["zh", "en"];
const NAMESPACES: [&str; 6] = [
    "common",
    "evidence",
    "field",
    "inspection",
    "office",
    "signature",
];

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=locales");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let texts = out.join("locales");
    for language in LANGUAGES {
        fs::create_dir_all(texts.join(language))?;
        for namespace in NAMESPACES {
            let file = format!("{language}/{namespace}.json");
            prepare(&Path::new("locales").join(&file), &texts.join(&file))?;
        }
    }
    // Chinese has one plural form; the parser warns about the copy that `prepare` makes of it.
    let options = ParseOptions::new()
        .interpolate_display(true)
        .suppress_key_warnings(true);
    let config = LANGUAGES[1..]
        .iter()
        .try_fold(Config::new(LANGUAGES[0])?, |config, language| {
            config.add_locale(language)
        })?
        .add_namespaces(NAMESPACES)?
        .locales_path(texts)
        .parse_options(options);
    let texts = parse_locales(None, config)?;
    for error in texts.diag.errors().iter() {
        println!("cargo::error={error}");
    }
    let code = leptos_i18n_codegen::gen_code(&texts, None, false, None, false)?;
    fs::create_dir_all(out.join("i18n"))?;
    fs::write(out.join("i18n/mod.rs"), tags(&code.to_string())?)?;
    Ok(())
}

/// The generated code reads the tags of the languages when the app runs; read by the compiler they need no parser there.
fn tags(code: &str) -> Result<String, Box<dyn Error>> {
    let mut code = code.to_owned();
    for language in LANGUAGES {
        let parsed = format!("\"{language}\" . parse () . expect (\"Valid locale\")");
        if !code.contains(&parsed) {
            return Err(
                format!("the generated code reads the tag {language} in another way").into(),
            );
        }
        let known =
            format!("l_i18n_crate :: reexports :: icu :: locid :: locale ! (\"{language}\")");
        code = code.replace(&parsed, &known);
    }
    Ok(code)
}

/// Copies a file of texts, its plurals as [`nested`] makes them.
fn prepare(from: &Path, to: &Path) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(from).map_err(|e| format!("{}: {e}", from.display()))?;
    let mut value: Value =
        serde_json::from_str(&text).map_err(|e| format!("{}: {e}", from.display()))?;
    if let Value::Object(map) = &mut value {
        nested(map);
    }
    fs::write(to, serde_json::to_string(&value)?)?;
    Ok(())
}

// `x_one` and `x_other` become the texts `x.one` and `x.other`, which `counted!` chooses from. A language with one form has
// it for both.
fn nested(map: &mut Map<String, Value>) {
    let keys: Vec<_> = map
        .keys()
        .filter_map(|key| key.strip_suffix("_other"))
        .map(str::to_owned)
        .collect();
    for key in keys {
        let other = map.remove(&format!("{key}_other")).unwrap_or_default();
        let one = map
            .remove(&format!("{key}_one"))
            .unwrap_or_else(|| other.clone());
        map.insert(key, json!({ "one": one, "other": other }));
    }
    for value in map.values_mut() {
        if let Value::Object(inner) = value {
            nested(inner);
        }
    }
}
