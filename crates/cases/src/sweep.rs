//! How far each sweep has looked, and what it found. A sweep looks for what should not be there, so what it finds is told
//! from what it saw: outside drills the finds are 0.

use std::future::Future;

use kernel::{StoreError, Timestamp};

/// One run of a sweep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SweepReport {
    /// When it ended.
    pub at: Timestamp,
    /// How many things it looked at.
    pub seen: i64,
    /// How many of them were not as they should be.
    pub found: i64,
    /// Up to when it has looked, for sweeps that go on where they stopped.
    pub cursor: Option<Timestamp>,
}

/// The log of sweeps inside a transaction.
pub trait SweepStore {
    /// Up to when this sweep has looked.
    fn sweep_cursor(&mut self, sweep: &str) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// Notes a run. A cursor that is not given stays.
    fn record_sweep(
        &mut self,
        sweep: &str,
        report: &SweepReport,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
