//! Time that tests decide.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use kernel::{Clock, Env, Timestamp};

/// A clock that stands until it is set. Its clones are the same clock.
#[derive(Debug, Clone)]
pub struct FixedClock(Arc<Mutex<Timestamp>>);

impl FixedClock {
    /// A clock that shows `now`.
    pub fn at(now: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Lets time pass.
    pub fn advance(&self, by: TimeDelta) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) += by;
    }

    /// Sets it.
    pub fn set(&self, now: Timestamp) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// An `Env` on this clock.
    pub fn env(&self, seed: u64) -> Env {
        Env::with(Arc::new(self.clone()), seed)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 2026-01-15, noon: the time at which the sample catalogue's coupons are as its documentation says.
pub fn noon() -> Timestamp {
    Timestamp::from_timestamp(1_768_478_400, 0).expect("an instant")
}

/// An `Env` at [`noon`]: the same seed gives the same ids and secrets.
pub fn fixed_env(seed: u64) -> Env {
    FixedClock::at(noon()).env(seed)
}
