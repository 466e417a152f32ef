//! Faults G01 and G02: hundreds of seeds without a finding, every kind of fault among them, and every planted mistake found.

use zhicha_sim::{Wanted, all, plant::Bug};

/// How many seeds: `ZHICHA_SIM_SEEDS`, else as many as every run tries.
fn seeds() -> u64 {
    let wanted = std::env::var("ZHICHA_SIM_SEEDS").ok();
    wanted.and_then(|n| n.parse().ok()).unwrap_or(500)
}

#[test]
fn every_seed_ends_with_everything_delivered_once() {
    let wanted = Wanted {
        seeds: seeds(),
        ..Wanted::default()
    };
    let found = all(wanted).unwrap();
    let wrong: Vec<String> = found.wrong.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for (name, count) in found.counts() {
        println!("{name}: {count}");
        let least = (seeds() / 10).max(1);
        assert!(
            count >= least,
            "{name}: {count} times in all, which shows nothing"
        );
    }
}

#[test]
fn the_same_seed_goes_the_same_way() {
    let wanted = Wanted {
        from: 7,
        seeds: 4,
        ..Wanted::default()
    };
    let [first, again] = [all(wanted).unwrap(), all(wanted).unwrap()];
    assert_eq!(first.good, again.good);
    assert_eq!(first.good.len(), 4);
}

#[test]
fn every_planted_mistake_is_found() {
    let missed = |bug: &Bug| {
        let wanted = Wanted {
            from: 1,
            seeds: 30,
            steps: 300,
            bug: Some(*bug),
        };
        let found = all(wanted).unwrap().wrong;
        assert!(
            found
                .iter()
                .all(|wrong| !wrong.what.starts_with("tampering")),
            "{found:?}"
        );
        if let Some(wrong) = found.first() {
            println!("{bug:?}: {wrong}");
        }
        found.is_empty()
    };
    let missed: Vec<Bug> = Bug::ALL.into_iter().filter(missed).collect();
    assert_eq!(missed, [], "mistakes that no seed shows");
}
