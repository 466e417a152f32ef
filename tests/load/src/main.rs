//! Rows of the benchmark that need no browser, against the optimised server as a program of its own, and large invented data
//! for the rows that do. `cargo xtask bench` runs it.
//!
//! ```text
//! zhicha-load push | pull                      the program in ZHICHA_BIN; figures go to the folder in ZHICHA_BENCH_OUT
//! zhicha-load fill DIR --sites N FILE.json…    into the data folder of a server that is stopped
//! ```

mod bare;
mod device;
mod figure;
mod fill;
mod program;
mod pull;
mod push;

use anyhow::Context as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    // Nothing here is encrypted, but the client asks for a provider when it is made.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["push"] => push::row().await,
        ["pull"] => pull::row().await,
        ["fill", folder, "--sites", sites, lists @ ..] => {
            let sites = sites.parse().context("--sites takes a number")?;
            fill::folder(folder.as_ref(), sites, lists).await
        }
        _ => anyhow::bail!("push, pull, or fill DIR --sites N FILE.json…"),
    }
}
