//! What a code that somebody scanned says about sites. Plain data; nothing is opened or asked for.

use zhicha_core::{
    id::{SiteId, Uuid},
    sync::wire::Site,
};

/// What it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// One of these sites; hardly ever more than one.
    Sites(Vec<Site>),
    /// A site of this server that is not on the device.
    Absent,
    /// It is a link to somewhere else.
    Foreign,
    /// Nothing about a site.
    Other,
}

/// The address behind the QR code at a gate. It reveals an id that says nothing to anybody else.
pub fn gate_link(public_url: &str, site: SiteId) -> String {
    format!("{}/s/{site}", public_url.trim_end_matches('/'))
}

/// Reads a text against the sites of the device; `origin` is our server's. A site is known by the link of its gate, its id,
/// or its credit code anywhere in the text, as on a business licence.
pub fn meaning(text: &str, origin: &str, sites: &[Site]) -> Meaning {
    let text = text.trim();
    let own = own_site(text, origin);
    let named = |site: &&Site| match own {
        Some(id) => site.site_id == id,
        None => has_code(text, site),
    };
    let found: Vec<Site> = sites.iter().filter(named).cloned().collect();
    if !found.is_empty() {
        Meaning::Sites(found)
    } else if own.is_some() {
        Meaning::Absent
    } else if is_link(text) && !is_ours(text, origin) {
        Meaning::Foreign
    } else {
        Meaning::Other
    }
}

fn own_site(text: &str, origin: &str) -> Option<SiteId> {
    let id = match text.strip_prefix(origin) {
        Some(path) => path.strip_prefix("/s/")?.trim_end_matches('/'),
        None => text,
    };
    id.parse::<Uuid>().ok().map(SiteId)
}

fn is_ours(text: &str, origin: &str) -> bool {
    let path = text.strip_prefix(origin);
    path.is_some_and(|path| path.is_empty() || path.starts_with(['/', '?', '#']))
}

fn has_code(text: &str, site: &Site) -> bool {
    let code = site.credit_code.as_deref().unwrap_or_default().trim();
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    !code.is_empty() && words.any(|word| word.eq_ignore_ascii_case(code))
}

fn is_link(text: &str) -> bool {
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let www = text
        .get(..4)
        .is_some_and(|four| four.eq_ignore_ascii_case("www."));
    www || scheme.is_some_and(|s| {
        !s.is_empty()
            && s.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ORIGIN: &str = "https://zhicha.example";
    const ID: &str = "0192f0c1-2345-7abc-8def-0123456789ab";

    fn site(id: &str, credit_code: Option<&str>) -> Site {
        Site {
            site_id: SiteId(id.parse().expect("an id")),
            version: 1,
            name: "示例木业".to_owned(),
            address: "虚构路 8 号".to_owned(),
            region: "demo".to_owned(),
            credit_code: credit_code.map(str::to_owned),
            category: String::new(),
            initials: "slmy".to_owned(),
            checklists: Vec::new(),
        }
    }

    fn sites() -> [Site; 2] {
        let other = "0192f0c1-2345-7abc-8def-0123456789ac";
        [site(ID, Some("91EXAMPLE0000000X1")), site(other, None)]
    }

    fn read(text: &str) -> Meaning {
        meaning(text, ORIGIN, &sites())
    }

    #[test]
    fn the_link_at_the_gate_and_the_id_alone_are_the_site() {
        let first = Meaning::Sites(vec![sites()[0].clone()]);
        assert_eq!(read(&gate_link(ORIGIN, sites()[0].site_id)), first);
        assert_eq!(
            gate_link("https://zhicha.example/", sites()[0].site_id),
            gate_link(ORIGIN, sites()[0].site_id)
        );
        assert_eq!(read(ID), first);
        assert_eq!(read(&format!(" {ORIGIN}/s/{ID}/\n")), first);
    }

    #[test]
    fn a_credit_code_is_found_within_other_words() {
        let first = Meaning::Sites(vec![sites()[0].clone()]);
        for text in [
            "91EXAMPLE0000000X1",
            "名称：示例木业；统一社会信用代码：91example0000000x1；类型：虚构",
            "https://licence.example/?code=91EXAMPLE0000000X1&n=1",
        ] {
            assert_eq!(read(text), first, "{text}");
        }
        assert_eq!(read("91EXAMPLE0000000X12"), Meaning::Other);
    }

    #[test]
    fn links_to_elsewhere_are_foreign_whatever_they_look_like() {
        for text in [
            "https://pay.example/qr/1",
            "HTTPS://EVIL.EXAMPLE",
            "weixin://dl/1",
            "www.evil.example",
            &format!("https://zhicha.example.evil.example/s/{ID}"),
            &format!("https://evil.example/s/{ID}"),
            &format!("{ORIGIN}@evil.example/s/{ID}"),
            &format!("{ORIGIN}:8443/s/{ID}"),
        ] {
            assert_eq!(read(text), Meaning::Foreign, "{text}");
        }
    }

    #[test]
    fn a_site_of_ours_that_is_not_here_is_said_to_be_so() {
        let gone = "0192f0c1-2345-7abc-8def-ffffffffffff";
        assert_eq!(read(&format!("{ORIGIN}/s/{gone}")), Meaning::Absent);
    }

    #[test]
    fn anything_else_is_only_text() {
        for text in [
            "",
            "MHQ-0007",
            "灭火器://",
            "a b://c",
            "://",
            &format!("{ORIGIN}/join#x"),
        ] {
            assert_eq!(read(text), Meaning::Other, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_can_be_read(text in any::<String>()) {
            read(&text);
            read(&format!("{ORIGIN}{text}"));
            read(&format!("{ORIGIN}/s/{text}"));
        }
    }
}
