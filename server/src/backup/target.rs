//! The folder that holds the backups of one server, on whatever is mounted there.

use super::{FORMAT, INDEX, Named, Owner, Stored, key::Public, set, stays_inside, write};
use crate::keys::ServerKey;
use anyhow::Context as _;
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
};
use zhicha_core::checklist::digest::hex;

const OWNER: &str = "zhicha-backup.json";
const BLOBS: &str = "blobs";
// A name of bytes: SHA-256 in hex, a number of its own, and the ending.
const NAME: usize = 64;

/// Where bytes with this name lie under the folder of backups.
pub fn blob_path(folder: &Path, name: &str) -> PathBuf {
    folder
        .join(BLOBS)
        .join(name.get(..2).unwrap_or("00"))
        .join(name)
}

/// Whether a name can be that of bytes.
pub fn is_blob_name(name: &str) -> bool {
    name.len() > NAME && stays_inside(name) && !name.contains('/') && name.ends_with(".age")
}

/// Whose backups `folder` holds; nothing when it holds none.
pub fn owner(folder: &Path) -> anyhow::Result<Option<Owner>> {
    let path = folder.join(OWNER);
    let text = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        read => read.with_context(|| format!("could not read {}", path.display()))?,
    };
    let owner: Owner = serde_json::from_slice(&text)
        .with_context(|| format!("{} is not of a known form", path.display()))?;
    anyhow::ensure!(
        owner.format == FORMAT,
        "the backups in {} are of the form {}, this version knows {FORMAT}",
        folder.display(),
        owner.format
    );
    Ok(Some(owner))
}

/// The folder, open for the next backup.
pub struct Target {
    folder: PathBuf,
    to: Public,
    // By the name that follows from the bytes.
    held: BTreeMap<String, Named>,
    list: File,
}

impl Target {
    /// Opens `folder`, making it if need be.
    ///
    /// # Errors
    /// When it cannot be used, holds other things, or backups of another server or to another key.
    pub fn open(folder: &Path, key: &ServerKey, to: Public) -> anyhow::Result<Self> {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("could not make {}", folder.display()))?;
        let owner = Owner {
            format: FORMAT.to_owned(),
            server_key: key.public().thumbprint(),
            recipient: to.to_string(),
        };
        match self::owner(folder)? {
            Some(there) => agree(folder, &there, &owner)?,
            None => begin(folder, &owner)?,
        }
        let path = folder.join(INDEX);
        let held = held(&path)?;
        let list = OpenOptions::new().create(true).append(true).open(&path);
        let mut list = list.with_context(|| format!("could not write {}", path.display()))?;
        // Behind a line that was torn.
        list.write_all(b"\n")?;
        Ok(Self {
            folder: folder.to_owned(),
            to,
            held,
            list,
        })
    }

    /// Bytes that an earlier backup wrote and that are still there in their length.
    pub fn holds(&self, name: &str) -> Option<Named> {
        let held = self.held.get(name)?;
        let meta = std::fs::metadata(blob_path(&self.folder, &held.name)).ok()?;
        (meta.len() == held.stored.len).then(|| held.clone())
    }

    /// Writes bytes. Each time under a new name, so that no earlier backup sees others.
    pub fn add(&mut self, name: &str, bytes: &[u8]) -> anyhow::Result<Named> {
        let full = format!("{name}-{}.age", hex(&crate::ids::random::<4>()));
        let path = blob_path(&self.folder, &full);
        let stored = write::sealed(&self.to, &mut &bytes[..], &path)?;
        let named = Named { name: full, stored };
        // A line for each, so that a backup that was broken off need not begin anew.
        let line = serde_json::to_string(&named)? + "\n";
        self.list
            .write_all(line.as_bytes())
            .context("could not note what was written")?;
        self.held.insert(name.to_owned(), named.clone());
        Ok(named)
    }

    /// Makes what was added durable.
    pub fn settle(&self) -> anyhow::Result<()> {
        self.list.sync_all()?;
        let blobs = self.folder.join(BLOBS);
        if let Ok(folders) = std::fs::read_dir(&blobs) {
            for folder in folders.filter_map(Result::ok) {
                write::settled(&folder.path())?;
            }
            write::settled(&blobs)?;
        }
        write::settled(&self.folder)
    }

    /// Removes all but the newest `keep` backups, and never `new`, whatever the clock says. Bytes stay: another backup may
    /// have them too.
    pub fn thin(&self, keep: usize, new: &str) -> anyhow::Result<()> {
        let mut names = set::names(&self.folder)?;
        names.retain(|name| name != new);
        names.sort_unstable();
        for name in names.iter().rev().skip(keep.saturating_sub(1)) {
            let path = self.folder.join(name);
            std::fs::remove_dir_all(&path)
                .with_context(|| format!("could not remove the old backup {}", path.display()))?;
        }
        Ok(())
    }
}

fn agree(folder: &Path, there: &Owner, ours: &Owner) -> anyhow::Result<()> {
    let folder = folder.display();
    anyhow::ensure!(
        there.server_key == ours.server_key,
        "{folder} holds backups of another server (key {}); choose another folder",
        there.server_key
    );
    anyhow::ensure!(
        there.recipient == ours.recipient,
        "the backups in {folder} are encrypted to the key {}, the server has {} now; choose a new folder for the new key and \
         keep the old one with its private key",
        there.recipient,
        ours.recipient
    );
    Ok(())
}

fn begin(folder: &Path, owner: &Owner) -> anyhow::Result<()> {
    // What a new file system brings along, and what this very step leaves when it is broken off.
    let nothing = ["lost+found", "zhicha-backup.json.part"];
    let mut names = std::fs::read_dir(folder)?.filter_map(Result::ok);
    let other = names.find(|entry| !nothing.iter().any(|name| entry.file_name() == *name));
    anyhow::ensure!(
        other.is_none(),
        "{} is not empty and holds no backups of 直查; choose an empty or a new folder",
        folder.display()
    );
    write::plain(&serde_json::to_vec_pretty(owner)?, &folder.join(OWNER))?;
    write::settled(folder)
}

// The last line may be torn.
fn held(path: &Path) -> anyhow::Result<BTreeMap<String, Named>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        opened => opened.with_context(|| format!("could not read {}", path.display()))?,
    };
    let mut held = BTreeMap::new();
    for line in BufReader::new(file).lines() {
        let Ok(named) = serde_json::from_str::<Named>(&line?) else {
            continue;
        };
        if is_blob_name(&named.name) {
            held.insert(short(&named).to_owned(), named);
        }
    }
    Ok(held)
}

/// The name that follows from the bytes.
pub fn short(named: &Named) -> &str {
    &named.name[..NAME]
}

/// What a list of bytes says, by the name that follows from them.
pub fn listed(text: &str) -> Option<BTreeMap<String, Stored>> {
    text.lines()
        .map(|line| {
            let named: Named = serde_json::from_str(line).ok()?;
            is_blob_name(&named.name).then_some((named.name, named.stored))
        })
        .collect()
}
