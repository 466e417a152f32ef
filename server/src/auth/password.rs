//! Passwords: Argon2id with 19 MiB and two passes (OWASP's minimum), hashed off the async threads.

use super::weak::{self, Weakness};
use crate::error::ApiError;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use std::sync::LazyLock;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;

// What an unknown login name is compared with, so that it takes as long as a known one.
static NOBODY: LazyLock<String> = LazyLock::new(|| {
    hash_now(&crate::ids::secret()).expect("a short text can be hashed with these parameters")
});

fn argon() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, 1, None).expect("the parameters are in range");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Option<String> {
    argon()
        .hash_password(password.as_bytes())
        .ok()
        .map(|hash| hash.to_string())
}

/// Whether a password may be chosen.
///
/// # Errors
/// Says what is wrong with it.
pub fn acceptable(password: &str, login: &str) -> Result<(), ApiError> {
    let (zh, en) = match weak::weakness(password, login) {
        None => return Ok(()),
        Some(Weakness::Short) => (
            "密码至少10个字符，请换一个更长的。",
            "A password needs at least 10 characters; choose a longer one.",
        ),
        Some(Weakness::Long) => (
            "密码过长，请换一个短一些的。",
            "The password is too long; choose a shorter one.",
        ),
        Some(Weakness::Name) => (
            "密码不得包含登录名或产品名称，请换一个。",
            "A password may contain neither the login name nor the product's name; choose another.",
        ),
        Some(Weakness::Guessable) => (
            "密码太常见，容易被猜中（例如连续或重复的字符、键盘上相邻的键、常用词、日期或手机号），请换一个，例如几个互不相关的词。",
            "The password is a common one and easily guessed (sequences, repetitions, rows of keys, usual words, dates, telephone numbers); choose another, for example a few unrelated words.",
        ),
    };
    Err(ApiError::weak_password().in_words(zh, en))
}

/// Hashes a password.
pub async fn hash(password: String) -> Result<String, ApiError> {
    let done = tokio::task::spawn_blocking(move || hash_now(&password)).await;
    done.ok().flatten().ok_or_else(ApiError::internal)
}

/// Whether the password fits. Without a hash the same work is done and the answer is no.
pub async fn verify(password: String, stored: Option<String>) -> bool {
    if password.len() > weak::LONGEST_BYTES {
        return false;
    }
    let work = move || {
        let known = stored.is_some();
        let text = stored.unwrap_or_else(|| NOBODY.clone());
        let fits = PasswordHash::new(&text)
            .is_ok_and(|hash| argon().verify_password(password.as_bytes(), &hash).is_ok());
        fits && known
    };
    tokio::task::spawn_blocking(work).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn hashes_with_the_promised_parameters_and_refuses_others() {
        let stored = hash("示例口令-1234567".to_owned()).await.unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{stored}"
        );
        assert!(verify("示例口令-1234567".to_owned(), Some(stored.clone())).await);
        assert!(!verify("示例口令-1234568".to_owned(), Some(stored)).await);
        assert!(!verify(String::new(), None).await);
    }

    #[test]
    fn each_weakness_is_told_in_both_languages_under_one_code() {
        let long = "kz7-wqmv".repeat(129);
        let mut told: Vec<String> = ["kz7-wqmv", &long, "kz7wqmvt-anna", "P@ssw0rd2026!"]
            .iter()
            .map(|password| acceptable(password, "anna").unwrap_err().problem().clone())
            .map(|problem| {
                assert_eq!(problem.code, "weak_password");
                assert!(problem.detail.contains("密码") && problem.detail.contains("choose"));
                problem.detail
            })
            .collect();
        told.dedup();
        assert_eq!(told.len(), 4);
        assert!(acceptable("十个汉字也可以当口令吗", "anna").is_ok());
    }
}
