//! What was captured for a draft: on its way to the disk and on it. Bytes first, in transactions of their own; then the
//! row, behind the draft's fence. "Saved" is said of a photo only when both are on the disk.

mod keep;
mod marked;
mod sign;
pub mod stamp;
mod take;
pub mod voice;

use super::{OpenDraft, writer::Writer};
use crate::{
    draft::{Apart, Saving, Write},
    platform::{
        photo::{Bytes, Given},
        timer,
        worker::WorkError,
    },
    signal::RwSignal,
    state::App,
};
use leptos::{prelude::Owner, task::spawn_local};
pub use sign::{SignedBytes, is_named};
use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    ops::Deref,
    rc::Rc,
};
use zhicha_core::{
    answer::AnswerKey,
    id::{EvidenceId, RecordId},
    inspection::{
        EvidenceKind, EvidenceRow, SignOff,
        evidence::{NoPlace, PartRow, Role, Source},
    },
    order,
    store::{Fence, Store, StoreError},
};

/// How long a seal waits for a working copy.
const WORK_MS: u32 = 15_000;

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

/// The states of an album. One for each record, however often its draft is opened.
pub struct States {
    record: RecordId,
    app: App,
    /// In the order of capture.
    pub shots: RwSignal<Vec<Shot>>,
}

/// What brings rows to the disk, also when the page of the draft has gone: whoever works holds it.
#[derive(Clone)]
struct Desk {
    draft: OpenDraft,
    writer: Rc<Writer>,
}

thread_local! {
    // Owns the signals of all albums: they outlive the page that asked first, since photos are written to the end.
    static HOME: RefCell<Option<Owner>> = const { RefCell::new(None) };
    // With the draft as it was opened last.
    static ALBUMS: RefCell<HashMap<RecordId, (Album, OpenDraft)>> = RefCell::default();
    // How many pieces of work go on for a record, and whose seal waits for nothing but them.
    static WORKING: RefCell<HashMap<RecordId, u32>> = RefCell::default();
    static SEALING: RefCell<HashSet<RecordId>> = RefCell::default();
    // What did not get to the disk, so that it can be tried again: bytes, and files that could not be read.
    static HELD: RefCell<HashMap<EvidenceId, Bytes>> = RefCell::default();
    static UNREAD: RefCell<HashMap<EvidenceId, Given>> = RefCell::default();
}

/// To be called once, outside of any page.
pub fn start() {
    let home = Owner::new();
    home.with(voice::start);
    HOME.set(Some(home));
}

/// The album of an open draft; read from the disk whenever the draft was opened anew. What is not on the disk stays.
pub fn album(draft: OpenDraft) -> Album {
    let known = ALBUMS.with_borrow(|all| all.get(&draft.id).copied());
    let (album, same) = match known {
        Some((album, before)) => (album, before == draft),
        None => (Album::new(draft), false),
    };
    if !same {
        ALBUMS.with_borrow_mut(|all| all.insert(draft.id, (album, draft)));
        SEALING.with_borrow_mut(|all| all.remove(&draft.id));
        let (desk, working) = (Desk::of(draft), Working::on(draft.id));
        spawn_local(async move {
            album.load(desk).await;
            drop(working);
        });
    }
    album
}

/// Waits until nothing of a record's album is on its way to the disk; from then on no place is waited for.
///
/// # Errors
/// When something that was captured is not on the disk: the person sees it and has not given it up.
pub async fn settled(id: RecordId) -> Result<(), StoreError> {
    let album = ALBUMS.with_borrow(|all| all.get(&id).map(|(album, _)| *album));
    let Some(album) = album else { return Ok(()) };
    SEALING.with_borrow_mut(|all| all.insert(id));
    let mut waited = 0;
    // A working copy is worth some waiting; without it the original goes alone.
    while album.any(|kept| *kept == Kept::Saving) || (album.is_working() && waited < WORK_MS) {
        timer::sleep(20).await;
        waited += 20;
        if waited >= 2 * WORK_MS {
            return Err(StoreError::Aborted("a photo is not saved yet".to_owned()));
        }
    }
    let failed = album.shots.with_untracked(|shots| {
        shots.iter().find_map(|shot| match &shot.kept {
            Kept::Failed(Trouble::Store(error)) => Some(error.clone()),
            Kept::Failed(Trouble::Bytes(error)) => Some(StoreError::Aborted(error.words.clone())),
            _ => None,
        })
    });
    failed.map_or(Ok(()), |error| {
        SEALING.with_borrow_mut(|all| all.remove(&id));
        Err(error)
    })
}

/// What a seal takes: all that is whole. A place that has not come by now will not come.
pub fn sealable(mut rows: Vec<EvidenceRow>) -> Vec<EvidenceRow> {
    rows.retain(EvidenceRow::is_whole);
    for row in &mut rows {
        let waited = row.kind != EvidenceKind::Signature && row.capture.source == Source::App;
        if waited && row.capture.place.is_none() {
            row.capture.no_place.get_or_insert(NoPlace::TimedOut);
        }
    }
    rows
}

/// Whether the bytes that the sign-offs name are among what is sealed with them.
pub fn has_all_signed(sign_offs: &[SignOff], captured: &[EvidenceRow]) -> bool {
    let mut named = sign_offs.iter().flat_map(|s| s.shown.iter().chain(&s.blob));
    let parts = || captured.iter().flat_map(|row| &row.parts);
    named.all(|digest| parts().any(|part| part.sha256 == *digest))
}

impl Desk {
    fn of(draft: OpenDraft) -> Self {
        let writer = draft.desk_writer();
        Self { draft, writer }
    }

    fn push(&self, apart: Apart) {
        self.writer.push(self.draft, Write::Apart(apart), false);
    }
}

/// A piece of work that a seal waits for.
struct Working(RecordId);

impl Working {
    fn on(id: RecordId) -> Self {
        WORKING.with_borrow_mut(|all| *all.entry(id).or_default() += 1);
        Self(id)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        WORKING.with_borrow_mut(|all| {
            if let Some(count) = all.get_mut(&self.0) {
                *count = count.saturating_sub(1);
            }
        });
    }
}

impl Album {
    fn new(draft: OpenDraft) -> Self {
        let shots = HOME.with_borrow(|home| {
            let new = || RwSignal::new(Vec::new());
            home.as_ref().map_or_else(new, |home| home.with(new))
        });
        Self(Box::leak(Box::new(States {
            record: draft.id,
            app: draft.app,
            shots,
        })))
    }

    // The draft whose page is open, if this window may write it.
    fn desk(self) -> Option<Desk> {
        let open = ALBUMS.with_borrow(|all| all.get(&self.record).map(|(_, draft)| *draft));
        open.filter(|draft| draft.is_ours()).map(Desk::of)
    }

    async fn load(self, desk: Desk) {
        let store = self.app.store();
        let Ok(rows) = store.evidence_of(self.record).await else {
            return;
        };
        self.shots.update(|shots| {
            // What the disk says holds for all that is on it.
            shots.retain(|shot| {
                shot.kept != Kept::Saved || rows.iter().any(|row| row.id == shot.row.id)
            });
            for row in &rows {
                match shots.iter_mut().find(|shot| shot.row.id == row.id) {
                    Some(shot) if shot.kept == Kept::Saved => shot.row = row.clone(),
                    Some(_) => {}
                    None => shots.push(Shot {
                        row: row.clone(),
                        kept: Kept::Saved,
                    }),
                }
            }
            order::sort_by(shots, |a, b| a.row.id.cmp(&b.row.id));
        });
        // A crash between the original and its working copy, between that and its stamp, or in the middle of a recording: mended
        // now.
        for row in rows.into_iter().filter(|row| row.sealed.is_none()) {
            if !desk.draft.is_ours() {
                return;
            }
            let picture = |part: &PartRow| part.mime.starts_with("image/");
            let undrawn = row.drawn.stamp
                && row.part(Role::Working).is_some()
                && row.part(Role::Marked).is_none();
            if row.recording.is_some() && !voice::is_on(row.id) {
                self.bring_together(row.id, &desk).await;
            } else if row.parts.len() == 1 && row.thumb.is_none() && row.parts.iter().all(picture) {
                self.reduce_stored(row, &desk).await;
            } else if undrawn && desk.draft.is_ours() {
                let _ = self.redraw(row.id, &desk, None).await;
            }
        }
    }

    fn any(self, fits: impl Fn(&Kept) -> bool) -> bool {
        self.shots
            .with_untracked(|shots| shots.iter().any(|shot| fits(&shot.kept)))
    }

    fn is_working(self) -> bool {
        WORKING.with_borrow(|all| all.get(&self.record).is_some_and(|count| *count > 0))
    }

    /// Whether trying again may help: its bytes are still somewhere.
    pub fn can_retry(self, id: EvidenceId) -> bool {
        HELD.with_borrow(|all| all.contains_key(&id))
            || UNREAD.with_borrow(|all| all.contains_key(&id))
            || self
                .shot_untracked(id)
                .is_some_and(|shot| shot.row.is_whole() || shot.row.recording.is_some())
    }

    /// Those about `key`; those about no item for nothing. Sign-offs are not among them.
    pub fn about(self, key: Option<&AnswerKey>) -> Vec<Shot> {
        self.shots.with(|shots| {
            let fit = shots.iter().filter(|shot| {
                shot.row.about.as_ref() == key && shot.row.kind != EvidenceKind::Signature
            });
            fit.cloned().collect()
        })
    }

    /// One of them.
    pub fn shot(self, id: EvidenceId) -> Option<Shot> {
        self.shots
            .with(|shots| shots.iter().find(|shot| shot.row.id == id).cloned())
    }

    /// Tries again what failed.
    pub fn retry(self, id: EvidenceId) {
        let Some(desk) = self.desk().filter(|_| self.can_retry(id)) else {
            return;
        };
        desk.draft.unsign();
        let given = UNREAD.with_borrow_mut(|all| all.remove(&id));
        let held = HELD.with_borrow_mut(|all| all.remove(&id));
        self.set_kept(id, Kept::Saving);
        self.recovered(&desk);
        match (held, given) {
            (Some(bytes), _) => spawn_local(self.keep_held(id, bytes, desk)),
            (None, Some(given)) => self.bring(id, given, desk),
            (None, None) if self.is_recorded(id) => {
                spawn_local(async move { self.bring_together(id, &desk).await });
            }
            (None, None) => self.write(id, &desk),
        }
    }

    // The badge of the page forgets a failure only when there is none any more.
    fn recovered(self, desk: &Desk) {
        let failed = self.any(|kept| matches!(kept, Kept::Failed(_)));
        if !failed && !matches!(desk.writer.all(), Saving::Failed(_)) {
            self.app.save.recovered();
        }
    }

    /// Deletes one with its bytes; the person was asked.
    pub fn remove(self, id: EvidenceId) {
        if let Some(desk) = self.desk() {
            desk.draft.unsign();
            self.delete(id, &desk);
        }
    }

    fn delete(self, id: EvidenceId, desk: &Desk) {
        let record = self.record;
        voice::forget(id);
        UNREAD.with_borrow_mut(|all| all.remove(&id));
        HELD.with_borrow_mut(|all| all.remove(&id));
        self.shots
            .update(|shots| shots.retain(|shot| shot.row.id != id));
        self.recovered(desk);
        let store = self.app.store();
        let act = move |fence: Fence| -> crate::second::FromStore<u64> {
            let store = Rc::clone(&store);
            Box::pin(async move { store.delete_evidence(record, id, fence).await })
        };
        desk.push(Apart {
            row: id.0,
            act: Rc::new(act),
        });
    }

    /// A person changes words or item of one.
    pub fn edit(self, id: EvidenceId, change: impl FnOnce(&mut EvidenceRow)) {
        if let Some(desk) = self.desk() {
            self.change(id, &desk, change);
            desk.draft.unsign();
        }
    }

    fn change(self, id: EvidenceId, desk: &Desk, change: impl FnOnce(&mut EvidenceRow)) {
        self.shots.update(|shots| {
            if let Some(shot) = shots.iter_mut().find(|shot| shot.row.id == id) {
                change(&mut shot.row);
            }
        });
        self.write(id, desk);
    }

    // Whether its bytes lie there in pieces.
    fn is_recorded(self, id: EvidenceId) -> bool {
        self.shot_untracked(id)
            .is_some_and(|shot| shot.row.recording.is_some())
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
}
