//! Evidence from the site: photos, signatures and other things that were captured on the spot, each with the moment and
//! place of its capture as the sensors said (never what a file says about itself).
//!
//! In an event (frozen, `docs/formats.md`) evidence names its bytes by their place in the event's `blobs`, so that a record
//! with hundreds of photos fits one event.

use super::drawn::Drawn;
use crate::{
    answer::AnswerKey,
    checklist::Digest,
    decimal::Decimal,
    event::{BlobRef, Body, EventHash, Payload, Testimony},
    id::{BlobId, EvidenceId, IdSource, RecordId},
    store::EventRow,
    time::Timestamp,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, rc::Rc};

/// What was captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A photo.
    Photo,
    /// A sign-off: the text that was shown, the strokes ([`super::strokes`]) if it was drawn, and a picture of them. The
    /// sign-off names the first two by digest.
    Signature,
    /// A voice note; `text` begins with its length ([`super::said::Voice`]), never with its content.
    Voice,
    /// A file that was there before, such as a PDF.
    File,
    /// A QR code or barcode; `text` is what it says.
    Code,
    /// What an instrument shows; `text` is value and unit ([`super::said::Reading`]).
    Reading,
}

/// Where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Made in the app, at the moment that `t` says.
    App,
    /// Handed over by the system's camera or file picker; `t` is when the app got it.
    Picked,
}

/// A place as the device's sensors said (WGS 84).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Degrees north.
    pub lat: Decimal,
    /// Degrees east.
    pub lon: Decimal,
    /// The true place is within so many metres with 95 % confidence (W3C Geolocation, `accuracy`), rounded up.
    pub accuracy_m: u32,
    /// When the sensors said so (wall clock); may be before or after the capture.
    pub at: Timestamp,
}

/// Why no place is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoPlace {
    /// The person or the system does not let the app know.
    Refused,
    /// The device found none (basement, no receiver).
    Unavailable,
    /// It took longer than the app waits.
    TimedOut,
}

/// The item that evidence is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// Place of the checklist in the event's `checklists`, from 0.
    pub checklist: u32,
    /// Item id.
    pub item: String,
    /// Instance path, see [`AnswerKey`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub instance: String,
}

/// What the sensors and clocks said at a capture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capture {
    /// When.
    pub t: Testimony,
    /// From where it came.
    pub source: Source,
    /// Where.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Why there is no place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_place: Option<NoPlace>,
    /// Where the device looked, in degrees clockwise from true or magnetic north.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<u16>,
}

/// Evidence as an event names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its id, made at the capture.
    pub evidence_id: EvidenceId,
    /// What it is.
    pub kind: EvidenceKind,
    /// The item it is about; nothing for the visit as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// Moment and place.
    pub capture: Capture,
    /// Places of its bytes in the event's `blobs`, from 0; their roles are there.
    pub blobs: Vec<u32>,
    /// What it says, or a caption.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
}

/// What bytes are to their evidence; the `role` of a blob.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// As captured.
    Original,
    /// Smaller and without metadata.
    Working,
    /// With a stamp, marks or blurred parts drawn into it.
    Marked,
    /// The text that a person was shown when signing.
    Shown,
}

impl Role {
    /// The name in an event.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Working => "working",
            Self::Marked => "marked",
            Self::Shown => "shown",
        }
    }

    /// By the name in an event.
    pub fn of(name: &str) -> Option<Self> {
        let all = [Self::Original, Self::Working, Self::Marked, Self::Shown];
        all.into_iter().find(|role| role.as_str() == name)
    }
}

/// Bytes of evidence on the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRow {
    /// Where they lie.
    pub blob: BlobId,
    /// What they are.
    pub role: Role,
    /// Their digest.
    pub sha256: Digest,
    /// How many.
    pub len: u64,
    /// Media type.
    pub mime: String,
    /// The server's receipt text for them, verified.
    pub receipt: Option<String>,
    /// Why the server does not take them (a stable `code`); shown, and tried again when a person asks.
    pub refused: Option<String>,
    /// Whether they have left the device after their receipt.
    pub dropped: bool,
}

/// Evidence on the device, from its capture on. It is kept when it was sealed, with its receipts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceRow {
    /// Version of this row's form.
    pub v: u8,
    /// Its id.
    pub id: EvidenceId,
    /// The draft or record it belongs to.
    pub record: RecordId,
    /// What it is.
    pub kind: EvidenceKind,
    /// The item it is about; nothing while it is not assigned (随手拍) or when it is about the visit.
    pub about: Option<AnswerKey>,
    /// Moment and place.
    pub capture: Capture,
    /// What it says, or a caption.
    pub text: String,
    /// Its bytes.
    pub parts: Vec<PartRow>,
    /// Where its thumbnail lies; only for this device's screen.
    #[serde(default)]
    pub thumb: Option<BlobId>,
    /// Where a recording lies that goes on or was cut off, piece by piece; its bytes are not brought together yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recording: Option<BlobId>,
    /// What is drawn into its marked copy; only for this device's screen.
    #[serde(default, skip_serializing_if = "Drawn::is_nothing")]
    pub drawn: Drawn,
    /// The event that names it, and that event's number; nothing before the seal.
    pub sealed: Option<(EventHash, u64)>,
}

impl EvidenceRow {
    /// The row once an event names it.
    #[must_use]
    pub fn named_by(&self, event: &EventHash, seq: u64) -> Self {
        Self {
            sealed: Some((event.clone(), seq)),
            ..self.clone()
        }
    }

    /// Whether it can be sealed: all but what says everything in words needs its bytes.
    pub fn is_whole(&self) -> bool {
        !self.parts.is_empty() || matches!(self.kind, EvidenceKind::Code | EvidenceKind::Reading)
    }

    /// Whether bytes of sealed evidence have no receipt yet.
    pub fn is_waiting(&self) -> bool {
        self.sealed.is_some() && self.parts.iter().any(|part| part.receipt.is_none())
    }

    /// Whether its original may wait for a connection that costs nothing: there is a smaller copy of the same.
    pub fn has_copy(&self) -> bool {
        self.kind == EvidenceKind::Photo && self.parts.len() > 1
    }

    /// All that lies on the device for it.
    pub fn blobs(&self) -> impl Iterator<Item = BlobId> {
        let parts = self.parts.iter().filter(|part| !part.dropped);
        let own = parts.map(|part| part.blob).chain(self.thumb);
        own.chain(self.recording)
    }

    /// The bytes to look at: the marked ones, else the working copy, else the original.
    pub fn shown(&self) -> Option<&PartRow> {
        let order = [Role::Marked, Role::Working, Role::Original];
        order.into_iter().find_map(|role| self.part(role))
    }

    /// Its bytes of a role.
    pub fn part(&self, role: Role) -> Option<&PartRow> {
        self.parts.iter().rev().find(|part| part.role == role)
    }
}

/// The rows of evidence that an event names, when the device has lost its own: none of the bytes lie on the device. `lost` is why
/// they are not sent (`refused`).
pub fn rows_named(event: &EventRow, lost: &str, ids: &mut impl IdSource) -> Vec<EvidenceRow> {
    let Ok((payload, _)) = Payload::parse(&event.text) else {
        return Vec::new();
    };
    let named = match payload.body() {
        Ok(Some(Body::Sealed(body))) => body.evidence,
        Ok(Some(Body::Amended(body))) => body.evidence,
        _ => Vec::new(),
    };
    let place = |at: u32| usize::try_from(at).ok();
    let part = |blob: &BlobRef, ids: &mut _| {
        Some(PartRow {
            blob: BlobId::new(ids),
            role: Role::of(&blob.role)?,
            sha256: blob.sha256.clone(),
            len: blob.len,
            mime: blob.mime.clone(),
            receipt: None,
            refused: Some(lost.to_owned()),
            dropped: true,
        })
    };
    let about = |about: About| {
        Some(AnswerKey {
            checklist: payload.checklists.get(place(about.checklist)?)?.clone(),
            item: about.item,
            instance: about.instance,
        })
    };
    named
        .into_iter()
        .map(|one| EvidenceRow {
            v: 1,
            id: one.evidence_id,
            record: event.record_id,
            kind: one.kind,
            about: one.about.and_then(about),
            capture: one.capture,
            text: one.text,
            parts: one
                .blobs
                .iter()
                .filter_map(|at| part(payload.blobs.get(place(*at)?)?, ids))
                .collect(),
            thumb: None,
            recording: None,
            drawn: Drawn::default(),
            sealed: Some((event.hash.clone(), event.seq)),
        })
        .collect()
}

/// What an event names of what was captured. Behind a pointer: a program that names nothing holds no code for it.
#[derive(Clone, Default)]
pub struct Captured(Option<Rc<dyn Named>>);

trait Named {
    fn rows(&self) -> &[EvidenceRow];
    fn blobs(&self) -> Vec<BlobRef>;
}

impl Named for Vec<EvidenceRow> {
    fn rows(&self) -> &[EvidenceRow] {
        self
    }

    fn blobs(&self) -> Vec<BlobRef> {
        named(self, &[]).1
    }
}

impl Captured {
    /// These rows; the body that names them has them from [`named`], in the same order.
    pub fn of(rows: Vec<EvidenceRow>) -> Self {
        Self(Some(Rc::new(rows)))
    }

    /// The rows.
    pub fn rows(&self) -> &[EvidenceRow] {
        self.0.as_ref().map_or(&[], |named| named.rows())
    }

    /// The bytes, as the event names them.
    pub fn blobs(&self) -> Vec<BlobRef> {
        self.0.as_ref().map_or_else(Vec::new, |named| named.blobs())
    }
}

impl PartialEq for Captured {
    fn eq(&self, other: &Self) -> bool {
        self.rows() == other.rows()
    }
}

impl fmt::Debug for Captured {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.rows()).finish()
    }
}

/// Evidence for an event: what its body says, and the blobs that it names. `checklists` are the event's; `digest` order as in
/// the event. The same bytes in the same role are named once.
pub fn named(rows: &[EvidenceRow], checklists: &[Digest]) -> (Vec<Evidence>, Vec<BlobRef>) {
    let mut blobs: Vec<BlobRef> = Vec::new();
    let mut place_of = |part: &PartRow| {
        let same = |blob: &BlobRef| blob.sha256 == part.sha256 && blob.role == part.role.as_str();
        let found = blobs.iter().position(same);
        let at = found.unwrap_or_else(|| {
            blobs.push(BlobRef {
                sha256: part.sha256.clone(),
                len: part.len,
                mime: part.mime.clone(),
                role: part.role.as_str().to_owned(),
            });
            blobs.len() - 1
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    };
    let about = |key: &AnswerKey| {
        let at = checklists.iter().position(|d| *d == key.checklist)?;
        Some(About {
            checklist: u32::try_from(at).ok()?,
            item: key.item.clone(),
            instance: key.instance.clone(),
        })
    };
    let evidence = rows
        .iter()
        .map(|row| Evidence {
            evidence_id: row.id,
            kind: row.kind,
            about: row.about.as_ref().and_then(about),
            capture: row.capture.clone(),
            blobs: row.parts.iter().map(&mut place_of).collect(),
            text: match row.kind {
                // Word for word what it says.
                EvidenceKind::Code => row.text.clone(),
                _ => row.text.trim().to_owned(),
            },
        })
        .collect();
    (evidence, blobs)
}

/// The bytes of an event behind a marked copy. Marks may cover a face or a number plate, so these are for who may take what was
/// captured as it is.
pub fn behind_marks(evidence: &[Evidence], blobs: &[BlobRef]) -> BTreeSet<Digest> {
    let named = |one: &Evidence| -> Vec<&BlobRef> {
        let at = one.blobs.iter().filter_map(|at| usize::try_from(*at).ok());
        at.filter_map(|at| blobs.get(at)).collect()
    };
    let all = evidence.iter().map(named);
    let marked = all.filter(|named| named.iter().any(|blob| is_marked(blob)));
    let behind = marked.flat_map(|named| named.into_iter().filter(|blob| !is_marked(blob)));
    behind.map(|blob| blob.sha256.clone()).collect()
}

/// Whether an event names these bytes as a marked copy.
pub fn is_marked(blob: &BlobRef) -> bool {
    blob.role == Role::Marked.as_str()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{event::jws::MAX_EVENT_BYTES, testing::photo};

    fn part(role: Role, bytes: &[u8]) -> PartRow {
        PartRow {
            role,
            ..photo(1, 2, bytes).parts[0].clone()
        }
    }

    #[test]
    fn marks_cover_the_bytes_of_their_own_evidence() {
        let mut covered = photo(1, 1, b"working");
        covered.parts.insert(0, part(Role::Original, b"original"));
        covered.parts.push(part(Role::Marked, b"marked"));
        let bare = photo(1, 2, b"other");
        let (evidence, blobs) = named(&[bare, covered], &[]);
        let expected = [&b"original"[..], b"working"].map(Digest::of);
        let behind = behind_marks(&evidence, &blobs);
        assert_eq!(behind, BTreeSet::from(expected));
    }

    #[test]
    fn bytes_that_are_marked_for_one_and_captured_for_another_cover_all_the_same() {
        let mut covered = photo(1, 1, b"working");
        covered.parts.push(part(Role::Marked, b"marked"));
        let mut other = photo(1, 2, b"");
        other.parts = vec![part(Role::Original, b"marked")];
        let (evidence, blobs) = named(&[other, covered], &[]);
        let behind = behind_marks(&evidence, &blobs);
        assert!(behind.contains(&Digest::of(b"working")));
    }

    #[test]
    fn two_hundred_photos_with_all_their_copies_leave_room_in_one_event() {
        let photos = (0..200_u128).map(|n| {
            let mut row = photo(1, n, &n.to_le_bytes());
            row.capture.t.server_est = Some(row.capture.t.wall);
            row.capture.t.uncertainty = Some(1_234);
            if let Some(place) = &mut row.capture.place {
                place.lat = "31.2304567".parse().expect("a decimal");
                place.lon = "121.4737123".parse().expect("a decimal");
            }
            row.parts.insert(
                0,
                part(Role::Original, &[&n.to_le_bytes()[..], b"o"].concat()),
            );
            row.parts
                .push(part(Role::Marked, &[&n.to_le_bytes()[..], b"m"].concat()));
            row.parts.iter_mut().for_each(|part| part.len = 8_388_607);
            row
        });
        let rows: Vec<_> = photos.collect();
        let about = rows[0].about.clone().expect("an item").checklist;
        let (evidence, blobs) = named(&rows, &[about]);
        let json = [
            serde_json::to_string(&evidence).expect("evidence"),
            serde_json::to_string(&blobs).expect("blobs"),
        ];
        // In the event's text they stand as base64 (RFC 7515).
        let bytes = json.concat().len() * 4 / 3;
        assert_eq!(blobs.len(), 600);
        assert!(bytes < MAX_EVENT_BYTES * 9 / 10, "{bytes}");
    }
}
