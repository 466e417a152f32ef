//! Finding a site by what a person remembers: parts of name or address, initials, or the credit code.

use std::rc::Rc;
use zhicha_core::sync::wire::Site;

/// What is looked for, read once for all sites.
pub struct Query {
    // In lower case.
    words: Vec<String>,
}

impl Query {
    /// Of what somebody typed.
    pub fn new(text: &str) -> Self {
        let text = text.to_ascii_lowercase();
        Self {
            words: text.split_whitespace().map(str::to_owned).collect(),
        }
    }

    /// Whether every word is found in the site; the letters A–Z in upper and lower case alike.
    pub fn fits(&self, site: &Site) -> bool {
        self.words.iter().all(|word| {
            contains(&site.name, word)
                || contains(&site.initials, word)
                || contains(&site.address, word)
                || site
                    .credit_code
                    .as_deref()
                    .is_some_and(|code| contains(code, word))
        })
    }
}

/// What was found last: whoever types on is looked for in that alone.
#[derive(Default)]
pub struct Last {
    sites: Rc<Vec<Site>>,
    text: String,
    // Their places among the sites.
    fits: Vec<usize>,
}

impl Last {
    /// The sites that fit `text`, by their places.
    pub fn find(&mut self, sites: &Rc<Vec<Site>>, text: &str) -> &[usize] {
        let query = Query::new(text);
        // Every word of a text is in a word of each longer one that begins with it.
        if Rc::ptr_eq(&self.sites, sites) && text.starts_with(&self.text) {
            self.fits.retain(|at| query.fits(&sites[*at]));
        } else {
            self.sites = Rc::clone(sites);
            self.fits = (0..sites.len())
                .filter(|at| query.fits(&sites[*at]))
                .collect();
        }
        text.clone_into(&mut self.text);
        &self.fits
    }
}

// Byte by byte: a search of the standard library prepares itself for each text, which takes longer than these texts are. No letter of
// another script has a byte of A–Z in it.
fn contains(text: &str, word: &str) -> bool {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some(first) = word.first() else {
        return true;
    };
    (0..(text.len() + 1).saturating_sub(word.len())).any(|at| {
        text[at].to_ascii_lowercase() == *first
            && text[at..at + word.len()].eq_ignore_ascii_case(word)
    })
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
            assert!(Query::new(query).fits(&site()), "{query}");
        }
    }

    #[test]
    fn every_word_must_fit() {
        for query in ["木业", "纸管 木业", "zgsl"] {
            assert!(!Query::new(query).fits(&site()), "{query}");
        }
    }

    fn shop(n: u128) -> Site {
        Site {
            site_id: SiteId(Uuid::from_u128(n)),
            name: format!("虚构便利店{n:02}"),
            address: format!("虚构路 {} 号", n * 7),
            initials: format!("xgbld{n:02}"),
            ..site()
        }
    }

    #[test]
    fn typing_on_deleting_and_other_sites_find_what_a_search_of_all_finds() {
        let all = Rc::new((0..90).map(shop).collect::<Vec<_>>());
        let fewer = Rc::new((0..40).map(shop).collect::<Vec<_>>());
        let mut last = Last::default();
        for (sites, text) in [
            (&all, "虚"),
            (&all, "虚构便"),
            (&all, "虚构便 1"),
            (&all, "虚构便 14"),
            (&all, "虚构便 1"),
            (&all, "XG"),
            (&all, "xgbld3"),
            (&fewer, "xgbld3"),
            (&fewer, "xgbld3 "),
            (&fewer, "xgbld3 x"),
            (&fewer, "没有"),
            (&all, ""),
            (&all, " "),
            (&all, " 8"),
        ] {
            let query = Query::new(text);
            let whole: Vec<usize> = (0..sites.len())
                .filter(|at| query.fits(&sites[*at]))
                .collect();
            assert_eq!(last.find(sites, text), whole, "{text}");
        }
    }
}
