//! What begins at this moment: a photo, a file, words that need no bytes. Each with the place as far as it is known; one that
//! is not known yet is waited for, beside it.

use super::{Album, Desk, Kept, Shot, stamp};
use crate::platform::{clock, geo::Sensors, photo::Given};
use leptos::task::spawn_local;
use std::rc::Rc;
use zhicha_core::{
    answer::AnswerKey,
    client::Clock as _,
    id::EvidenceId,
    inspection::{
        EvidenceKind, EvidenceRow, code,
        drawn::Drawn,
        evidence::{Capture, Source},
    },
};
use zhicha_storage::BrowserIds;

impl Album {
    /// Takes a photo or a file; it shows at once and is saved behind the scenes. Gives its id, when this window may write.
    pub fn take(
        self,
        given: Given,
        about: Option<AnswerKey>,
        sensors: Option<&Rc<Sensors>>,
    ) -> Option<EvidenceId> {
        let desk = self.desk()?;
        let capture = self.moment(&given, sensors);
        let live = sensors.filter(|_| capture.source == Source::App);
        let row = self.row(EvidenceKind::Photo, capture, about);
        let id = self.begin(row, live, &desk);
        self.bring(id, given, desk);
        Some(id)
    }

    /// Takes what a code says, with the picture in which it was read; `capture` is from [`Self::moment`], when it was read.
    pub fn take_code(
        self,
        says: &str,
        given: Given,
        about: Option<AnswerKey>,
        capture: Capture,
        sensors: &Rc<Sensors>,
    ) {
        let Some(desk) = self.desk() else { return };
        let unplaced = capture.place.is_none() && capture.no_place.is_none();
        let waits = capture.source == Source::App && unplaced;
        let mut row = self.row(EvidenceKind::Code, capture, about);
        row.text = code::bounded(says);
        let id = self.begin(row, Some(sensors).filter(|_| waits), &desk);
        self.bring(id, given, desk);
    }

    /// What clocks and sensors say now. What was picked has no place: nobody knows where it is from.
    pub fn moment(self, given: &Given, sensors: Option<&Rc<Sensors>>) -> Capture {
        let source = match given {
            Given::Frame(_) => Source::App,
            Given::Shot(_) | Given::File(_) => Source::Picked,
        };
        let live = sensors.filter(|_| source == Source::App);
        let mut capture = self.capture(source, live);
        capture.heading = live.and_then(|sensors| sensors.heading());
        capture
    }

    /// Takes what its text says whole, such as a reading.
    pub fn note(
        self,
        kind: EvidenceKind,
        text: String,
        about: Option<AnswerKey>,
        sensors: &Rc<Sensors>,
    ) -> Option<EvidenceId> {
        let desk = self.desk()?;
        let mut row = self.row(kind, self.capture(Source::App, Some(sensors)), about);
        row.text = text;
        let id = self.begin(row, Some(sensors), &desk);
        self.write(id, &desk);
        Some(id)
    }

    /// This moment and place.
    pub(super) fn capture(self, source: Source, sensors: Option<&Rc<Sensors>>) -> Capture {
        let mut capture = Capture {
            t: clock::PageClock.testimony(self.app.sync.offset()),
            source,
            place: None,
            no_place: None,
            heading: None,
        };
        match sensors.and_then(|sensors| sensors.place()) {
            Some(Ok(place)) => capture.place = Some(place),
            Some(Err(why)) => capture.no_place = Some(why),
            None => {}
        }
        capture
    }

    // A row with nothing in it.
    pub(super) fn row(
        self,
        kind: EvidenceKind,
        capture: Capture,
        about: Option<AnswerKey>,
    ) -> EvidenceRow {
        EvidenceRow {
            v: 1,
            id: EvidenceId::new(&mut BrowserIds),
            record: self.record,
            kind,
            about,
            capture,
            text: String::new(),
            parts: Vec::new(),
            thumb: None,
            recording: None,
            drawn: Drawn {
                stamp: kind == EvidenceKind::Photo && stamp::is_wanted(),
                marks: Vec::new(),
            },
            sealed: None,
        }
    }

    // Shows a new row, which is not on the disk yet.
    pub(super) fn begin(
        self,
        row: EvidenceRow,
        sensors: Option<&Rc<Sensors>>,
        desk: &Desk,
    ) -> EvidenceId {
        let id = row.id;
        let kept = Kept::Saving;
        self.shots.update(|shots| shots.push(Shot { row, kept }));
        desk.draft.unsign();
        if let Some(sensors) = sensors.filter(|sensors| sensors.place().is_none()) {
            spawn_local(self.locate(id, Rc::clone(sensors), desk.clone()));
        }
        id
    }
}
