//! Taking back what a worker will not finish: it is past its deadline, or its worker is silent or gone.

use diesel::{QueryableByName, sql_types::BigInt};
use kernel::StoreError;

use crate::db::{Db, Statement};

/// One statement, so that its conditions hold at the moment of the change; a row that is being recorded is locked and
/// skipped. A missing worker row counts as a dead worker. The third time in a row that a job takes its worker down with
/// it, it is poison and buried; a try that recorded anything begins the count anew.
const RESCUE: &str = "\
    WITH gate AS MATERIALIZED ( \
        SELECT pg_try_advisory_xact_lock(4850417100000004) AS is_ours \
    ), lost AS MATERIALIZED ( \
        SELECT j.* FROM jobs j \
        WHERE (SELECT is_ours FROM gate) AND j.state = 'x' AND (j.deadline_at < now() OR NOT EXISTS ( \
            SELECT FROM workers w WHERE w.id = j.worker_id AND w.last_seen > now() - interval '10 seconds')) \
        ORDER BY j.id LIMIT 500 FOR UPDATE OF j SKIP LOCKED \
    ), back AS ( \
        UPDATE jobs j SET state = 'r', run_at = clock_timestamp(), rescues = j.rescues + 1, \
            last_error = 'its worker did not finish it', worker_id = NULL, claimed_at = NULL, deadline_at = NULL \
        FROM lost WHERE j.id = lost.id AND lost.rescues < 2 RETURNING j.id \
    ), poison AS ( \
        DELETE FROM jobs j USING lost WHERE j.id = lost.id AND lost.rescues >= 2 RETURNING j.* \
    ), letter AS ( \
        INSERT INTO job_dead (job_id, lease, queue, kind, priority, attempt, max_attempts, rescues, budget_ms, \
            dedupe_key, order_id, payload, payload_version, traceparent, reason, code, detail, created_at, died_at) \
        SELECT id, lease, queue, kind, priority, attempt, max_attempts, rescues + 1, budget_ms, \
            dedupe_key, order_id, payload, payload_version, traceparent, 'poison', 'worker-lost', \
            'three workers in a row did not finish it', created_at, clock_timestamp() \
        FROM poison \
    ), noted AS ( \
        INSERT INTO job_history (job_id, lease, queue, kind, order_id, attempt, outcome, error, worker_id, created_at, \
            claimed_at, finished_at) \
        SELECT id, lease, queue, kind, order_id, attempt, 'dead', 'worker-lost', worker_id, created_at, claimed_at, \
            clock_timestamp() \
        FROM poison \
    ) \
    SELECT (SELECT count(*) FROM back) AS rescued, (SELECT count(*) FROM poison) AS poisoned";

/// Workers that have been silent for long are forgotten; their jobs were rescued long before.
const FORGET: &str = "DELETE FROM workers WHERE last_seen < now() - interval '1 hour'";

/// What a round found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub(super) struct Rescued {
    /// Given back to the queue.
    #[diesel(sql_type = BigInt)]
    pub(super) rescued: i64,
    /// Given up.
    #[diesel(sql_type = BigInt)]
    pub(super) poisoned: i64,
}

/// One round. Any process may do it at any time; two at once do it once.
pub(super) async fn rescue(db: &Db) -> Result<Rescued, StoreError> {
    let rows = db.load("rescue jobs", Statement::new(RESCUE)).await?;
    Ok(rows.into_iter().next().unwrap_or(Rescued { rescued: 0, poisoned: 0 }))
}

/// Removes the rows of workers that ended without saying so.
pub(super) async fn forget_workers(db: &Db) -> Result<usize, StoreError> {
    db.execute("forget silent workers", Statement::new(FORGET)).await
}
