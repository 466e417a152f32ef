//! Who uses this browser profile: one database for each tenant and person, and which of them is current.
//!
//! Which one is current is kept in localStorage, because it must be known before any database is opened. Browsers write
//! localStorage seconds later, so a battery that dies right after an enrolment takes the name with it while the strictly
//! written database stays: then the database itself says who was here.

use crate::global::{indexed_db, local_storage};
use js_sys::{Array, Function, Promise, Reflect};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use zhicha_core::id::{TenantId, UserId};

const CURRENT: &str = "zhicha.profile";
const PREFIX: &str = "zhicha-";
/// Characters of a UUID as text (RFC 9562 §4).
const UUID_LEN: usize = 36;

/// A person in a tenant, as far as storage is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// The tenant.
    pub tenant: TenantId,
    /// The person.
    pub user: UserId,
}

impl Profile {
    /// Name of this person's database.
    pub fn database_name(&self) -> String {
        format!("{PREFIX}{}-{}", self.tenant, self.user)
    }

    /// The profile whose database has this name; nothing for a database that is not ours.
    pub fn of_database(name: &str) -> Option<Self> {
        let ids = name.strip_prefix(PREFIX)?;
        Some(Self {
            tenant: ids.get(..UUID_LEN)?.parse().ok()?,
            user: ids.get(UUID_LEN..)?.strip_prefix('-')?.parse().ok()?,
        })
    }

    /// The profile that was used last; where the browser forgot which, the only one that has a database here. With several
    /// databases and no name nobody is chosen: the person signs in, and finds everything there.
    pub async fn current() -> Option<Self> {
        if let Some(profile) = read() {
            return Some(profile);
        }
        match *databases().await {
            [only] => {
                only.make_current();
                Some(only)
            }
            _ => None,
        }
    }

    /// Remembers this profile as the current one. Returns whether the browser kept it.
    pub fn make_current(&self) -> bool {
        let Ok(text) = serde_json::to_string(self) else {
            return false;
        };
        local_storage().is_some_and(|storage| storage.set_item(CURRENT, &text).is_ok())
    }
}

fn read() -> Option<Profile> {
    let text = local_storage()?.get_item(CURRENT).ok()??;
    zhicha_core::json::from_str(&text).ok()
}

/// The profiles that have a database here; none where the browser cannot list them.
async fn databases() -> Vec<Profile> {
    listed().await.unwrap_or_default()
}

async fn listed() -> Option<Vec<Profile>> {
    let factory = indexed_db()?;
    let list = Reflect::get(&factory, &JsValue::from_str("databases")).ok()?;
    let promise = list.dyn_into::<Function>().ok()?.call0(&factory).ok()?;
    let list = JsFuture::from(promise.dyn_into::<Promise>().ok()?)
        .await
        .ok()?;
    let name = |entry: JsValue| {
        Reflect::get(&entry, &JsValue::from_str("name"))
            .ok()?
            .as_string()
    };
    Some(
        Array::from(&list)
            .iter()
            .filter_map(name)
            .filter_map(|name| Profile::of_database(&name))
            .collect(),
    )
}
