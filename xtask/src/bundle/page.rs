//! Fills the `{{name}}` places of a page.

use anyhow::{Result, bail};

/// Where the shared files are served.
pub struct Links {
    /// The stylesheet.
    pub css: String,
    /// The script that runs before the first paint.
    pub early: String,
    /// The module that starts the program.
    pub boot: String,
    /// The sprite of icons.
    pub icons: String,
}

impl Links {
    /// As name and value for [`fill`].
    pub fn pairs(&self) -> [(&str, &str); 4] {
        [
            ("css", &self.css),
            ("early", &self.early),
            ("boot", &self.boot),
            ("icons", &self.icons),
        ]
    }
}

/// Puts each value in its places. A value whose place is missing is an error: a page without its
/// program or without its build hash must not be shipped.
pub fn fill(template: &str, values: &[(&str, &str)]) -> Result<String> {
    let mut page = template.to_owned();
    for (name, value) in values {
        let place = format!("{{{{{name}}}}}");
        if !page.contains(&place) {
            bail!("the page has no place {place}");
        }
        page = page.replace(&place, value);
    }
    Ok(page)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_filled() {
        assert_eq!(
            fill("<a b={{x}} c={{x}}>", &[("x", "1")]).expect("x has a place"),
            "<a b=1 c=1>"
        );
    }

    #[test]
    fn a_missing_place_is_an_error() {
        assert!(fill("<a>", &[("build", "1")]).is_err());
    }
}
