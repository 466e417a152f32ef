//! Inspections, sealed as the app seals them.

use crate::{photo, walk::Walk};
use js_sys::Uint8Array;
use zhicha_core::{
    checklist::Loaded,
    client::{Clock, Context, append::NewEvent},
    event::{Testimony, body::Written},
    id::{PageSession, RecordId},
    inspection::evidence::{self, Captured},
    store::Store,
    sync::wire::{Identity, Site},
    time::Timestamp,
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
    walk: Walk,
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
            walk: Walk::of(list),
            store,
        })
    }

    /// Seals one inspection with `photos` photos.
    pub async fn one(&self, photos: u32, picture: &Uint8Array) -> Result<(), String> {
        let now = self.clock.now();
        let id = RecordId::new(&mut BrowserIds);
        let draft = self.walk.draft(id, &self.site, &self.identity, now);
        let mut captured = Vec::new();
        for _ in 0..photos {
            captured.push(photo::keep(self, draft.id, picture).await?);
        }
        let digests = vec![self.walk.list.digest.clone()];
        let mut body = self.walk.sealed(&draft, &self.identity, now);
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
