//! Runs a program of a release as a town does: it serves, saves its data beside the running server, and checks them. `cargo xtask test`
//! tries what the developer's machine built; this tries the very file that is handed out.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::workspace::{output, target_dir};

// An emulator takes long, and nobody waits for what has stopped for good.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server that ends with this. Its output stays open: closed, it would end the program at its next line.
struct Running(Child, BufReader<ChildStdout>);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Tries the program that `zhicha` starts.
pub fn run(zhicha: impl Fn() -> Command) -> Result<()> {
    let folder = target_dir().join("release-tried");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let data = folder.join("data");
    let (server, address) = serve(zhicha().arg("serve"), &data)?;
    let health = get(&address, "/healthz")?;
    ensure!(health.ends_with(r#"{"ok":true}"#), "/healthz says {health}");
    for page in ["/", "/office/"] {
        let said = get(&address, page)?;
        ensure!(
            said.contains("<html"),
            "the apps are not inside: {page} says {said}"
        );
    }
    let (key, to) = (folder.join("backup.key"), folder.join("backups"));
    let mut made = zhicha();
    output(
        made.args(["backup", "key", "--data-dir"])
            .arg(&data)
            .arg("--out")
            .arg(&key),
    )?;
    let mut saved = zhicha();
    output(
        saved
            .args(["backup", "--data-dir"])
            .arg(&data)
            .arg("--to")
            .arg(&to),
    )?;
    drop(server);
    let back = folder.join("restored");
    let mut restored = zhicha();
    output(
        restored
            .arg("restore")
            .arg(&to)
            .arg("--key")
            .arg(&key)
            .arg("--data-dir")
            .arg(&back),
    )?;
    for data in [&data, &back] {
        output(zhicha().args(["fsck", "--data-dir"]).arg(data))?;
    }
    fs::remove_dir_all(&folder)?;
    Ok(())
}

// With invented data, on a free port; where it listens.
fn serve(command: &mut Command, data: &Path) -> Result<(Running, String)> {
    let command = command.args(["--demo", "--listen", "127.0.0.1:0", "--data-dir"]);
    let mut child = command.arg(data).stdout(Stdio::piped()).spawn()?;
    let said = child.stdout.take().context("its output is piped")?;
    let mut server = Running(child, BufReader::new(said));
    loop {
        let mut line = String::new();
        ensure!(
            server.1.read_line(&mut line)? > 0,
            "the server ended before it listened"
        );
        if let Some(address) = line.trim_end().strip_prefix("listening on http://") {
            return Ok((server, address.to_owned()));
        }
    }
}

fn get(address: &str, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut said = String::new();
    stream.read_to_string(&mut said)?;
    ensure!(said.starts_with("HTTP/1.1 200"), "{path} says {said}");
    Ok(said)
}
