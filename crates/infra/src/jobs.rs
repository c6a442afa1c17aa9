//! The job engine on PostgreSQL: claiming, recording, rescuing, and the bell that saves the waiting.
//!
//! A job is claimed by one short statement that gives a lease; its handler runs with no transaction open and records its
//! result in its own last transaction, under that lease. Whoever lost the lease writes nothing. All times are the
//! database's: workers' clocks are never compared.
//!
//! Handlers need not be `Send`: an engine runs them as local tasks on the thread that runs it.

mod cases;
mod claim;
mod claims;
pub(crate) mod completions;
mod crew;
mod dispatch;
pub(crate) mod doorbell;
mod engine;
mod handler;
mod heartbeat;
mod history;
mod limits;
mod listen;
mod queue;
mod record;
mod rescue;
mod schedule;
mod upkeep;
mod work;

use kernel::Job;

pub use claims::Claims;
pub use engine::{Engine, EngineSettings};
pub use handler::{DeadReason, Death, DeathOutcome, Handler, LocalBoxFuture};

/// A job's budget as the database keeps it.
pub(crate) fn budget_millis<J: Job>() -> i32 {
    i32::try_from(J::BUDGET.as_millis()).unwrap_or(i32::MAX)
}
