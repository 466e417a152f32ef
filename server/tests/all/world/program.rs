//! `zhicha serve` as a program of its own, on the data folder of a world that was stopped: it can be killed.

use super::{Caller, PASSWORD, client};
use serde_json::json;
use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, ExitStatus, Stdio},
};
use tempfile::TempDir;

/// A running program.
pub struct Program {
    child: Child,
    // Closed, it would end the program at the next line that it says.
    said: BufReader<ChildStdout>,
    url: String,
    dir: TempDir,
}

impl Program {
    /// Starts it with more settings in its environment, and waits until it answers.
    pub fn start(dir: TempDir, settings: &[(&str, &str)]) -> Self {
        let (child, said, url) = serve(dir.path(), settings);
        Self {
            child,
            said,
            url,
            dir,
        }
    }

    /// Ends it as a power cut of the process would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, once it has ended.
    pub fn restart(&mut self, settings: &[(&str, &str)]) {
        (self.child, self.said, self.url) = serve(self.dir.path(), settings);
    }

    /// How it ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Kills it and gives its data folder back.
    pub fn stop(mut self) -> TempDir {
        self.kill();
        std::mem::replace(&mut self.dir, TempDir::new().unwrap())
    }

    /// Its data folder.
    pub fn folder(&self) -> &Path {
        self.dir.path()
    }

    /// `http://ADDRESS`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Somebody who is not signed in.
    pub fn nobody(&self) -> Caller {
        Caller {
            url: self.url.clone(),
            http: client(),
            cookie: String::new(),
        }
    }

    /// Signs in with the password of the tests.
    pub async fn sign_in(&self, login: &str) -> Caller {
        let body = json!({ "login": login, "password": PASSWORD });
        self.nobody().enter("/api/v1/session", body).await
    }

    /// The most memory it has ever had, in MiB.
    #[cfg(target_os = "linux")]
    pub fn peak(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .unwrap();
        let kib = line.trim().trim_end_matches(" kB").trim();
        kib.parse::<u64>().unwrap() / 1024
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[expect(
    clippy::zombie_processes,
    reason = "a program that says its address is waited for when it is dropped"
)]
fn serve(folder: &Path, settings: &[(&str, &str)]) -> (Child, BufReader<ChildStdout>, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_zhicha"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(folder)
        .envs(settings.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    loop {
        let mut line = String::new();
        assert_ne!(said.read_line(&mut line).unwrap(), 0, "it ended");
        if let Some(url) = line.strip_prefix("listening on ") {
            return (child, said, url.trim_end().to_owned());
        }
    }
}
