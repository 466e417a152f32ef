//! What the pages for operators tell to type is what this version takes.

use super::Cli;
use clap::{Parser as _, error::ErrorKind};

const CHINESE: &str = include_str!("../../../docs/operate.md");
const ENGLISH: &str = include_str!("../../../docs/operate.en.md");
const PAGES: [&str; 7] = [
    CHINESE,
    ENGLISH,
    include_str!("../../../docs/reach.md"),
    include_str!("../../../docs/storage.md"),
    include_str!("../../../docs/export.md"),
    include_str!("../../../docs/security.md"),
    include_str!("../../../README.md"),
];

// What is to be typed, line by line.
fn blocks(page: &str) -> Vec<String> {
    let parts = page.split("```sh\n").skip(1);
    let block = |part: &str| part.split("```").next().unwrap_or_default().to_owned();
    parts.map(block).collect()
}

// Whatever stands as code, in a block, indented or within a sentence.
fn codes(page: &str) -> Vec<String> {
    // Brackets stand around what may be left out.
    let page = page.replace("\\\n", " ").replace(['[', ']'], "");
    let mut codes = Vec::new();
    for (n, part) in page.split("```").enumerate() {
        if n % 2 == 1 {
            codes.extend(part.lines().skip(1).map(str::to_owned));
            continue;
        }
        let indented = part.lines().filter(|line| line.starts_with("    "));
        codes.extend(indented.map(str::to_owned));
        codes.extend(part.split('`').skip(1).step_by(2).map(str::to_owned));
    }
    codes
}

// The command of ours in it, if there is one.
fn ours(code: &str) -> Option<Vec<&str>> {
    let words: Vec<&str> = code.split_whitespace().collect();
    let program = |n: &usize| words[*n] == "zhicha" || words[*n].ends_with("/zhicha");
    // `sudo -u zhicha` names a user.
    let at = (0..words.len())
        .rev()
        .find(|n| program(n) && n.checked_sub(1).is_none_or(|n| words[n] != "-u"))?;
    let ours = &words[at..];
    let named = ours.get(1)?.bytes().all(|b| b.is_ascii_lowercase());
    // Where something is left out, what is there cannot be read.
    (named && !code.contains('…')).then(|| ours.to_vec())
}

#[test]
fn commands_and_flags_of_the_pages_exist() {
    let mut count = 0;
    for code in PAGES.iter().flat_map(|page| codes(page)) {
        let Some(words) = ours(&code) else { continue };
        count += 1;
        if let Err(error) = Cli::try_parse_from(words) {
            // Sentences may leave out what a command needs.
            let unknown = [ErrorKind::InvalidSubcommand, ErrorKind::UnknownArgument];
            assert!(!unknown.contains(&error.kind()), "{code}: {error}");
        }
    }
    assert!(count > 40, "{count}");
}

#[test]
fn both_languages_tell_the_same_steps() {
    let (chinese, english) = (blocks(CHINESE), blocks(ENGLISH));
    assert_eq!(chinese.len(), english.len());
    for (chinese, english) in chinese.iter().zip(&english) {
        assert_eq!(&chinese.replace("登录名", "NAME"), english);
    }
    let titles = |page: &str| page.lines().filter(|line| line.starts_with('#')).count();
    assert_eq!(titles(CHINESE), titles(ENGLISH));
}
