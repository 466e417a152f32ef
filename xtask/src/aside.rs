//! A command of this program that runs beside what goes on, its output shown once it has ended.

use std::fs::File;
use std::process::{Child, Command};

use anyhow::{Context, Result, bail};

use crate::workspace::target_dir;

/// A running command.
pub struct Aside {
    name: &'static str,
    child: Child,
}

impl Aside {
    /// Starts `cargo xtask <name>`.
    pub fn start(name: &'static str) -> Result<Self> {
        let log = File::create(log(name)).context("where the output goes")?;
        let child = Command::new(std::env::current_exe().context("where this program is")?)
            .arg(name)
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("could not start `cargo xtask {name}`"))?;
        Ok(Self { name, child })
    }

    /// Waits for its end and shows what it printed; an error unless it succeeded.
    pub fn finish(mut self) -> Result<()> {
        let status = self.child.wait()?;
        print!("{}", std::fs::read_to_string(log(self.name))?);
        if !status.success() {
            bail!("`cargo xtask {}` failed ({status})", self.name);
        }
        Ok(())
    }
}

impl Drop for Aside {
    /// When something before it has failed, it does not go on to its next step; a cargo that it has started ends by itself.
    fn drop(&mut self) {
        // It has ended already in the good case, and then there is nothing to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn log(name: &str) -> std::path::PathBuf {
    target_dir().join(format!("xtask-{name}.log"))
}
