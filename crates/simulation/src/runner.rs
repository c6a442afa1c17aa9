//! Many worlds, on all cores, with progress.

use std::{
    io::{IsTerminal, Write},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use crate::{
    check::Broken,
    report::thousands,
    seen::Seen,
    world::{Outcome, Setting, Stage, run},
};

/// How many failing seeds are enough.
const ENOUGH: usize = 5;
/// Seeds that a thread takes at once.
const CHUNK: u64 = 64;
/// How often progress is shown.
const SHOW_EVERY: Duration = Duration::from_millis(250);

/// What many worlds came to.
#[derive(Debug, Clone, Default)]
pub struct Totals {
    /// Worlds.
    pub seeds: u64,
    /// Orders that were placed.
    pub orders: u64,
    /// Orders that were paid.
    pub paid: u64,
    /// Polls and jumps.
    pub steps: u64,
    /// Faults and consequences.
    pub seen: Seen,
    /// Worlds in which a rule was broken, the first few.
    pub broken: Vec<(u64, Broken)>,
    /// The slowest paid order after calm, in microseconds.
    pub slowest: u64,
    /// The slowest paid order after it was paid, in microseconds.
    pub longest: u64,
    /// How long all of it took.
    pub took: Duration,
}

impl Totals {
    /// Adds a world.
    pub fn add(&mut self, seed: u64, outcome: Outcome) {
        self.seeds += 1;
        self.orders += outcome.orders;
        self.paid += outcome.paid;
        self.steps += outcome.steps;
        self.slowest = self.slowest.max(outcome.slowest);
        self.longest = self.longest.max(outcome.longest);
        self.seen.add(&outcome.seen);
        if let Some(broken) = outcome.broken {
            self.broken.push((seed, broken));
        }
    }

    fn join(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.orders += other.orders;
        self.paid += other.paid;
        self.steps += other.steps;
        self.slowest = self.slowest.max(other.slowest);
        self.longest = self.longest.max(other.longest);
        self.seen.add(&other.seen);
        self.broken.extend(other.broken);
    }
}

/// Runs worlds from a seed on until so many orders were placed, or enough of them failed. `like` is the setting of each
/// but for its seed.
pub fn run_many(like: &Setting, orders: u64, threads: usize) -> Totals {
    let began = Instant::now();
    let next = AtomicU64::new(like.seed);
    let stop = AtomicBool::new(false);
    let totals = Mutex::new(Totals::default());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| work(like, orders, (&next, &stop, &totals)));
        }
        scope.spawn(|| show(orders, began, (&stop, &totals)));
    });
    let mut totals = totals.into_inner().unwrap_or_else(PoisonError::into_inner);
    totals.broken.sort_by_key(|(seed, _)| *seed);
    totals.took = began.elapsed();
    totals
}

type Shared<'a> = (&'a AtomicU64, &'a AtomicBool, &'a Mutex<Totals>);

fn work(like: &Setting, orders: u64, (next, stop, totals): Shared<'_>) {
    let stage = Stage::new();
    while !stop.load(Ordering::Relaxed) {
        let from = next.fetch_add(CHUNK, Ordering::Relaxed);
        let mut mine = Totals::default();
        for seed in from..from + CHUNK {
            mine.add(seed, run(&stage, &Setting { seed, ..like.clone() }));
            if !mine.broken.is_empty() {
                break;
            }
        }
        let mut all = totals.lock().unwrap_or_else(PoisonError::into_inner);
        all.join(mine);
        if all.orders >= orders || all.broken.len() >= ENOUGH {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

/// Shows how far it is, on a terminal in one line that stays, elsewhere as a line every ten seconds.
fn show(orders: u64, began: Instant, (stop, totals): (&AtomicBool, &Mutex<Totals>)) {
    let terminal = std::io::stderr().is_terminal();
    let mut shown = Instant::now();
    while !stop.load(Ordering::Relaxed) {
        std::thread::sleep(SHOW_EVERY);
        if !terminal && shown.elapsed() < Duration::from_secs(10) {
            continue;
        }
        shown = Instant::now();
        let line = {
            let all = totals.lock().unwrap_or_else(PoisonError::into_inner);
            progress(&all, orders, began.elapsed())
        };
        let (start, end) = if terminal { ("\r\x1b[K", "") } else { ("", "\n") };
        let _ = write!(std::io::stderr(), "{start}{line}{end}");
    }
    if terminal {
        let _ = write!(std::io::stderr(), "\r\x1b[K");
    }
}

fn progress(all: &Totals, orders: u64, took: Duration) -> String {
    let millis = u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = all.orders * 1000 / millis;
    let left = orders.saturating_sub(all.orders) / rate.max(1);
    let percent = all.orders.min(orders) * 100 / orders.max(1);
    format!(
        "  {percent:>3} %  {} of {} orders   {}/s   {} faults   {} broken   {left} s left",
        thousands(all.orders),
        thousands(orders),
        thousands(rate),
        thousands(all.seen.all_faults()),
        all.broken.len(),
    )
}
