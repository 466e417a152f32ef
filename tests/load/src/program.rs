//! The optimised server as a program of its own, with an invented district.

use anyhow::{Context as _, ensure};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
};

/// A running server; ends with this.
pub struct Program {
    child: Child,
    // Closed, it would end the program at the next line that it says.
    said: BufReader<ChildStdout>,
    url: String,
    http: Client,
}

impl Program {
    /// Starts it on a data folder; waits until it listens.
    pub fn start(folder: &Path) -> anyhow::Result<Self> {
        let program = std::env::var_os("ZHICHA_BIN").context("ZHICHA_BIN names the server")?;
        let mut child = Command::new(program)
            .args(["serve", "--demo", "--listen", "127.0.0.1:0", "--data-dir"])
            .arg(folder)
            .stdout(Stdio::piped())
            .spawn()?;
        let said = BufReader::new(child.stdout.take().context("its output")?);
        let mut started = Self {
            child,
            said,
            url: String::new(),
            http: Client::new(),
        };
        started.url = started.line("listening on ")?;
        Ok(started)
    }

    /// The rest of the next line that begins so.
    fn line(&mut self, before: &str) -> anyhow::Result<String> {
        loop {
            let mut line = String::new();
            ensure!(self.said.read_line(&mut line)? > 0, "the server ended");
            if let Some(rest) = line.strip_prefix(before) {
                return Ok(rest.trim_end().to_owned());
            }
        }
    }

    /// Signs the administrator of the demo in; the session.
    pub async fn administrator(&mut self) -> anyhow::Result<String> {
        let said = self.line("sign-in administrator: ")?;
        let (login, password) = said.split_once(' ').context("login and password")?;
        let body = json!({ "login": login, "password": password });
        self.enter("/api/v1/session", &body).await
    }

    /// A new inspector with these grants; the session.
    pub async fn inspector(
        &self,
        by: &str,
        login: &str,
        grants: &[&str],
    ) -> anyhow::Result<String> {
        let invite =
            json!({ "name": "虚构检查员", "login": login, "role": "inspector", "grants": grants });
        let link = self.post("/api/v1/invites", &invite, by).await?;
        let link: Value = link.json().await?;
        let (_, token) = link["url"]
            .as_str()
            .and_then(|url| url.split_once('#'))
            .context("a link")?;
        let accept = json!({ "token": token, "password": "yi-ge-xuni-mima-7" });
        self.enter("/api/v1/invites/accept", &accept).await
    }

    async fn enter(&self, path: &str, body: &Value) -> anyhow::Result<String> {
        let answer = self.post(path, body, "").await?;
        let set = answer.headers().get("set-cookie").context("a cookie")?;
        let cookie = set.to_str()?.split(';').next().unwrap_or_default();
        Ok(cookie.to_owned())
    }

    /// Posts JSON; another status than 2xx is an error.
    pub async fn post(
        &self,
        path: &str,
        body: &impl serde::Serialize,
        session: &str,
    ) -> anyhow::Result<Response> {
        self.post_text(path, serde_json::to_string(body)?, session)
            .await
    }

    /// Posts JSON that is a text already.
    pub async fn post_text(
        &self,
        path: &str,
        body: String,
        session: &str,
    ) -> anyhow::Result<Response> {
        let request = self.http.post(format!("{}{path}", self.url));
        let request = request
            .header("content-type", "application/json")
            .header("cookie", session)
            .body(body);
        good(request.send().await?).await
    }

    /// Gets.
    pub async fn get(&self, path: &str, session: &str) -> anyhow::Result<Response> {
        let request = self.http.get(format!("{}{path}", self.url));
        good(request.header("cookie", session).send().await?).await
    }
}

async fn good(answer: Response) -> anyhow::Result<Response> {
    let status = answer.status();
    if status.is_success() {
        return Ok(answer);
    }
    anyhow::bail!("{status}: {}", answer.text().await.unwrap_or_default())
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
