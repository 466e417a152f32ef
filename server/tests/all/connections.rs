//! Connections that say nothing, too much, or are there when the server stops.

use crate::world::{
    Caller, World, findings, problem,
    program::Program,
    record, sealed, tls,
    tus::{Client, delivered, half_sent, photo},
};
use flate2::{Compression, write::GzEncoder};
use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};
use zhicha_core::{inspection::Mode, sync::wire::PushReply};
use zhicha_server::listen;

const MANY: usize = 500;

fn connected(url: &str) -> TcpStream {
    TcpStream::connect(url.split_once("://").unwrap().1).unwrap()
}

// Sockets that say nothing, half a head, or half a body.
fn silent(url: &str, count: usize) -> Vec<TcpStream> {
    let head =
        "POST /api/v1/sync/push HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n";
    (0..count)
        .map(|n| {
            let mut stream = connected(url);
            match n % 3 {
                0 => {}
                1 => stream.write_all(&head.as_bytes()[..20]).unwrap(),
                _ => write!(stream, "{head}Content-Length: 1000000\r\n\r\n{{").unwrap(),
            }
            stream
        })
        .collect()
}

// Whether the other end has closed it; what it said before does not matter.
fn closed(stream: &mut TcpStream) -> bool {
    stream
        .set_read_timeout(Some(Duration::from_millis(1)))
        .unwrap();
    loop {
        match stream.read(&mut [0; 1024]) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => {
                return !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_connections_that_say_nothing_hold_up_nobody() {
    let (world, _, anna, device) = World::equipped().await;
    let mut held = silent(&world.running.url, MANY);
    let at = Instant::now();
    let again = world.sign_in("anna").await;
    assert_eq!(again.get("/api/v1/session").await.status(), 200);
    let bytes = photo(1, 200_000);
    let event = delivered(&world, &device, &[&bytes]).await;
    Client::of(&world).upload(&event, &bytes).await;
    // A byte at a time for those that have begun.
    for stream in held.iter_mut().skip(1).step_by(3) {
        stream.write_all(b"X").unwrap();
    }
    assert_eq!(
        anna.get("/api/v1/sync/pull?stream=sites").await.status(),
        200
    );
    assert!(at.elapsed() < Duration::from_secs(20), "{:?}", at.elapsed());
    assert!(!held.iter_mut().any(closed), "nobody was cut off at once");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "waits for the timeouts, a minute and a half: cargo xtask test --all"]
async fn silent_connections_end_in_time_and_a_slow_honest_upload_does_not() {
    let folder = tempfile::TempDir::new().unwrap();
    let local = tls::loopback(folder.path(), tls::today());
    let secured = World::start_in(folder, |_| {}).await;
    let begun = crate::world::tus::begun(9, 200_000).await;
    let url = begun.world.running.url.clone();
    let mut used = connected(&url);
    used.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        .unwrap();
    let mut plain = silent(&url, 60);
    let mut handshakes: Vec<_> = (0..60).map(|_| connected(&secured.running.url)).collect();
    let at = Instant::now();
    // Two KiB a second, which is as slow as a phone is at the edge of a cell.
    let pace = begun.bytes.len() / 90;
    let mut upload = half_sent(&url, &begun.place, 0, &begun.bytes, pace);
    let mut sent = pace;
    let mut ended = [None, None, None, None];
    while sent < begun.bytes.len() {
        // The pace of who sends is what is tried; nothing is waited for.
        tokio::time::sleep(Duration::from_secs(1)).await;
        let until = begun.bytes.len().min(sent + pace);
        upload.write_all(&begun.bytes[sent..until]).unwrap();
        sent = until;
        // Heads come on, a byte at a time; that does not make them longer.
        for stream in plain.iter_mut().skip(1).step_by(3) {
            let _ = stream.write_all(b"a");
        }
        let (bodies, heads): (Vec<_>, Vec<_>) =
            plain.iter_mut().enumerate().partition(|(n, _)| n % 3 == 2);
        let over = [
            handshakes.iter_mut().all(closed),
            heads.into_iter().all(|(_, stream)| closed(stream)),
            closed(&mut used),
            bodies.into_iter().all(|(_, stream)| closed(stream)),
        ];
        for (ended, over) in ended.iter_mut().zip(over) {
            if over && ended.is_none() {
                *ended = Some(at.elapsed());
            }
        }
    }
    let mut answer = [0; 12];
    upload.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"HTTP/1.1 204");
    let [handshakes, heads, used, bodies] = ended.map(|ended| ended.expect("all have ended"));
    let soon = listen::IDLE + Duration::from_secs(10);
    assert!(
        handshakes < soon && heads < soon && used < soon,
        "{handshakes:?} {heads:?} {used:?}"
    );
    assert!(bodies < Duration::from_secs(75), "{bodies:?}");
    assert_eq!(
        begun
            .client
            .receipts(&begun.device, &begun.event)
            .await
            .len(),
        1
    );
    assert!(
        tls::trusting(&secured.running.url, &local)
            .get("/healthz")
            .await
            .status()
            .is_success()
    );
}

// What the server says to a body that goes on until it has had enough.
fn answered(url: &str, head: &str, piece: &[u8], pieces: usize) -> String {
    let mut stream = connected(url);
    write!(stream, "POST /api/v1/sync/push HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n{head}\r\n").unwrap();
    let mut reading = stream.try_clone().unwrap();
    let said = std::thread::spawn(move || {
        let mut said = Vec::new();
        let _ = reading.read_to_end(&mut said);
        String::from_utf8_lossy(&said).into_owned()
    });
    for _ in 0..pieces {
        if stream.write_all(piece).is_err() {
            break;
        }
    }
    let _ = stream.shutdown(std::net::Shutdown::Write);
    said.join().unwrap()
}

fn bomb() -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(b"{\"login\":\"").unwrap();
    for _ in 0..50 {
        packed.write_all(&[b'x'; 1 << 20]).unwrap();
    }
    packed.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn bombs_are_refused_within_a_bounded_memory_and_the_server_goes_on() {
    let (world, _, _, device) = World::equipped().await;
    let many = device
        .request(1, &vec![String::new(); 1_000_000])
        .to_string();
    let program = Program::start(world.stop().await, &[]);
    let url = program.url().to_owned();
    program.sign_in("anna").await;
    let before = program.peak();
    let mebibyte = vec![b' '; 1 << 20];
    let said = answered(&url, "Content-Length: 1073741824\r\n", &mebibyte, 1024);
    assert!(
        said.starts_with("HTTP/1.1 413") && said.contains("too_large"),
        "{said}"
    );
    let chunk = [format!("{:x}\r\n", 1 << 20).as_bytes(), &mebibyte, b"\r\n"].concat();
    let said = answered(&url, "Transfer-Encoding: chunked\r\n", &chunk, 1024);
    assert!(said.starts_with("HTTP/1.1 413"), "{said}");
    let nobody = program.nobody();
    let json = |body: Vec<u8>| {
        nobody
            .http
            .post(format!("{url}/api/v1/sync/push"))
            .header("content-type", "application/json")
            .body(body)
    };
    let refused = json(many.into_bytes()).send().await.unwrap();
    assert_eq!(problem(refused).await.status, 413);
    let bomb = bomb();
    assert!(bomb.len() < 1 << 20);
    let refused = json(bomb)
        .header("content-encoding", "gzip")
        .send()
        .await
        .unwrap();
    assert_eq!(problem(refused).await.code, "media_type");
    // Many that stop a little before the end, all at once.
    let head = "POST /api/v1/sync/push HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1048576\r\n\r\n";
    let held: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = connected(&url);
            stream
                .set_write_timeout(Some(Duration::from_millis(20)))
                .unwrap();
            stream.write_all(head.as_bytes()).unwrap();
            // Where it is not taken, the socket fills up.
            let _ = stream.write_all(&mebibyte[..(1 << 20) - 1]);
            stream
        })
        .collect();
    assert_eq!(
        device
            .push_as(&nobody, 1, &[device.started(record())])
            .await
            .results
            .len(),
        1,
        "small ones go on"
    );
    let grown = program.peak() - before;
    drop(held);
    assert!(grown < 320, "{grown} MiB");
}

// Pushes one event, of a server that may be stopping.
async fn try_push(caller: &Caller, body: &serde_json::Value) -> Option<PushReply> {
    let request = caller
        .http
        .post(format!("{}/api/v1/sync/push", caller.url))
        .json(body);
    request.send().await.ok()?.json().await.ok()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_under_load_loses_nothing_and_doubles_nothing() {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(4, 400_000);
    let event = delivered(&world, &device, &[&bytes]).await;
    let mut program = Program::start(world.stop().await, &[]);
    let (mut seq, rounds) = (2, 6);
    for round in 0..rounds {
        let stop = program.terminate_in(Duration::from_millis(7 * round));
        let client = Client {
            caller: program.nobody(),
        };
        let (event, part) = (event.clone(), bytes.clone());
        let uploading =
            tokio::spawn(async move { client.bring(&event, &part, 8_000).await.is_ok() });
        let nobody = program.nobody();
        let mut unanswered = loop {
            let text = device.event(record(), &sealed(Mode::SpotCheck));
            let request = device.request(seq, &[text]);
            match try_push(&nobody, &request).await {
                Some(_) => seq += 1,
                None => break Some(request),
            }
        };
        stop.join().unwrap();
        assert!(
            program.ended().await.success(),
            "it ends by itself, and well"
        );
        uploading.await.unwrap();
        program.restart(&[]);
        // The same again: whether it was taken before the stop or not, it is there once.
        let request = unanswered.take().unwrap();
        assert_eq!(
            try_push(&program.nobody(), &request)
                .await
                .unwrap()
                .results
                .len(),
            1
        );
        seq += 1;
    }
    let client = Client {
        caller: program.nobody(),
    };
    assert!(
        client
            .bring(&event, &bytes, 8_000)
            .await
            .unwrap()
            .refused
            .is_none()
    );
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
    let dir = program.stop();
    assert_eq!(findings(dir.path()).await, []);
    let file = dir.path().join("zhicha.sqlite");
    let pool = sqlx::SqlitePool::connect(file.to_str().unwrap())
        .await
        .unwrap();
    let stored: Vec<i64> = sqlx::query_scalar("SELECT device_seq FROM event ORDER BY device_seq")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(stored, (1..i64::try_from(seq).unwrap()).collect::<Vec<_>>());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_a_request_that_runs_end_and_waits_for_nobody_else() {
    let (world, _, _, device) = World::equipped().await;
    let text = device.started(record());
    let mut program = Program::start(world.stop().await, &[]);
    program.sign_in("anna").await;
    let _silent = silent(program.url(), 30)
        .into_iter()
        .enumerate()
        .filter(|(n, _)| n % 3 != 2)
        .collect::<Vec<_>>();
    let mut used = connected(program.url());
    used.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        .unwrap();
    let _ = used.read(&mut [0; 1024]).unwrap();
    let body = device.request(1, &[text]).to_string();
    let (some, rest) = body.split_at(body.len() / 2);
    let mut stream = connected(program.url());
    write!(
        stream,
        "POST /api/v1/sync/push HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    )
    .unwrap();
    // It has begun when the server asks for the body.
    let mut asked = [0; 21];
    stream.read_exact(&mut asked).unwrap();
    assert!(asked.starts_with(b"HTTP/1.1 100"));
    stream.write_all(some.as_bytes()).unwrap();
    let at = Instant::now();
    program.terminate_in(Duration::ZERO).join().unwrap();
    while TcpStream::connect(program.url().strip_prefix("http://").unwrap()).is_ok() {
        // Between two looks, until it takes no more connections.
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    stream.write_all(rest.as_bytes()).unwrap();
    let mut said = String::new();
    stream.read_to_string(&mut said).unwrap();
    assert!(
        said.contains("HTTP/1.1 200") && said.contains("\"applied\""),
        "{said}"
    );
    assert!(program.ended().await.success());
    assert!(at.elapsed() < Duration::from_secs(5), "{:?}", at.elapsed());
}
