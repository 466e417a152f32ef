//! A long run in parts: what came of the seeds so far stands in a file, so that a run of hours that is cut goes on where it was.

use crate::many::{Found, Wanted, all};
use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fs, path::Path, time::Instant};

/// Seeds between two writings of the file.
const PART: u64 = 200;

/// What came of the seeds so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// SHA-256 of the program that ran them: seeds of two programs are not one run.
    pub program: String,
    /// The first seed.
    pub from: u64,
    /// Steps of each before the quiet.
    pub steps: usize,
    /// How many were run.
    pub seeds: u64,
    /// What was found, in words, with the seed.
    pub wrong: Vec<String>,
    /// How often each kind of fault happened.
    pub counts: BTreeMap<String, u64>,
    /// Time at work, in milliseconds.
    pub took: u64,
}

impl Tally {
    /// Of nothing yet, by the program that is running.
    ///
    /// # Errors
    /// When the program cannot read itself.
    pub fn new(wanted: &Wanted) -> anyhow::Result<Self> {
        let program = fs::read(std::env::current_exe()?)?;
        Ok(Self {
            program: format!("{:x}", Sha256::digest(program)),
            from: wanted.from,
            steps: wanted.steps,
            ..Self::default()
        })
    }

    /// Goes on with the one in the file, if there is one.
    ///
    /// # Errors
    /// When the file is none, or of another program, first seed or number of steps.
    pub fn open(file: &Path, wanted: &Wanted) -> anyhow::Result<Self> {
        let new = Self::new(wanted)?;
        if !file.exists() {
            return Ok(new);
        }
        let kept: Self = serde_json::from_slice(&fs::read(file)?)?;
        let same = |t: &Self| (t.program.clone(), t.from, t.steps);
        anyhow::ensure!(
            same(&kept) == same(&new),
            "{} is of another program, first seed or number of steps: begin a new file",
            file.display()
        );
        Ok(kept)
    }

    /// Adds what was found, and the time it took.
    pub fn add(&mut self, seeds: u64, found: &Found, took: u64) {
        self.seeds += seeds;
        self.took += took;
        self.wrong
            .extend(found.wrong.iter().map(ToString::to_string));
        for (name, count) in found.counts() {
            *self.counts.entry(name.to_owned()).or_default() += count;
        }
    }

    /// Runs what is missing of the wanted seeds, part by part; the file, if there is one, always holds whole parts.
    ///
    /// # Errors
    /// When no server can be started or the file cannot be written.
    pub fn run(&mut self, wanted: &Wanted, file: Option<&Path>) -> anyhow::Result<()> {
        while self.seeds < wanted.seeds {
            let begun = Instant::now();
            let seeds = PART.min(wanted.seeds - self.seeds);
            let part = Wanted {
                from: self.from + self.seeds,
                seeds,
                ..*wanted
            };
            let found = all(part)?;
            self.add(seeds, &found, u64::try_from(begun.elapsed().as_millis())?);
            if let Some(file) = file {
                let new = file.with_extension("new");
                fs::write(&new, serde_json::to_vec_pretty(self)?)?;
                fs::rename(&new, file).context("the tally cannot be kept")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_was_cut_goes_on_and_comes_to_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tally.json");
        let wanted = |seeds| Wanted {
            from: 3,
            seeds,
            steps: 60,
            ..Wanted::default()
        };
        let mut whole = Tally::new(&wanted(4)).unwrap();
        whole.run(&wanted(4), None).unwrap();

        let mut cut = Tally::open(&file, &wanted(1)).unwrap();
        cut.run(&wanted(1), Some(&file)).unwrap();
        let mut rest = Tally::open(&file, &wanted(4)).unwrap();
        assert_eq!(rest, cut);
        rest.run(&wanted(4), Some(&file)).unwrap();
        assert_eq!(
            (rest.seeds, rest.counts, rest.wrong),
            (4, whole.counts, whole.wrong)
        );

        let other = Wanted {
            steps: 61,
            ..wanted(4)
        };
        assert!(Tally::open(&file, &other).is_err());
    }
}
