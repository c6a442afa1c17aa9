//! The job engine on PostgreSQL: claiming, recording, rescuing, and the bell that saves the waiting.
//!
//! A job is claimed by one short statement that gives a lease; its handler runs with no transaction open and records its
//! result in its own last transaction, under that lease. Whoever lost the lease writes nothing.

pub(crate) mod doorbell;
mod queue;

use kernel::Job;

/// A job's budget as the database keeps it.
pub(crate) fn budget_millis<J: Job>() -> i32 {
    i32::try_from(J::BUDGET.as_millis()).unwrap_or(i32::MAX)
}
