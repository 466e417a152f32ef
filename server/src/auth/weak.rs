//! Which passwords are too easy. Lists of breached passwords are made of few patterns: a word, a run of a row of keys, a
//! date, said once or again and again. A password is cut into such pieces; too few of them can be guessed, however long
//! it is. Nothing is looked up anywhere, so that this works without a connection.

/// What is wrong with a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    /// Too few characters.
    Short,
    /// Longer than is hashed.
    Long,
    /// The login name or the product's name is inside.
    Name,
    /// Made of a few pieces that everybody tries first.
    Guessable,
}

const SHORTEST: usize = 10;
// Hashing a megabyte is a way to keep the server busy.
pub(super) const LONGEST_BYTES: usize = 1024;
const FEWEST_PIECES: usize = 6;
const FEWEST_DIFFERENT: usize = 5;
// A shorter login name is inside of many a good password.
const SHORTEST_NAME: usize = 4;
// From three on, keys in a row are no accident.
const SHORTEST_RUN: usize = 3;

const PRODUCT: [&str; 2] = ["zhicha", "直查"];
const WORDS: [&str; 35] = [
    "administrator",
    "admin",
    "password",
    "passwort",
    "passwd",
    "pass",
    "welcome",
    "letmein",
    "iloveyou",
    "changeme",
    "default",
    "secret",
    "master",
    "login",
    "guest",
    "user",
    "root",
    "test",
    "demo",
    "hello",
    "safety",
    "inspect",
    "woaini",
    "nihao",
    "mima",
    "anquan",
    "jiancha",
    "密码",
    "口令",
    "安全",
    "检查",
    "你好",
    "我爱你",
    "520",
    "1314",
];
// Rows and columns of keyboards, in the order of a finger; each counts backwards too.
const ROWS: [&str; 26] = [
    "`1234567890-=",
    "!@#$%^&*()_+",
    "qwertyuiop[]",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl;'",
    "qsdfghjklm",
    "zxcvbnm,./",
    "yxcvbnm",
    "wxcvbn",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "8ik,",
    "9ol.",
    "0p;/",
    "147",
    "258",
    "369",
    "159",
    "357",
    "一二三四五六七八九十",
];

/// What is wrong with `password` for the person with this login name; nothing when it may be chosen.
pub fn weakness(password: &str, login: &str) -> Option<Weakness> {
    if password.len() > LONGEST_BYTES {
        return Some(Weakness::Long);
    }
    if password.chars().count() < SHORTEST {
        return Some(Weakness::Short);
    }
    let text = folded(password);
    let login = folded(login.trim());
    let names = PRODUCT.iter().map(|name| folded(name));
    let own = (login.len() >= SHORTEST_NAME).then(|| login.clone());
    if names.chain(own).any(|name| holds(&text, &name)) {
        return Some(Weakness::Name);
    }
    let mut different = text.clone();
    different.sort_unstable();
    different.dedup();
    let easy = pieces(&text, &login).min(woven(&text, &login)) < FEWEST_PIECES;
    (easy || different.len() < FEWEST_DIFFERENT).then_some(Weakness::Guessable)
}

// Lower case, and full-width letters as their narrow ones.
fn folded(text: &str) -> Vec<char> {
    let narrow = |c: char| match u32::from(c) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    };
    text.chars()
        .map(narrow)
        .flat_map(char::to_lowercase)
        .collect()
}

// Whether somebody may have typed `key` for `letter`.
fn stands_for(key: char, letter: char) -> bool {
    let looks_like = match letter {
        'a' => "4@",
        'e' => "3",
        'i' => "1!",
        'l' => "1",
        'o' => "0",
        's' => "5$",
        't' => "7",
        _ => "",
    };
    key == letter || looks_like.contains(key)
}

fn begins(text: &[char], word: &[char]) -> bool {
    text.len() >= word.len() && text.iter().zip(word).all(|(key, c)| stands_for(*key, *c))
}

// Forwards or backwards, also with digits and signs for letters.
fn holds(text: &[char], name: &[char]) -> bool {
    let backwards: Vec<char> = name.iter().rev().copied().collect();
    (0..text.len()).any(|at| begins(&text[at..], name) || begins(&text[at..], &backwards))
}

fn pieces(text: &[char], login: &[char]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < text.len() {
        at += piece(text, at, login);
        count += 1;
    }
    count
}

// Two easy texts, a key of each in turn: 1q2w3e4r5t.
fn woven(text: &[char], login: &[char]) -> usize {
    let every_other =
        |from: usize| -> Vec<char> { text.iter().skip(from).step_by(2).copied().collect() };
    pieces(&every_other(0), login) + pieces(&every_other(1), login)
}

// How many characters the longest easy piece has that begins here; a character alone is a piece too.
fn piece(text: &[char], at: usize, login: &[char]) -> usize {
    let rest = &text[at..];
    let long_enough = |length: &usize| *length >= SHORTEST_RUN;
    let runs = [same(rest), counted(rest, 1), counted(rest, -1), row(rest)];
    let runs = runs.into_iter().filter(long_enough);
    let named = (!login.is_empty() && begins(rest, login)).then_some(login.len());
    runs.chain(word(rest))
        .chain(named)
        .chain(number(rest))
        .chain(again(text, at))
        .max()
        .unwrap_or(1)
}

fn same(text: &[char]) -> usize {
    text.iter().take_while(|c| Some(*c) == text.first()).count()
}

fn counted(text: &[char], step: i64) -> usize {
    let follows = |pair: &&[char]| {
        pair.iter().all(char::is_ascii_alphanumeric)
            && i64::from(u32::from(pair[1])) - i64::from(u32::from(pair[0])) == step
    };
    1 + text.windows(2).take_while(follows).count()
}

fn row(text: &[char]) -> usize {
    let along = |keys: &[char]| {
        let common = |from: usize| {
            let pairs = keys[from..].iter().zip(text);
            pairs.take_while(|(key, c)| key == c).count()
        };
        (0..keys.len()).map(common).max().unwrap_or(0)
    };
    let both = |row: &str| {
        let keys: Vec<char> = row.chars().collect();
        let backwards: Vec<char> = keys.iter().rev().copied().collect();
        along(&keys).max(along(&backwards))
    };
    ROWS.iter().map(|row| both(row)).max().unwrap_or(0)
}

fn word(text: &[char]) -> Option<usize> {
    let words = WORDS.iter().map(|word| folded(word));
    words
        .filter(|word| begins(text, word))
        .map(|word| word.len())
        .max()
}

// A mobile number, a day or a year.
fn number(text: &[char]) -> Option<usize> {
    let digits: Vec<u32> = text.iter().take(11).map_while(|c| c.to_digit(10)).collect();
    let value = |from: usize, to: usize| digits[from..to].iter().fold(0, |n, d| 10 * n + d);
    if digits.len() == 11 && digits[0] == 1 && digits[1] >= 3 {
        return Some(11);
    }
    let year = digits.len() >= 4 && (1900..2100).contains(&value(0, 4));
    let day = year
        && digits.len() >= 8
        && (1..=12).contains(&value(4, 6))
        && (1..=31).contains(&value(6, 8));
    match (day, year) {
        (true, _) => Some(8),
        (false, true) => Some(4),
        (false, false) => None,
    }
}

// What stands directly before, once more.
fn again(text: &[char], at: usize) -> Option<usize> {
    let most = at.min(text.len() - at);
    (2..=most)
        .rev()
        .find(|length| text[at - length..at] == text[at..at + length])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(passwords: &[&str], expected: Option<Weakness>) {
        for password in passwords {
            assert_eq!(weakness(password, "anna"), expected, "{password}");
        }
    }

    #[test]
    fn the_shortest_and_the_longest_are_counted_in_characters_and_bytes() {
        all(
            &["", "123456789", "九个汉字太短不够用"],
            Some(Weakness::Short),
        );
        let long = |n: usize| "kz7-wqmv".repeat(n);
        assert_eq!(weakness(&long(129), "anna"), Some(Weakness::Long));
        assert_eq!(weakness("k7vzq-w4mt", "anna"), None);
    }

    #[test]
    fn the_login_name_and_the_product_are_no_part_of_a_password() {
        let inside = [
            "anna-kz7wqmvt",
            "kz7wqmvt-ANNA",
            "kz7wqmvt@nna-",
            "kz7wqmvt-ａｎｎａ",
            "zhicha-kz7wqmvt",
            "Zh1cha-kz7wqmvt",
            "ahcihz-kz7wqmvt",
            "我每天都用直查做检查工作",
        ];
        all(&inside, Some(Weakness::Name));
        assert_eq!(
            weakness("hannover-kz7w", "an"),
            None,
            "short names are inside of much"
        );
        assert_eq!(
            weakness("Demo-Login-1", " demo-login-1 "),
            Some(Weakness::Name)
        );
        assert_eq!(weakness("kz7wqmvt-rest", ""), None);
    }

    #[test]
    fn what_everybody_tries_first_is_refused() {
        let sequences = [
            "1234567890",
            "0987654321",
            "abcdefghij",
            "zyxwvutsrq",
            "abcd12345678",
            "一二三四五六七八九十",
        ];
        let repeated = [
            "aaaaaaaaaa",
            "8888888888888",
            "abababababab",
            "kz7kz7kz7kz7",
            "aaaaabbbbbb",
            "x!x!!x!x!x!x",
        ];
        let keys = [
            "qwertyuiop",
            "asdfghjkl;'",
            "1qaz2wsx3edc",
            "zaq1xsw2cde3",
            "1q2w3e4r5t",
            "!@#$%^&*()",
            "QwertyAsdf12",
            "147258369147",
        ];
        let words = [
            "password123",
            "P@ssw0rd2026!",
            "Admin@123456",
            "welcome2026",
            "iloveyou5201314",
            "woaini1314520",
            "我爱你密码12345",
            "Ｐａｓｓｗｏｒｄ１２３",
        ];
        let numbers = [
            "13800138000",
            "19900101123",
            "20261122abc",
            "2025-2026-2027",
        ];
        for group in [&sequences[..], &repeated, &keys, &words, &numbers] {
            all(group, Some(Weakness::Guessable));
        }
        assert_eq!(weakness("bo2026bo2026", "bo"), Some(Weakness::Guessable));
    }

    #[test]
    fn what_a_person_may_well_choose_is_taken() {
        let good = [
            "十个汉字也可以当口令吗",
            "示例口令-只用于测试",
            "correct horse battery staple",
            "yi-ge-xuni-mima-7",
            "Kupfer7dach.regnet",
            "k7vzq-w4mt",
            "8305917264",
            "my password is a whole sentence",
        ];
        all(&good, None);
    }
}
