//! The register of sites.

use super::body::{Created, Id, Json, Query};
use crate::{
    error::ApiError,
    ids::Ids,
    policy::{Allowed, ManageSites, ReadSites},
    state::App,
    store::{self, audit, sites},
};
use axum::extract::State;
use pinyin::ToPinyin as _;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use zhicha_core::{api::SiteEdit, id::SiteId, sync::wire::Site};

/// Query of the list.
#[derive(Deserialize, JsonSchema)]
pub struct Search {
    /// Part of name, address, initials or credit code.
    #[serde(default)]
    q: String,
    /// Most sites; 100 unless said, never more than 500.
    #[serde(default)]
    limit: Option<u32>,
}

/// Answer: the first sites by name, and how many fit in all.
#[derive(Serialize, JsonSchema)]
pub struct SitePage {
    /// The first sites by name.
    sites: Vec<Site>,
    /// How many fit in all.
    total: u64,
}

const MOST_SITES: u32 = 500;

/// `GET /api/v1/sites`
pub async fn list(
    caller: Allowed<ReadSites>,
    State(app): State<App>,
    Query(search): Query<Search>,
) -> Result<axum::Json<SitePage>, ApiError> {
    let limit = search.limit.unwrap_or(100).clamp(1, MOST_SITES);
    let mut conn = app.store.reader().await?;
    let scope = caller.person.scope();
    let (sites, total) = sites::list(
        &mut conn,
        caller.person.tenant,
        &scope,
        search.q.trim(),
        limit,
    )
    .await?;
    Ok(axum::Json(SitePage { sites, total }))
}

/// `POST /api/v1/sites`
pub async fn add(
    caller: Allowed<ManageSites>,
    State(app): State<App>,
    Json(body): Json<SiteEdit>,
) -> Result<Created<Site>, ApiError> {
    let site = site(SiteId::new(&mut Ids(&app.clock)), 1, body)?;
    save(&app, &caller, &site, None).await?;
    Ok(Created(site))
}

/// `PUT /api/v1/sites/{site_id}`: compare-and-set on the version that was read.
pub async fn change(
    caller: Allowed<ManageSites>,
    State(app): State<App>,
    Id(id): Id<SiteId>,
    Json(body): Json<SiteEdit>,
) -> Result<axum::Json<Site>, ApiError> {
    let read = body.version;
    let site = site(id, read.saturating_add(1), body)?;
    save(&app, &caller, &site, Some(read)).await?;
    Ok(axum::Json(site))
}

async fn save(
    app: &App,
    caller: &crate::auth::session::Caller,
    site: &Site,
    read: Option<u32>,
) -> Result<(), ApiError> {
    let tenant = caller.person.tenant;
    let now = app.clock.now();
    let mut tx = app.store.begin().await?;
    let before = match read {
        Some(version) => {
            let before = sites::get(&mut tx, tenant, site.site_id)
                .await?
                .ok_or_else(ApiError::not_found)?;
            if before.version != version {
                return Err(ApiError::version_conflict());
            }
            Some(before)
        }
        None => None,
    };
    sites::put(&mut tx, tenant, site, before.as_ref(), now).await?;
    let detail = json!({ "site": site.site_id, "version": site.version });
    audit::write(
        &mut tx,
        tenant,
        now,
        Some(caller.person.user),
        "site_saved",
        &detail,
    )
    .await?;
    store::commit(tx).await?;
    Ok(())
}

/// A site from what was typed.
pub fn site(site_id: SiteId, version: u32, edit: SiteEdit) -> Result<Site, ApiError> {
    const LONGEST: usize = 200;
    let texts = [&edit.name, &edit.address, &edit.region, &edit.category];
    let fits =
        |text: &&String| text.chars().count() <= LONGEST && !text.chars().any(char::is_control);
    let name = edit.name.trim().to_owned();
    let region = edit.region.trim().to_owned();
    if name.is_empty() || region.is_empty() || region == "*" || !texts.iter().all(fits) {
        return Err(ApiError::invalid(
            "名称和区域必填，且不超过200个字符。",
            "Name and region are needed, with at most 200 characters.",
        ));
    }
    Ok(Site {
        site_id,
        version,
        initials: initials(&name),
        name,
        address: edit.address.trim().to_owned(),
        region,
        credit_code: edit
            .credit_code
            .map(|c| c.trim().to_owned())
            .filter(|c| !c.is_empty()),
        category: edit.category.trim().to_owned(),
        checklists: edit.checklists,
    })
}

/// Lower-case initials of the pinyin of `name`; letters and digits stand for themselves.
pub fn initials(name: &str) -> String {
    let initial = |c: char| {
        if c.is_ascii_alphanumeric() {
            return Some(c.to_ascii_lowercase());
        }
        c.to_pinyin().and_then(|p| p.plain().chars().next())
    };
    name.chars().filter_map(initial).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn initials_are_what_people_type() {
        assert_eq!(super::initials("示例木业（A区）2号"), "slmyaq2h");
    }
}
