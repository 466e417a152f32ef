//! Finding a site by what a person remembers: parts of name or address, initials, or the credit code.

use zhicha_core::sync::wire::Site;

/// Whether every word of `query` is found in the site; the letters A–Z in upper and lower case alike.
pub fn fits(site: &Site, query: &str) -> bool {
    let query = query.trim().to_ascii_lowercase();
    query.split_whitespace().all(|word| fits_word(site, word))
}

fn fits_word(site: &Site, word: &str) -> bool {
    contains(&site.name, word)
        || site.initials.contains(word)
        || contains(&site.address, word)
        || site
            .credit_code
            .as_deref()
            .is_some_and(|code| contains(code, word))
}

// Chinese has no case, so most texts need no second copy.
fn contains(text: &str, word: &str) -> bool {
    text.contains(word)
        || (text.bytes().any(|b| b.is_ascii_uppercase())
            && text.to_ascii_lowercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhicha_core::id::{SiteId, Uuid};

    fn site() -> Site {
        Site {
            site_id: SiteId(Uuid::nil()),
            version: 1,
            name: "示例纸管厂 A".to_owned(),
            address: "虚构路 8 号".to_owned(),
            region: "demo".to_owned(),
            credit_code: Some("91EXAMPLE0000000X".to_owned()),
            category: String::new(),
            initials: "slzgca".to_owned(),
            checklists: Vec::new(),
        }
    }

    #[test]
    fn name_initials_address_and_code_are_searched() {
        for query in [
            "",
            "纸管",
            "slzg",
            "SLZG",
            "路 8",
            "91example",
            "纸管 虚构",
            " 厂 a ",
        ] {
            assert!(fits(&site(), query), "{query}");
        }
    }

    #[test]
    fn every_word_must_fit() {
        for query in ["木业", "纸管 木业", "zgsl"] {
            assert!(!fits(&site(), query), "{query}");
        }
    }
}
