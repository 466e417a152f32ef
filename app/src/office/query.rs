//! The filter of the list of received inspections, and its form in a URL.

/// What the list shows; an empty text does not filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecordQuery {
    /// Words in site, address or inspector.
    pub words: String,
    /// First day of inspection, `YYYY-MM-DD`.
    pub from: String,
    /// Last day of inspection.
    pub to: String,
    /// `spot_check`, `self_inspection` or `re_inspection`.
    pub mode: String,
    /// Checklist id.
    pub checklist: String,
    /// Only records with a failed item.
    pub with_fails: bool,
    /// Only inspections that were begun and not sealed.
    pub unsealed: bool,
}

/// Records of one page.
pub const PAGE: u32 = 50;

impl RecordQuery {
    /// The query string for the API; `after` is what the page before said.
    pub fn to_query(&self, after: Option<&str>) -> String {
        let limit = PAGE.to_string();
        let flag = |on: bool| if on { "true" } else { "" };
        [
            ("q", self.words.trim()),
            ("from", &self.from),
            ("to", &self.to),
            ("mode", &self.mode),
            ("checklist", &self.checklist),
            ("with_fails", flag(self.with_fails)),
            ("sealed", if self.unsealed { "false" } else { "" }),
            ("after", after.unwrap_or_default()),
            ("limit", &limit),
        ]
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", escape(value)))
        .collect::<Vec<_>>()
        .join("&")
    }

    /// Whether anything is filtered.
    pub fn filters(&self) -> bool {
        *self != Self::default()
    }
}

/// Percent-encodes everything but the unreserved characters of RFC 3986.
pub fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_filter_asks_for_a_page_of_everything() {
        let query = RecordQuery::default();
        assert_eq!(query.to_query(None), "limit=50");
        assert!(!query.filters());
    }

    #[test]
    fn what_was_typed_reaches_the_server_whole() {
        let query = RecordQuery {
            words: " 示例&q=x ".to_owned(),
            with_fails: true,
            unsealed: true,
            ..RecordQuery::default()
        };
        assert_eq!(
            query.to_query(Some("2026-11-22~7")),
            "q=%E7%A4%BA%E4%BE%8B%26q%3Dx&with_fails=true&sealed=false&after=2026-11-22~7&limit=50"
        );
    }
}
