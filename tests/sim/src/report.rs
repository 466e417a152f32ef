//! What a run of the simulation showed, as a page: `docs/simulation.md` is written by `zhicha-sim --report` and by nothing else.

use crate::{
    many::{Wanted, all},
    plant::Bug,
    tally::Tally,
};
use std::fmt::Write as _;

/// How a planted mistake was found.
pub struct Planted {
    /// The mistake.
    pub bug: Bug,
    /// Seed, step and words of the first finding; nothing when no seed shows it.
    pub found: Option<(u64, usize, String)>,
}

/// How many seeds, of how many steps, a mistake is looked for in.
pub fn looked_for(bug: Bug) -> Wanted {
    // It shows only where a server falls back between two rounds of photos.
    let rare = bug == Bug::PhotosNotDoubted;
    Wanted {
        from: 1,
        seeds: if rare { 90 } else { 30 },
        steps: if rare { 500 } else { 300 },
        bug: Some(bug),
    }
}

/// Makes each mistake once and looks for it.
///
/// # Errors
/// When no server can be started, or a mistake could not be made.
pub fn planted() -> anyhow::Result<Vec<Planted>> {
    let mut table = Vec::new();
    for bug in Bug::ALL {
        let wrong = all(looked_for(bug))?.wrong;
        let unmade = wrong.iter().find(|w| w.what.starts_with("tampering"));
        anyhow::ensure!(unmade.is_none(), "{bug:?}: {unmade:?}");
        let found = wrong.into_iter().next();
        let found = found.map(|wrong| (wrong.seed, wrong.step, wrong.what));
        table.push(Planted { bug, found });
    }
    Ok(table)
}

/// The page.
pub fn page(tally: &Tally, planted: &[Planted]) -> String {
    let (all, bad) = (tally.seeds, tally.wrong.len());
    let mut page = format!(
        "# Simulation\n\nWritten by `cargo run --release -p zhicha-sim -- --seeds {all} --report docs/simulation.md`; nothing here is typed by hand. \
         What a seed does and what must hold is in `tests/sim`.\n\n\
         Seeds {} to {}, {} steps each and then the quiet: {bad} wrong, {} min of work.\n\n| what happened | times |\n|---|---|\n",
        tally.from,
        tally.from + all - 1,
        tally.steps,
        tally.took.div_ceil(60_000)
    );
    for (name, count) in &tally.counts {
        let _ = writeln!(page, "| {name} | {count} |");
    }
    page += "\n## Planted mistakes\n\nEach is made once, on purpose; what the oracle says first.\n\n\
             | mistake | seed | step | found as |\n|---|---|---|---|\n";
    for one in planted {
        let (seed, step, what) = match &one.found {
            Some((seed, step, what)) => (seed.to_string(), step.to_string(), without_names(what)),
            None => (String::new(), String::new(), "**not found**".to_owned()),
        };
        let _ = writeln!(page, "| {:?} | {seed} | {step} | {what} |", one.bug);
    }
    page
}

// Hashes and ids say nothing here.
fn without_names(what: &str) -> String {
    let word = |word: &str| match word.len() > 30 && !word.contains('/') {
        true => "…".to_owned(),
        false => word.replace('|', "/"),
    };
    what.split_whitespace()
        .map(word)
        .collect::<Vec<_>>()
        .join(" ")
}
