//! `zhicha restore`: brings a backup back into a new data folder.

use super::{Found, fsck};
use crate::{
    Config,
    backup::{
        Damaged,
        key::Private,
        restore::{self, Wanted},
    },
};
use std::path::PathBuf;

/// Arguments.
#[derive(clap::Args)]
pub struct Args {
    /// A backup, or the folder of the backups (then the newest one)
    #[arg(value_name = "FROM")]
    from: PathBuf,
    /// New folder of the server; it must be empty or not be there
    #[arg(long, env = "ZHICHA_DATA_DIR", value_name = "DIR")]
    data_dir: PathBuf,
    /// File with the private key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where photos and other files are brought, as `zhicha serve` will be told; by default `blobs` in the new folder
    #[arg(long, env = "ZHICHA_BLOB_URL", value_name = "URL")]
    blob_url: Option<String>,
    /// Take the backup of this server only: the thumbprint that `zhicha serve` prints as `server key`
    #[arg(long, value_name = "THUMBPRINT", allow_hyphen_values = true)]
    server: Option<String>,
    /// Bring back what is whole although something is missing or wrong; it is listed
    #[arg(long)]
    accept_findings: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

/// Runs it.
pub fn run(args: Args) -> anyhow::Result<Found> {
    let config = Config {
        blob_url: args.blob_url,
        ..Config::in_folder(args.data_dir)
    };
    let key = Private::read(&args.key)?;
    let restored = super::block_on(restore::restore(&Wanted {
        from: &args.from,
        config: &config,
        key: &key,
        server: args.server.as_deref(),
        accept_findings: args.accept_findings,
    }));
    let restored = match restored {
        Ok(restored) => restored,
        Err(error) => match error.downcast::<Damaged>() {
            Ok(Damaged(found)) => {
                let said = fsck::say(&found, args.json);
                eprintln!(
                    "未恢复，也未写入任何内容。先尝试另一份备份；--accept-findings 只恢复完好的部分\n\
                     nothing was restored and nothing written. Try another backup first; --accept-findings brings back what is whole"
                );
                return Ok(said);
            }
            Err(error) => return Err(error),
        },
    };
    eprintln!(
        "{} restored to {}: server key {}, {} files of evidence",
        restored.name,
        config.data_dir.display(),
        restored.server_key,
        restored.blobs
    );
    for (tenant, life) in &restored.lives {
        eprintln!(
            "tenant {tenant}: {} texts, new life of the log {}",
            life.size, life.epoch
        );
    }
    if config.blob_url.is_some() || restored.blobs_before.is_some() {
        say_place(config.blob_url.as_deref(), restored.blobs_before.as_deref());
    }
    eprintln!(
        "只启动这一台服务器；备份之后停用的人员和设备需重新停用\n\
         start only this one server; revoke again whoever and whatever was revoked since the backup"
    );
    Ok(fsck::say(&restored.found, args.json))
}

// Where photos are now; the server must be told the same.
fn say_place(now: Option<&str>, before: Option<&str>) {
    let before = before.unwrap_or("blobs");
    match now {
        Some(url) => eprintln!(
            "照片等文件已放到 {url}（原来在 {before}）；启动时用同样的 --blob-url\n\
             photos and files were brought to {url} (before: {before}); start with the same --blob-url"
        ),
        None => eprintln!(
            "照片等文件已放到新文件夹的 blobs，不在 {before}；启动前先去掉 --blob-url（ZHICHA_BLOB_URL）。要放回原处，请删除新文件夹，加 --blob-url 重新恢复\n\
             photos and files were brought to blobs of the new folder, not to {before}: take --blob-url (ZHICHA_BLOB_URL) out before you start. To have them there, delete the new folder and restore again with --blob-url"
        ),
    }
}
