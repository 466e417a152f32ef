//! The place of the bytes that the server was told at its last start. Whoever looks elsewhere would find all of them lost.

use super::Place;
use crate::{
    Config,
    store::{self, Conn, settings},
};

/// Remembers the place that `config` names.
///
/// # Errors
/// When the database does not answer.
pub async fn note(conn: &mut Conn, config: &Config) -> store::Result<()> {
    let told = config.blob_url.as_deref().unwrap_or_default();
    if settings::get(conn, settings::BLOB_URL).await?.as_deref() != Some(told) {
        settings::put(conn, settings::BLOB_URL, told).await?;
    }
    Ok(())
}

/// The place that is remembered, as `--blob-url` named it; empty for `blobs` in the data folder.
///
/// # Errors
/// When the database does not answer.
pub async fn get(conn: &mut Conn) -> store::Result<Option<String>> {
    settings::get(conn, settings::BLOB_URL).await
}

/// Makes sure that `config` names the place that is remembered, if one is.
///
/// # Errors
/// When it names another one, or the database does not answer.
pub async fn agree(conn: &mut Conn, config: &Config) -> anyhow::Result<()> {
    let Some(url) = get(conn).await? else {
        return Ok(());
    };
    let known = Config {
        blob_url: Some(url).filter(|url| !url.is_empty()),
        ..config.clone()
    };
    let (known, here) = (known.blobs()?, config.blobs()?);
    anyhow::ensure!(
        known == here,
        "服务器上次启动时，照片等文件在 {known}，而这里指的是 {here}。什么都没有改动；请加上同样的 --blob-url（或 ZHICHA_BLOB_URL，存储桶还要 AWS_…）再执行 / \
         at its last start the server kept photos and files in {known}, but this command was told {here}. Nothing was changed; run it again with the same --blob-url (or ZHICHA_BLOB_URL, and AWS_… for a bucket)"
    );
    Ok(())
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Bucket(bucket, prefix) if prefix.is_empty() => write!(f, "s3://{bucket}"),
            Self::Bucket(bucket, prefix) => write!(f, "s3://{bucket}/{prefix}"),
        }
    }
}
