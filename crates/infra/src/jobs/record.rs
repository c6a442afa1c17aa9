//! What becomes of a try that failed, and of jobs that are given back. Every statement is guarded by the lease. (`state <> 'r'`
//! instead of `= 'x'`: see the statement that completes a job.)

use std::time::Duration;

use diesel::sql_types::{Array, BigInt, Bool, Nullable, SmallInt, Text, Uuid as SqlUuid};
use kernel::{JobContext, JobFailure, Lease, Queue, RetryClass, StoreError};
use uuid::Uuid;

use super::queue::millis;
use crate::db::{Db, Statement};

/// Back to the queue. Without a given delay: anything up to 2 s · 2^attempt, at most 15 minutes («full jitter», which
/// spreads a crowd that failed together).
const RETRY: &str = "\
    WITH held AS ( \
        SELECT * FROM jobs WHERE id = $1 AND lease = $2 AND state <> 'r' FOR UPDATE \
    ), back AS ( \
        UPDATE jobs j SET state = 'r', worker_id = NULL, claimed_at = NULL, deadline_at = NULL, last_error = $5, rescues = 0, \
            attempt = CASE WHEN $4 THEN j.attempt ELSE j.attempt - 1 END, \
            run_at = clock_timestamp() + interval '1 millisecond' * coalesce( \
                $3::float8, random() * least(2000 * power(2, least(j.attempt, 20)), 900000)) \
        FROM held WHERE j.id = held.id \
    ) \
    INSERT INTO job_history (job_id, lease, queue, kind, order_id, attempt, outcome, error, worker_id, created_at, \
        claimed_at, finished_at) \
    SELECT id, lease, queue, kind, order_id, attempt, 'failed', $5, worker_id, created_at, claimed_at, clock_timestamp() \
    FROM held";

const BURY: &str = "\
    WITH gone AS ( \
        DELETE FROM jobs WHERE id = $1 AND lease = $2 AND state <> 'r' RETURNING * \
    ), letter AS ( \
        INSERT INTO job_dead (job_id, lease, queue, kind, priority, attempt, max_attempts, rescues, budget_ms, \
            dedupe_key, order_id, payload, payload_version, traceparent, reason, code, detail, created_at, died_at) \
        SELECT id, lease, queue, kind, priority, attempt, max_attempts, rescues, budget_ms, \
            dedupe_key, order_id, payload, payload_version, traceparent, $3, $4, $5, created_at, clock_timestamp() \
        FROM gone \
    ) \
    INSERT INTO job_history (job_id, lease, queue, kind, order_id, attempt, outcome, error, worker_id, created_at, \
        claimed_at, finished_at) \
    SELECT id, lease, queue, kind, order_id, attempt, 'dead', $5, worker_id, created_at, claimed_at, clock_timestamp() \
    FROM gone";

/// An interrupted try is no failure: it is not charged. The lease stays, so that the interrupted one cannot write later
/// under the next one's number.
const RELEASE: &str = "\
    UPDATE jobs SET state = 'r', attempt = attempt - 1, run_at = clock_timestamp(), \
        worker_id = NULL, claimed_at = NULL, deadline_at = NULL \
    WHERE worker_id = $1 AND state = 'x'";

/// The same for what one queue's dispatcher does not know of: jobs that it took with a statement whose answer was lost.
const RELEASE_STRAYS: &str = "\
    UPDATE jobs SET state = 'r', attempt = attempt - 1, run_at = clock_timestamp(), \
        worker_id = NULL, claimed_at = NULL, deadline_at = NULL \
    WHERE worker_id = $1 AND state = 'x' AND queue = $2 AND id <> ALL($3)";

/// The longest reason that is kept.
const DETAIL_CHARS: usize = 2000;

/// What became of a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It will be tried again.
    Again,
    /// It was the last try.
    Dead,
    /// Somebody else holds the job: nothing was written.
    NotOurs,
}

/// Records a try that failed.
pub(super) async fn record_failure(db: &Db, context: JobContext, failure: &JobFailure) -> Result<Fate, StoreError> {
    let detail = described(failure);
    let reason = match failure.class {
        RetryClass::Stale => return Ok(Fate::NotOurs),
        RetryClass::RetryAfter(delay) => return retry(db, context.lease, Some(delay), detail).await,
        RetryClass::Permanent if failure.code == "undecodable" => "undecodable",
        RetryClass::Permanent => "permanent",
        RetryClass::Retry | RetryClass::UnknownOutcome if context.last_attempt => "exhausted",
        RetryClass::Retry | RetryClass::UnknownOutcome => return retry(db, context.lease, None, detail).await,
    };
    bury(db, context.lease, (reason, failure.code), detail).await
}

async fn retry(db: &Db, lease: Lease, delay: Option<Duration>, detail: String) -> Result<Fate, StoreError> {
    let statement = Statement::new(RETRY)
        .bind::<BigInt, _>(lease.job)
        .bind::<BigInt, _>(lease.token)
        .bind::<Nullable<BigInt>, _>(delay.map(millis))
        .bind::<Bool, _>(delay.is_none())
        .bind::<Text, _>(detail);
    Ok(if db.execute("give a job back", statement).await? == 0 { Fate::NotOurs } else { Fate::Again })
}

async fn bury(
    db: &Db,
    lease: Lease,
    (reason, code): (&'static str, &'static str),
    detail: String,
) -> Result<Fate, StoreError> {
    let statement = Statement::new(BURY)
        .bind::<BigInt, _>(lease.job)
        .bind::<BigInt, _>(lease.token)
        .bind::<Text, _>(reason)
        .bind::<Text, _>(code)
        .bind::<Text, _>(detail);
    Ok(if db.execute("give a job up", statement).await? == 0 { Fate::NotOurs } else { Fate::Dead })
}

/// Gives back whatever this worker holds; how many.
pub(super) async fn release(db: &Db, worker: Uuid) -> Result<usize, StoreError> {
    db.execute("release a worker's jobs", Statement::new(RELEASE).bind::<SqlUuid, _>(worker)).await
}

/// Gives back what this worker holds on a queue without running it; how many.
pub(super) async fn release_strays(
    db: &Db,
    worker: Uuid,
    queue: Queue,
    running: Vec<i64>,
) -> Result<usize, StoreError> {
    let statement = Statement::new(RELEASE_STRAYS)
        .bind::<SqlUuid, _>(worker)
        .bind::<SmallInt, _>(queue.number())
        .bind::<Array<BigInt>, _>(running);
    db.execute("release stray jobs", statement).await
}

/// The failure with all its causes, cut to a length that fits a list.
pub(super) fn described(failure: &JobFailure) -> String {
    let mut text = failure.source.to_string();
    let mut cause = failure.source.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    // PostgreSQL keeps no NUL in a text.
    text.chars().filter(|c| *c != '\0').take(DETAIL_CHARS).collect()
}
