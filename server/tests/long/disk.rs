//! A disk that loses its power: what was synced is there, and of what was written since then any part.

use crate::{recording::Step, world::random::Random};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The files by their names in the data folder.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// A disk with a cache in front of it.
pub struct Disk<'a> {
    safe: Files,
    // Written and not synced, with the number of the step.
    cached: Vec<(usize, &'a Step)>,
    // A disk that says of this file that it was synced, and did nothing.
    lying: Option<&'a str>,
}

impl<'a> Disk<'a> {
    /// A disk with these files.
    pub fn with(files: Files) -> Self {
        Self {
            safe: files,
            cached: Vec::new(),
            lying: None,
        }
    }

    /// A disk with these files that ignores each sync of one of them.
    pub fn lying(files: Files, about: &'a str) -> Self {
        let lying = Some(about);
        Self {
            lying,
            ..Self::with(files)
        }
    }

    /// The next step, number `n`.
    pub fn takes(&mut self, n: usize, step: &'a Step) {
        match step {
            Step::Said(_) => {}
            Step::Write { .. } | Step::Resize { .. } => self.cached.push((n, step)),
            Step::Sync { file, before } => {
                if self.lying.is_some_and(|lying| file == Path::new(lying)) {
                    return;
                }
                let safe = &mut self.safe;
                self.cached.retain(|(n, step)| {
                    let covered = n < before && about(step) == Some(file);
                    if covered {
                        all_of(step, safe);
                    }
                    !covered
                });
            }
        }
    }

    /// What may be on it when the power is lost now: each sector that was written since the last sync of its file came
    /// there, or did not, or broke off, whatever the order.
    pub fn after_power_loss(&self, random: &mut Random) -> Files {
        let sector = [512, 4096][random.below(2)];
        // Of four sectors none, so many, or all are there.
        let luck = random.below(5);
        let mut files = self.safe.clone();
        for (_, step) in &self.cached {
            match step {
                Step::Write { file, at, bytes } => {
                    let file = files.entry(file.clone()).or_default();
                    for (at, part) in sectors(*at, bytes, sector) {
                        if random.below(4) >= luck {
                            continue;
                        }
                        let torn = random.below(4) == 0;
                        let end = if torn {
                            random.below(part.len())
                        } else {
                            part.len()
                        };
                        put(file, at, &part[..end]);
                    }
                }
                step => {
                    if random.below(4) < luck {
                        all_of(step, &mut files);
                    }
                }
            }
        }
        files
    }
}

fn about(step: &Step) -> Option<&PathBuf> {
    match step {
        Step::Write { file, .. } | Step::Resize { file, .. } => Some(file),
        Step::Sync { .. } | Step::Said(_) => None,
    }
}

fn all_of(step: &Step, files: &mut Files) {
    match step {
        Step::Write { file, at, bytes } => put(files.entry(file.clone()).or_default(), *at, bytes),
        Step::Resize { file, to } => files.entry(file.clone()).or_default().resize(*to, 0),
        Step::Sync { .. } | Step::Said(_) => {}
    }
}

// What lies between the end of a file and the first byte behind it is zeros.
fn put(file: &mut Vec<u8>, at: usize, bytes: &[u8]) {
    let end = at + bytes.len();
    if file.len() < end {
        file.resize(end, 0);
    }
    file[at..end].copy_from_slice(bytes);
}

// The parts of a write by the sectors that they lie in.
fn sectors(at: usize, bytes: &[u8], size: usize) -> Vec<(usize, &[u8])> {
    let (mut at, mut rest, mut parts) = (at, bytes, Vec::new());
    while !rest.is_empty() {
        let (part, behind) = rest.split_at(rest.len().min(size - at % size));
        parts.push((at, part));
        (at, rest) = (at + part.len(), behind);
    }
    parts
}
