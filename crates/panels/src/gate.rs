//! What stands before every panel: no more calls a minute than it bears, no more at once, and none while it fails.
//!
//! A job that is turned away is told when to come back, each a little later than the one before, so that a thousand orders
//! drain at the panel's speed without knocking all at once. Nothing waits here: whoever waits would keep a worker from
//! mails and from other panels.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use outgoing::http::HttpAnswer;
use provisioning::ProviderError;
use reqwest::header::HeaderName;
use tokio::sync::{Semaphore, SemaphorePermit};

mod gated;
mod shared;

pub use gated::Gated;
pub use shared::{Allowance, Shared, Take, Taken};

/// Calls that may be made at once after a quiet time. With what is earned in a minute and what may be overdrawn it stays below
/// the 240 that a Pterodactyl panel takes, with a little for what other programs of the shop have taken and not used yet.
const BURST: i64 = 20;
/// What must be left when something new begins, so that what began also ends: a delivery asks some eight times.
const FOR_ALL_OF_IT: i64 = 8;
/// The calls of a small errand: a look, and one change.
const SMALLEST: i64 = 2;
/// How far what began may overdraw.
const DEBT: i64 = -16;
/// What is taken at a time for what goes on.
const A_FEW: i64 = 4;
/// So many failed calls in a row, and the panel is left alone.
const FAILURES: u32 = 5;
/// For how long, the first time and at most.
const PAUSE: (Duration, Duration) = (Duration::from_secs(15), Duration::from_mins(5));
/// When somebody is told to come back for whom there was no seat.
const SEAT: Duration = Duration::from_secs(2);
/// With fewer calls left by the panel's own count, nothing new begins for a while: other programs use its allowance, too.
const LOW: i64 = 15;

/// What a panel bears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Calls a minute; 0 for any number. Up to 36 more may fall into one minute after a quiet time.
    pub per_minute: u32,
    /// Calls of the port under way at once.
    pub at_once: usize,
}

/// The count of one panel.
#[derive(Debug)]
pub struct Gate {
    limits: Limits,
    seats: Semaphore,
    state: Mutex<State>,
    /// Where calls are taken from, if not from a count of this program's own.
    shared: Option<Shared>,
}

#[derive(Debug)]
struct State {
    /// Thousandths of a call that may be made.
    milli_calls: i64,
    counted_at: Instant,
    /// Nothing passes before.
    closed_until: Option<Instant>,
    failures: u32,
    pause: Duration,
    /// The last time at which somebody was told to come back: with something new, and with anything else.
    promised: (Instant, Instant),
    /// Calls are earned here, by time.
    alone: bool,
}

/// What wants to pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Errand {
    /// It begins something, or only looks.
    Begins,
    /// It looks after what began, or somebody waits for it: before everything new, so that what began also ends, and its owner
    /// is not told to come back in ten minutes.
    Follows,
    /// It goes on with what began, and may overdraw.
    GoesOn,
    /// An operator tries whether the panel is there.
    Tries,
}

impl Gate {
    /// A gate with these limits.
    pub fn new(limits: Limits) -> Self {
        Self::since(limits, Instant::now())
    }

    fn since(limits: Limits, now: Instant) -> Self {
        let state = State {
            milli_calls: BURST * 1000,
            counted_at: now,
            closed_until: None,
            failures: 0,
            pause: PAUSE.0,
            promised: (now, now),
            alone: true,
        };
        Self { limits, seats: Semaphore::new(limits.at_once.max(1)), state: Mutex::new(state), shared: None }
    }

    /// The same, whose calls are taken from what all programs share.
    #[must_use]
    pub fn sharing(self, shared: Option<Shared>) -> Self {
        let gate = Self { shared, ..self };
        if gate.shared.is_some() {
            let mut state = gate.state();
            (state.milli_calls, state.alone) = (0, false);
        }
        gate
    }

    /// A gate that turns nobody away for being too many.
    pub fn open() -> Self {
        Self::new(Limits { per_minute: 0, at_once: Semaphore::MAX_PERMITS })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A count that panicked half-way is a count still.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets an errand pass, or says when to come back.
    async fn pass(&self, errand: Errand) -> Result<SemaphorePermit<'_>, ProviderError> {
        self.fetch(errand, Instant::now()).await?;
        self.admit(errand, Instant::now())
    }

    /// Takes what the errand needs from what is shared, unless it is here already or would be turned away anyhow.
    async fn fetch(&self, errand: Errand, now: Instant) -> Result<(), ProviderError> {
        let Some((shared, take)) = self.shared.as_ref().zip(self.wants(errand, now)) else { return Ok(()) };
        let taken = shared.allowance.take(&shared.panel, take).await;
        let mut state = self.state();
        match taken {
            Taken::All => state.milli_calls += take.calls * 1000,
            Taken::Missing(missing) => {
                let wait = self.time_for(missing) + self.turn(&mut state, errand, now);
                return Err(turned_away("it is asked as often as it may be", wait));
            }
            Taken::Unknown => {}
        }
        // Where nobody can be asked it goes on by a count of its own: orders wait for the panel, not for the count.
        let alone = taken == Taken::Unknown;
        if alone && !state.alone {
            state.counted_at = now;
        }
        state.alone = alone;
        Ok(())
    }

    fn wants(&self, errand: Errand, now: Instant) -> Option<Take> {
        let state = self.state();
        let (calls, least) = match errand {
            Errand::Begins => (FOR_ALL_OF_IT - state.milli_calls.div_euclid(1000), 0),
            Errand::Follows => (SMALLEST - state.milli_calls.div_euclid(1000), 0),
            Errand::GoesOn if state.milli_calls <= 0 => (A_FEW, DEBT),
            Errand::GoesOn | Errand::Tries => (0, 0),
        };
        let closed = state.closed_until.is_some_and(|until| until > now);
        let turned_away = closed || self.seats.available_permits() == 0;
        let wanted = calls > 0 && self.limits.per_minute > 0 && !turned_away;
        wanted.then_some(Take { per_minute: self.limits.per_minute, burst: BURST, calls, least })
    }

    /// By what is here now.
    fn admit(&self, errand: Errand, now: Instant) -> Result<SemaphorePermit<'_>, ProviderError> {
        let mut state = self.state();
        if errand == Errand::Tries {
            return self.seat(&mut state, errand, now);
        }
        if let Some(until) = state.closed_until {
            if let Some(left) = until.checked_duration_since(now).filter(|left| !left.is_zero()) {
                let wait = left + self.turn(&mut state, errand, until);
                return Err(turned_away("it failed several times in a row, and is left alone for a while", wait));
            }
            // One looks whether it is back; the others wait until that is known.
            state.closed_until = (state.failures >= FAILURES).then(|| now + state.pause);
        }
        self.refill(&mut state, now);
        let needed = match errand {
            Errand::Begins => FOR_ALL_OF_IT,
            Errand::Follows => SMALLEST,
            Errand::GoesOn | Errand::Tries => DEBT,
        };
        let missing = needed * 1000 - state.milli_calls;
        if self.limits.per_minute > 0 && missing > 0 {
            let wait = self.time_for(missing) + self.turn(&mut state, errand, now);
            return Err(turned_away("it is asked as often as it may be", wait));
        }
        self.seat(&mut state, errand, now)
    }

    fn seat(&self, state: &mut State, errand: Errand, now: Instant) -> Result<SemaphorePermit<'_>, ProviderError> {
        self.seats.try_acquire().map_err(|_| {
            let wait = SEAT + self.turn(state, errand, now);
            turned_away("as much is under way there as it bears at once", wait)
        })
    }

    /// The place in the line of those who were told to come back. Everybody comes the time of the smallest errand later: who comes
    /// too early is turned away once more, which costs a look at the clock; who came too late would leave the panel idle.
    fn turn(&self, state: &mut State, errand: Errand, from: Instant) -> Duration {
        let step = if self.limits.per_minute == 0 { Duration::ZERO } else { self.time_for(SMALLEST * 1000) };
        // In a line of its own: behind a thousand that have not begun nothing would ever end.
        let (new, other) = &mut state.promised;
        let line = if errand == Errand::Begins { new } else { other };
        *line = (*line).max(from) + step;
        line.duration_since(from).saturating_sub(step)
    }

    fn refill(&self, state: &mut State, now: Instant) {
        if !state.alone {
            return;
        }
        let passed = i64::try_from(now.duration_since(state.counted_at).as_millis()).unwrap_or(i64::MAX);
        let earned = passed.saturating_mul(i64::from(self.limits.per_minute)) / 60;
        if earned > 0 {
            state.milli_calls = state.milli_calls.saturating_add(earned).min(BURST * 1000);
            state.counted_at = now;
        }
    }

    /// How long so many thousandths of a call take to be earned.
    fn time_for(&self, milli_calls: i64) -> Duration {
        let per_minute = u64::from(self.limits.per_minute.max(1));
        Duration::from_millis(milli_calls.unsigned_abs().saturating_mul(60).div_ceil(per_minute))
    }

    /// A call is made.
    pub(crate) fn spend(&self) {
        self.state().milli_calls -= 1000;
    }

    /// A call was answered.
    pub(crate) fn heard(&self, answer: &HttpAnswer, now: Instant) {
        let status = answer.status.as_u16();
        let mut state = self.state();
        // Our credentials, the address, the panel: whatever is wrong with them is wrong with the next call, too. A right that is
        // missing (403) is missing for one kind of call, and the others go on.
        let failed = matches!(status, 300..=399 | 401 | 500..=599) && status != 507;
        if failed {
            state.fail(now);
        } else {
            state.work();
        }
        if status == 429 {
            let wait = answer.retry_after().unwrap_or(PAUSE.0);
            state.closed_until = state.closed_until.max(Some(now + wait));
        }
        let left = answer.header(&HeaderName::from_static("x-ratelimit-remaining"));
        if let Some(left) = left.and_then(|left| left.parse::<i64>().ok()).filter(|left| *left < LOW) {
            state.milli_calls = state.milli_calls.min((left - LOW) * 1000);
        }
    }

    /// A call brought no answer.
    pub(crate) fn missed(&self, now: Instant) {
        self.state().fail(now);
    }
}

impl State {
    fn fail(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            self.closed_until = self.closed_until.max(Some(now + self.pause));
            self.pause = (self.pause * 2).min(PAUSE.1);
        }
    }

    fn work(&mut self) {
        if self.failures >= FAILURES {
            self.closed_until = None;
        }
        (self.failures, self.pause) = (0, PAUSE.0);
    }
}

fn turned_away(why: &str, wait: Duration) -> ProviderError {
    let detail = format!("nothing was asked: {why}");
    ProviderError::Busy { detail, after: wait.max(Duration::from_millis(100)) }
}

#[cfg(test)]
mod tests;
