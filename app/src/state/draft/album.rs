//! What was captured for a draft: photos on their way to the disk and on it. Bytes first, in transactions of their own; then the
//! row, behind the draft's fence. "Saved" is said of a photo only when both are on the disk.

use super::OpenDraft;
use crate::{
    draft::Apart,
    platform::{
        clock,
        geo::Sensors,
        photo::{self, Bytes, Given},
        timer,
        worker::WorkError,
    },
    signal::RwSignal,
};
use leptos::{prelude::Owner, task::spawn_local};
use std::{cell::RefCell, collections::HashMap, ops::Deref, rc::Rc};
use zhicha_core::{
    answer::AnswerKey,
    checklist::Digest,
    client::Clock as _,
    id::{BlobId, EvidenceId, RecordId},
    inspection::{
        EvidenceKind, EvidenceRow,
        evidence::{Capture, NoPlace, PartRow, Role, Source},
    },
    store::{Fence, Store, StoreError},
};
use zhicha_storage::BrowserIds;

/// How long a place may come after the shutter.
const PLACE_MS: u32 = 15_000;
const PLACE_LOOK_MS: u32 = 500;

/// Why something that was captured is not on the disk.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// The device's storage.
    Store(StoreError),
    /// The bytes: unreadable, empty, too large.
    Bytes(WorkError),
}

/// How one of them stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Kept {
    /// Not on the disk yet.
    Saving,
    /// On the disk.
    Saved,
    /// Not on the disk, and why; still in memory.
    Failed(Trouble),
}

/// A photo, or another thing that was captured.
#[derive(Clone, Debug, PartialEq)]
pub struct Shot {
    /// Its row; parts come as they are made.
    pub row: EvidenceRow,
    /// How it stands.
    pub kept: Kept,
}

/// All that was captured for a draft. Made once for each open draft, like the draft itself.
#[derive(Clone, Copy)]
pub struct Album(&'static States);

impl Deref for Album {
    type Target = States;

    fn deref(&self) -> &States {
        self.0
    }
}

/// The states of an album.
pub struct States {
    draft: OpenDraft,
    /// In the order of capture.
    pub shots: RwSignal<Vec<Shot>>,
}

thread_local! {
    // Owns the signals of all albums: they outlive the page that asked first, since photos are written to the end.
    static HOME: RefCell<Option<Owner>> = const { RefCell::new(None) };
    static ALBUMS: RefCell<HashMap<RecordId, Album>> = RefCell::default();
    // What did not get to the disk, so that it can be tried again: bytes, and files that could not be read.
    static HELD: RefCell<HashMap<EvidenceId, Bytes>> = RefCell::default();
    static UNREAD: RefCell<HashMap<EvidenceId, Given>> = RefCell::default();
}

/// To be called once, outside of any page.
pub fn start() {
    HOME.set(Some(Owner::new()));
}

/// The album of an open draft; read from the disk when it is first asked for.
pub fn album(draft: OpenDraft) -> Album {
    let known = ALBUMS.with_borrow(|all| all.get(&draft.id).copied());
    if let Some(known) = known.filter(|known| known.draft == draft) {
        return known;
    }
    let shots = HOME.with_borrow(|home| {
        let new = || RwSignal::new(Vec::new());
        home.as_ref().map_or_else(new, |home| home.with(new))
    });
    let album = Album(Box::leak(Box::new(States { draft, shots })));
    ALBUMS.with_borrow_mut(|all| all.insert(draft.id, album));
    spawn_local(album.load());
    album
}

/// Waits until nothing of a draft's album is on its way to the disk.
pub async fn settled(id: RecordId) {
    while ALBUMS.with_borrow(|all| all.get(&id).is_some_and(|album| album.is_busy())) {
        timer::sleep(20).await;
    }
}

/// What a seal takes: all that has bytes. A place that has not come by now will not come.
pub fn sealable(mut rows: Vec<EvidenceRow>) -> Vec<EvidenceRow> {
    rows.retain(|row| !row.parts.is_empty());
    for row in &mut rows {
        if row.capture.place.is_none() && row.capture.source == Source::App {
            row.capture.no_place.get_or_insert(NoPlace::TimedOut);
        }
    }
    rows
}

impl Album {
    async fn load(self) {
        let store = self.draft.app.store();
        let Ok(rows) = store.evidence_of(self.draft.id).await else {
            return;
        };
        let saved = |row: &EvidenceRow| Shot {
            row: row.clone(),
            kept: Kept::Saved,
        };
        self.shots.update(|shots| {
            let new: Vec<Shot> = rows
                .iter()
                .filter(|row| shots.iter().all(|shot| shot.row.id != row.id))
                .map(saved)
                .collect();
            shots.splice(0..0, new);
        });
        // A crash between the original and its working copy: made now.
        for row in rows {
            if row.parts.len() == 1 && row.thumb.is_none() {
                self.reduce_stored(row).await;
            }
        }
    }

    fn is_busy(self) -> bool {
        self.shots
            .with_untracked(|shots| shots.iter().any(|shot| shot.kept == Kept::Saving))
    }

    /// Those about `key`; those about no item for nothing.
    pub fn about(self, key: Option<&AnswerKey>) -> Vec<Shot> {
        self.shots.with(|shots| {
            let fit = shots.iter().filter(|shot| shot.row.about.as_ref() == key);
            fit.cloned().collect()
        })
    }

    /// One of them.
    pub fn shot(self, id: EvidenceId) -> Option<Shot> {
        self.shots
            .with(|shots| shots.iter().find(|shot| shot.row.id == id).cloned())
    }

    /// Takes a photo or a file at this moment; it shows at once and is saved behind the scenes. A place that is not known yet
    /// is waited for, beside it.
    pub fn take(self, given: Given, about: Option<AnswerKey>, sensors: Option<&Rc<Sensors>>) {
        if !self.draft.is_ours() {
            return;
        }
        let offset = self.draft.app.sync.offset();
        let source = match given {
            Given::Frame(_) => Source::App,
            Given::File(_) => Source::Picked,
        };
        let mut capture = Capture {
            t: clock::PageClock.testimony(offset),
            source,
            place: None,
            no_place: None,
            heading: None,
        };
        let live = sensors.filter(|_| source == Source::App);
        if let Some(sensors) = live {
            match sensors.place() {
                Some(Ok(place)) => capture.place = Some(place),
                Some(Err(why)) => capture.no_place = Some(why),
                None => {}
            }
            capture.heading = sensors.heading();
        }
        let row = EvidenceRow {
            v: 1,
            id: EvidenceId::new(&mut BrowserIds),
            record: self.draft.id,
            kind: EvidenceKind::Photo,
            about,
            capture,
            text: String::new(),
            parts: Vec::new(),
            thumb: None,
            sealed: None,
        };
        let id = row.id;
        let kept = Kept::Saving;
        self.shots.update(|shots| shots.push(Shot { row, kept }));
        self.draft.unsign();
        self.bring(id, given);
        if let Some(sensors) = live.filter(|sensors| sensors.place().is_none()) {
            spawn_local(self.locate(id, Rc::clone(sensors)));
        }
    }

    /// Tries again what failed.
    pub fn retry(self, id: EvidenceId) {
        let given = UNREAD.with_borrow_mut(|all| all.remove(&id));
        let held = HELD.with_borrow_mut(|all| all.remove(&id));
        self.set_kept(id, Kept::Saving);
        match (held, given) {
            (Some(bytes), _) => {
                self.draft.app.save.recovered();
                spawn_local(self.keep_held(id, bytes));
            }
            (None, Some(given)) => self.bring(id, given),
            (None, None) => self.write(id),
        }
    }

    /// Deletes one with its bytes; the person was asked.
    pub fn remove(self, id: EvidenceId) {
        let record = self.draft.id;
        UNREAD.with_borrow_mut(|all| all.remove(&id));
        HELD.with_borrow_mut(|all| all.remove(&id));
        let was_failed = self
            .shot_untracked(id)
            .is_some_and(|shot| matches!(shot.kept, Kept::Failed(_)));
        self.shots
            .update(|shots| shots.retain(|shot| shot.row.id != id));
        self.draft.unsign();
        if was_failed {
            self.draft.app.save.recovered();
        }
        let store = self.draft.app.store();
        let act = move |fence: Fence| -> crate::second::FromStore<u64> {
            let store = Rc::clone(&store);
            Box::pin(async move { store.delete_evidence(record, id, fence).await })
        };
        self.draft.write_apart(Apart {
            row: id.0,
            act: Rc::new(act),
        });
    }

    /// A person changes words or item of one.
    pub fn edit(self, id: EvidenceId, change: impl FnOnce(&mut EvidenceRow)) {
        self.change(id, change);
        self.draft.unsign();
    }

    fn change(self, id: EvidenceId, change: impl FnOnce(&mut EvidenceRow)) {
        let mut found = false;
        self.shots.update(|shots| {
            if let Some(shot) = shots.iter_mut().find(|shot| shot.row.id == id) {
                change(&mut shot.row);
                found = !shot.row.parts.is_empty();
            }
        });
        if found {
            self.write(id);
        }
    }

    fn shot_untracked(self, id: EvidenceId) -> Option<Shot> {
        self.shots
            .with_untracked(|shots| shots.iter().find(|shot| shot.row.id == id).cloned())
    }

    fn set_kept(self, id: EvidenceId, kept: Kept) {
        self.shots.update(|shots| {
            if let Some(shot) = shots.iter_mut().find(|shot| shot.row.id == id) {
                shot.kept = kept;
            }
        });
    }

    fn bring(self, id: EvidenceId, given: Given) {
        let save = self.draft.app.save;
        save.begin();
        spawn_local(async move {
            match photo::take(&given).await {
                Ok(bytes) => self.keep(id, bytes).await,
                Err(error) => {
                    // A frame has moved to the worker; a file can be read again.
                    if let Given::File(_) = given {
                        UNREAD.with_borrow_mut(|all| all.insert(id, given));
                    }
                    self.set_kept(id, Kept::Failed(Trouble::Bytes(error)));
                }
            }
            save.done(Ok(()));
        });
    }

    async fn keep_held(self, id: EvidenceId, bytes: Bytes) {
        let save = self.draft.app.save;
        save.begin();
        self.keep(id, bytes).await;
        save.done(Ok(()));
    }

    // The original, then its row: from here on it is saved. The smaller copies follow.
    async fn keep(self, id: EvidenceId, bytes: Bytes) {
        match self.keep_part(Role::Original, &bytes).await {
            Ok(part) => {
                self.add(id, part, None);
                self.write(id);
                self.reduce(id, &bytes).await;
            }
            Err(error) => {
                HELD.with_borrow_mut(|all| all.insert(id, bytes));
                self.set_kept(id, Kept::Failed(Trouble::Store(error)));
            }
        }
    }

    async fn keep_part(self, role: Role, bytes: &Bytes) -> Result<PartRow, StoreError> {
        let blob = BlobId::new(&mut BrowserIds);
        self.draft.app.store().keep_bytes(blob, &bytes.raw).await?;
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

    fn add(self, id: EvidenceId, part: PartRow, thumb: Option<BlobId>) {
        self.shots.update(|shots| {
            if let Some(shot) = shots.iter_mut().find(|shot| shot.row.id == id) {
                shot.row.parts.retain(|other| other.role != part.role);
                shot.row.parts.push(part);
                shot.row.thumb = thumb.or(shot.row.thumb);
            }
        });
    }

    // What the browser cannot draw (HEIC here and there, a damaged file) stays with its original alone.
    async fn reduce(self, id: EvidenceId, original: &Bytes) {
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
        let thumb = self.draft.app.store().keep_bytes(blob, &thumb).await;
        self.add(id, part, thumb.is_ok().then_some(blob));
        self.write(id);
    }

    async fn reduce_stored(self, row: EvidenceRow) {
        let Some(part) = row.parts.first() else {
            return;
        };
        if let Ok(stretches) = self.draft.app.store().stretches(part.blob).await {
            let bytes = Bytes::joined(&stretches, &part.sha256.0, &part.mime);
            self.reduce(row.id, &bytes).await;
        }
    }

    async fn locate(self, id: EvidenceId, sensors: Rc<Sensors>) {
        for _ in 0..PLACE_MS / PLACE_LOOK_MS {
            timer::sleep(PLACE_LOOK_MS).await;
            if let Some(known) = sensors.place() {
                return self.change(id, |row| match known {
                    Ok(place) => row.capture.place = Some(place),
                    Err(why) => row.capture.no_place = Some(why),
                });
            }
        }
        self.change(id, |row| row.capture.no_place = Some(NoPlace::TimedOut));
    }

    /// Writes the row as it is now, behind what the draft writes already.
    fn write(self, id: EvidenceId) {
        let Some(shot) = self.shot_untracked(id) else {
            return;
        };
        let store = self.draft.app.store();
        let act = move |fence: Fence| -> crate::second::FromStore<u64> {
            let (store, row) = (Rc::clone(&store), shot.row.clone());
            Box::pin(async move {
                let rev = store.put_evidence(&row, fence).await;
                self.set_kept(
                    id,
                    match &rev {
                        Ok(_) => Kept::Saved,
                        Err(error) => Kept::Failed(Trouble::Store(error.clone())),
                    },
                );
                rev
            })
        };
        self.draft.write_apart(Apart {
            row: id.0,
            act: Rc::new(act),
        });
    }
}
