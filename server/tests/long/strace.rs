//! A running program looked at, and made to fail, by `strace`.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::NamedTempFile;

/// It is attached until this is dropped.
pub struct Strace {
    child: Child,
    out: NamedTempFile,
}

impl Strace {
    /// Attaches to all threads of a process. `asked` are arguments of `strace`; only calls about `files` count, where any are
    /// named.
    pub fn attach(pid: u32, asked: &[&str], files: &[PathBuf]) -> Self {
        let out = NamedTempFile::new().unwrap();
        let mut command = Command::new("strace");
        command
            .args(["-f", "-y", "-qq", "-s", "40", "-o"])
            .arg(out.path());
        for file in files {
            command.arg("-P").arg(file);
        }
        let child = command
            .args(asked)
            .args(["-p", &pid.to_string()])
            .stderr(Stdio::null())
            .spawn()
            .expect("the program `strace`");
        let strace = Self { child, out };
        let patience = Instant::now();
        while !is_traced(pid) {
            assert!(
                patience.elapsed() < Duration::from_secs(20),
                "strace could not attach: is ptrace permitted?"
            );
            // Between two looks: the kernel tells nobody.
            std::thread::sleep(Duration::from_millis(2));
        }
        strace
    }

    /// What it has seen so far.
    pub fn seen(&self) -> String {
        std::fs::read_to_string(self.out.path()).unwrap()
    }

    /// Whether it has made a call fail.
    pub fn struck(&self) -> bool {
        self.seen().contains("(INJECTED)")
    }

    /// Lets go of the process; what it has seen.
    pub fn detach(mut self) -> String {
        self.end();
        self.seen()
    }

    fn end(&mut self) {
        let pid = self.child.id().to_string();
        // SIGTERM lets it detach; SIGKILL would take the traced process along.
        let _ = Command::new("kill")
            .args(["-TERM", &pid])
            .stderr(Stdio::null())
            .status();
        let _ = self.child.wait();
    }
}

impl Drop for Strace {
    fn drop(&mut self) {
        self.end();
    }
}

fn is_traced(pid: u32) -> bool {
    let tasks = std::fs::read_dir(Path::new("/proc").join(pid.to_string()).join("task"));
    let mut statuses = tasks
        .unwrap()
        .map(|task| std::fs::read_to_string(task.unwrap().path().join("status")));
    statuses.all(|status| !status.is_ok_and(|status| status.contains("TracerPid:\t0\n")))
}
