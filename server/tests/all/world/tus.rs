//! Uploads by tus, every answer compared with the description.

use super::{Caller, Device, World, described, device::disposition, problem, record, sealed};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use reqwest::{Method, Response};
use sha2::{Digest as _, Sha256};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::{Path, PathBuf},
};
use zhicha_core::{
    checklist::Digest,
    event::{BlobReceipt, BlobRef, Body, Disposition, EventHash, jws::native},
    id::{RecordId, TenantId},
    inspection::Mode,
};

/// Bytes that do not repeat.
pub fn photo(seed: u8, len: usize) -> Vec<u8> {
    let blocks = (0u64..).flat_map(|n| Sha256::digest([&n.to_le_bytes()[..], &[seed]].concat()));
    blocks.take(len).collect()
}

/// A sealed record that names `photos`, delivered; its hash.
pub async fn delivered(world: &World, device: &Device, photos: &[&[u8]]) -> EventHash {
    let body = sealed(Mode::SpotCheck);
    delivered_in(&world.nobody(), device, record(), &body, photos).await
}

/// An event of `record` that names `photos`, whatever they are, as JPEGs, delivered; its hash.
pub async fn delivered_in(
    caller: &Caller,
    device: &Device,
    record: RecordId,
    body: &Body,
    photos: &[&[u8]],
) -> EventHash {
    let mut payload = device.payload(record, body);
    payload.blobs = photos
        .iter()
        .map(|bytes| BlobRef {
            sha256: Digest::of(bytes),
            len: bytes.len() as u64,
            mime: "image/jpeg".to_owned(),
            role: "photo".to_owned(),
        })
        .collect();
    let seq = payload.device_seq;
    let text = device.append(&payload);
    let reply = device
        .push_as(caller, seq, std::slice::from_ref(&text))
        .await;
    assert_eq!(disposition(&reply, 0), Disposition::Applied);
    EventHash::of_text(&text)
}

/// A client of tus, by hand.
pub struct Client {
    pub caller: Caller,
}

impl Client {
    pub fn of(world: &World) -> Self {
        Self {
            caller: world.nobody(),
        }
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> Response {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    /// The same, of a server that may go away meanwhile.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Vec<u8>,
    ) -> reqwest::Result<Response> {
        let url = format!("{}{path}", self.caller.url);
        let mut request = self.caller.http.request(method.clone(), url).body(body);
        request = request.header("tus-resumable", "1.0.0");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        Ok(described::checked(&method, path, request.send().await?).await)
    }

    pub async fn try_create(&self, event: &EventHash, bytes: &[u8]) -> Response {
        let headers = Self::naming(event, bytes);
        self.send(Method::POST, "/api/v1/uploads", &headers, vec![])
            .await
    }

    /// The headers that say of which bytes an upload is.
    pub fn naming(event: &EventHash, bytes: &[u8]) -> [(&'static str, String); 2] {
        let sha256 = STANDARD.encode(Digest::of(bytes).0);
        let metadata = format!("sha256 {sha256},event {}", STANDARD.encode(event.as_str()));
        [
            ("upload-length", bytes.len().to_string()),
            ("upload-metadata", metadata),
        ]
    }

    pub async fn create(&self, event: &EventHash, bytes: &[u8]) -> String {
        let response = self.try_create(event, bytes).await;
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["tus-resumable"], "1.0.0");
        assert!(response.headers().contains_key("upload-expires"));
        response.headers()["location"].to_str().unwrap().to_owned()
    }

    pub async fn offset(&self, place: &str) -> u64 {
        let response = self.send(Method::HEAD, place, &[], vec![]).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["cache-control"], "no-store");
        header(&response, "upload-offset")
    }

    pub async fn patch(&self, place: &str, at: u64, bytes: &[u8]) -> Response {
        self.patch_with(place, at, bytes, Sha256::digest(bytes).to_vec())
            .await
    }

    pub async fn patch_with(&self, place: &str, at: u64, bytes: &[u8], sum: Vec<u8>) -> Response {
        self.send(Method::PATCH, place, &Self::part(at, &sum), bytes.to_vec())
            .await
    }

    pub fn part(at: u64, sum: &[u8]) -> [(&'static str, String); 3] {
        [
            ("upload-offset", at.to_string()),
            ("content-type", "application/offset+octet-stream".to_owned()),
            (
                "upload-checksum",
                format!("sha256 {}", STANDARD.encode(sum)),
            ),
        ]
    }

    /// Brings bytes as a device does: asks where they stand, and goes on from there in parts, until all are there, the
    /// server goes away (`Err`) or does not take them.
    pub async fn bring(
        &self,
        event: &EventHash,
        bytes: &[u8],
        part: usize,
    ) -> reqwest::Result<Brought> {
        let mut brought = Brought::default();
        let headers = Self::naming(event, bytes);
        let begun = self.try_send(Method::POST, "/api/v1/uploads", &headers, vec![]);
        let begun = begun.await?;
        if begun.status() != 201 {
            brought.refused = Some(begun);
            return Ok(brought);
        }
        let place = begun.headers()["location"].to_str().unwrap();
        let mut at = usize::try_from(header(&begun, "upload-offset")).unwrap();
        while at < bytes.len() {
            let some = &bytes[at..bytes.len().min(at + part)];
            brought.sent += some.len();
            let headers = Self::part(at as u64, &Sha256::digest(some));
            let taken = self.try_send(Method::PATCH, place, &headers, some.to_vec());
            let taken = taken.await?;
            if taken.status() != 204 {
                brought.refused = Some(taken);
                return Ok(brought);
            }
            at = usize::try_from(header(&taken, "upload-offset")).unwrap();
        }
        Ok(brought)
    }

    pub async fn upload(&self, event: &EventHash, bytes: &[u8]) {
        let place = self.create(event, bytes).await;
        let at = self.offset(&place).await;
        let rest = &bytes[usize::try_from(at).unwrap()..];
        assert_eq!(self.patch(&place, at, rest).await.status(), 204);
    }

    /// The digests that have a receipt of this server's.
    pub async fn receipts(&self, device: &Device, event: &EventHash) -> Vec<BlobReceipt> {
        let path = format!("/api/v1/blobs/receipts?event={}", event.as_str());
        let found = self.caller.get_json(&path).await;
        let texts = found["receipts"].as_array().unwrap().iter();
        let read = |text: &serde_json::Value| {
            let (receipt, jws) = BlobReceipt::parse(text.as_str().unwrap()).unwrap();
            native::verify(&jws, &device.server_key).unwrap();
            receipt
        };
        texts.map(read).collect()
    }
}

/// What came of bringing bytes to a server.
#[derive(Debug, Default)]
pub struct Brought {
    /// How many went over the wire.
    pub sent: usize,
    /// The answer that ended it, unless all bytes are there.
    pub refused: Option<Response>,
}

/// A connection that has sent `sent` bytes of a part that goes from `at` to the end, without a checksum.
pub fn half_sent(url: &str, place: &str, at: usize, whole: &[u8], sent: usize) -> TcpStream {
    let address = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "PATCH {place} HTTP/1.1\r\nHost: {address}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: {at}\r\n\
         Content-Type: application/offset+octet-stream\r\nContent-Length: {}\r\n\r\n",
        whole.len() - at
    );
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(&whole[at..at + sent]).unwrap();
    stream
}

/// The same, and it ends there.
pub fn cut(url: &str, place: &str, at: usize, whole: &[u8], sent: usize) {
    let mut stream = half_sent(url, place, at, whole, sent);
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let _ = stream.read(&mut [0; 64]);
}

pub fn header(response: &Response, name: &str) -> u64 {
    let value = response.headers()[name].to_str().unwrap();
    value.parse().unwrap()
}

pub async fn code(response: Response) -> (u16, String) {
    let problem = problem(response).await;
    (problem.status, problem.code)
}

pub fn place_of(folder: &Path, device: &Device, bytes: &[u8]) -> PathBuf {
    place_of_bytes(folder, device.certificate.tenant, bytes)
}

pub fn place_of_bytes(folder: &Path, tenant: TenantId, bytes: &[u8]) -> PathBuf {
    let sha256 = Digest::of(bytes).0;
    folder
        .join("blobs")
        .join(tenant.to_string())
        .join(&sha256[0..2])
        .join(&sha256[2..4])
        .join(&sha256)
}

pub fn staged(world: &World, place: &str) -> PathBuf {
    staged_in(world.folder(), place)
}

pub fn staged_in(folder: &Path, place: &str) -> PathBuf {
    folder
        .join("staging")
        .join(place.rsplit('/').next().unwrap())
}

/// An upload that has begun, on a new server.
pub struct Begun {
    pub world: World,
    pub device: Device,
    pub client: Client,
    pub bytes: Vec<u8>,
    pub event: EventHash,
    pub place: String,
}

/// The upload of `len` bytes that a delivered record names.
pub async fn begun(seed: u8, len: usize) -> Begun {
    let (world, _, _, device) = World::equipped().await;
    let bytes = photo(seed, len);
    let event = delivered(&world, &device, &[&bytes]).await;
    let client = Client::of(&world);
    let place = client.create(&event, &bytes).await;
    Begun {
        world,
        device,
        client,
        bytes,
        event,
        place,
    }
}
