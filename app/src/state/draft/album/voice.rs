//! A voice note: each piece of a second goes to the disk as it comes, behind a row that says where the pieces lie. In the end they
//! are brought together, hashed as a whole, and the row names them like any bytes. A page that is killed leaves the pieces; the
//! next one brings them together and says that the note was cut.

use super::{Album, Desk, Kept, Trouble, Working};
use crate::{
    platform::{
        clock,
        geo::Sensors,
        online, photo,
        timer::Interval,
        voice::{self, Heard, NoMicrophone, Recorder},
        worker::WorkError,
    },
    signal::RwSignal,
};
use leptos::task::spawn_local;
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
};
use wasm_bindgen::JsValue;
use zhicha_core::{
    answer::AnswerKey,
    id::{BlobId, EvidenceId},
    inspection::{
        EvidenceKind,
        evidence::{Role, Source},
        said,
    },
    store::{Store, StoreError},
};
use zhicha_storage::BrowserIds;

/// The longest voice note, in seconds.
pub const MOST_S: u32 = 180;
const LOOK_MS: u32 = 200;

/// Where the recorder stands.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Nothing is recorded.
    Idle,
    /// The person is being asked for the microphone.
    Asking,
    /// It records: for how long, and how loud it is (0 to 100).
    On(u32, u32),
    /// The last piece is on its way.
    Ending,
    /// It could not begin.
    Failed(NoMicrophone),
    /// There is a note, and why it ended.
    Done(EvidenceId, Ending),
}

/// Why a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The person wanted it.
    Wanted,
    /// It was as long as it may be.
    Long,
    /// The page went out of sight.
    Hidden,
    /// The microphone was taken away.
    Lost,
    /// A piece could not be written.
    NoRoom,
}

struct Live {
    id: EvidenceId,
    album: Album,
    desk: Desk,
    blob: BlobId,
    recorder: Recorder,
    since: i64,
    // Pieces that are not written yet, and how many are.
    pieces: VecDeque<JsValue>,
    written: u32,
    writing: bool,
    ended: bool,
    why: Option<Ending>,
    replaces: Option<EvidenceId>,
    _look: Interval,
    working: Working,
}

thread_local! {
    static LIVE: RefCell<Option<Live>> = const { RefCell::new(None) };
    static STAGE: Cell<Option<RwSignal<Stage>>> = const { Cell::new(None) };
}

/// To be called once, where signals live as long as the page of the browser.
pub(super) fn start() {
    STAGE.set(Some(RwSignal::new(Stage::Idle)));
    online::on_visibility(|visible| {
        if !visible {
            stop(Ending::Hidden);
        }
    });
}

/// Where the recorder stands; tracked.
pub fn stage() -> Stage {
    STAGE.get().map_or(Stage::Idle, RwSignal::get)
}

fn now(stage: Stage) {
    if let Some(signal) = STAGE.get() {
        signal.set(stage);
    }
}

fn is_asking() -> bool {
    let asking = |stage: &Stage| *stage == Stage::Asking;
    STAGE
        .get()
        .is_some_and(|signal| signal.with_untracked(asking))
}

/// Whether this one is being recorded.
pub(super) fn is_on(id: EvidenceId) -> bool {
    LIVE.with_borrow(|live| live.as_ref().is_some_and(|live| live.id == id))
}

/// Begins a voice note. `replaces` goes once the new one is on the disk.
pub fn record(
    album: Album,
    about: Option<AnswerKey>,
    sensors: Rc<Sensors>,
    replaces: Option<EvidenceId>,
) {
    let Some(desk) = album
        .desk()
        .filter(|_| LIVE.with_borrow(Option::is_none) && !is_asking())
    else {
        return;
    };
    now(Stage::Asking);
    spawn_local(async move {
        let recorder = match Recorder::start(heard).await {
            Ok(recorder) => recorder,
            Err(why) => return now(Stage::Failed(why)),
        };
        // Left while the person was asked, or taken over by another window.
        if !is_asking() || !desk.draft.is_ours() {
            return;
        }
        let row = album.row(
            EvidenceKind::Voice,
            album.capture(Source::App, Some(&sensors)),
            about,
        );
        let id = album.begin(row, Some(&sensors), &desk);
        let live = Live {
            id,
            album,
            desk,
            blob: BlobId::new(&mut BrowserIds),
            recorder,
            since: clock::mono(),
            pieces: VecDeque::new(),
            written: 0,
            writing: false,
            ended: false,
            why: None,
            replaces,
            _look: Interval::new(LOOK_MS, look),
            working: Working::on(album.record),
        };
        LIVE.set(Some(live));
        now(Stage::On(0, 0));
    });
}

/// Ends the recording, if there is one; what there is of it is kept.
pub fn stop(why: Ending) {
    if is_asking() {
        return now(Stage::Idle);
    }
    let stopped = LIVE.with_borrow_mut(|live| {
        let live = live.as_mut().filter(|live| live.why.is_none())?;
        live.why = Some(why);
        live.recorder.stop();
        Some(())
    });
    if stopped.is_some() {
        now(Stage::Ending);
    }
}

/// Puts the recorder back to where nothing was recorded.
pub fn leave() {
    stop(Ending::Wanted);
    let ended = |stage: &Stage| matches!(stage, Stage::Failed(_) | Stage::Done(..));
    if STAGE
        .get()
        .is_some_and(|signal| signal.with_untracked(ended))
    {
        now(Stage::Idle);
    }
}

/// Ends the recording of one that was deleted.
pub(super) fn forget(id: EvidenceId) {
    if is_on(id) {
        let live = LIVE.take();
        now(Stage::Idle);
        // Not within a call of its own.
        spawn_local(async move { drop(live) });
    }
}

fn look() {
    let seen = LIVE.with_borrow(|live| {
        let live = live.as_ref().filter(|live| live.why.is_none())?;
        let seconds = u32::try_from((clock::mono() - live.since) / 1000).unwrap_or(MOST_S);
        let ours = live.desk.draft.is_ours();
        Some((seconds.min(MOST_S), live.recorder.level(), ours))
    });
    match seen {
        Some((_, _, false)) => stop(Ending::Wanted),
        Some((MOST_S, ..)) => stop(Ending::Long),
        Some((seconds, level, _)) => now(Stage::On(seconds, level)),
        None => {}
    }
}

fn heard(what: Heard) {
    let lost = LIVE.with_borrow_mut(|live| {
        let Some(live) = live else { return false };
        match what {
            Heard::Piece(piece) => live.pieces.push_back(piece),
            Heard::End => live.ended = true,
            Heard::Lost => return true,
        }
        false
    });
    if lost {
        return stop(Ending::Lost);
    }
    let free = LIVE.with_borrow_mut(|live| {
        live.as_mut()
            .is_some_and(|live| !std::mem::replace(&mut live.writing, true))
    });
    if free {
        spawn_local(write());
    }
}

// One piece after the other, then the end.
async fn write() {
    while let Some((album, blob, n, piece)) = LIVE.with_borrow_mut(|live| {
        let live = live.as_mut()?;
        let next = live.pieces.pop_front();
        live.writing = next.is_some();
        Some((live.album, live.blob, live.written, next?))
    }) {
        let bytes = voice::bytes(&piece).await.unwrap_or_default();
        if bytes.is_empty() {
            continue;
        }
        let kept = album.app.store().put_chunk(blob, n, &bytes).await;
        let first = LIVE.with_borrow_mut(|live| {
            let live = live.as_mut()?;
            match &kept {
                Ok(()) => live.written += 1,
                // A gap would make all that follows unreadable.
                Err(_) => live.pieces.clear(),
            }
            (live.written == 1 && kept.is_ok()).then(|| (live.id, live.desk.clone()))
        });
        if let Some((id, desk)) = first {
            album.change(id, &desk, |row| row.recording = Some(blob));
        }
        if kept.is_err() {
            stop(Ending::NoRoom);
        }
    }
    if LIVE.with_borrow(|live| live.as_ref().is_some_and(|live| live.ended))
        && let Some(live) = LIVE.take()
    {
        live.finish().await;
    }
}

impl Live {
    async fn finish(self) {
        let (album, id) = (self.album, self.id);
        // Ended by the browser itself, without a word from us: as when the device takes the microphone away.
        let why = self.why.unwrap_or(Ending::Lost);
        let seconds = u32::try_from((clock::mono() - self.since) / 1000).unwrap_or_default();
        drop(self.recorder);
        if self.written == 0 {
            let name = match why {
                Ending::NoRoom => "NoRoom",
                _ => "Silent",
            };
            let error = WorkError {
                name: name.to_owned(),
                words: String::new(),
            };
            album.set_kept(id, Kept::Failed(Trouble::Bytes(error)));
            return now(Stage::Done(id, why));
        }
        let voice = said::Voice {
            seconds: seconds.min(MOST_S),
            cut: false,
            caption: String::new(),
        };
        album.change(id, &self.desk, |row| row.text = voice.text());
        album.bring_together(id, &self.desk).await;
        let failed = |shot: &super::Shot| matches!(shot.kept, Kept::Failed(_));
        let kept = album.shot_untracked(id).is_some_and(|shot| !failed(&shot));
        if let Some(before) = self.replaces.filter(|_| kept) {
            album.remove(before);
        }
        drop(self.working);
        now(Stage::Done(id, why));
    }
}

impl Album {
    /// Makes one file of the pieces of a recording, hashed as it lies on the disk.
    pub(super) async fn bring_together(self, id: EvidenceId, desk: &Desk) {
        let _working = Working::on(self.record);
        let save = self.app.save;
        save.begin();
        self.set_kept(id, Kept::Saving);
        let joined = self.join(id, desk).await;
        save.done(joined.map_err(|trouble| {
            self.set_kept(id, Kept::Failed(trouble.clone()));
            match trouble {
                Trouble::Store(error) => error,
                Trouble::Bytes(error) => StoreError::Aborted(error.words),
            }
        }));
    }

    async fn join(self, id: EvidenceId, desk: &Desk) -> Result<(), Trouble> {
        let Some(from) = self.shot_untracked(id).and_then(|shot| shot.row.recording) else {
            return Ok(());
        };
        let pieces = self
            .app
            .store()
            .stretches(from)
            .await
            .map_err(Trouble::Store)?;
        let bytes = photo::together(&pieces).await.map_err(Trouble::Bytes)?;
        let part = self
            .keep_part(Role::Original, &bytes)
            .await
            .map_err(Trouble::Store)?;
        let seconds = u32::try_from(pieces.len()).unwrap_or(u32::MAX);
        self.shots.update(|shots| {
            if let Some(shot) = shots.iter_mut().find(|shot| shot.row.id == id) {
                shot.row.parts = vec![part];
                shot.row.recording = None;
                // Nobody said its length: the page went away in the middle of it.
                if said::Voice::of(&shot.row.text).is_none() {
                    let voice = said::Voice {
                        seconds,
                        cut: true,
                        caption: shot.row.text.clone(),
                    };
                    shot.row.text = voice.text();
                }
            }
        });
        self.write_without(id, Some(from), desk);
        Ok(())
    }
}
