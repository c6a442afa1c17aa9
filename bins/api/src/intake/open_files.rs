//! The system's limit of open files, which is one of connections too.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open besides connections of clients: the pool's, the logs, what the runtime needs.
const OTHERS: usize = 256;

/// Raises the limit as far as the system lets us, and gives as many of the `wanted` connections as fit below it.
pub(crate) fn raise_open_files(wanted: usize) -> usize {
    let limit = getrlimit(Resource::Nofile);
    let needed = u64::try_from(wanted.saturating_add(OTHERS)).unwrap_or(u64::MAX);
    let may = limit.maximum.unwrap_or(u64::MAX).min(needed).max(limit.current.unwrap_or(u64::MAX));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(may), maximum: limit.maximum });
    let have = if raised.is_ok() { may } else { limit.current.unwrap_or(u64::MAX) };
    let fits = usize::try_from(have).unwrap_or(usize::MAX).saturating_sub(OTHERS).max(OTHERS);
    if fits < wanted {
        tracing::warn!(
            connections.wanted = wanted,
            connections.possible = fits,
            "the limit of open files leaves room for fewer connections; raise it (LimitNOFILE, ulimit -n)"
        );
    }
    wanted.min(fits)
}
