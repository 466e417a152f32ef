//! What a QR code or barcode says. Anybody can print one: it is text to be looked at, never an address to go to.

/// Most characters that are kept of one. QR codes hold up to 2,953 bytes or 7,089 digits (ISO/IEC 18004).
pub const MOST: usize = 4096;

/// The text as it is kept; one that is longer ends with `…`.
pub fn bounded(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        None => text.to_owned(),
        Some(_) => text.chars().take(MOST - 1).chain(['…']).collect(),
    }
}

/// The text as it is shown: characters that cannot be seen, or that change how others are read, stand there by their number
/// (few fonts have signs for them). A line still ends where one ended.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("↵\n"),
            '\0'..='\u{1f}'
            | '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}' => out.push_str(&format!("[U+{:04X}]", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_kept_as_it_is_and_what_is_longer_says_so() {
        let fits = "码".repeat(MOST);
        assert_eq!(bounded(&fits), fits);
        assert_eq!(bounded(" \0\n"), " \0\n");
        let cut = bounded(&"7".repeat(7089));
        assert_eq!(cut.chars().count(), MOST);
        assert!(cut.ends_with("7…"));
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(visible("普通 text 1–2"), "普通 text 1–2");
        assert_eq!(
            visible("a\u{1d}b\r\nc\u{7f}"),
            "a[U+001D]b[U+000D]↵\nc[U+007F]"
        );
        assert_eq!(
            visible("x\u{202e}fdp.exe\u{200b}\u{85}"),
            "x[U+202E]fdp.exe[U+200B][U+0085]"
        );
    }
}
