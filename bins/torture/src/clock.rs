//! Two clocks: a monotonic one for the history, and the wall clock, which PostgreSQL on this machine shows as well.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
#[allow(clippy::disallowed_methods, reason = "compared with the time stamps of a database on the same machine")]
pub(crate) fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// `1:05`, as people read a clock.
pub(crate) fn minutes(span: Duration) -> String {
    format!("{}:{:02}", span.as_secs() / 60, span.as_secs() % 60)
}

/// `1.25 s` of milliseconds.
pub(crate) fn seconds(ms: i64) -> String {
    format!("{}.{:02} s", ms / 1000, (ms % 1000) / 10)
}
