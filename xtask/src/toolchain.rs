//! What the commands need besides rustup's Rust, fetched when it is missing: the wasm target,
//! Chromium with its driver and a CJK font, and the npm packages of a folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::workspace::{command, execute, find_program, output, root};

/// The target of both apps.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// Adds the wasm target through rustup unless its standard library is already there.
pub fn ensure_wasm_target() -> Result<()> {
    ensure_target(WASM_TARGET)
}

/// Adds a target through rustup unless its standard library is already there.
pub fn ensure_target(target: &str) -> Result<()> {
    let libdir = output(command("rustc").args(["--print", "target-libdir", "--target", target]))?;
    if Path::new(libdir.trim()).is_dir() {
        return Ok(());
    }
    execute(command("rustup").args(["target", "add", target])).with_context(|| {
        format!("the target {target} is missing; with a Rust that does not come from rustup, install it yourself")
    })
}

/// Where rustup keeps the sources of the standard library.
pub fn rust_src() -> Result<PathBuf> {
    let sysroot = output(command("rustc").args(["--print", "sysroot"]))?;
    Ok(Path::new(sysroot.trim()).join("lib/rustlib/src/rust"))
}

/// Adds the sources of the standard library through rustup unless they are already there.
pub fn ensure_rust_src() -> Result<()> {
    if rust_src()?.join("library/Cargo.lock").is_file() {
        return Ok(());
    }
    execute(command("rustup").args(["component", "add", "rust-src"])).context(
        "the sources of the standard library are missing; with a Rust that does not come from rustup, install them yourself",
    )
}

/// The browser that runs the tests and the WebDriver that belongs to it.
pub struct Browser {
    /// `None`: Playwright uses the browser that it downloaded itself.
    pub chromium: Option<PathBuf>,
    /// For the wasm tests.
    pub chromedriver: PathBuf,
}

/// Finds Chromium and its driver; on Debian as root it installs them when they are missing.
pub fn ensure_browser() -> Result<Browser> {
    if find_chromium().is_none() || find_chromedriver().is_none() {
        install_debian(&["chromium", "chromium-driver", "fonts-noto-cjk"])?;
    }
    let chromedriver = find_chromedriver().context(
        "no chromedriver: install the one that fits your Chromium, or name it in CHROMEDRIVER",
    )?;
    Ok(Browser {
        chromium: find_chromium(),
        chromedriver,
    })
}

fn find_chromium() -> Option<PathBuf> {
    std::env::var_os("CHROMIUM")
        .map(PathBuf::from)
        .or_else(|| find_program(&["chromium", "chromium-browser", "google-chrome"]))
}

fn find_chromedriver() -> Option<PathBuf> {
    std::env::var_os("CHROMEDRIVER")
        .map(PathBuf::from)
        .or_else(|| find_program(&["chromedriver"]))
}

/// Programs that stand beside the server in tests of `--all`, and the Debian package of each.
const NEIGHBOURS: [(&str, &str); 11] = [
    ("nginx", "nginx-light"),
    ("caddy", "caddy"),
    ("pebble", "pebble"),
    ("pebble-challtestsrv", "pebble"),
    ("strace", "strace"),
    ("faketime", "faketime"),
    ("ip", "iproute2"),
    ("certutil", "libnss3-tools"),
    ("systemd-nspawn", "systemd-container"),
    ("sudo", "sudo"),
    ("curl", "curl"),
];

/// Finds the reverse proxies, the ACME directory, systemd and the tools for a LAN; on Debian as root it installs what is missing.
pub fn ensure_neighbours() -> Result<()> {
    let missing = || {
        NEIGHBOURS
            .iter()
            .filter(|(name, _)| find_program(&[name]).is_none())
    };
    let packages: Vec<&str> = missing().map(|(_, package)| *package).collect();
    if !packages.is_empty() {
        install_debian(&packages)?;
    }
    let names: Vec<&str> = missing().map(|(name, _)| *name).collect();
    if !names.is_empty() {
        bail!("the tests of --all need {} in PATH", names.join(", "));
    }
    Ok(())
}

/// Installs Debian packages, where this is Debian and we are root; otherwise says what is needed.
pub fn install_debian(packages: &[&str]) -> Result<()> {
    let debian = Path::new("/etc/debian_version").exists();
    if !debian || output(command("id").arg("-u"))?.trim() != "0" {
        println!(
            "xtask: {} needed, and this is not Debian as root; nothing installed",
            packages.join(", ")
        );
        return Ok(());
    }
    execute(command("apt-get").args(["update", "-qq"]))?;
    execute(
        command("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

/// Installs the npm packages of `folder` (relative to the root) exactly as its lock file says,
/// unless they are there already.
pub fn ensure_npm(folder: &str) -> Result<()> {
    if find_program(&["npm"]).is_none() {
        bail!("Node.js with npm is needed for this command (`cargo xtask serve` works without)");
    }
    let folder = root().join(folder);
    let lock = std::fs::read(folder.join("package-lock.json"))?;
    // npm's own record of what it installed has no stable form, so a copy of the lock file marks it.
    let mark = folder.join("node_modules/.installed-lock.json");
    if std::fs::read(&mark).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    execute(
        command("npm")
            .args(["ci", "--no-audit", "--no-fund"])
            .current_dir(&folder),
    )?;
    std::fs::write(&mark, lock).with_context(|| format!("could not write {}", mark.display()))
}
