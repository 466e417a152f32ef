//! A record with evidence of most kinds: delivered, uploaded, exported, and put together again.

use super::{
    Caller, Device, World, amended, id, record, sealed,
    tus::{Client, photo},
};
use std::io::Cursor;
use zhicha_core::{
    checklist::Digest,
    event::{BlobRef, Body, EventHash, Testimony},
    id::{EvidenceId, PageSession, RecordId},
    inspection::{
        Evidence, EvidenceKind, Mode, Sealed,
        evidence::{About, Capture, NoPlace, Place, Source},
        record::{SignMethod, SignOff, SignRole},
    },
    time::Timestamp,
};
use zhicha_server::{
    checklists::built_in,
    cli::{Found, verify::judge},
    export::{
        format::{Manifest, ManifestFile, Seal},
        render,
        unpack::Files,
    },
};

const AT: Timestamp = Timestamp(1_795_495_000_123);

/// Bytes of each kind; only what begins as a picture is one.
pub struct Shots {
    pub original: Vec<u8>,
    pub working: Vec<u8>,
    pub page: Vec<u8>,
    pub strokes: Vec<u8>,
    pub other: Vec<u8>,
    pub later: Vec<u8>,
}

impl Shots {
    pub fn new() -> Self {
        let with = |head: &[u8], seed, len| [head, &photo(seed, len)].concat();
        Self {
            original: with(&[0xff, 0xd8, 0xff, 0xe0], 1, 300_000),
            working: with(b"\x89PNG\r\n\x1a\n", 2, 9_000),
            page: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>".to_vec(),
            strokes: b"[[1,2],[3,4]]".to_vec(),
            other: with(b"RIFF\x01\x02\x03\x04WEBP", 3, 2_000),
            later: with(&[0xff, 0xd8, 0xff, 0xe1], 4, 5_000),
        }
    }

    pub fn of_seal(&self) -> [&Vec<u8>; 5] {
        [
            &self.original,
            &self.working,
            &self.page,
            &self.strokes,
            &self.other,
        ]
    }
}

fn capture(source: Source, place: Option<Place>, no_place: Option<NoPlace>) -> Capture {
    Capture {
        t: Testimony {
            wall: AT,
            mono: 5,
            page_session: PageSession(id()),
            server_est: place.as_ref().map(|_| Timestamp(AT.0 + 61_000)),
            uncertainty: place.as_ref().map(|_| 1_340),
        },
        source,
        heading: place.as_ref().map(|_| 270),
        place,
        no_place,
    }
}

/// A capture without a place.
pub fn unplaced() -> Capture {
    capture(Source::App, None, Some(NoPlace::Unavailable))
}

pub fn evidence(kind: EvidenceKind, capture: Capture, blobs: &[u32], text: &str) -> Evidence {
    Evidence {
        evidence_id: EvidenceId(id()),
        kind,
        about: None,
        capture,
        blobs: blobs.to_vec(),
        text: text.to_owned(),
    }
}

fn here() -> Option<Place> {
    Some(Place {
        lat: "31.2304".parse().unwrap(),
        lon: "121.4737".parse().unwrap(),
        accuracy_m: 12,
        at: Timestamp(AT.0 - 4_000),
    })
}

/// A sealed body with evidence of most kinds; the places are those of `Shots::of_seal`.
pub fn body(shots: &Shots) -> Body {
    let Body::Sealed(sealed) = sealed(Mode::SpotCheck) else {
        unreachable!()
    };
    let about = About {
        checklist: 0,
        item: built_in().unwrap()[0].loaded.checklist.sections[0].items[0]
            .id
            .clone(),
        instance: String::new(),
    };
    let picked = capture(Source::Picked, None, Some(NoPlace::Refused));
    let read = capture(Source::App, None, Some(NoPlace::TimedOut));
    let photo = evidence(
        EvidenceKind::Photo,
        capture(Source::App, here(), None),
        &[0, 1],
        "",
    );
    Body::Sealed(Box::new(Sealed {
        evidence: vec![
            Evidence {
                about: Some(about),
                ..photo
            },
            evidence(
                EvidenceKind::File,
                picked,
                &[2, 77],
                "<img src=x onerror=alert(1)>",
            ),
            evidence(EvidenceKind::Reading, read, &[], "23.5 ℃"),
        ],
        sign_offs: vec![SignOff {
            role: SignRole::Representative,
            name: "王虚构".to_owned(),
            method: SignMethod::Drawn,
            at: AT,
            reason: String::new(),
            blob: Some(Digest::of(&shots.strokes)),
            shown: Some(Digest::of(b"what was shown")),
        }],
        ..*sealed
    }))
}

pub fn named(bytes: &[u8], mime: &str, role: &str) -> BlobRef {
    BlobRef {
        sha256: Digest::of(bytes),
        len: bytes.len() as u64,
        mime: mime.to_owned(),
        role: role.to_owned(),
    }
}

/// The bytes that it names.
pub fn refs(shots: &Shots) -> Vec<BlobRef> {
    vec![
        named(&shots.original, "image/jpeg", "original"),
        named(&shots.working, "image/png", "working"),
        named(&shots.page, "image/jpeg\"><script>", "original"),
        named(&shots.strokes, "application/json", "signature"),
        named(&shots.other, "image/webp", "<role>"),
    ]
}

/// A delivered record, nothing uploaded yet.
pub struct Sample {
    pub world: World,
    pub admin: Caller,
    pub device: Device,
    pub record: RecordId,
    pub shots: Shots,
    pub seal: EventHash,
    pub amendment: EventHash,
}

pub async fn sample() -> Sample {
    sample_with(|_| {}).await
}

pub async fn sample_with(change: impl FnOnce(&mut Vec<BlobRef>)) -> Sample {
    let (world, admin, _, device) = World::equipped().await;
    let (record, shots) = (record(), Shots::new());
    let mut payload = device.payload(record, &body(&shots));
    payload.checklists = vec![built_in().unwrap()[0].loaded.digest.clone()];
    payload.blobs = refs(&shots);
    let seal = device.append(&payload);
    let Body::Amended(mut amendment) = amended(&seal) else {
        unreachable!()
    };
    let lost = capture(Source::App, None, Some(NoPlace::Unavailable));
    amendment.evidence = vec![evidence(EvidenceKind::Photo, lost, &[0], "补拍")];
    let mut payload = device.payload(record, &Body::Amended(amendment));
    payload.blobs = vec![named(&shots.later, "image/jpeg", "original")];
    change(&mut payload.blobs);
    let amendment = device.append(&payload);
    device
        .push(&world, 1, &[seal.clone(), amendment.clone()])
        .await;
    Sample {
        world,
        admin,
        device,
        record,
        shots,
        seal: EventHash::of_text(&seal),
        amendment: EventHash::of_text(&amendment),
    }
}

impl Sample {
    pub async fn upload(&self) {
        let client = Client::of(&self.world);
        for bytes in self.shots.of_seal() {
            client.upload(&self.seal, bytes).await;
        }
        client.upload(&self.amendment, &self.shots.later).await;
    }

    pub async fn exported(&self) -> Vec<u8> {
        let path = format!("/api/v1/export/{}.zip", self.record);
        let response = self.admin.get(&path).await;
        assert_eq!(response.status(), 200);
        let said = response.headers()["content-length"].to_str().unwrap();
        let said: usize = said.parse().unwrap();
        let bytes = response.bytes().await.unwrap();
        assert_eq!(bytes.len(), said);
        bytes.into()
    }

    pub fn trust(&self) -> String {
        self.world.running.app.fixed.key.public().thumbprint()
    }

    /// Verdict, and item and code of each finding.
    pub fn checked(&self, zip: &[u8]) -> (String, Vec<(String, &'static str)>) {
        let (lines, found) = judge(Cursor::new(zip), Some(&self.trust()));
        let (last, named) = lines.split_last().unwrap();
        assert_eq!(found == Found::Good, last.1 == "good");
        let named = named.iter().map(|(item, code, _)| (item.clone(), *code));
        (last.1.to_owned(), named.collect())
    }

    /// What the server itself would have signed, had it put these files together: nothing but the alteration is wrong.
    pub fn resealed(&self, mut files: Files, change: impl FnOnce(&mut Manifest)) -> Files {
        let key = &self.world.running.app.fixed.key;
        let mut manifest: Manifest = serde_json::from_slice(&files["manifest.json"]).unwrap();
        change(&mut manifest);
        files.remove("manifest.json");
        files.remove("manifest.jws");
        files.insert(
            "index.html".to_owned(),
            render::page(&manifest, &files).into_bytes(),
        );
        let listed = files.iter().map(|(path, bytes)| ManifestFile {
            path: path.clone(),
            sha256: Digest::of(bytes),
            bytes: bytes.len() as u64,
        });
        manifest.files = listed.collect();
        let text = serde_json::to_vec_pretty(&manifest).unwrap();
        let seal = Seal {
            format: manifest.format.clone(),
            tenant: manifest.tenant,
            exported_at: manifest.exported_at,
            manifest: Digest::of(&text),
        };
        files.insert("manifest.jws".to_owned(), key.export(&seal).into_bytes());
        files.insert("manifest.json".to_owned(), text);
        files
    }
}
