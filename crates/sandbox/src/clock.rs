//! The sandbox's clock: the real one, plus an offset that `/control/clock` can advance.

use chrono::{DateTime, TimeDelta, Utc};
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the sandbox's time.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset_ms: AtomicI64,
}

impl Clock {
    /// The real time, which signatures carry whatever the offset is.
    #[allow(clippy::disallowed_methods, reason = "the one place where the sandbox reads the real clock")]
    pub(crate) fn real_now() -> DateTime<Utc> {
        Utc::now()
    }

    /// The sandbox's time.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        Self::real_now() + TimeDelta::milliseconds(self.offset_ms.load(Ordering::Relaxed))
    }

    /// Moves the sandbox's time forward.
    pub(crate) fn advance(&self, by: TimeDelta) {
        self.offset_ms.fetch_add(by.num_milliseconds(), Ordering::Relaxed);
    }

    /// Back to the real time.
    pub(crate) fn reset(&self) {
        self.offset_ms.store(0, Ordering::Relaxed);
    }
}
