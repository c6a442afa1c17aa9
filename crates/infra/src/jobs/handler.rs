//! What runs a kind of job.

use std::{future::Future, pin::Pin};

use kernel::{Id, JobContext, JobFailure, Queue, Recorded, StoreError, entity};
use serde_json::Value;

/// A boxed future that stays on its thread.
pub type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Why a job was given up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadReason {
    /// `exhausted`, `permanent`, `poison` or `undecodable`.
    pub reason: String,
    /// The stable code of the last failure.
    pub code: String,
    /// The last failure in words.
    pub detail: String,
}

/// What a handler made of a dead job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeathOutcome {
    /// Somebody sees it now.
    Handled,
    /// Its payload says nothing to this handler; see [`Engine::on_death`](super::Engine::on_death).
    Undecodable,
}

/// A dead job that no handler understands: its kind is unknown to every worker, or its payload cannot be read.
#[derive(Debug, Clone, PartialEq)]
pub struct Death {
    /// The dead letter, by which it can be driven again.
    pub letter: i64,
    /// The job.
    pub job: i64,
    /// Its queue; `None` for one that this program does not know.
    pub queue: Option<Queue>,
    /// Its kind.
    pub kind: String,
    /// The order that it was about.
    pub order: Option<Id<entity::Order>>,
    /// Why it was given up.
    pub reason: DeadReason,
}

/// Runs one kind of job.
pub trait Handler {
    /// The kind, `area.verb`.
    fn kind(&self) -> &'static str;

    /// Older names of the kind, for jobs that were enqueued before it was renamed.
    fn aliases(&self) -> &'static [&'static str] {
        &[]
    }

    /// The queue that it is on.
    fn queue(&self) -> Queue;

    /// One try. It ends by recording its result under the context's lease, or with a classified failure.
    fn run(&self, payload: Value, context: JobContext) -> LocalBoxFuture<'_, Result<Recorded, JobFailure>>;

    /// The job was given up: makes that a case that somebody sees. Called until it succeeds, so it may be called again for
    /// the same death.
    fn dead(&self, payload: Value, reason: DeadReason) -> LocalBoxFuture<'_, Result<DeathOutcome, StoreError>>;
}
