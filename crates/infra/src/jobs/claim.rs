//! Taking jobs: one short statement that gives leases.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Double, Integer, Jsonb, Nullable, SmallInt, Text, Uuid as SqlUuid},
};
use kernel::{Id, JobContext, Lease, Queue, StoreError, entity};
use serde_json::Value;
use uuid::Uuid;

use crate::db::{Db, Statement};

/// One lane after the other, so that a lane full of jobs for later costs nothing to step over; each lane reads its part of
/// the index in order and stops when enough are found. A job that somebody else is taking is skipped.
const CLAIM: &str = "\
    WITH open AS MATERIALIZED ( \
        SELECT NOT EXISTS (SELECT FROM queue_control WHERE queue = $1 AND paused) AS is_open \
    ), first AS MATERIALIZED ( \
        SELECT id FROM jobs WHERE queue = $1 AND priority = $3 AND state = 'r' AND run_at <= now() \
            AND (SELECT is_open FROM open) \
        ORDER BY run_at, id LIMIT $2 FOR UPDATE SKIP LOCKED \
    ), second AS MATERIALIZED ( \
        SELECT id FROM jobs WHERE queue = $1 AND priority = $4 AND state = 'r' AND run_at <= now() \
            AND (SELECT is_open FROM open) \
        ORDER BY run_at, id LIMIT $2 - (SELECT count(*) FROM first) FOR UPDATE SKIP LOCKED \
    ), third AS MATERIALIZED ( \
        SELECT id FROM jobs WHERE queue = $1 AND priority = $5 AND state = 'r' AND run_at <= now() \
            AND (SELECT is_open FROM open) \
        ORDER BY run_at, id LIMIT $2 - (SELECT count(*) FROM first) - (SELECT count(*) FROM second) \
        FOR UPDATE SKIP LOCKED \
    ) \
    UPDATE jobs j SET state = 'x', lease = j.lease + 1, attempt = j.attempt + 1, worker_id = $6, \
        claimed_at = clock_timestamp(), deadline_at = clock_timestamp() + j.budget_ms * interval '1 millisecond' \
    FROM (SELECT id FROM first UNION ALL SELECT id FROM second UNION ALL SELECT id FROM third) picked \
    WHERE j.id = picked.id \
    RETURNING j.id, j.kind, j.lease, j.attempt, j.max_attempts, j.budget_ms, j.order_id, j.payload, \
        extract(epoch FROM clock_timestamp() - j.run_at)::float8 * 1000 AS waited_ms";

/// Lanes in order: the most urgent first, and in every fifth turn the least urgent, so that it is not starved.
const URGENT_FIRST: [i16; 3] = [0, 1, 2];
const PATIENT_FIRST: [i16; 3] = [2, 0, 1];
const PATIENT_TURN: u64 = 5;

/// A job that is ours to run.
#[derive(Debug, QueryableByName)]
pub(super) struct Claimed {
    #[diesel(sql_type = BigInt)]
    pub(super) id: i64,
    #[diesel(sql_type = Text)]
    pub(super) kind: String,
    #[diesel(sql_type = BigInt)]
    lease: i64,
    #[diesel(sql_type = SmallInt)]
    pub(super) attempt: i16,
    #[diesel(sql_type = SmallInt)]
    max_attempts: i16,
    #[diesel(sql_type = Integer)]
    budget_ms: i32,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    order_id: Option<Uuid>,
    #[diesel(sql_type = Jsonb)]
    pub(super) payload: Value,
    #[diesel(sql_type = Double)]
    pub(super) waited_ms: f64,
}

impl Claimed {
    /// What its handler is told.
    pub(super) const fn context(&self) -> JobContext {
        let lease = Lease { job: self.id, token: self.lease };
        JobContext { lease, attempt: self.attempt, last_attempt: self.attempt >= self.max_attempts }
    }

    /// How long this try may take.
    pub(super) fn budget(&self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.budget_ms).unwrap_or(0))
    }

    /// The order that it is about, for logs; empty when there is none.
    pub(super) fn order(&self) -> String {
        self.order_id.map(|id| Id::<entity::Order>::from_uuid(id).to_string()).unwrap_or_default()
    }
}

/// Takes up to `most` jobs of a queue for this worker.
pub(super) async fn claim(
    db: &Db,
    worker: Uuid,
    queue: Queue,
    most: usize,
    turn: u64,
) -> Result<Vec<Claimed>, StoreError> {
    let [first, second, third] = if turn % PATIENT_TURN == PATIENT_TURN - 1 { PATIENT_FIRST } else { URGENT_FIRST };
    let statement = Statement::new(CLAIM)
        .bind::<SmallInt, _>(queue.number())
        .bind::<BigInt, _>(i64::try_from(most).unwrap_or(1))
        .bind::<SmallInt, _>(first)
        .bind::<SmallInt, _>(second)
        .bind::<SmallInt, _>(third)
        .bind::<SqlUuid, _>(worker);
    db.load("claim jobs", statement).await
}
