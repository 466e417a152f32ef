//! Faults G01 and G02: hundreds of seeds without a finding, every kind of fault among them, and every planted mistake found.

use zhicha_sim::{Wanted, all, report::planted};

/// How many seeds: `ZHICHA_SIM_SEEDS`, else 500 with `--all` and half of them without.
fn seeds() -> u64 {
    let said = |name: &str| std::env::var(name).unwrap_or_default();
    let usual = match said("ZHICHA_TEST_ALL").as_str() {
        "1" => 500,
        _ => 250,
    };
    said("ZHICHA_SIM_SEEDS").parse().unwrap_or(usual)
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
        let least = (seeds() / 20).max(1);
        assert!(
            count >= least,
            "{name}: {count} times in all, which shows nothing"
        );
    }
}

// What a report of a gap had given up, and came after it, was not sent again to a server that was restored with the report.
#[test]
fn seed_1509_that_once_showed_a_fault_stays_good() {
    let wanted = Wanted {
        from: 1509,
        ..Wanted::default()
    };
    let wrong = all(wanted).unwrap().wrong;
    assert!(wrong.is_empty(), "{wrong:?}");
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
    let mut missed = Vec::new();
    for one in planted().unwrap() {
        match one.found {
            Some((seed, step, what)) => println!("{:?}: seed {seed}, step {step}: {what}", one.bug),
            None => missed.push(one.bug),
        }
    }
    assert_eq!(missed, [], "mistakes that no seed shows");
}
