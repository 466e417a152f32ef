//! The way of a photo or a file to the disk: its bytes, its row, then its smaller copies and the place, should that come late.

use super::{Album, Desk, HELD, Kept, SEALING, Trouble, UNREAD, Working};
use crate::{
    draft::Apart,
    platform::{
        geo::Sensors,
        kept,
        photo::{self, Bytes, Given},
        timer,
        worker::WorkError,
    },
    second::Later,
};
use leptos::task::spawn_local;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};
use zhicha_core::{
    checklist::Digest,
    id::{BlobId, EvidenceId},
    inspection::{
        EvidenceKind, EvidenceRow,
        evidence::{NoPlace, PartRow, Role},
        said,
    },
    store::{Fence, Store, StoreError},
    sync::wire::PhotoPolicy,
};
use zhicha_storage::BrowserIds;

/// How long a place may come after the shutter.
const PLACE_MS: u32 = 15_000;
const PLACE_LOOK_MS: u32 = 500;

const PDF: &str = "application/pdf";

thread_local! {
    // Files on their way, and whether one is being brought.
    static QUEUE: RefCell<VecDeque<Later<()>>> = RefCell::default();
    static IN_TURN: Cell<bool> = const { Cell::new(false) };
}

impl Album {
    /// A frame goes at once. Files go one after the other, to the end of each: of many that were picked at once only one
    /// is in memory.
    pub(super) fn bring(self, id: EvidenceId, given: Given, desk: Desk) {
        self.app.save.begin();
        let (working, is_frame) = (Working::on(self.record), matches!(given, Given::Frame(_)));
        let act = async move {
            let kept = match photo::take(&given).await {
                Ok(bytes) => {
                    self.sort(id, &given, &bytes);
                    self.keep(id, bytes, &desk).await
                }
                Err(error) => self.unread(id, given, error),
            };
            self.app.save.done(kept);
            drop(working);
        };
        if is_frame {
            return spawn_local(act);
        }
        QUEUE.with_borrow_mut(|queue| queue.push_back(Box::pin(act)));
        if !IN_TURN.replace(true) {
            spawn_local(async {
                while let Some(next) = QUEUE.with_borrow_mut(VecDeque::pop_front) {
                    next.await;
                }
                IN_TURN.set(false);
            });
        }
    }

    fn unread(self, id: EvidenceId, given: Given, error: WorkError) -> Result<(), StoreError> {
        // A frame has moved to the worker; a file can be read again.
        if !matches!(given, Given::Frame(_)) {
            UNREAD.with_borrow_mut(|all| all.insert(id, given));
        }
        let why = StoreError::Aborted(error.words.clone());
        self.set_kept(id, Kept::Failed(Trouble::Bytes(error)));
        Err(why)
    }

    // What is no picture is a file; its name is a caption that the person can change.
    fn sort(self, id: EvidenceId, given: &Given, bytes: &Bytes) {
        if bytes.mime == PDF {
            let name = said::line(&given.name(), said::CAPTION_CHARS);
            self.shots.update(|shots| {
                if let Some(shot) = shots.iter_mut().find(|shot| shot.row.id == id) {
                    shot.row.kind = EvidenceKind::File;
                    shot.row.text = name;
                }
            });
        }
    }

    pub(super) async fn keep_held(self, id: EvidenceId, bytes: Bytes, desk: Desk) {
        let _working = Working::on(self.record);
        let save = self.app.save;
        save.begin();
        save.done(self.keep(id, bytes, &desk).await);
    }

    // The original, then its row: from here on it is saved. The smaller copies follow.
    async fn keep(self, id: EvidenceId, bytes: Bytes, desk: &Desk) -> Result<(), StoreError> {
        match self.keep_part(Role::Original, &bytes).await {
            Ok(part) => {
                self.add(id, part, None);
                self.write(id, desk);
                self.reduce(id, &bytes, desk).await;
                Ok(())
            }
            Err(error) => {
                HELD.with_borrow_mut(|all| all.insert(id, bytes));
                self.set_kept(id, Kept::Failed(Trouble::Store(error.clone())));
                Err(error)
            }
        }
    }

    pub(super) async fn keep_part(self, role: Role, bytes: &Bytes) -> Result<PartRow, StoreError> {
        let blob = BlobId::new(&mut BrowserIds);
        self.app.store().keep_bytes(blob, &bytes.raw).await?;
        Ok(PartRow {
            blob,
            role,
            sha256: Digest(bytes.sha256.clone()),
            len: u64::from(bytes.raw.length()),
            mime: bytes.mime.clone(),
            receipt: None,
            refused: None,
            dropped: false,
        })
    }

    pub(super) fn add(self, id: EvidenceId, part: PartRow, thumb: Option<BlobId>) {
        self.shots.update(|shots| {
            if let Some(shot) = shots.iter_mut().find(|shot| shot.row.id == id) {
                shot.row.parts.retain(|other| other.role != part.role);
                shot.row.parts.push(part);
                shot.row.thumb = thumb.or(shot.row.thumb);
            }
        });
    }

    // The tenant wants no originals: the row names the copy alone, and the sweep takes the bytes.
    fn without_original(self, id: EvidenceId) {
        self.shots.update(|shots| {
            if let Some(shot) = shots.iter_mut().find(|shot| shot.row.id == id) {
                shot.row.parts.retain(|part| part.role != Role::Original);
            }
        });
    }

    // What the browser cannot draw (HEIC here and there, a damaged file) stays with its original alone.
    async fn reduce(self, id: EvidenceId, original: &Bytes, desk: &Desk) {
        if !original.mime.starts_with("image/") {
            return;
        }
        let Ok((small, thumb)) = photo::reduce(original).await else {
            return;
        };
        // The original is on the disk; without room for more it goes alone.
        let Ok(part) = self.keep_part(Role::Working, &small).await else {
            return;
        };
        let blob = BlobId::new(&mut BrowserIds);
        let thumb = self.app.store().keep_bytes(blob, &thumb).await;
        self.add(id, part, thumb.is_ok().then_some(blob));
        if kept::photo_policy() == PhotoPolicy::WorkingCopies {
            self.without_original(id);
        }
        self.write(id, desk);
        // Without its stamp the photo is all there; the sheet with it large says so.
        let _ = self.redraw(id, desk, None).await;
    }

    pub(super) async fn reduce_stored(self, row: EvidenceRow, desk: &Desk) {
        let _working = Working::on(self.record);
        let Some(part) = row.parts.first() else {
            return;
        };
        if let Ok(stretches) = self.app.store().stretches(part.blob).await {
            let bytes = Bytes::joined(&stretches, &part.sha256.0, &part.mime);
            self.reduce(row.id, &bytes, desk).await;
        }
    }

    pub(super) async fn locate(self, id: EvidenceId, sensors: Rc<Sensors>, desk: Desk) {
        for _ in 0..PLACE_MS / PLACE_LOOK_MS {
            timer::sleep(PLACE_LOOK_MS).await;
            // A seal has taken it as it was.
            if SEALING.with_borrow(|all| all.contains(&self.record)) {
                return;
            }
            if let Some(known) = sensors.place() {
                self.change(id, &desk, |row| match known {
                    Ok(place) => row.capture.place = Some(place),
                    Err(why) => row.capture.no_place = Some(why),
                });
                // A stamp from before says that the place is unknown.
                let _ = self.redraw(id, &desk, None).await;
                return;
            }
        }
        self.change(id, &desk, |row| {
            row.capture.no_place = Some(NoPlace::TimedOut);
        });
    }

    /// Writes the row as it is now, behind what the draft writes already.
    pub(super) fn write(self, id: EvidenceId, desk: &Desk) {
        self.write_without(id, None, desk);
    }

    /// The same; once it is written, bytes that the row does not name any more go.
    pub(super) fn write_without(self, id: EvidenceId, gone: Option<BlobId>, desk: &Desk) {
        // As long as there is nothing to keep, there is no row.
        let worth = |row: &EvidenceRow| row.is_whole() || row.recording.is_some();
        let Some(shot) = self.shot_untracked(id).filter(|shot| worth(&shot.row)) else {
            return;
        };
        let store = self.app.store();
        let whole = shot.row.is_whole();
        let act = move |fence: Fence| -> crate::second::FromStore<u64> {
            let (store, row) = (Rc::clone(&store), shot.row.clone());
            Box::pin(async move {
                let rev = store.put_evidence(&row, fence).await;
                if let (Ok(_), Some(gone)) = (&rev, gone) {
                    // What stays is swept at a later start.
                    let _ = store.drop_chunks(gone).await;
                }
                match &rev {
                    // The row of a recording that is still in pieces says nothing of the note as a whole: bringing it together may
                    // have failed since.
                    Ok(_) if !whole => {}
                    Ok(_) => self.set_kept(id, Kept::Saved),
                    Err(error) => {
                        self.set_kept(id, Kept::Failed(Trouble::Store(error.clone())));
                    }
                }
                rev
            })
        };
        desk.push(Apart {
            row: id.0,
            act: Rc::new(act),
        });
    }
}
