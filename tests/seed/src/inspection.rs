//! Inspections, sealed as the app seals them.

use crate::photo;
use js_sys::Uint8Array;
use zhicha_core::{
    answer::{AnswerKey, AnswerValue},
    checklist::{AnswerKind, Gate, Loaded},
    client::{Clock, Context, append::NewEvent},
    event::{Testimony, body::Written},
    id::{PageSession, RecordId},
    inspection::{
        ChecklistRef, Draft, DraftAnswer, Inspector, Mode, SiteSnapshot,
        evidence::{self, Captured},
        seal::{Moment, seal},
    },
    store::Store,
    sync::wire::{Identity, Site},
    time::{CivilDate, Timestamp},
};
use zhicha_storage::{BrowserIds, DeviceKey, IdbStore, Profile, append, evidence as bytes};

/// An enrolled device, with what its inspections have in common.
pub struct Seeder {
    /// Its store.
    pub store: IdbStore,
    /// Its clock.
    pub clock: PageClock,
    key: DeviceKey,
    identity: Identity,
    site: Site,
    list: Loaded,
    answered: Vec<(AnswerKey, AnswerValue)>,
}

impl Seeder {
    /// Opens the database of the person who used this browser last.
    pub async fn open(checklist: &str) -> Result<Self, String> {
        let words = |error: &dyn std::fmt::Display| error.to_string();
        bytes::start();
        let profile = Profile::current().await.ok_or("nobody is enrolled here")?;
        let store = IdbStore::open(&profile).await.map_err(|e| words(&e))?;
        let key = DeviceKey::load(&store).await.map_err(|e| words(&e))?;
        let identity = store.identity().await.map_err(|e| words(&e))?;
        let site = store.sites().await.map_err(|e| words(&e))?;
        let lists = store.checklists().await.map_err(|e| words(&e))?;
        let newest = lists.into_iter().filter(|list| list.id == checklist);
        let list = newest
            .max_by_key(|list| list.version)
            .ok_or_else(|| format!("no checklist {checklist} on this device"))?;
        let list = Loaded::from_bytes(list.json.as_bytes()).map_err(|e| words(&e))?;
        Ok(Self {
            clock: PageClock(PageSession::new(&mut BrowserIds)),
            key: key.ok_or("no key on this device")?,
            identity: identity.ok_or("no identity on this device")?,
            site: site.into_iter().next().ok_or("no site on this device")?,
            answered: answered(&list),
            list,
            store,
        })
    }

    /// Seals one inspection with `photos` photos.
    pub async fn one(&self, photos: u32, picture: &Uint8Array) -> Result<(), String> {
        let now = self.clock.now();
        let draft = self.draft(now);
        let mut captured = Vec::new();
        for _ in 0..photos {
            captured.push(photo::keep(self, draft.id, picture).await?);
        }
        let answer = |(key, value): &(AnswerKey, AnswerValue)| DraftAnswer {
            v: 1,
            key: key.clone(),
            value: value.clone(),
            at: now,
            finding: None,
        };
        let answers: Vec<DraftAnswer> = self.answered.iter().map(answer).collect();
        let moment = Moment {
            to: now,
            day: CivilDate::of(now, self.identity.zone),
        };
        let digests = vec![self.list.digest.clone()];
        let mut body = seal(&draft, &answers, std::slice::from_ref(&self.list), &moment);
        body.evidence = evidence::named(&captured, &digests).0;
        let new = NewEvent {
            record_id: draft.id,
            parents: Vec::new(),
            checklists: digests,
            body: Written::of(&body),
            captured: Captured::of(captured),
            closes: None,
        };
        let cx = Context {
            store: &self.store,
            signer: &self.key,
            clock: &self.clock,
            app_build: "bench",
        };
        let appended = append(&cx, &mut BrowserIds, &new).await;
        appended.map(drop).map_err(|error| error.to_string())
    }

    fn draft(&self, now: Timestamp) -> Draft {
        let site = SiteSnapshot {
            site_id: Some(self.site.site_id),
            name: self.site.name.clone(),
            address: self.site.address.clone(),
            region: Some(self.site.region.clone()),
            credit_code: self.site.credit_code.clone(),
            version: Some(self.site.version),
        };
        let list = ChecklistRef {
            id: self.list.checklist.id.clone(),
            version: self.list.checklist.version,
            digest: self.list.digest.clone(),
        };
        let id = RecordId::new(&mut BrowserIds);
        let mut draft = Draft::new(id, Mode::SpotCheck, site, vec![list], now);
        draft.inspectors.push(Inspector {
            name: self.identity.name.clone(),
            cert_no: String::new(),
            user: Some(self.identity.user),
        });
        draft
    }
}

// Every gate is open, and all that passes or fails passes.
fn answered(list: &Loaded) -> Vec<(AnswerKey, AnswerValue)> {
    let key = |item: &str| AnswerKey {
        checklist: list.digest.clone(),
        item: item.to_owned(),
        instance: String::new(),
    };
    let mut all = Vec::new();
    for section in &list.checklist.sections {
        let yes = AnswerValue::Choice {
            value: Gate::YES.to_owned(),
        };
        all.extend(section.gate.iter().map(|gate| (key(&gate.id), yes.clone())));
        let checks = section.items.iter();
        let checks = checks.filter(|item| matches!(item.answer, AnswerKind::Check));
        all.extend(checks.map(|item| (key(&item.id), AnswerValue::Pass)));
    }
    all
}

/// The clocks of this page.
pub struct PageClock(PageSession);

impl Clock for PageClock {
    fn now(&self) -> Timestamp {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "whole milliseconds far below 2^53"
        )]
        Timestamp(js_sys::Date::now() as i64)
    }

    fn testimony(&self, offset: Option<(i64, i64)>) -> Testimony {
        let wall = self.now();
        let performance = web_sys::window().and_then(|window| window.performance());
        #[expect(
            clippy::cast_possible_truncation,
            reason = "milliseconds of one page load"
        )]
        let mono = performance.map_or(0, |p| p.now() as i64);
        Testimony {
            wall,
            mono,
            page_session: self.0,
            server_est: offset.map(|(ms, _)| wall.plus(ms)),
            uncertainty: offset.map(|(_, ms)| ms),
        }
    }
}
