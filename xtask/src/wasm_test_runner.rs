//! The cargo runner of the wasm target: runs a test binary in headless Chromium with the library
//! behind `wasm-bindgen-test-runner`, so that nobody has to install that tool.

use std::process::Command;

use anyhow::{Context, Result};

use crate::toolchain::ensure_browser;
use crate::workspace::{execute, root};

/// Says that this process already has the variables that the library reads.
const PREPARED: &str = "XTASK_WASM_RUNNER_PREPARED";

/// `args` as cargo gives them: the test binary, then what stood behind `--`.
pub fn run(args: &[String]) -> Result<()> {
    if std::env::var_os(PREPARED).is_some() {
        let name = "wasm-bindgen-test-runner".to_owned();
        return wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(
            std::iter::once(name).chain(args.iter().cloned()),
        );
    }
    // The library takes its settings from the environment, which safe Rust cannot change in place.
    let browser = ensure_browser()?;
    execute(
        Command::new(std::env::current_exe().context("where this program is")?)
            .arg("wasm-test-runner")
            .args(args)
            .env(PREPARED, "1")
            .env("CHROMEDRIVER", browser.chromedriver)
            .env(
                "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
                root().join("xtask/webdriver.json"),
            )
            .env("WASM_BINDGEN_TEST_TIMEOUT", "120"),
    )
}
