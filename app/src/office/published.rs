//! The published checklists, for names and choices: fetched once for a page.

use super::{client, load::Loaded};
use crate::words::{Words, pick};
use leptos::prelude::*;
use zhicha_core::api::ChecklistInfo;

/// The published checklists of this page.
#[derive(Clone, Copy)]
pub struct Published(Loaded<Vec<ChecklistInfo>>);

impl Published {
    /// Asks for them, and provides them to everything below.
    pub fn provide() -> Self {
        let published = Self(Loaded::new(client::checklists));
        provide_context(published);
        published
    }

    /// Those of the page around.
    pub fn get() -> Self {
        use_context().expect("a page that names checklists provides them")
    }

    /// The newest version of each, by id. Several versions share an id; the newest name stands for all.
    pub fn newest(self) -> Vec<ChecklistInfo> {
        let mut all = self.0.with_ready(Clone::clone).unwrap_or_default();
        all.sort_by(|a, b| a.id.cmp(&b.id).then(b.version.cmp(&a.version)));
        all.dedup_by(|a, b| a.id == b.id);
        all
    }

    /// Names of the checklists with these ids; an id that is not published here stands for itself.
    pub fn names(self, i18n: Words, ids: &[String]) -> String {
        let newest = self.newest();
        let name = |id: &String| {
            newest
                .iter()
                .find(|c| &c.id == id)
                .map_or_else(|| id.clone(), |c| pick(i18n, &c.title))
        };
        ids.iter().map(name).collect::<Vec<_>>().join(" · ")
    }
}
