//! `zhicha-sim`: runs seeds one after the other, or one again.
//!
//!     zhicha-sim [--seeds N] [--from SEED] [--seed SEED] [--steps N] [--tally FILE] [--report FILE]
//!
//! With `--tally` a run that is cut goes on where it was. With `--report` it makes the planted mistakes too and writes a page.

use std::{path::Path, process::ExitCode};
use zhicha_sim::{many::Wanted, report, tally::Tally};

fn main() -> anyhow::Result<ExitCode> {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str| -> Option<u64> {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1)?.parse().ok()
    };
    let one = number("--seed");
    let wanted = Wanted {
        from: one.or_else(|| number("--from")).unwrap_or(1),
        seeds: if one.is_some() {
            1
        } else {
            number("--seeds").unwrap_or(500)
        },
        steps: usize::try_from(number("--steps").unwrap_or(500))?,
        ..Wanted::default()
    };
    let file = |name: &str| {
        let at = arguments.iter().position(|a| a == name)?;
        arguments.get(at + 1).map(Path::new)
    };
    let kept = file("--tally");
    let mut tally = match kept {
        Some(file) => Tally::open(file, &wanted)?,
        None => Tally::new(&wanted)?,
    };
    tally.run(&wanted, kept)?;
    for wrong in &tally.wrong {
        println!("{wrong}");
    }
    for (name, count) in &tally.counts {
        println!("{name}: {count}");
    }
    let seconds = tally.took / 1000;
    println!(
        "{} seeds, {} wrong, {seconds} s",
        tally.seeds,
        tally.wrong.len()
    );
    if let Some(file) = file("--report") {
        std::fs::write(file, report::page(&tally, &report::planted()?))?;
    }
    Ok(if tally.wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
