//! The queue inside a transaction.

use std::time::Duration;

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Integer, Jsonb, Nullable, SmallInt, Text, Uuid as SqlUuid},
};
use kernel::{Enqueued, Id, Job, JobQueue, Lease, Queue, Recorded, StoreError};

use super::{budget_millis, doorbell::QueueSet};
use crate::{
    db::{Db, PgTx, Statement},
    store::to_json,
};

const ENQUEUE: &str = "\
    INSERT INTO jobs (queue, kind, priority, run_at, max_attempts, budget_ms, dedupe_key, order_id, payload) \
    VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond', $5, $6, $7, $8, $9) \
    ON CONFLICT (kind, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING";

/// Removes the job and notes that it is done, if the lease is still held. What is not ready is executing; said the other way,
/// PostgreSQL might read the index of all executing jobs instead of going straight to the one.
const COMPLETE: &str = "\
    WITH done AS (DELETE FROM jobs WHERE id = $1 AND lease = $2 AND state <> 'r' RETURNING *) \
    INSERT INTO job_history \
        (job_id, lease, queue, kind, order_id, attempt, outcome, worker_id, created_at, claimed_at, finished_at) \
    SELECT id, lease, queue, kind, order_id, attempt, 'done', worker_id, created_at, claimed_at, clock_timestamp() \
    FROM done";

/// Whoever takes the job over or gives it back waits until the transaction has ended.
const HELD: &str = "SELECT queue FROM jobs WHERE id = $1 AND lease = $2 AND state = 'x' FOR NO KEY UPDATE";

const SNOOZE: &str = "\
    UPDATE jobs SET state = 'r', run_at = clock_timestamp() + $3 * interval '1 millisecond', \
        attempt = attempt - 1, rescues = 0, worker_id = NULL, claimed_at = NULL, deadline_at = NULL \
    WHERE id = $1 AND lease = $2 AND state <> 'r' RETURNING queue";

#[derive(QueryableByName)]
struct Snoozed {
    #[diesel(sql_type = SmallInt)]
    queue: i16,
}

pub(super) fn millis(delay: Duration) -> i64 {
    i64::try_from(delay.as_millis()).unwrap_or(i64::MAX)
}

fn enqueuing<J: Job>(job: &J, delay: Duration) -> Result<Statement, StoreError> {
    Ok(Statement::new(ENQUEUE)
        .bind::<SmallInt, _>(J::QUEUE.number())
        .bind::<Text, _>(J::KIND)
        .bind::<SmallInt, _>(J::PRIORITY)
        .bind::<BigInt, _>(millis(delay))
        .bind::<SmallInt, _>(J::MAX_ATTEMPTS)
        .bind::<Integer, _>(budget_millis::<J>())
        .bind::<Nullable<Text>, _>(job.dedupe_key())
        .bind::<Nullable<SqlUuid>, _>(job.order().map(Id::uuid))
        .bind::<Jsonb, _>(to_json(J::KIND, job)?))
}

impl Db {
    /// Adds a job that belongs to no other change: one statement, one COMMIT.
    ///
    /// # Errors
    /// The store's. When the answer was lost the job may be there; enqueue with a dedupe key to be able to try again.
    pub async fn enqueue_alone<J: Job>(&self, job: &J) -> Result<Enqueued, StoreError> {
        if self.execute("enqueue a job", enqueuing(job, Duration::ZERO)?).await? == 0 {
            return Ok(Enqueued::AlreadyThere);
        }
        self.doorbell().ring(QueueSet::from(J::QUEUE));
        Ok(Enqueued::Added)
    }
}

impl JobQueue for PgTx {
    async fn enqueue_in<J: Job>(&mut self, job: &J, delay: Duration) -> Result<Enqueued, StoreError> {
        if self.execute("enqueue a job", enqueuing(job, delay)?).await? == 0 {
            return Ok(Enqueued::AlreadyThere);
        }
        if delay.is_zero() {
            self.will_ring(J::QUEUE);
        }
        Ok(Enqueued::Added)
    }

    async fn complete(&mut self, lease: Lease) -> Result<Recorded, StoreError> {
        let statement = Statement::new(COMPLETE).bind::<BigInt, _>(lease.job).bind::<BigInt, _>(lease.token);
        match self.execute("complete a job", statement).await? {
            0 => Err(StoreError::StaleLease),
            _ => Ok(Recorded::by_queue()),
        }
    }

    async fn still_held(&mut self, lease: Lease) -> Result<(), StoreError> {
        let statement = Statement::new(HELD).bind::<BigInt, _>(lease.job).bind::<BigInt, _>(lease.token);
        let held: Option<Snoozed> = self.first("see that a lease is held", statement).await?;
        held.map(|_| ()).ok_or(StoreError::StaleLease)
    }

    async fn snooze(&mut self, lease: Lease, delay: Duration) -> Result<Recorded, StoreError> {
        let statement = Statement::new(SNOOZE)
            .bind::<BigInt, _>(lease.job)
            .bind::<BigInt, _>(lease.token)
            .bind::<BigInt, _>(millis(delay));
        let snoozed: Option<Snoozed> = self.first("snooze a job", statement).await?;
        let queue = snoozed.ok_or(StoreError::StaleLease)?.queue;
        if delay.is_zero()
            && let Some(queue) = Queue::ALL.into_iter().find(|known| known.number() == queue)
        {
            self.will_ring(queue);
        }
        Ok(Recorded::by_queue())
    }
}
