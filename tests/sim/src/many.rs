//! Many seeds, on all processors.

use crate::{
    plant::Bug,
    run::{Report, Wrong, run},
    server::Template,
};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// People that phones belong to.
pub const PEOPLE: usize = 4;

/// Which seeds, and how long each.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The first.
    pub from: u64,
    /// How many.
    pub seeds: u64,
    /// Steps of each before the quiet.
    pub steps: usize,
    /// What is wrong on purpose.
    pub bug: Option<Bug>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            from: 1,
            seeds: 1,
            steps: 500,
            bug: None,
        }
    }
}

/// What came of them, each in the order of its seed.
#[derive(Default)]
pub struct Found {
    /// Those that are as they must be.
    pub good: BTreeMap<u64, Report>,
    /// Those that are not.
    pub wrong: Vec<Wrong>,
}

impl Found {
    /// How often each kind of fault happened, by name.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let mut sums: Vec<(&'static str, u64)> = Vec::new();
        for (name, count) in self.good.values().flat_map(Report::counts) {
            match sums.iter_mut().find(|(known, _)| *known == name) {
                Some((_, sum)) => *sum += count,
                None => sums.push((name, count)),
            }
        }
        sums
    }
}

/// Runs them; with a planted bug only until one seed finds it.
///
/// # Errors
/// When no server can be started.
pub fn all(wanted: Wanted) -> anyhow::Result<Found> {
    let next = AtomicU64::new(wanted.from);
    let found = Mutex::new(Found::default());
    let template = runtime()?.block_on(Template::of(PEOPLE))?;
    let end = wanted.from + wanted.seeds;
    let work = || -> anyhow::Result<()> {
        let runtime = runtime()?;
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= end {
                return Ok(());
            }
            // Left alone, tasks take turns by how much was ready at once, which is chance.
            let one = run(&template, seed, wanted.steps, wanted.bug);
            let ended = runtime.block_on(tokio::task::unconstrained(one));
            let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
            match ended {
                Ok(report) => drop(found.good.insert(seed, report)),
                Err(wrong) => {
                    found.wrong.push(wrong);
                    if wanted.bug.is_some() {
                        next.store(end, Ordering::Relaxed);
                    }
                }
            }
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter().try_for_each(|one| match one.join() {
            Ok(ended) => ended,
            Err(panic) => std::panic::resume_unwind(panic),
        })
    })?;
    let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    found.wrong.sort_by_key(|wrong| wrong.seed);
    Ok(found)
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}
