//! Who uses this browser profile: one database for each tenant and person, and which of them is current.
//!
//! The list lives in localStorage because it must be known before any database is opened.

use crate::global::local_storage;
use serde::{Deserialize, Serialize};
use zhicha_core::id::{TenantId, UserId};

const CURRENT: &str = "zhicha.profile";
const ALL: &str = "zhicha.profiles";

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
        format!("zhicha-{}-{}", self.tenant, self.user)
    }

    /// The profile that was used last, if any.
    pub fn current() -> Option<Self> {
        read(CURRENT)
    }

    /// All profiles that ever had a database here, in the order of their first use.
    pub fn all() -> Vec<Self> {
        read(ALL).unwrap_or_default()
    }

    /// Remembers this profile as the current one. Returns whether the browser kept it.
    pub fn make_current(&self) -> bool {
        let mut all = Self::all();
        if !all.contains(self) {
            all.push(*self);
        }
        write(ALL, &all) && write(CURRENT, self)
    }

    /// Forgets which profile is current (sign-out). Its database and its place in the list stay.
    pub fn forget_current() {
        if let Some(storage) = local_storage() {
            // Nothing to do about a browser that refuses; the next start opens the same profile.
            let _ = storage.remove_item(CURRENT);
        }
    }
}

fn read<T: for<'de> Deserialize<'de>>(name: &str) -> Option<T> {
    let text = local_storage()?.get_item(name).ok()??;
    serde_json::from_str(&text).ok()
}

fn write(name: &str, value: &impl Serialize) -> bool {
    let Ok(text) = serde_json::to_string(value) else {
        return false;
    };
    local_storage().is_some_and(|storage| storage.set_item(name, &text).is_ok())
}
