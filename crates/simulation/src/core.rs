//! What everything in one made-up world shares: its time, its dice, its faults, and what was seen.

use std::{
    future::Future,
    pin::Pin,
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use kernel::{Clock, Id, Lease, Timestamp, entity};
use orders::testing::MemoryStore;

use crate::{
    check::Checker,
    dice::Dice,
    fault::{Fault, Plan},
    gateway::Ledger,
    mailbox::Mailbox,
    panel::Panel,
    script::Script,
    seen::{Seen, Sometimes},
    spawn::Spawn,
    sweeping::Sweeps,
};

/// Microseconds of made-up time since the world began.
pub(crate) type Micros = u64;
/// One second.
pub(crate) const SECOND: Micros = 1_000_000;
/// One minute.
pub(crate) const MINUTE: Micros = 60 * SECOND;
/// One hour.
pub(crate) const HOUR: Micros = 60 * MINUTE;

/// The instant at which a world begins.
#[allow(clippy::cast_possible_wrap, reason = "worlds do not last for ages")]
pub(crate) fn instant(at: Micros) -> Timestamp {
    catalog::testing::now() + std::time::Duration::from_micros(at)
}

/// The other way round.
pub(crate) fn micros(at: Timestamp) -> Micros {
    Micros::try_from((at - catalog::testing::now()).num_microseconds().unwrap_or(0)).unwrap_or(0)
}

/// Which process a task belongs to.
pub(crate) type ProcessId = usize;
/// Everybody but us: customers, the gateway, the panel. Never killed.
pub(crate) const OUTSIDE: ProcessId = 0;
/// The API.
pub(crate) const API: ProcessId = 1;
/// The first worker.
pub(crate) const FIRST_WORKER: ProcessId = 2;

/// Who is being run.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Who {
    pub(crate) process: ProcessId,
    /// The try it makes.
    pub(crate) lease: Option<Lease>,
    /// It is about the order that takes its workers down.
    pub(crate) poisoned: bool,
    /// The number of its present effect, in scripted runs.
    pub(crate) effect: u32,
    /// The answer of that effect shall be lost.
    pub(crate) loses_reply: bool,
}

/// What a task that waits asks of whoever runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// Run me again at any time.
    Next,
    /// Run me again then.
    At(Micros),
    /// My process ends here.
    Kill,
    /// My process stands still for so long.
    Freeze(Micros),
}

/// Which kind of call is made, for scripts and traces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    /// A transaction.
    Transaction,
    /// A single statement of the queue.
    Statement,
    /// A call to the payment gateway.
    Gateway,
    /// A call to the panel.
    Panel,
    /// A mail is handed over.
    Mailer,
}

/// A job that takes down whoever tries it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Poison {
    pub(crate) order: Id<entity::Order>,
    pub(crate) kind: &'static str,
}

/// Before or after the effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Nothing happened yet.
    Before,
    /// It happened.
    After,
}

/// Everything that changes.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) now: Micros,
    pub(crate) dice: Dice,
    pub(crate) plan: Plan,
    /// Faults happen.
    pub(crate) chaos: bool,
    pub(crate) who: Who,
    /// The task that is being run.
    pub(crate) task: usize,
    pub(crate) ask: Ask,
    pub(crate) spawns: Vec<Spawn>,
    /// Tasks whose answer came.
    pub(crate) wakes: Vec<usize>,
    pub(crate) db_down_until: Micros,
    /// The order of which one kind of job takes down whoever tries it.
    pub(crate) poison: Option<Poison>,
    /// How far off each process's clock is.
    pub(crate) skew: [i64; 8],
    pub(crate) store: MemoryStore,
    pub(crate) ledger: Ledger,
    pub(crate) panel: Panel,
    pub(crate) mailbox: Mailbox,
    pub(crate) check: Checker,
    pub(crate) seen: Seen,
    pub(crate) script: Script,
    pub(crate) trace: Option<Vec<String>>,
    pub(crate) steps: u64,
    pub(crate) sweeps: Sweeps,
    /// Buyers come within this time.
    pub(crate) busy: Micros,
    /// Every buyer pays by card.
    pub(crate) all_pay: bool,
    /// How long the slowest paid order took after calm.
    pub(crate) slowest: Micros,
    /// How long the slowest paid order took after it was paid.
    pub(crate) longest: Micros,
}

impl State {
    /// Whether this goes wrong now; counted if it does.
    pub(crate) fn strikes(&mut self, fault: Fault) -> bool {
        let chance = self.plan.chance(fault);
        if chance == 0 || !self.chaos || !self.dice.chance(chance) {
            return false;
        }
        self.injected(fault);
        true
    }

    /// Whether an effect's answer is lost now, by chance or by script.
    pub(crate) fn loses(&mut self, fault: Fault) -> bool {
        if std::mem::take(&mut self.who.loses_reply) {
            self.injected(fault);
            return true;
        }
        self.strikes(fault)
    }

    /// A fault was injected.
    pub(crate) fn injected(&mut self, fault: Fault) {
        self.seen.fault(fault);
        self.say(|state| format!("fault: {} (process {})", fault.word(), state.who.process));
    }

    /// A consequence was seen.
    pub(crate) fn note(&mut self, what: Sometimes) {
        self.seen.note(what);
        self.say(|_| format!("seen: {}", what.word()));
    }

    /// Writes a line of the trace, if one is wanted.
    pub(crate) fn say(&mut self, line: impl FnOnce(&Self) -> String) {
        if self.trace.is_some() {
            let text = format!("{:>12.3} s  p{}  {}", seconds(self.now), self.who.process, line(self));
            if let Some(trace) = &mut self.trace {
                trace.push(text);
            }
        }
    }

    /// The present instant by the clock of whoever is running.
    pub(crate) fn clock(&self) -> Timestamp {
        let skew = self.skew.get(self.who.process).copied().unwrap_or(0);
        instant(self.now) + chrono_micros(skew)
    }

    /// A task is about to do something, or did it: what becomes of its process.
    fn disturb(&mut self, site: Site, when: Side) -> Ask {
        if self.who.process == OUTSIDE {
            return Ask::Next;
        }
        if let Some(ask) = self.script.at(&mut self.who, when) {
            return ask;
        }
        if self.who.poisoned && when == Side::Before && site > Site::Statement {
            self.injected(Fault::PoisonJob);
            return Ask::Kill;
        }
        if !self.chaos {
            return Ask::Next;
        }
        let kill = if self.who.process == API { Fault::KillApi } else { Fault::KillWorker };
        if self.strikes(kill) {
            return Ask::Kill;
        }
        if self.strikes(Fault::Freeze) {
            // Where keys are not unique, what was asked for takes effect within the time that the provider promises.
            let longest = if self.panel.lax { 15 } else { 90 };
            return Ask::Freeze(self.dice.between(2, longest) * SECOND);
        }
        if self.strikes(Fault::Slow) {
            // Most are a little slow, some hang until the budget of the try is over.
            let longest = if self.dice.percent(2) && !self.panel.lax { 300 * SECOND } else { 3 * SECOND };
            return Ask::At(self.now + self.dice.below(longest));
        }
        Ask::Next
    }
}

#[allow(clippy::cast_precision_loss, clippy::float_arithmetic, reason = "for people to read")]
fn seconds(at: Micros) -> f64 {
    at as f64 / 1e6
}

/// A signed span of time, as instants add it.
fn chrono_micros(micros: i64) -> <Timestamp as std::ops::Sub>::Output {
    let span = std::time::Duration::from_micros(micros.unsigned_abs());
    let zero = catalog::testing::now();
    if micros < 0 { zero - (zero + span) } else { (zero + span) - zero }
}

/// The world behind its lock. Only one thread ever has it; the lock is what the ports' `Send` costs.
#[derive(Debug)]
pub(crate) struct Core(Mutex<State>);

impl Core {
    pub(crate) const fn new(state: State) -> Self {
        Self(Mutex::new(state))
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something is about to be done: whatever else can run may run first, or we may not live to do it.
    pub(crate) const fn before(&self, site: Site) -> Point<'_> {
        Point { core: self, site, side: Side::Before, waited: false }
    }

    /// It was done, and nobody knows yet.
    pub(crate) const fn after(&self, site: Site) -> Point<'_> {
        Point { core: self, site, side: Side::After, waited: false }
    }

    /// Until then.
    pub(crate) const fn sleep_until(&self, at: Micros) -> Sleep<'_> {
        Sleep { core: self, at }
    }

    /// For so long.
    pub(crate) fn sleep(&self, span: Micros) -> Sleep<'_> {
        let at = self.lock().now + span;
        Sleep { core: self, at }
    }
}

/// A place where a task can be interrupted.
pub(crate) struct Point<'a> {
    core: &'a Core,
    site: Site,
    side: Side,
    waited: bool,
}

impl Future for Point<'_> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.waited {
            return Poll::Ready(());
        }
        self.waited = true;
        let state = &mut *self.core.lock();
        state.ask = state.disturb(self.site, self.side);
        Poll::Pending
    }
}

/// Waiting.
pub(crate) struct Sleep<'a> {
    core: &'a Core,
    at: Micros,
}

impl Future for Sleep<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let mut state = self.core.lock();
        if state.now >= self.at {
            return Poll::Ready(());
        }
        state.ask = Ask::At(self.at);
        Poll::Pending
    }
}

/// The clock that flows are given.
#[derive(Debug)]
pub(crate) struct WorldClock(pub(crate) std::sync::Arc<Core>);

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        self.0.lock().clock()
    }
}
