//! Photos that differ in their bytes and are of one size.

use crate::inspection::Seeder;
use js_sys::Uint8Array;
use zhicha_core::{
    checklist::Digest,
    client::Clock,
    id::{BlobId, EvidenceId, IdSource, RecordId},
    inspection::{
        EvidenceKind, EvidenceRow,
        evidence::{Capture, NoPlace, PartRow, Role, Source},
    },
    store::Store,
};
use zhicha_storage::BrowserIds;

// Start of image, then the marker of a comment and its length with the two bytes of the length itself (ITU-T T.81, B.2.4.5).
const START: usize = 2;
const COMMENT: [u8; 4] = [0xFF, 0xFE, 0x00, 0x12];

/// Keeps a copy of `picture` that no other is like, as the photo `n` of a record.
pub async fn keep(
    seeder: &Seeder,
    record: RecordId,
    picture: &Uint8Array,
) -> Result<EvidenceRow, String> {
    let mut bytes = picture.to_vec();
    let mut comment = COMMENT.to_vec();
    comment.extend(BrowserIds.next_id().as_bytes());
    bytes.splice(START..START, comment);
    let blob = BlobId::new(&mut BrowserIds);
    let store = &seeder.store;
    store
        .keep_bytes(blob, &Uint8Array::from(bytes.as_slice()))
        .await
        .map_err(|error| error.to_string())?;
    // What the last push found out about the clock.
    let offset = store.push_state().await.ok().and_then(|state| state.offset);
    Ok(EvidenceRow {
        v: 1,
        id: EvidenceId::new(&mut BrowserIds),
        record,
        kind: EvidenceKind::Photo,
        about: None,
        capture: Capture {
            t: seeder.clock.testimony(offset),
            source: Source::App,
            place: None,
            no_place: Some(NoPlace::Unavailable),
            heading: None,
        },
        text: String::new(),
        parts: vec![PartRow {
            blob,
            role: Role::Working,
            sha256: Digest::of(&bytes),
            len: bytes.len() as u64,
            mime: "image/jpeg".to_owned(),
            receipt: None,
            refused: None,
            dropped: false,
        }],
        thumb: None,
        recording: None,
        drawn: Default::default(),
        sealed: None,
    })
}
