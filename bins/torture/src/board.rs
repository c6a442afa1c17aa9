//! What is chalked up while a scenario runs.

use std::sync::{
    Mutex, PoisonError,
    atomic::{AtomicU64, Ordering},
};

/// Counters and measurements.
#[derive(Debug, Default)]
pub(crate) struct Board {
    faults: AtomicU64,
    /// Milliseconds from the loss of a worker to the next claim of each of its jobs.
    recoveries: Mutex<Vec<i64>>,
    /// Jobs that a third dead worker made a case.
    poisoned: AtomicU64,
    /// Milliseconds from a restarted database taking connections to the first claim.
    first_claims: Mutex<Vec<i64>>,
    /// Leases that a frozen worker lost to others.
    lost_leases: Mutex<Vec<(i64, i64)>>,
    rounds: Mutex<Vec<Round>>,
    remarks: Mutex<Vec<String>>,
}

/// What came of freezing workers once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Round {
    /// Jobs that others had taken when the frozen ones were thawed.
    pub(crate) lost: u64,
    /// Results of the thawed ones that were refused.
    pub(crate) refused: u64,
    /// Results that were refused to a worker which was never frozen: somebody recorded in its place.
    pub(crate) wronged: u64,
    /// A thawed one noticed by itself, and recorded nothing.
    pub(crate) fenced: bool,
}

fn read<T: Clone>(values: &Mutex<Vec<T>>) -> Vec<T> {
    values.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

fn append<T>(values: &Mutex<Vec<T>>, more: impl IntoIterator<Item = T>) {
    values.lock().unwrap_or_else(PoisonError::into_inner).extend(more);
}

impl Board {
    pub(crate) fn fault(&self) {
        self.faults.fetch_add(1, Ordering::Relaxed);
    }

    /// For faults that are counted elsewhere.
    pub(crate) fn set_faults(&self, count: u64) {
        self.faults.store(count, Ordering::Relaxed);
    }

    pub(crate) fn faults(&self) -> u64 {
        self.faults.load(Ordering::Relaxed)
    }

    pub(crate) fn recovered(&self, ms: i64) {
        append(&self.recoveries, [ms]);
    }

    /// Sorted.
    pub(crate) fn recoveries(&self) -> Vec<i64> {
        let mut all = read(&self.recoveries);
        all.sort_unstable();
        all
    }

    pub(crate) fn poison(&self) {
        self.poisoned.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn poisoned(&self) -> u64 {
        self.poisoned.load(Ordering::Relaxed)
    }

    pub(crate) fn first_claim(&self, ms: i64) {
        append(&self.first_claims, [ms]);
    }

    /// Sorted.
    pub(crate) fn first_claims(&self) -> Vec<i64> {
        let mut all = read(&self.first_claims);
        all.sort_unstable();
        all
    }

    pub(crate) fn lost_leases(&self, leases: Vec<(i64, i64)>) {
        append(&self.lost_leases, leases);
    }

    pub(crate) fn round(&self, round: Round) {
        append(&self.rounds, [round]);
    }

    pub(crate) fn rounds(&self) -> Vec<Round> {
        read(&self.rounds)
    }

    pub(crate) fn all_lost_leases(&self) -> Vec<(i64, i64)> {
        read(&self.lost_leases)
    }

    /// Something that whoever reads the report should know.
    pub(crate) fn remark(&self, text: impl Into<String>) {
        append(&self.remarks, [text.into()]);
    }

    pub(crate) fn remarks(&self) -> Vec<String> {
        read(&self.remarks)
    }
}
