//! What `GET /metrics` says.

use super::client;
use std::collections::BTreeMap;

/// The numbers that are read at `url`, each under its name.
pub async fn read(url: &str) -> BTreeMap<String, f64> {
    let answer = client().get(url).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert!(kind.starts_with("application/openmetrics-text"), "{kind}");
    let text = answer.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"));
    let values = text.lines().filter(|line| !line.starts_with('#'));
    let value = |line: &str| {
        let (name, value) = line.rsplit_once(' ').unwrap();
        (name.to_owned(), value.parse().unwrap())
    };
    values.map(value).collect()
}

/// How many days the certificate still holds; nothing without one.
pub async fn days_left(url: &str) -> Option<f64> {
    read(url).await.remove("zhicha_certificate_days_left")
}
