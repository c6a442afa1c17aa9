//! Claims without an engine, so that they can be measured.

use diesel::sql_types::{BigInt, SmallInt, Uuid as SqlUuid};
use kernel::{Env, Queue, StoreError, entity};
use uuid::Uuid;

use super::claim::Claimer;
use crate::db::{Db, Statement};

const FILL: &str = "INSERT INTO jobs (queue, kind, priority, max_attempts, budget_ms, payload) \
    SELECT $1, 'bench.noop', 1, 12, 120000, '{}' FROM generate_series(1, $2)";

const END: &str = "DELETE FROM jobs WHERE worker_id = $1 AND state = 'x'";

/// Takes jobs as a worker's dispatcher does, and runs none of them. For measurements alone: the worker that it takes them
/// for has no row, so that an engine beside it would take them back.
pub struct Claims {
    db: Db,
    worker: Uuid,
    claimer: Claimer,
}

impl Claims {
    /// For one queue.
    pub fn new(db: &Db, queue: Queue) -> Self {
        let worker = Env::system().id::<entity::Worker>().uuid();
        Self { db: db.clone(), worker, claimer: Claimer::new(worker, queue) }
    }

    /// Adds jobs.
    ///
    /// # Errors
    /// The store's.
    pub async fn fill(&self, jobs: usize) -> Result<(), StoreError> {
        let statement = Statement::new(FILL)
            .bind::<SmallInt, _>(self.claimer.queue.number())
            .bind::<BigInt, _>(i64::try_from(jobs).unwrap_or(i64::MAX));
        self.db.execute("add jobs", statement).await.map(|_| ())
    }

    /// Takes up to `most`; how many.
    ///
    /// # Errors
    /// The store's.
    pub async fn take(&mut self, most: usize) -> Result<usize, StoreError> {
        self.claimer.claim(&self.db, most).await.map(|jobs| jobs.len())
    }

    /// Removes what was taken.
    ///
    /// # Errors
    /// The store's.
    pub async fn end(&self) -> Result<(), StoreError> {
        let statement = Statement::new(END).bind::<SqlUuid, _>(self.worker);
        self.db.execute("remove jobs", statement).await.map(|_| ())
    }
}
