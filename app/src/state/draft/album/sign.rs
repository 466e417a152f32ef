//! Sign-offs on their way to the disk: what was shown and what was drawn, before the draft says that somebody signed.

use super::{Album, Desk, Kept, Shot, WORK_MS, Working};
use crate::{
    platform::{
        photo::{self, Bytes},
        timer,
    },
    signal::Memo,
};
use zhicha_core::{
    checklist::Digest,
    id::{BlobId, EvidenceId},
    inspection::{
        Draft, EvidenceKind, EvidenceRow,
        evidence::{Role, Source},
        strokes::Strokes,
    },
    store::StoreError,
};
use zhicha_storage::BrowserIds;

/// How often the disk is asked whether a row is there.
const LOOK_MS: u32 = 5;

/// What a sign-off names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedBytes {
    /// The text that was shown.
    pub shown: Digest,
    /// The strokes.
    pub strokes: Option<Digest>,
}

/// Whether a sign-off of the draft names what lies here.
pub fn is_named(row: &EvidenceRow, draft: &Draft) -> bool {
    let part = |role| row.parts.iter().find(|part| part.role == role);
    let (shown, strokes) = (part(Role::Shown), part(Role::Original));
    draft.sign_offs.iter().any(|sign| {
        let same = sign.shown.as_ref() == shown.map(|part| &part.sha256);
        same && sign.blob.as_ref() == strokes.map(|part| &part.sha256)
    })
}

impl Album {
    /// What keeps a person from signing: something that was captured is not on the disk. Whether it failed to get there, too.
    pub fn unsettled(self) -> Memo<Option<bool>> {
        Memo::new(move |_| {
            self.shots.with(|shots| {
                let unsettled = shots.iter().filter(|shot| shot.kept != Kept::Saved);
                unsettled
                    .map(|shot| matches!(shot.kept, Kept::Failed(_)))
                    .max()
            })
        })
    }

    /// Waits until nothing of the record is in work any more, as long as a seal would.
    pub async fn quiet(self) {
        let mut waited = 0;
        while self.is_working() && waited < WORK_MS {
            timer::sleep(LOOK_MS).await;
            waited += LOOK_MS;
        }
    }

    /// Brings a sign-off to the disk; it is there when this returns.
    ///
    /// # Errors
    /// When it is not; nothing of it is left.
    pub async fn sign(
        self,
        shown: &str,
        strokes: Option<&Strokes>,
    ) -> Result<SignedBytes, StoreError> {
        let desk = self.desk().ok_or(StoreError::Fenced)?;
        let _working = Working::on(self.record);
        self.app.save.begin();
        let done = self.keep_sign_off(shown, strokes, &desk).await;
        // A sign-off that is not on the disk was not given: the person is told, and nothing is left unsaved.
        self.app.save.done(Ok(()));
        done
    }

    async fn keep_sign_off(
        self,
        shown: &str,
        strokes: Option<&Strokes>,
        desk: &Desk,
    ) -> Result<SignedBytes, StoreError> {
        let text = Bytes::made(shown.as_bytes(), "text/plain");
        // Those who typed their names or refused were shown the same: it is kept once.
        if strokes.is_none() && self.has_shown(&text.sha256) {
            return Ok(SignedBytes {
                shown: Digest(text.sha256),
                strokes: None,
            });
        }
        let mut row = self.row(
            EvidenceKind::Signature,
            self.capture(Source::App, None),
            None,
        );
        row.parts.push(self.keep_part(Role::Shown, &text).await?);
        if let Some(strokes) = strokes {
            let bytes = serde_json::to_vec(strokes)
                .map_err(|error| StoreError::Aborted(error.to_string()))?;
            let bytes = Bytes::made(&bytes, "application/json");
            row.parts
                .push(self.keep_part(Role::Original, &bytes).await?);
            // Without a picture the strokes go alone.
            if let Ok((picture, thumb)) = photo::ink(&bytes).await {
                row.parts
                    .push(self.keep_part(Role::Working, &picture).await?);
                let blob = BlobId::new(&mut BrowserIds);
                let kept = self.app.store().keep_bytes(blob, &thumb).await;
                row.thumb = kept.is_ok().then_some(blob);
            }
        }
        let part = |role| row.parts.iter().find(|part| part.role == role);
        let signed = SignedBytes {
            shown: Digest(text.sha256),
            strokes: part(Role::Original).map(|part| part.sha256.clone()),
        };
        let id = row.id;
        let kept = Kept::Saving;
        self.shots.update(|shots| shots.push(Shot { row, kept }));
        self.write(id, desk);
        match self.written(id).await {
            Ok(()) => Ok(signed),
            Err(error) => {
                self.delete(id, desk);
                Err(error)
            }
        }
    }

    // On the disk, in a row without strokes.
    fn has_shown(self, sha256: &str) -> bool {
        self.shots.with_untracked(|shots| {
            shots.iter().any(|shot| {
                let [part] = shot.row.parts.as_slice() else {
                    return false;
                };
                let same = part.role == Role::Shown && part.sha256.0 == sha256;
                same && shot.kept == Kept::Saved
            })
        })
    }

    async fn written(self, id: EvidenceId) -> Result<(), StoreError> {
        loop {
            match self.shot_untracked(id).map(|shot| shot.kept) {
                Some(Kept::Saved) => return Ok(()),
                Some(Kept::Failed(super::Trouble::Store(error))) => return Err(error),
                Some(Kept::Failed(super::Trouble::Bytes(error))) => {
                    return Err(StoreError::Aborted(error.words));
                }
                Some(Kept::Saving) => timer::sleep(LOOK_MS).await,
                None => return Err(StoreError::Fenced),
            }
        }
    }

    /// Sign-offs that were taken back, by a person or by a change of what was signed: their bytes go.
    pub fn forget_withdrawn(self) {
        let Some(desk) = self.desk() else { return };
        let form = desk.draft.form.get_untracked();
        let stale = self.shots.with_untracked(|shots| {
            let stale = shots.iter().filter(|shot| {
                shot.row.kind == EvidenceKind::Signature
                    && shot.kept == Kept::Saved
                    && !is_named(&shot.row, &form)
            });
            stale.map(|shot| shot.row.id).collect::<Vec<_>>()
        });
        // The one that is being signed at this moment has no sign-off yet.
        if !self.is_working() {
            for id in stale {
                self.delete(id, &desk);
            }
        }
    }
}
