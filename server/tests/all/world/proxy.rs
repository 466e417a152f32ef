//! A network between devices and their server that does what a test wants of it (`faults.md`, PX). It reads a whole request,
//! and then a test decides what becomes of it and of its answer; each has a connection of its own.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It arrives, and so does its answer.
    Passes,
    /// It never arrives; the connection breaks.
    Lost,
    /// It arrives; its answer does not.
    Unanswered,
    /// It arrives so many times, one after the other; the last answer comes back.
    Times(usize),
    /// Only so many of its bytes arrive.
    CutRequest(usize),
    /// Only so many bytes of its answer come back.
    CutAnswer(usize),
    /// It never arrives, and somebody else answers.
    Answered(Vec<u8>),
}

/// A request on its way.
#[derive(Clone, Debug)]
pub struct Asked {
    /// How many came before it.
    pub n: usize,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl Asked {
    /// Its first line, without the version.
    pub fn line(&self) -> String {
        let line = self.bytes.split(|byte| *byte == b'\r').next();
        let line = String::from_utf8_lossy(line.unwrap_or_default()).into_owned();
        line.trim_end_matches(" HTTP/1.1").to_owned()
    }
}

type Plan = Box<dyn FnMut(&Asked) -> Fate + Send>;

struct Inside {
    plan: Plan,
    server: SocketAddr,
    asked: Vec<Asked>,
    answers: Vec<Vec<u8>>,
}

/// The network.
pub struct Proxy {
    /// `http://ADDRESS` for the devices.
    pub url: String,
    inside: Arc<Mutex<Inside>>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}

impl Proxy {
    /// A network to the server at `url` in which all is well.
    pub async fn to(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let own = format!("http://{}", listener.local_addr().unwrap());
        let inside = Arc::new(Mutex::new(Inside {
            plan: Box::new(|_| Fate::Passes),
            server: address(url),
            asked: Vec::new(),
            answers: Vec::new(),
        }));
        let shared = Arc::clone(&inside);
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let shared = Arc::clone(&shared);
                // Whatever breaks in here is what a network does.
                tokio::spawn(async move { serve(client, &shared).await });
            }
        });
        Self {
            url: own,
            inside,
            task,
        }
    }

    fn inside(&self) -> std::sync::MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on this decides; a test that wants no more faults plans `Fate::Passes`.
    pub fn plan(&self, plan: impl FnMut(&Asked) -> Fate + Send + 'static) {
        self.inside().plan = Box::new(plan);
    }

    /// The server is somewhere else now.
    pub fn leads_to(&self, url: &str) {
        self.inside().server = address(url);
    }

    /// All requests so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.inside().asked.clone()
    }

    /// All answers of the server so far, also those that did not come back whole.
    pub fn answers(&self) -> Vec<Vec<u8>> {
        self.inside().answers.clone()
    }

    /// A request that was sent before arrives again.
    pub async fn arrives(&self, asked: &Asked) -> Option<Vec<u8>> {
        let server = self.inside().server;
        exchange(server, &asked.bytes, true).await
    }
}

async fn serve(mut client: TcpStream, inside: &Mutex<Inside>) -> Option<()> {
    let bytes = request(&mut client).await?;
    let (fate, server) = {
        let mut inside = inside.lock().unwrap_or_else(PoisonError::into_inner);
        let n = inside.asked.len();
        let asked = Asked {
            n,
            bytes: bytes.clone(),
        };
        let fate = (inside.plan)(&asked);
        inside.asked.push(asked);
        (fate, inside.server)
    };
    let answered = |answer: &Vec<u8>| {
        let mut inside = inside.lock().unwrap_or_else(PoisonError::into_inner);
        inside.answers.push(answer.clone());
    };
    let back = match fate {
        Fate::Lost => return None,
        Fate::Answered(answer) => answer,
        Fate::CutRequest(len) => {
            exchange(server, &bytes[..len.min(bytes.len())], false).await;
            return None;
        }
        Fate::Passes | Fate::Unanswered | Fate::CutAnswer(_) | Fate::Times(_) => {
            let times = if let Fate::Times(n) = fate { n } else { 1 };
            let mut last = None;
            for _ in 0..times {
                last = exchange(server, &bytes, true).await;
                last.iter().for_each(answered);
            }
            let mut answer = last?;
            match fate {
                Fate::Unanswered => return None,
                Fate::CutAnswer(len) => answer.truncate(len),
                _ => {}
            }
            answer
        }
    };
    client.write_all(&back).await.ok()?;
    client.shutdown().await.ok()
}

// A whole request, which is told that its connection ends with its answer.
async fn request(client: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        // Who speaks TLS finds nobody who does.
        if client.read_buf(&mut bytes).await.ok()? == 0 || bytes[0] == 0x16 {
            return None;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
    let len = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))
        .map_or(0, |len| len.trim().parse::<usize>().unwrap());
    while bytes.len() < head + len {
        if client.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
    bytes.splice(head - 2..head - 2, *b"connection: close\r\n");
    Some(bytes)
}

// Sends bytes and reads until the server closes. Half a request ends with its connection; a whole one must not, or the
// server would take its sender for gone.
async fn exchange(server: SocketAddr, bytes: &[u8], whole: bool) -> Option<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await.ok()?;
    stream.write_all(bytes).await.ok()?;
    if !whole {
        stream.shutdown().await.ok()?;
    }
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.ok()?;
    (!answer.is_empty()).then_some(answer)
}

/// An answer of somebody else.
pub fn answer(status: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let more: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let len = body.len();
    format!("HTTP/1.1 {status}\r\n{more}content-length: {len}\r\nconnection: close\r\n\r\n{body}")
        .into_bytes()
}

/// A problem as our server would say it.
pub fn problem(status: &str, code: &str, headers: &[&str]) -> Vec<u8> {
    let number: u16 = status.split(' ').next().unwrap().parse().unwrap();
    let body = serde_json::json!({ "code": code, "status": number, "title": "planted" });
    let headers = [headers, &["content-type: application/problem+json"]].concat();
    answer(status, &headers, &body.to_string())
}
