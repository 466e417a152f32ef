//! `zhicha-sim`: runs seeds one after the other, or one again.
//!
//!     zhicha-sim [--seeds N] [--from SEED] [--seed SEED] [--steps N]

use std::{process::ExitCode, time::Instant};
use zhicha_sim::many::{Wanted, all};

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
    let begun = Instant::now();
    let found = all(wanted)?;
    for wrong in &found.wrong {
        println!("{wrong}");
    }
    for (name, count) in found.counts() {
        println!("{name}: {count}");
    }
    let (good, bad) = (found.good.len(), found.wrong.len());
    println!(
        "{good} seeds good, {bad} wrong, {:.1} s",
        begun.elapsed().as_secs_f64()
    );
    Ok(if bad == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
