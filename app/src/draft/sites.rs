//! Finding a site among those on the device, and the checklists that fit it. Plain data; works offline.

use crate::search::Query;
use zhicha_core::{inspection::SiteSnapshot, order, sync::wire::Site};

/// What a search found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The first ones; those whose name begins with the query come before the others.
    pub sites: Vec<Site>,
    /// How many there are in all.
    pub total: usize,
}

/// The sites that fit `query`, at most `most` of them. An empty query finds all.
pub fn find(sites: &[Site], query: &str, most: usize) -> Found {
    let start = query.trim();
    let words = Query::new(query);
    let (first, rest): (Vec<&Site>, Vec<&Site>) = sites
        .iter()
        .filter(|s| words.fits(s))
        .partition(|s| s.name.starts_with(start));
    let total = first.len() + rest.len();
    Found {
        sites: first.into_iter().chain(rest).take(most).cloned().collect(),
        total,
    }
}

/// A registered site as it is written into the record.
pub fn snapshot(site: &Site) -> SiteSnapshot {
    SiteSnapshot {
        site_id: Some(site.site_id),
        name: site.name.clone(),
        address: site.address.clone(),
        region: Some(site.region.clone()),
        credit_code: site.credit_code.clone(),
        version: Some(site.version),
    }
}

/// A site that was typed on the spot; nothing when it has no name.
pub fn typed(name: &str, address: &str) -> Option<SiteSnapshot> {
    let (name, address) = (name.trim().to_owned(), address.trim().to_owned());
    (!name.is_empty()).then_some(SiteSnapshot {
        site_id: None,
        name,
        address,
        region: None,
        credit_code: None,
        version: None,
    })
}

/// Puts the checklists that fit a site first, in the site's order; the others keep theirs.
pub fn fitting_first<T>(checklists: &mut Vec<T>, fitting: &[String], id: impl Fn(&T) -> &str) {
    order::sort_by_key(checklists, |c| {
        fitting
            .iter()
            .position(|f| f == id(c))
            .unwrap_or(usize::MAX)
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicha_core::id::{SiteId, Uuid};

    fn site(name: &str, initials: &str, address: &str) -> Site {
        Site {
            site_id: SiteId(Uuid::nil()),
            version: 1,
            name: name.to_owned(),
            address: address.to_owned(),
            region: "示例镇".to_owned(),
            credit_code: None,
            category: String::new(),
            initials: initials.to_owned(),
            checklists: Vec::new(),
        }
    }

    #[test]
    fn a_name_comes_before_an_address() {
        let sites = [
            site("沙例展馆", "slzg", "示例街 2 号"),
            site("示例纸管厂", "slzgc", "虚拟路 8 号"),
        ];
        let names = |q: &str| -> Vec<String> {
            find(&sites, q, 9)
                .sites
                .into_iter()
                .map(|s| s.name)
                .collect()
        };
        assert_eq!(names("示例"), ["示例纸管厂", "沙例展馆"]);
        assert_eq!(names("SLZG"), ["沙例展馆", "示例纸管厂"]);
        assert_eq!(
            (find(&sites, "", 1).total, find(&sites, "", 1).sites.len()),
            (2, 1)
        );
        assert_eq!(find(&sites, "没有", 9), Found::default());
    }

    #[test]
    fn a_typed_site_needs_a_name() {
        assert_eq!(typed("  ", "某处"), None);
        assert_eq!(
            typed(" 虚构作坊 ", "").map(|s| s.name).as_deref(),
            Some("虚构作坊")
        );
    }
}
