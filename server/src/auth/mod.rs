//! Who is calling: passwords, sessions, limits against guessing, and refusal of other sites' pages.

pub mod limit;
pub mod origin;
pub mod password;
pub mod proxies;
pub mod session;
mod weak;
