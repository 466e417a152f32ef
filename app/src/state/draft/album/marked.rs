//! The marked copy of a photo: its working copy with a stamp, marks and blurred parts in it. It is drawn anew as a whole; what it
//! was drawn from stays as it is.

use super::{Album, Desk, Trouble, Working, stamp};
use crate::{
    draft::marks::Drawing,
    platform::photo::{self, Bytes},
};
use zhicha_core::{
    id::{BlobId, EvidenceId},
    inspection::{
        drawn::Mark,
        evidence::{PartRow, Role},
    },
    store::{Store, StoreError},
};
use zhicha_storage::BrowserIds;

impl Album {
    /// What marks are drawn on.
    ///
    /// # Errors
    /// When the photo has no working copy, or it cannot be read.
    pub async fn unmarked(self, id: EvidenceId) -> Result<Bytes, Trouble> {
        let shot = self.shot_untracked(id);
        let part = shot.and_then(|shot| shot.row.part(Role::Working).cloned());
        let part = part.ok_or_else(|| lost("no working copy"))?;
        self.read(&part).await
    }

    /// Draws these marks instead of those before, and keeps the copy. The photo is as it was until all of it is on the disk.
    ///
    /// # Errors
    /// When it cannot be drawn or the device takes no more; nothing has changed then.
    pub async fn mark(self, id: EvidenceId, marks: Vec<Mark>) -> Result<(), Trouble> {
        let desk = self.desk().ok_or(Trouble::Store(StoreError::Fenced))?;
        desk.draft.unsign();
        self.redraw(id, &desk, Some(marks)).await
    }

    /// What the stamp of a photo says now; nothing without one.
    ///
    /// # Errors
    /// When the draft cannot be read.
    pub async fn stamp_of(self, id: EvidenceId) -> Result<Vec<String>, Trouble> {
        let shot = self.shot_untracked(id);
        let Some(shot) = shot.filter(|shot| shot.row.drawn.stamp) else {
            return Ok(Vec::new());
        };
        let store = self.app.store();
        let draft = store.draft(self.record).await.map_err(Trouble::Store)?;
        let lines = draft.map(|draft| stamp::lines(self.app, &draft, &shot.row.capture));
        lines.ok_or_else(|| lost("the draft is gone"))
    }

    // With the marks it has, or with those given. What changed meanwhile (the place came) is drawn too.
    pub(super) async fn redraw(
        self,
        id: EvidenceId,
        desk: &Desk,
        given: Option<Vec<Mark>>,
    ) -> Result<(), Trouble> {
        let _working = Working::on(self.record);
        loop {
            let stamp = self.stamp_of(id).await?;
            let Some(shot) = self.shot_untracked(id) else {
                return Ok(());
            };
            let marks = given
                .clone()
                .unwrap_or_else(|| shot.row.drawn.marks.clone());
            let drawing = Drawing::of(&marks, &stamp);
            if drawing.is_nothing() && shot.row.part(Role::Marked).is_none() {
                return Ok(());
            }
            // Drawn with nothing in it, it gives the thumbnail of the photo without marks.
            let working = self.unmarked(id).await?;
            let made = photo::mark(&working, &drawing.json()).await;
            let (copy, thumb) = made.map_err(Trouble::Bytes)?;
            let part = if drawing.is_nothing() {
                None
            } else {
                let kept = self.keep_part(Role::Marked, &copy).await;
                Some(kept.map_err(Trouble::Store)?)
            };
            let blob = BlobId::new(&mut BrowserIds);
            let store = self.app.store();
            let kept = store.keep_bytes(blob, &thumb).await;
            kept.map_err(Trouble::Store)?;
            let stamp = self.stamp_of(id).await?;
            let now = self.shot_untracked(id);
            let now = now.map(|shot| given.clone().unwrap_or(shot.row.drawn.marks));
            // Bytes that no row names are swept.
            if now.is_none_or(|now| Drawing::of(&now, &stamp) == drawing) {
                self.take_drawn(id, desk, marks, part, blob);
                return Ok(());
            }
        }
    }

    fn take_drawn(
        self,
        id: EvidenceId,
        desk: &Desk,
        marks: Vec<Mark>,
        part: Option<PartRow>,
        thumb: BlobId,
    ) {
        self.change(id, desk, |row| {
            row.parts.retain(|other| other.role != Role::Marked);
            row.parts.extend(part);
            row.thumb = Some(thumb);
            row.drawn.marks = marks;
        });
    }

    async fn read(self, part: &PartRow) -> Result<Bytes, Trouble> {
        let stretches = self.app.store().stretches(part.blob).await;
        let stretches = stretches.map_err(Trouble::Store)?;
        let bytes = Bytes::joined(&stretches, &part.sha256.0, &part.mime);
        if u64::from(bytes.raw.length()) == part.len {
            Ok(bytes)
        } else {
            Err(lost("its bytes are gone"))
        }
    }
}

fn lost(what: &str) -> Trouble {
    Trouble::Store(StoreError::Corrupt(what.to_owned()))
}
