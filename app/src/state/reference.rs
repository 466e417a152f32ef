//! What an inspection rests on: sites and checklists on the device, read and parsed only when asked for.

use crate::signal::RwSignal;
use leptos::prelude::{GetValue, LocalStorage, SetValue, StoredValue};
use std::{collections::BTreeMap, rc::Rc};
use zhicha_core::{
    checklist::{Digest, Loaded},
    order,
    store::{Store, StoreError},
    sync::wire::Site,
};
use zhicha_storage::IdbStore;

/// Sites and checklists, kept in memory from their first use on.
#[derive(Clone, Copy)]
pub struct Reference {
    store: StoredValue<Rc<IdbStore>, LocalStorage>,
    sites: StoredValue<Option<Rc<Vec<Site>>>, LocalStorage>,
    checklists: StoredValue<Option<Rc<Checklists>>, LocalStorage>,
    version: RwSignal<u32>,
}

/// Checklists by digest, and the newest version of each id.
#[derive(Default)]
struct Checklists {
    texts: BTreeMap<Digest, String>,
    newest: Vec<Digest>,
    loaded: std::cell::RefCell<BTreeMap<Digest, Rc<Loaded>>>,
}

impl Reference {
    /// Over a device's storage.
    pub fn new(store: Rc<IdbStore>) -> Self {
        Self {
            store: StoredValue::new_local(store),
            sites: StoredValue::new_local(None),
            checklists: StoredValue::new_local(None),
            version: RwSignal::new(0),
        }
    }

    /// Changes whenever sites or checklists were downloaded; read it in a view to follow.
    pub fn version(self) -> u32 {
        self.version.get()
    }

    /// Forgets what is in memory: the disk has something newer.
    pub fn changed(self) {
        self.sites.set_value(None);
        self.checklists.set_value(None);
        self.version.update(|n| *n += 1);
    }

    /// All sites, by name.
    pub async fn sites(self) -> Result<Rc<Vec<Site>>, StoreError> {
        if let Some(sites) = self.sites.get_value() {
            return Ok(sites);
        }
        let sites = Rc::new(self.store.get_value().sites().await?);
        self.sites.set_value(Some(Rc::clone(&sites)));
        Ok(sites)
    }

    /// The checklist with this digest, if it is on the device. A text that is not what its digest says is corrupt.
    pub async fn checklist(self, digest: &Digest) -> Result<Option<Rc<Loaded>>, StoreError> {
        self.all().await?.load(digest)
    }

    /// The newest version of each checklist, by id.
    pub async fn newest(self) -> Result<Vec<Rc<Loaded>>, StoreError> {
        let all = self.all().await?;
        all.newest
            .iter()
            .filter_map(|digest| all.load(digest).transpose())
            .collect()
    }

    /// How many checklists (by id) are on the device.
    pub async fn count(self) -> Result<usize, StoreError> {
        Ok(self.all().await?.newest.len())
    }

    async fn all(self) -> Result<Rc<Checklists>, StoreError> {
        if let Some(all) = self.checklists.get_value() {
            return Ok(all);
        }
        let rows = self.store.get_value().checklists().await?;
        let mut newest: BTreeMap<String, (u32, Digest)> = BTreeMap::new();
        for row in &rows {
            let best = newest
                .entry(row.id.clone())
                .or_insert((row.version, row.digest.clone()));
            if best.0 < row.version {
                *best = (row.version, row.digest.clone());
            }
        }
        let all = Rc::new(Checklists {
            texts: order::map(rows.into_iter().map(|row| (row.digest, row.json))),
            newest: newest.into_values().map(|(_, digest)| digest).collect(),
            loaded: std::cell::RefCell::default(),
        });
        self.checklists.set_value(Some(Rc::clone(&all)));
        Ok(all)
    }
}

impl Checklists {
    fn load(&self, digest: &Digest) -> Result<Option<Rc<Loaded>>, StoreError> {
        if let Some(loaded) = self.loaded.borrow().get(digest) {
            return Ok(Some(Rc::clone(loaded)));
        }
        let Some(json) = self.texts.get(digest) else {
            return Ok(None);
        };
        let loaded = Loaded::expect(json.as_bytes(), digest)
            .map_err(|e| StoreError::Corrupt(e.to_string()))?;
        let loaded = Rc::new(loaded);
        self.loaded
            .borrow_mut()
            .insert(digest.clone(), Rc::clone(&loaded));
        Ok(Some(loaded))
    }
}
