//! Passwords: Argon2id with 19 MiB and two passes (OWASP's minimum), hashed off the async threads.

use crate::error::ApiError;
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher as _, PasswordVerifier as _, phc::PasswordHash},
};
use std::sync::LazyLock;

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const SHORTEST: usize = 10;
// Hashing a megabyte is a way to keep the server busy.
const LONGEST: usize = 1024;

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
pub fn acceptable(password: &str, login: &str) -> Result<(), ApiError> {
    let length = password.chars().count();
    if length < SHORTEST || password.len() > LONGEST || password.eq_ignore_ascii_case(login) {
        return Err(ApiError::weak_password());
    }
    Ok(())
}

/// Hashes a password.
pub async fn hash(password: String) -> Result<String, ApiError> {
    let done = tokio::task::spawn_blocking(move || hash_now(&password)).await;
    done.ok().flatten().ok_or_else(ApiError::internal)
}

/// Whether the password fits. Without a hash the same work is done and the answer is no.
pub async fn verify(password: String, stored: Option<String>) -> bool {
    if password.len() > LONGEST {
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
    fn short_passwords_and_the_login_name_are_refused() {
        assert!(acceptable("123456789", "anna").is_err());
        assert!(acceptable("Demo-Login-1", "demo-login-1").is_err());
        assert!(acceptable("十个汉字也可以当口令吗", "anna").is_ok());
    }
}
