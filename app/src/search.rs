//! Finding a site by what a person remembers: parts of name or address, initials, or the credit code.

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
}
