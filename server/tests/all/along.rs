//! Bytes that come with the beginning of their upload (tus, creation with upload): the receipt is in the answer, and what goes
//! wrong on the way leaves no more behind than with an upload in parts.

use crate::world::{
    Device, World, findings,
    program::Program,
    tus::{Client, code, delivered, header, photo, place_of},
};
use reqwest::{Method, Response};
use sha2::{Digest as _, Sha256};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
};
use zhicha_core::{
    checklist::Digest,
    event::{BlobReceipt, EventHash, jws::native},
};

async fn along(client: &Client, event: &EventHash, named: &[u8], sent: &[u8]) -> Response {
    let sum = Sha256::digest(sent).to_vec();
    along_with(client, event, named, sent, &sum).await.unwrap()
}

async fn along_with(
    client: &Client,
    event: &EventHash,
    named: &[u8],
    sent: &[u8],
    sum: &[u8],
) -> reqwest::Result<Response> {
    let mut headers = Client::naming(event, named).to_vec();
    let part = Client::part(0, sum);
    headers.extend(
        part.into_iter()
            .filter(|(name, _)| *name != "upload-offset"),
    );
    let send = client.try_send(Method::POST, "/api/v1/uploads", &headers, sent.to_vec());
    send.await
}

// The receipt in an answer, if there is one.
fn receipt(response: &Response, device: &Device) -> Option<BlobReceipt> {
    let text = response.headers().get("upload-receipt")?;
    let (receipt, jws) = BlobReceipt::parse(text.to_str().unwrap()).unwrap();
    native::verify(&jws, &device.server_key).unwrap();
    Some(receipt)
}

fn left_in(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("staging")).unwrap().count()
}

#[tokio::test]
async fn bytes_that_come_with_their_upload_have_their_receipt_in_the_answer() {
    // The first of a person goes through the staging folder, the second does not.
    let (world, _, _, device) = World::equipped().await;
    for seed in [1, 9] {
        whole(&world, &device, photo(seed, 900_000)).await;
    }
    assert_eq!(left_in(world.folder()), 0);
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

async fn whole(world: &World, device: &Device, bytes: Vec<u8>) {
    let event = delivered(world, device, &[&bytes]).await;
    let client = Client::of(world);
    let taken = along(&client, &event, &bytes, &bytes).await;
    assert_eq!(taken.status(), 201);
    assert_eq!(header(&taken, "upload-offset"), 900_000);
    let said = receipt(&taken, device).expect("a receipt");
    assert_eq!(vec![said.clone()], client.receipts(device, &event).await);
    assert_eq!((said.sha256, said.len), (Digest::of(&bytes), 900_000));
    let place = place_of(world.folder(), device, &bytes);
    assert_eq!(std::fs::read(place).unwrap(), bytes);
    let upload = taken.headers()["location"].to_str().unwrap();
    assert_eq!(client.offset(upload).await, 900_000);

    // Who sends it again, with the bytes or without, hears the same.
    for sent in [&bytes[..], &[]] {
        let again = match sent {
            [] => client.try_create(&event, &bytes).await,
            sent => along(&client, &event, &bytes, sent).await,
        };
        assert_eq!(header(&again, "upload-offset"), 900_000);
        assert_eq!(receipt(&again, device), Some(said_again(&taken, device)));
    }
}

fn said_again(response: &Response, device: &Device) -> BlobReceipt {
    receipt(response, device).expect("a receipt")
}

#[tokio::test]
async fn the_last_part_of_many_has_the_receipt_in_its_answer() {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(2, 60_000);
    let event = delivered(&world, &device, &[&bytes]).await;
    let client = Client::of(&world);
    // The first part comes along, the others after it.
    let begun = along(&client, &event, &bytes, &bytes[..25_000]).await;
    assert_eq!(begun.status(), 201);
    assert_eq!(header(&begun, "upload-offset"), 25_000);
    assert_eq!(receipt(&begun, &device), None);
    let upload = begun.headers()["location"].to_str().unwrap();
    let last = client.patch(upload, 25_000, &bytes[25_000..]).await;
    assert_eq!(last.status(), 204);
    let said = receipt(&last, &device).expect("a receipt");
    assert_eq!(said.sha256, Digest::of(&bytes));
}

#[tokio::test]
async fn what_has_begun_in_parts_goes_on_in_parts() {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(3, 60_000);
    let event = delivered(&world, &device, &[&bytes]).await;
    let client = Client::of(&world);
    let upload = client.create(&event, &bytes).await;
    assert_eq!(
        client.patch(&upload, 0, &bytes[..10_000]).await.status(),
        204
    );
    let again = along(&client, &event, &bytes, &bytes).await;
    assert_eq!(again.status(), 201);
    assert_eq!(header(&again, "upload-offset"), 10_000, "what came stays");
    assert_eq!(again.headers()["location"].to_str().unwrap(), upload);
    assert_eq!(client.receipts(&device, &event).await, []);
    assert_eq!(
        client
            .patch(&upload, 10_000, &bytes[10_000..])
            .await
            .status(),
        204
    );
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
}

#[tokio::test]
async fn what_is_damaged_or_something_else_leaves_nothing() {
    let (world, _, _, device) = World::equipped().await;
    // So many that a client still sends when the answer is known.
    let (bytes, other) = (photo(4, 900_000), photo(5, 900_000));
    let event = delivered(&world, &device, &[&bytes]).await;
    let client = Client::of(&world);
    let mut damaged = bytes.clone();
    damaged[777] ^= 4;
    let sum = Sha256::digest(&bytes).to_vec();
    let refused = along_with(&client, &event, &bytes, &damaged, &sum)
        .await
        .unwrap();
    assert_eq!(code(refused).await, (460, "upload_checksum".to_owned()));
    let refused = along(&client, &event, &bytes, &other).await;
    assert_eq!(code(refused).await, (422, "blob_mismatch".to_owned()));
    assert_eq!(client.receipts(&device, &event).await, []);
    assert_eq!(left_in(world.folder()), 0);
    let unnamed = along(&client, &event, &other, &other).await;
    assert_eq!(code(unnamed).await.1, "blob_unnamed");
    let taken = along(&client, &event, &bytes, &bytes).await;
    assert!(receipt(&taken, &device).is_some());
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

#[tokio::test]
async fn the_same_bytes_from_many_at_once_are_one_blob_and_all_have_the_receipt() {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(6, 900_000);
    let mut sending = Vec::new();
    for _ in 0..6 {
        let event = delivered(&world, &device, &[&bytes]).await;
        let (client, bytes) = (Client::of(&world), bytes.clone());
        sending.push(tokio::spawn(async move {
            along(&client, &event, &bytes, &bytes).await
        }));
    }
    for sent in sending {
        let sent = sent.await.unwrap();
        assert_eq!(sent.status(), 201);
        let said = receipt(&sent, &device).expect("a receipt");
        assert_eq!(said.sha256, Digest::of(&bytes));
    }
    assert_eq!(left_in(world.folder()), 0);
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

/// A connection that begins an upload along with its bytes, by hand: `framing` is the header about the length of the body.
fn opened(client: &Client, event: &EventHash, bytes: &[u8], framing: &str) -> TcpStream {
    let address = client.caller.url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let naming = Client::naming(event, bytes);
    let named: String = naming
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .concat();
    let head = format!(
        "POST /api/v1/uploads HTTP/1.1\r\nHost: {address}\r\nTus-Resumable: 1.0.0\r\nConnection: close\r\n\
         Content-Type: application/offset+octet-stream\r\n{named}{framing}\r\n\r\n",
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream
}

fn answer(mut stream: TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.to_lowercase()
}

#[tokio::test(flavor = "multi_thread")]
async fn more_at_once_than_memory_holds_go_over_the_disk_and_all_arrive() {
    let (world, _, _, device) = World::equipped().await;
    let all: Vec<Vec<u8>> = (0..=33).map(|seed| photo(seed, 30_000)).collect();
    let named: Vec<&[u8]> = all.iter().map(Vec::as_slice).collect();
    let event = delivered(&world, &device, &named).await;
    let client = Client::of(&world);
    // From here on the server knows how much this person has.
    assert_eq!(along(&client, &event, &all[0], &all[0]).await.status(), 201);
    let mut open = Vec::new();
    for bytes in &all[1..] {
        let length = format!("Content-Length: {}", bytes.len());
        let mut stream = opened(&client, &event, bytes, &length);
        stream.write_all(&bytes[..10_000]).unwrap();
        open.push((stream, bytes));
    }
    // 32 are in memory; the one beside them lies in a file. Which one that is, is the server's choice.
    while left_in(world.folder()) == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(left_in(world.folder()), 1);
    for (mut stream, bytes) in open {
        stream.write_all(&bytes[10_000..]).unwrap();
        let said = answer(stream);
        assert!(said.starts_with("http/1.1 201"), "{said}");
        assert!(said.contains("upload-offset: 30000"), "{said}");
    }
    assert_eq!(client.receipts(&device, &event).await.len(), all.len());
    assert_eq!(left_in(world.folder()), 0);
    let dir = world.stop().await;
    assert_eq!(findings(dir.path()).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_say_how_long_it_is_arrives_all_the_same() {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(40, 50_000);
    let event = delivered(&world, &device, &[&bytes]).await;
    let client = Client::of(&world);
    let mut stream = opened(&client, &event, &bytes, "Transfer-Encoding: chunked");
    for chunk in bytes.chunks(7_000) {
        write!(stream, "{:x}\r\n", chunk.len()).unwrap();
        stream.write_all(chunk).unwrap();
        stream.write_all(b"\r\n").unwrap();
    }
    stream.write_all(b"0\r\n\r\n").unwrap();
    let said = answer(stream);
    assert!(said.starts_with("http/1.1 201"), "{said}");
    assert!(said.contains("upload-offset: 50000"), "{said}");
    assert_eq!(client.receipts(&device, &event).await.len(), 1);
    assert_eq!(left_in(world.folder()), 0);
}

#[tokio::test]
async fn a_crash_at_any_step_loses_nothing_and_what_is_in_its_place_is_not_sent_again() {
    let (world, _, _, device) = World::equipped().await;
    let sites = ["promote-begins", "promoted", "blob-noted", "answer"];
    let mut cases = Vec::new();
    for (n, site) in (20..).zip(sites) {
        let (first, bytes) = (photo(n + 20, 100), photo(n, 40_000));
        let events = (
            delivered(&world, &device, &[&first]).await,
            delivered(&world, &device, &[&bytes]).await,
        );
        cases.push((site, first, bytes, events));
    }
    let mut program = Program::start(world.stop().await, &[]);
    for (site, first, bytes, (first_event, event)) in &cases {
        program.kill();
        let second = format!("{site}=1*off->1*return(crash)");
        program.restart(&[("FAILPOINTS", &second)]);
        let client = Client {
            caller: program.nobody(),
        };
        // The first of a person looks up how much room there is, and goes through the staging folder.
        let looked_up = along(&client, first_event, first, first).await;
        assert_eq!(looked_up.status(), 201);
        let sum = Sha256::digest(bytes).to_vec();
        let cut_off = along_with(&client, event, bytes, bytes, &sum).await;
        assert!(cut_off.is_err(), "{site}");
        assert!(!program.ended().await.success(), "{site}");
        program.restart(&[]);
        let client = Client {
            caller: program.nobody(),
        };
        let known = client.receipts(&device, event).await.len();
        assert_eq!(known, usize::from(*site != "promote-begins"), "{site}");
        let brought = client.bring(event, bytes, 40_000).await.unwrap();
        assert!(brought.refused.is_none(), "{site}");
        assert_eq!(brought.sent == 0, known == 1, "{site}");
        assert_eq!(client.receipts(&device, event).await.len(), 1, "{site}");
    }
    let dir = program.stop();
    assert_eq!(left_in(dir.path()), 0);
    assert_eq!(findings(dir.path()).await, []);
}
