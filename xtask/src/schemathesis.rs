//! schemathesis (<https://schemathesis.io>), which makes up requests from a description: installed in a folder of its own, in the
//! versions of `tests/schemathesis/requirements.txt`.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::toolchain::install_debian;
use crate::workspace::{command, execute, find_program, root, target_dir};

/// Where its program is; installs it unless it is there in these versions.
pub fn ensure() -> Result<PathBuf> {
    let folder = target_dir().join("schemathesis");
    let program = folder.join("bin/schemathesis");
    let list = root().join("tests/schemathesis/requirements.txt");
    let wanted = std::fs::read(&list).with_context(|| list.display().to_string())?;
    let mark = folder.join("installed.txt");
    if program.exists() && std::fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(program);
    }
    ensure_python()?;
    execute(
        command("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    execute(
        command(folder.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet"])
            .args(["--disable-pip-version-check", "--no-deps", "--requirement"])
            .arg(&list),
    )?;
    std::fs::write(&mark, wanted).with_context(|| mark.display().to_string())?;
    Ok(program)
}

// Debian's Python comes without the module that installs pip.
fn ensure_python() -> Result<()> {
    let is_there = find_program(&["python3"]).is_some()
        && execute(command("python3").args(["-c", "import ensurepip, venv"])).is_ok();
    if is_there {
        return Ok(());
    }
    install_debian(&["python3", "python3-venv"])
}
