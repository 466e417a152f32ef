//! Where bytes are kept: in a folder, or in a bucket of a store that speaks S3.

use anyhow::Context as _;
use object_store::{
    ClientConfigKey, ClientOptions, ObjectStore, RetryConfig,
    aws::{AmazonS3Builder, AmazonS3ConfigKey},
    local::LocalFileSystem,
    prefix::PrefixStore,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use zhicha_core::checklist::Digest;

// Whoever uploads asks again by itself: a server that keeps on trying for minutes would only hold up others.
const RETRIES: usize = 2;
const RETRYING: Duration = Duration::from_secs(10);
// A connection to the bucket that says nothing for so long has gone; `AWS_READ_TIMEOUT` says otherwise.
const SILENCE: Duration = Duration::from_secs(30);

/// Where `--blob-url` says that bytes are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A folder.
    Folder(PathBuf),
    /// A bucket, and what the names of all objects begin with; empty for nothing.
    Bucket(String, String),
}

impl Place {
    /// Reads `file:DIR` or `s3://BUCKET/PREFIX`.
    ///
    /// # Errors
    /// When the address has neither form.
    pub fn parse(url: &str) -> anyhow::Result<Self> {
        if let Some(path) = url.strip_prefix("file:").filter(|path| !path.is_empty()) {
            return Ok(Self::Folder(PathBuf::from(path.trim_start_matches("//"))));
        }
        let rest = url.strip_prefix("s3://").unwrap_or_default();
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        anyhow::ensure!(
            !bucket.is_empty(),
            "--blob-url must be file:DIR or s3://BUCKET/PREFIX"
        );
        Ok(Self::Bucket(
            bucket.to_owned(),
            prefix.trim_matches('/').to_owned(),
        ))
    }

    /// Makes the folder, if it is one, and clears away what was being written when a server before this one died.
    ///
    /// # Errors
    /// When it cannot be made or read.
    pub(super) fn make(&self) -> anyhow::Result<()> {
        let Self::Folder(folder) = self else {
            return Ok(());
        };
        std::fs::create_dir_all(folder)
            .with_context(|| format!("could not make {}", folder.display()))?;
        clear_unfinished(folder)
    }

    /// Opens it. A bucket is not asked for anything.
    ///
    /// # Errors
    /// When there is no such folder, or the settings of the bucket do not fit together.
    pub(super) fn open(&self) -> anyhow::Result<Arc<dyn ObjectStore>> {
        match self {
            Self::Folder(folder) => Ok(Arc::new(
                LocalFileSystem::new_with_prefix(folder)?.with_fsync(true),
            )),
            Self::Bucket(bucket, prefix) => {
                let vars = std::env::vars_os().filter_map(|(key, value)| {
                    Some((key.into_string().ok()?, value.into_string().ok()?))
                });
                let bucket = s3(bucket, vars)?;
                Ok(Arc::new(PrefixStore::new(bucket, prefix.as_str())))
            }
        }
    }
}

// A bucket as the usual `AWS_…` variables say.
fn s3(
    bucket: &str,
    vars: impl Iterator<Item = (String, String)>,
) -> anyhow::Result<impl ObjectStore> {
    // Who has set another one, keeps it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = ClientOptions::new()
        .with_timeout_disabled()
        .with_read_timeout(SILENCE);
    let retry = RetryConfig {
        max_retries: RETRIES,
        retry_timeout: RETRYING,
        ..RetryConfig::default()
    };
    let plain = AmazonS3Builder::new()
        .with_client_options(client)
        .with_retry(retry);
    let told = vars.filter(|(key, _)| key.starts_with("AWS_"));
    let builder = told.fold(plain, |builder, (key, value)| {
        match key.to_ascii_lowercase().parse() {
            Ok(key) => builder.with_config(key, value),
            Err(_) => builder,
        }
    });
    let set = |key| builder.get_config_value(&key).unwrap_or_default();
    let allow_http = AmazonS3ConfigKey::Client(ClientConfigKey::AllowHttp);
    for endpoint in [AmazonS3ConfigKey::Endpoint, AmazonS3ConfigKey::S3Endpoint] {
        let endpoint = set(endpoint);
        anyhow::ensure!(
            !endpoint.starts_with("http://") || set(allow_http) == "true",
            "{endpoint} is no https: photos and keys would cross the network in the clear. Set AWS_ALLOW_HTTP=true only where nobody can listen"
        );
    }
    let built = builder.with_bucket_name(bucket).build();
    built.with_context(|| format!("the settings (AWS_…) of the bucket {bucket} do not fit"))
}

/// Removes files of ours that a crash left half written: `object_store` writes to `NAME#NUMBER` and renames that. To be
/// called only before anything is written there.
///
/// # Errors
/// When a folder cannot be read or a file stays.
pub(crate) fn clear_unfinished(folder: &Path) -> anyhow::Result<()> {
    let unreadable = || format!("could not look through {}", folder.display());
    for entry in std::fs::read_dir(folder).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let path = entry.path();
        if entry.file_type().with_context(unreadable)?.is_dir() {
            clear_unfinished(&path)?;
        } else if is_unfinished(&entry.file_name().to_string_lossy()) {
            std::fs::remove_file(&path)
                .with_context(|| format!("could not remove {}", path.display()))?;
        }
    }
    Ok(())
}

// Our names begin with a digest; others' files are others'.
fn is_unfinished(name: &str) -> bool {
    let Some((name, number)) = name.split_once('#') else {
        return false;
    };
    let ours = name.get(..64).and_then(Digest::parse);
    ours.is_some() && !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_folder_or_a_bucket() {
        let folder = |path: &str| Some(Place::Folder(PathBuf::from(path)));
        let bucket =
            |name: &str, prefix: &str| Some(Place::Bucket(name.to_owned(), prefix.to_owned()));
        for (url, place) in [
            ("file:photos", folder("photos")),
            ("file:///srv/photos", folder("/srv/photos")),
            ("s3://photos", bucket("photos", "")),
            ("s3://photos/", bucket("photos", "")),
            ("s3://photos/town/a/", bucket("photos", "town/a")),
            ("s3://", None),
            ("s3:///town", None),
            ("file:", None),
            ("https://photos", None),
            ("", None),
        ] {
            assert_eq!(Place::parse(url).ok(), place, "{url}");
        }
    }

    #[test]
    fn a_bucket_is_reached_in_the_clear_only_when_told_so() {
        let opened = |vars: &[(&str, &str)]| {
            let vars = vars.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            s3("photos", vars)
                .map(|_| ())
                .map_err(|error| format!("{error:#}"))
        };
        let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
        let with = |more: &[(&str, &str)]| opened(&[&keys, more].concat());
        assert_eq!(with(&[]), Ok(()));
        assert_eq!(
            with(&[("AWS_ENDPOINT_URL_S3", "https://s3.example")]),
            Ok(())
        );
        for endpoint in ["AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"] {
            let clear = (endpoint, "http://s3.example");
            let refused = with(&[clear]).unwrap_err();
            assert!(refused.contains("AWS_ALLOW_HTTP"), "{refused}");
            assert_eq!(with(&[clear, ("AWS_ALLOW_HTTP", "true")]), Ok(()));
        }
        let half = opened(&[("AWS_ACCESS_KEY_ID", "a")]).unwrap_err();
        assert!(half.contains("AWS_"), "{half}");
    }

    #[test]
    fn what_was_half_written_goes_and_all_else_stays() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("a/b");
        std::fs::create_dir_all(&deep).unwrap();
        let name = "0a".repeat(32);
        let ours = [format!("{name}#1"), format!("{name}.view.jpg#27")];
        let mut stay = [name.clone(), format!("{name}#"), "notes#1".to_owned()];
        for file in ours.iter().chain(&stay) {
            std::fs::write(deep.join(file), "x").unwrap();
        }
        clear_unfinished(dir.path()).unwrap();
        let left = std::fs::read_dir(&deep).unwrap();
        let left = left.map(|e| e.unwrap().file_name().into_string().unwrap());
        let mut left: Vec<_> = left.collect();
        left.sort();
        stay.sort();
        assert_eq!(left, stay);
    }
}
