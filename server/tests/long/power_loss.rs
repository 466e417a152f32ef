//! The machine loses its power (`faults.md` E05): of what the server wrote and did not sync any sector may be there, missing or
//! torn. Its writes, its syncs and its answers are recorded from the very program; the disk is made of them as it may have
//! been at any moment, and what had been confirmed by then must be on it.

use crate::{
    disk::{Disk, Files},
    recording::{self, Step},
    world::{World, findings, ledger, phone::Phone, program::Program, random::Random},
};
use std::{collections::BTreeSet, path::Path};
use tempfile::TempDir;
use zhicha_core::{
    id::DeviceId,
    store::{EventRow, ReceiptRow},
    sync::push::Input,
    testing::CountingIds,
};
use zhicha_server::store::Store;

const DATABASE: &str = "zhicha.sqlite";
const LOG: &str = "zhicha.sqlite-wal";
const PHONES: u8 = 3;

// A day at the server.
struct Day {
    // The files when it began.
    files: Files,
    steps: Vec<Step>,
    // What each phone wrote and got, with the step in which the receipt went out.
    phones: Vec<(DeviceId, Vec<Confirmed>)>,
}

struct Confirmed {
    event: EventRow,
    receipt: ReceiptRow,
    step: usize,
}

fn files(folder: &Path) -> Files {
    let entries = std::fs::read_dir(folder).unwrap().map(Result::unwrap);
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let read = |entry: std::fs::DirEntry| {
        let bytes = std::fs::read(entry.path()).unwrap();
        (entry.file_name().into(), bytes)
    };
    files.map(read).collect()
}

async fn writes_and_sends(phone: &Phone, rounds: usize, number: u8) {
    let mut ids = CountingIds(u64::from(number) * 1_000_000);
    for _ in 0..rounds {
        for _ in 0..10 {
            let begun = phone.note(&mut ids).await;
            phone.seal(&mut ids, &begun).await;
        }
        assert_eq!(phone.push(20).await, Input::Receipts { more: false });
    }
}

async fn day() -> Day {
    let (world, ..) = World::staffed().await;
    let program = Program::start(world.stop().await, &[]);
    let anna = program.sign_in("anna").await;
    let mut phones = Vec::new();
    for number in 1..=PHONES {
        phones.push(Phone::enrol(&anna, number).await);
    }
    let strace = recording::begin(program.pid());
    let files = files(program.folder());
    let [one, two, three] = &phones[..] else {
        unreachable!()
    };
    tokio::join!(
        writes_and_sends(one, 12, 1),
        writes_and_sends(two, 12, 2),
        writes_and_sends(three, 12, 3),
    );
    let seen = strace.detach();
    let steps = recording::steps(&seen, program.folder());
    let mut day = Day {
        files,
        steps,
        phones: Vec::new(),
    };
    for phone in &phones {
        let confirmed = confirmed(phone, &day.steps).await;
        day.phones.push((phone.id().await, confirmed));
    }
    day
}

async fn confirmed(phone: &Phone, steps: &[Step]) -> Vec<Confirmed> {
    let said = steps.iter().enumerate().filter_map(|(n, step)| match step {
        Step::Said(bytes) => Some((n, String::from_utf8_lossy(bytes))),
        _ => None,
    });
    let said: Vec<_> = said.collect();
    let mut all = Vec::new();
    for event in phone.events().await {
        let receipt = phone.receipt(&event).await.unwrap();
        let out = said.iter().find(|(_, words)| words.contains(&receipt.text));
        all.push(Confirmed {
            step: out.expect("the receipt went out").0,
            event,
            receipt,
        });
    }
    all
}

// The folder of a server that finds these files at its start, having come as far as `step`; or what is wrong with it.
async fn found(day: &Day, step: usize, files: &Files) -> Result<TempDir, String> {
    let dir = folder();
    for (name, bytes) in files {
        std::fs::write(dir.path().join(name), bytes).unwrap();
    }
    let store = Store::open(&dir.path().join(DATABASE)).await;
    let store = store.map_err(|error| format!("{error:#}"))?;
    let damage = store.damage().map(str::to_owned);
    store.close().await;
    if let Some(damage) = damage {
        return Err(damage);
    }
    for (device, events) in &day.phones {
        let rows = ledger::rows(dir.path(), *device).await;
        for (n, confirmed) in events.iter().enumerate() {
            let Confirmed { event, receipt, .. } = confirmed;
            let is_out = confirmed.step < step;
            let Some(row) = rows.get(n) else {
                if is_out {
                    return Err(format!("event {} was confirmed and is lost", event.seq));
                }
                break;
            };
            let whole = (row.seq, row.text.as_str(), row.hash.as_str())
                == (event.seq, event.text.as_str(), event.hash.as_str());
            if !whole || is_out && row.place != receipt.tenant_seq {
                return Err(format!("event {} is there as {row:?}", event.seq));
            }
        }
    }
    Ok(dir)
}

// In memory where the system has such a folder: nothing here is about the disk of this machine.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = match memory.is_dir() {
        true => TempDir::new_in(memory),
        false => TempDir::new(),
    };
    made.unwrap()
}

// A server on what was left finds nothing wrong, and takes what a phone sends.
async fn goes_on(dir: TempDir) {
    assert_eq!(findings(dir.path()).await, []);
    let world = World::start_in(dir, |_| {}).await;
    let phone = Phone::enrol(&world.sign_in("anna").await, PHONES + 1).await;
    let mut ids = CountingIds(99_000_000);
    phone.note(&mut ids).await;
    phone.delivers_all(world.folder()).await;
    assert_eq!(findings(world.stop().await.path()).await, []);
}

// The moments at which the power is lost: after each answer with a receipt, while the log is folded into the database, and
// any others.
fn moments(day: &Day, random: &mut Random) -> BTreeSet<usize> {
    let answers = day.phones.iter().flat_map(|(_, events)| events);
    let mut moments: BTreeSet<usize> = answers.map(|confirmed| confirmed.step + 1).collect();
    let folds: Vec<usize> = (0..day.steps.len())
        .filter(
            |n| matches!(&day.steps[*n], Step::Write { file, .. } if file == Path::new(DATABASE)),
        )
        .collect();
    for _ in 0..60 {
        moments.insert(folds[random.below(folds.len())] + 1);
        moments.insert(random.below(day.steps.len()));
    }
    moments
}

// Loses the power twice at each of these moments; what was wrong first.
async fn first_loss(day: &Day, mut disk: Disk<'_>, seed: u64) -> Option<String> {
    let mut random = Random(seed);
    let moments = moments(day, &mut random);
    for (n, step) in day.steps.iter().enumerate() {
        for _ in 0..2 * usize::from(moments.contains(&n)) {
            let files = disk.after_power_loss(&mut random);
            match found(day, n, &files).await {
                Err(wrong) => return Some(format!("seed {seed}, before step {n}: {wrong}")),
                Ok(dir) if random.below(16) == 0 => goes_on(dir).await,
                Ok(_) => {}
            }
        }
        disk.takes(n, step);
    }
    None
}

#[tokio::test]
async fn what_was_confirmed_is_there_whatever_becomes_of_unsynced_writes() {
    let day = day().await;
    for seed in 1..=2 {
        let disk = Disk::with(day.files.clone());
        assert_eq!(first_loss(&day, disk, seed).await, None);
    }
    // On a disk that ignores syncs a loss is seen: of the log, synced at each commit, and of the database, synced before the
    // log is written anew.
    for about in [LOG, DATABASE] {
        let disk = Disk::lying(day.files.clone(), about);
        assert!(first_loss(&day, disk, 1).await.is_some(), "{about}");
    }
}
