//! `zhicha serve` as a program of its own, on the data folder of a world that was stopped: it can be killed.

use super::{Caller, PASSWORD, client};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
};
use tempfile::{NamedTempFile, TempDir};

type Started = (Child, BufReader<ChildStdout>, String);

/// Runs a command of `zhicha` to its end.
pub fn zhicha(args: &[&str]) -> Output {
    zhicha_with(args, &[])
}

/// The same with settings in its environment.
pub fn zhicha_with(args: &[&str], settings: &[(&str, &str)]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhicha"))
        .args(args)
        .env("ZHICHA_LOG", "warn")
        .envs(settings.iter().copied())
        .output()
        .unwrap()
}

/// Its exit code.
pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// The JSON lines that it said.
pub fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What it said to a person.
pub fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A running program.
pub struct Program {
    child: Child,
    // Closed, it would end the program at the next line that it says.
    said: BufReader<ChildStdout>,
    url: String,
    dir: TempDir,
    // What it says for its operator goes there.
    log: PathBuf,
    _file: Option<NamedTempFile>,
}

impl Program {
    /// Starts it with more settings in its environment, and waits until it answers.
    pub fn start(dir: TempDir, settings: &[(&str, &str)]) -> Self {
        let file = NamedTempFile::new().unwrap();
        let log = file.path().to_owned();
        let mut program = Self::logging_to(&log, dir, settings);
        program._file = Some(file);
        program
    }

    /// The same; what it says for its operator goes to a file.
    pub fn logging_to(log: &Path, dir: TempDir, settings: &[(&str, &str)]) -> Self {
        let (child, said, url) = serve(dir.path(), settings, log).expect("it starts");
        Self {
            child,
            said,
            url,
            dir,
            log: log.to_owned(),
            _file: None,
        }
    }

    /// All that it has said for its operator since the first start.
    pub fn log(&self) -> String {
        said_in(&self.log)
    }

    /// What stands behind `prefix` in the next line that begins with it.
    pub fn next_line_with(&mut self, prefix: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.said.read_line(&mut line).unwrap(), 0, "it ended");
            if let Some(rest) = line.strip_prefix(prefix) {
                return rest.trim_end().to_owned();
            }
        }
    }

    /// Ends it as a power cut of the process would.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Starts it again, once it has ended.
    pub fn restart(&mut self, settings: &[(&str, &str)]) {
        assert!(self.try_restart(settings), "it ended: {}", self.log());
    }

    /// The same, of one that may end before it answers; whether it answers.
    pub fn try_restart(&mut self, settings: &[(&str, &str)]) -> bool {
        match serve(self.dir.path(), settings, &self.log) {
            Some(started) => {
                (self.child, self.said, self.url) = started;
                true
            }
            None => false,
        }
    }

    /// Starts it where `settings` say that it listens.
    pub fn start_at(dir: TempDir, settings: &[(&str, &str)]) -> Self {
        let file = NamedTempFile::new().unwrap();
        let log = file.path().to_owned();
        let started = spawned(command(dir.path()).envs(settings.iter().copied()), &log);
        let (child, said, url) = started.expect("it starts");
        Self {
            child,
            said,
            url,
            dir,
            log,
            _file: Some(file),
        }
    }

    /// Asks it to end as a supervisor of processes does, after `wait`.
    #[cfg(unix)]
    pub fn terminate_in(&self, wait: std::time::Duration) -> std::thread::JoinHandle<()> {
        let id = self.child.id().to_string();
        std::thread::spawn(move || {
            // Any moment of what runs is meant, and none in particular.
            std::thread::sleep(wait);
            let asked = Command::new("kill").args(["-TERM", &id]).status().unwrap();
            assert!(asked.success());
        })
    }

    /// How it ended by itself.
    pub async fn ended(&mut self) -> ExitStatus {
        loop {
            if self.has_ended() {
                return self.child.wait().unwrap();
            }
            // Between two looks at the process.
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Whether it has ended by itself.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// The number of its process.
    #[cfg(target_os = "linux")]
    pub fn pid(&self) -> u32 {
        self.child.id()
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
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
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

fn serve(folder: &Path, settings: &[(&str, &str)], log: &Path) -> Option<Started> {
    let mut command = command(folder);
    command
        .args(["--listen", "127.0.0.1:0"])
        .envs(settings.iter().copied());
    loop {
        let before = said_in(log).len();
        let started = spawned(&mut command, log);
        let said = said_in(log).split_off(before);
        // While another test starts a program, that holds a copy of the lock of the server that was stopped, for a moment.
        if started.is_some() || !said.contains("is in use by another zhicha") {
            return started;
        }
    }
}

// A device such as `/dev/full` has no end.
fn said_in(log: &Path) -> String {
    let is_file = log.metadata().is_ok_and(|about| about.is_file());
    let text = is_file.then(|| std::fs::read_to_string(log).ok()).flatten();
    text.unwrap_or_default()
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhicha"));
    command.args(["serve", "--data-dir"]).arg(folder);
    command
}

#[expect(
    clippy::zombie_processes,
    reason = "a program that says its address is waited for when it is dropped"
)]
fn spawned(command: &mut Command, log: &Path) -> Option<Started> {
    let log = std::fs::OpenOptions::new().append(true).open(log);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(log.unwrap())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap());
    loop {
        let mut line = String::new();
        if said.read_line(&mut line).unwrap() == 0 {
            child.wait().unwrap();
            return None;
        }
        if let Some(url) = line.strip_prefix("listening on ") {
            return Some((child, said, url.trim_end().to_owned()));
        }
    }
}
