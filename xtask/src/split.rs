//! Cuts the field app in two: what the first checklist needs, and the pages that can come after it
//! (`app/src/second.rs`). The second file is loaded by the first one's JavaScript.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::workspace::target_dir;

/// A program in parts, before wasm-bindgen.
pub struct Split {
    /// The first part, for wasm-bindgen.
    pub main: PathBuf,
    /// The other parts.
    pub chunks: Vec<Chunk>,
    /// The module that loads them; it takes `initSync` from `MAIN`.
    pub loader: String,
}

/// A part that is loaded later: name without extension, and bytes.
pub type Chunk = (String, Vec<u8>);

/// What the first part imports its loader from.
pub const LOADER: &str = "./__wasm_split.js";
const MAIN: &str = "./main.js";

/// Cuts a program that was linked with its relocations.
pub fn split(name: &str, wasm: &[u8]) -> Result<Split> {
    let folder = target_dir().join("web/split").join(name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let main = folder.join("main.wasm");
    let mut options = wasm_split_cli_support::Options::new(wasm);
    options.output_dir = &folder;
    options.main_out_path = &main;
    options.link_name = LOADER;
    options.main_module = MAIN;
    let parts = wasm_split_cli_support::transform(options)
        .map_err(|error| anyhow::anyhow!("splitting {name}: {error:?}"))?;
    let mut chunks = Vec::new();
    for path in parts.split_modules {
        let stem = path
            .file_stem()
            .context("a part without a name")?
            .to_string_lossy();
        chunks.push((stem.into_owned(), std::fs::read(&path)?));
    }
    let loader = std::fs::read_to_string(folder.join(LOADER))?;
    Ok(Split {
        main,
        chunks,
        loader,
    })
}

impl Split {
    /// One module out of the program's own and its loader's, which import each other; and the parts that it loads. A
    /// program that never loads a part has none: the office does not draw the field's pages.
    pub fn joined(self, program: &str) -> Result<(String, Vec<Chunk>)> {
        let found = program
            .lines()
            .find(|line| line.starts_with("import ") && line.contains(LOADER));
        let Some(import) = found else {
            return Ok((program.to_owned(), Vec::new()));
        };
        let name = import
            .strip_prefix("import * as ")
            .and_then(|rest| rest.split_whitespace().next())
            .context("the program imports its loader in an unknown way")?;
        let (own, exports) = unexported(&self.loader);
        if exports.is_empty() {
            bail!("the loader loads nothing");
        }
        let program = program.replace(import, "");
        let exports = exports.join(", ");
        let script = format!("{program}\n{own}const {name} = {{ {exports} }};\n");
        Ok((script, self.chunks))
    }
}

/// The loader without its import and its exports, and their names.
fn unexported(loader: &str) -> (String, Vec<&str>) {
    let mut own = String::new();
    let mut exports = Vec::new();
    for line in loader.lines().filter(|line| !line.contains(MAIN)) {
        let constant = line.strip_prefix("export ");
        if let Some(rest) = constant.and_then(|text| text.strip_prefix("const ")) {
            exports.push(rest.split_whitespace().next().unwrap_or_default());
        }
        own += constant.unwrap_or(line);
        own.push('\n');
    }
    (own, exports)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(loader: &str) -> Split {
        Split {
            main: PathBuf::new(),
            chunks: vec![("split_later".to_owned(), vec![1])],
            loader: loader.to_owned(),
        }
    }

    #[test]
    fn program_and_loader_become_one_module() {
        let loader = "import { initSync } from \"./main.js\";\nlet shared = initSync;\nexport const load = wrap(shared);\n";
        let program = "import * as import1 from \"./__wasm_split.js\"\nuse(import1);\n";
        let (script, chunks) = cut(loader).joined(program).unwrap();
        assert_eq!(
            script,
            "\nuse(import1);\n\nlet shared = initSync;\nconst load = wrap(shared);\nconst import1 = { load };\n"
        );
        assert_eq!(chunks.len(), 1);
    }

    #[test]
    fn a_program_that_loads_no_part_has_none() {
        let (script, chunks) = cut("").joined("use();\n").unwrap();
        assert_eq!(script, "use();\n");
        assert!(chunks.is_empty());
    }
}
