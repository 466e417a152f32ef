//! One simulation: a number is all that it depends on.

mod end;
mod faults;
mod quiet;

use crate::{
    ledger::Ledger,
    phone::{ITEMS, Parts, Phone},
    plant::Bug,
    server::{BEGIN, Server, Template},
    wire::{Happened, Late, Weather},
};
use sha2::{Digest as _, Sha256};
use std::{cell::Cell, collections::BTreeSet, rc::Rc};
use zhicha_core::{
    answer::AnswerValue,
    client::{Failure, copy_drafts, known_copies, pull::PullError},
    event::{Disposition, EventHash},
    store::{STRETCH, Store, memory::MemoryStore},
    sync::push::Input,
};
use zhicha_server::store::{self as rows};

/// What happened in one simulation, for counting and for comparing two runs of the same seed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// A hash over all that was done and what came of it.
    pub trace: String,
    /// Events that were saved.
    pub events: u64,
    /// What the networks did.
    pub network: Happened,
    /// Faults of other kinds, by name.
    pub faults: Vec<(&'static str, u64)>,
}

/// What went wrong, and where.
#[derive(Debug)]
pub struct Wrong {
    /// The seed.
    pub seed: u64,
    /// The step; steps after the last are the quiet at the end.
    pub step: usize,
    /// What.
    pub what: String,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { seed, step, what } = self;
        write!(
            f,
            "seed {seed}, step {step}: {what}\n  replay: cargo run -p zhicha-sim -- --seed {seed}"
        )
    }
}

impl Report {
    /// How often each kind of fault happened, by name.
    pub fn counts(&self) -> Vec<(&'static str, u64)> {
        let network = [
            ("requests lost", self.network.lost),
            ("answers lost", self.network.unanswered),
            ("requests that came twice", self.network.twice),
            ("requests that came late", self.network.late),
            ("bits of photos changed on the way", self.network.flipped),
            ("connections cut in a photo's bytes", self.network.cut),
            ("pages of a portal", self.network.portal),
        ];
        let saved = [("events saved", self.events)];
        saved
            .into_iter()
            .chain(network)
            .chain(self.faults.iter().copied())
            .collect()
    }
}

#[derive(Default)]
struct Counts {
    server_restarts: u64,
    clock_jumps: u64,
    revoked: u64,
    cloned: u64,
    altered: u64,
    drafts_copied: u64,
    fallen_back: u64,
    kept: u64,
    restored: u64,
    rolled_back: u64,
    upgraded: u64,
    gaps: u64,
}

struct World<'a> {
    random: fastrand::Rng,
    bug: Option<Bug>,
    template: &'a Template,
    server: Rc<Server>,
    now: Rc<Cell<i64>>,
    late: Late,
    phones: Vec<Phone>,
    books: Vec<Ledger>,
    // Phones whose person may not read any more.
    revoked: BTreeSet<usize>,
    // Whether phones are cloned here, or the server falls back.
    may_clone: bool,
    // Phones that share a key with another.
    clones: BTreeSet<usize>,
    confirmed: BTreeSet<EventHash>,
    // What went with a server that fell back, until the phones have sent it again.
    fell_back: BTreeSet<EventHash>,
    // Which phone held what of that: it must come back.
    held: Vec<(usize, EventHash)>,
    // What a disk looked like at some moment.
    earlier: Vec<Option<MemoryStore>>,
    counts: Counts,
    trace: Sha256,
}

/// Runs a seed for so many steps, then lets the faults end and everything arrive.
///
/// # Errors
/// The first thing that is not as it must be.
pub async fn run(
    template: &Template,
    seed: u64,
    steps: usize,
    bug: Option<Bug>,
) -> Result<Report, Wrong> {
    let wrong = |step: usize| move |what: String| Wrong { seed, step, what };
    let mut world = World::new(template, seed, bug)
        .await
        .map_err(|e| wrong(0)(format!("{e:#}")))?;
    for step in 1..=steps {
        world.step().await.map_err(wrong(step))?;
        world.check(step % 25 == 0).await.map_err(wrong(step))?;
    }
    world.quiet().await.map_err(wrong(steps + 1))?;
    world.settled().await.map_err(wrong(steps + 2))
}

impl<'a> World<'a> {
    async fn new(template: &'a Template, seed: u64, bug: Option<Bug>) -> anyhow::Result<Self> {
        let mut random = fastrand::Rng::with_seed(seed);
        let server = Rc::new(template.server(random.u32(0..3) == 0).await?);
        let now = Rc::new(Cell::new(BEGIN));
        let late = Late::default();
        let mut phones = Vec::new();
        for number in 0..random.usize(1..=6) {
            // Some people have two phones.
            let person = random.usize(0..template.people.len().min(number + 1));
            let parts = Parts {
                number,
                person,
                cookie: &template.people[person],
                server: &server,
                now: &now,
                late: &late,
                seed: random.u64(..),
                bug: (bug, other(template, person)),
            };
            phones.push(Phone::enrol(&parts).await?);
        }
        let books = phones.iter().map(|_| Ledger::default()).collect();
        let may_clone = random.bool();
        let mut world = Self {
            random,
            bug,
            template,
            server,
            now,
            late,
            phones,
            books,
            revoked: BTreeSet::new(),
            may_clone,
            clones: BTreeSet::new(),
            confirmed: BTreeSet::new(),
            fell_back: BTreeSet::new(),
            held: Vec::new(),
            earlier: Vec::new(),
            counts: Counts::default(),
            trace: Sha256::new(),
        };
        world.weather();
        Ok(world)
    }

    fn note(&mut self, what: &str) {
        self.trace.update(what.as_bytes());
        self.trace.update([0]);
    }

    // Each phone gets another network and another disk.
    fn weather(&mut self) {
        for phone in &self.phones {
            let bad = self.random.u32(0..=10);
            let mut upto = |most: u32| self.random.u32(0..=most * bad / 10);
            phone.wire.weather.set(Weather {
                lost: upto(300),
                unanswered: upto(300),
                twice: upto(500),
                late: upto(100),
                flipped: upto(100),
                cut: upto(150),
                portal: upto(50),
            });
            phone
                .disk
                .fate
                .refuses(upto(100), u64::from(upto(1_000_000)));
        }
    }

    async fn step(&mut self) -> Result<(), String> {
        let ms = self.random.i64(1..120_000);
        self.passes(ms);
        let n = self.random.usize(0..self.phones.len());
        if self.random.u32(0..100) < 12 {
            let death = (self.random.u32(0..24), self.random.bool());
            self.phones[n].disk.fate.dies_in(Some(death));
        }
        let what = self.random.u32(0..1000);
        self.note(&format!("{n} {what}"));
        match what {
            0..420 => self.edits(n).await?,
            420..640 => self.sends(n).await?,
            640..760 => self.photos(n).await,
            760..840 => self.pulls(n).await,
            840..870 => self.copies(n).await,
            870..920 => self.arrives().await,
            920..925 => {
                self.counts.server_restarts += 1;
                match self.random.bool() {
                    true => self.upgrades().await?,
                    false => self.server.restart().await.map_err(|e| format!("{e:#}"))?,
                }
            }
            925..945 => {
                self.phones[n].restart();
                self.earlier.resize_with(self.phones.len(), || None);
                self.earlier[n] = Some(self.phones[n].disk.memory.copy());
            }
            945..965 => {
                self.counts.clock_jumps += 1;
                let years = self.random.i64(-10..=10) * 365 * 24 * 3_600_000;
                let off = years + self.random.i64(-7_200_000..7_200_000);
                self.phones[n].wall.off.set(off);
            }
            965..979 => self.weather(),
            979..983 => {
                self.counts.kept += 1;
                self.server.keep().await.map_err(|e| format!("{e:#}"))?;
            }
            983..985 => self.server_falls_back(true).await?,
            985..987 => self.server_falls_back(false).await?,
            987..990 => self.clones(n).await?,
            990..994 => self.alters(n).await?,
            994..996 => self.falls_back(n).await?,
            996..998 => self.loses_one(n).await?,
            _ => self.revokes(n).await?,
        }
        self.phones[n].disk.fate.dies_in(None);
        self.misbehaves().await
    }

    fn passes(&self, ms: i64) {
        self.now.set(self.now.get() + ms);
        self.server.passes(ms);
    }

    // Runs a task of a phone; when the page dies meanwhile, another one opens.
    async fn task<R>(&self, n: usize, task: impl Future<Output = R>) -> Option<R> {
        let phone = &self.phones[n];
        let ended = phone.disk.fate.run(task).await;
        if ended.is_none() {
            phone.restart();
            phone.disk.page_died();
            if self.bug == Some(Bug::DraftGoesWithThePage) {
                self.loses_draft(n).await;
            }
        }
        ended
    }

    async fn edits(&mut self, n: usize) -> Result<(), String> {
        let open = self.books[n].open.clone();
        let kind = self.random.u32(0..10);
        let record = match open.is_empty() {
            true => None,
            false => Some(open[self.random.usize(0..open.len())]),
        };
        match (kind, record) {
            (0, _) | (_, None) => {
                let site = format!("虚构-person-{}", self.phones[n].person);
                let begun = self.task(n, self.phones[n].begin(&site)).await;
                self.note(&format!("begin {}", matches!(begun, Some(Ok(_)))));
                if let Some(Ok(event)) = begun {
                    self.books[n].written(&event);
                }
            }
            (1..=5, Some(record)) => {
                let item = self.random.usize(0..ITEMS);
                let value = match self.random.bool() {
                    true => AnswerValue::Pass,
                    false => AnswerValue::Fail,
                };
                self.books[n].tries(record, item, &value);
                let done = self
                    .task(n, self.phones[n].answer(record, item, value.clone()))
                    .await;
                if let Some(Ok(())) = done {
                    self.books[n].answered(record, item, &value);
                }
            }
            (6..=7, Some(record)) => {
                // Some are sent in more than one stretch.
                let large = self.random.u32(0..40) == 0;
                let most = if large { STRETCH + 100_000 } else { 4_000 };
                let least = if large { STRETCH + 1 } else { 2 };
                let mut bytes = vec![0_u8; self.random.usize(least..most)];
                self.random.fill(&mut bytes);
                let done = self
                    .task(n, self.phones[n].photograph(record, &bytes))
                    .await;
                self.note(&format!("photo {}", matches!(done, Some(Ok(_)))));
                if let Some(Ok(id)) = done {
                    self.books[n].photographed(record, id);
                }
            }
            (8, Some(record)) => {
                let sealed = self.task(n, self.phones[n].seal(record)).await;
                self.note(&format!("seal {}", matches!(sealed, Some(Ok(Some(_))))));
                if let Some(Ok(Some(event))) = sealed {
                    self.books[n].written(&event);
                }
            }
            _ => {
                if let Some((record, seal)) = self.books[n].sealed.last().cloned() {
                    let amended = self.task(n, self.phones[n].amend(record, &seal)).await;
                    if let Some(Ok(event)) = amended {
                        self.books[n].written(&event);
                    }
                }
            }
        }
        self.compare(n).await
    }

    async fn compare(&mut self, n: usize) -> Result<(), String> {
        let compared = self.books[n].compare(&self.phones[n]).await;
        compared.map_err(|what| format!("phone {n}: {what}"))
    }

    async fn sends(&mut self, n: usize) -> Result<(), String> {
        let input = match self.random.bool() {
            true => Input::Wake,
            false => Input::Fresh,
        };
        self.task(n, self.phones[n].send(&input)).await;
        // Some look at once at what stands there.
        match self.random.bool() {
            true => self.reports_gap(n).await,
            false => Ok(()),
        }
    }

    // The page says that a number is missing, and the person lets it tell the server.
    async fn reports_gap(&mut self, n: usize) -> Result<(), String> {
        let told = self.task(n, self.phones[n].report_gap()).await;
        if let Some(Ok(Some(event))) = told {
            self.books[n].written(&event);
        }
        self.compare(n).await
    }

    async fn upgrades(&mut self) -> Result<(), String> {
        let upgraded = self.server.upgrade().await;
        self.counts.upgraded += u64::from(upgraded.map_err(|e| format!("{e:#}"))?);
        Ok(())
    }

    async fn photos(&mut self, n: usize) {
        self.task(n, self.phones[n].send_photos()).await;
    }

    async fn pulls(&mut self, n: usize) {
        let pulled = self.task(n, self.phones[n].pull()).await;
        if let Some(Err(error)) = pulled
            && signed_out(&error)
        {
            // Some sign in again at once.
            if self.random.bool() {
                let _ = self.signs_in(n).await;
            }
        }
    }

    async fn copies(&mut self, n: usize) {
        let phone = &self.phones[n];
        let now = || self.now.get() - BEGIN;
        let copied = self.task(n, async {
            let mut copies = known_copies(&phone.disk).await.ok()?;
            copy_drafts(&phone.disk, &phone.wire, &mut copies, &now)
                .await
                .ok()
        });
        if copied.await.flatten().is_some() {
            self.counts.drafts_copied += 1;
        }
    }

    // A request that was on its way arrives, whoever sent it.
    async fn arrives(&mut self) {
        let waiting = self.late.borrow().len();
        if waiting == 0 {
            return;
        }
        let (ask, cookie) = self
            .late
            .borrow_mut()
            .swap_remove(self.random.usize(0..waiting));
        // Nobody waits for its answer any more.
        let _ = self.server.call(&ask, cookie.as_deref()).await;
    }

    // What every phone calls delivered, the server has; every so often all of it is looked at.
    async fn check(&mut self, all: bool) -> Result<(), String> {
        for n in 0..self.phones.len() {
            if all {
                self.compare(n).await?;
            }
            let events: Vec<_> = self.books[n].events.values().cloned().collect();
            for saved in events {
                if saved.altered || self.confirmed.contains(&saved.hash) {
                    continue;
                }
                let memory = &self.phones[n].disk.memory;
                let receipt = memory
                    .receipt(&saved.hash)
                    .await
                    .map_err(|e| e.to_string())?;
                let Some(receipt) = receipt else { continue };
                let there = self.server_has(&saved.hash).await?;
                if !there && self.fell_back.contains(&saved.hash) {
                    continue;
                }
                if receipt.disposition == Disposition::Applied && !there {
                    return Err(format!(
                        "I1: phone {n} calls event {} delivered, the server lacks it",
                        saved.seq
                    ));
                }
                self.confirmed.insert(saved.hash);
            }
        }
        Ok(())
    }

    async fn server_has(&self, hash: &EventHash) -> Result<bool, String> {
        let app = self.server.app().map_err(|e| e.to_string())?;
        let mut conn = app.store.reader().await.map_err(|e| e.to_string())?;
        let tenants = rows::tenants::all(&mut conn)
            .await
            .map_err(|e| e.to_string())?;
        let tenant = tenants.first().ok_or("a tenant")?.tenant;
        rows::events::has(&mut conn, tenant, hash.as_str())
            .await
            .map_err(|e| e.to_string())
    }
}

fn signed_out(error: &PullError) -> bool {
    matches!(error, PullError::Failed(Failure::Problem { problem, .. }) if problem.status == 401)
}

fn other(template: &Template, person: usize) -> String {
    template.people[(person + 1) % template.people.len()].clone()
}
