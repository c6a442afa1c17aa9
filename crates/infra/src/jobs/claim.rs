//! Taking jobs: one short statement that gives leases.

use std::time::Duration;

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Double, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Id, JobContext, Lease, Queue, StoreError, Timestamp, entity};
use serde_json::Value;
use tokio::time::Instant;
use uuid::Uuid;

use super::limits;
use crate::db::{Db, Statement};

/// One lane after the other, so that a lane full of jobs for later costs nothing to step over; each lane reads its part of
/// the index in order, from its floor on, and stops when enough are found. A job that somebody else is taking is skipped.
/// Rows are found again by their place, which cannot change while they are locked. $10: the queue's limits were seen to.
const CLAIM: &str = "\
    WITH open AS MATERIALIZED ( \
        SELECT NOT EXISTS (SELECT FROM queue_control WHERE queue = $1 AND (paused \
            OR (NOT $10 AND (max_running IS NOT NULL OR rate_per_second IS NOT NULL)))) AS is_open \
    ), first AS MATERIALIZED ( \
        SELECT ctid AS place FROM jobs WHERE queue = $1 AND priority = $3 AND state = 'r' AND run_at <= now() \
            AND run_at >= coalesce($7, '-infinity') AND (SELECT is_open FROM open) \
        ORDER BY run_at, id LIMIT $2 FOR UPDATE SKIP LOCKED \
    ), second AS MATERIALIZED ( \
        SELECT ctid AS place FROM jobs WHERE queue = $1 AND priority = $4 AND state = 'r' AND run_at <= now() \
            AND run_at >= coalesce($8, '-infinity') AND (SELECT is_open FROM open) \
        ORDER BY run_at, id LIMIT $2 - (SELECT count(*) FROM first) FOR UPDATE SKIP LOCKED \
    ), third AS MATERIALIZED ( \
        SELECT ctid AS place FROM jobs WHERE queue = $1 AND priority = $5 AND state = 'r' AND run_at <= now() \
            AND run_at >= coalesce($9, '-infinity') AND (SELECT is_open FROM open) \
        ORDER BY run_at, id LIMIT $2 - (SELECT count(*) FROM first) - (SELECT count(*) FROM second) \
        FOR UPDATE SKIP LOCKED \
    ) \
    UPDATE jobs j SET state = 'x', lease = j.lease + 1, attempt = j.attempt + 1, worker_id = $6, \
        claimed_at = clock_timestamp(), deadline_at = clock_timestamp() + j.budget_ms * interval '1 millisecond' \
    WHERE j.state = 'r' AND j.ctid = ANY(ARRAY( \
        SELECT place FROM first UNION ALL SELECT place FROM second UNION ALL SELECT place FROM third)) \
    RETURNING j.id, j.kind, j.lease, j.attempt, j.max_attempts, j.budget_ms, j.priority, j.run_at, j.order_id, j.payload, \
        extract(epoch FROM clock_timestamp() - j.run_at)::float8 * 1000 AS waited_ms";

/// Lanes in order: the most urgent first, and in every fifth turn the least urgent, so that it is not starved.
const URGENT_FIRST: [i16; 3] = [0, 1, 2];
const PATIENT_FIRST: [i16; 3] = [2, 0, 1];
const PATIENT_TURN: u64 = 5;

/// How far below the latest job that was taken a lane is read: a transaction that enqueued may commit this much late.
const BELOW: Duration = Duration::from_secs(2);
/// The least time between two readings of the whole lanes, which find what committed later still.
const FULL_EVERY: Duration = Duration::from_secs(1);
/// One part in so many of a dispatcher's time goes to reading the whole, however slow that is.
const FULL_SHARE: u32 = 20;

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
    #[diesel(sql_type = SmallInt)]
    priority: i16,
    #[diesel(sql_type = Timestamptz)]
    run_at: Timestamp,
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
    pub(super) fn budget(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.budget_ms).unwrap_or(0))
    }

    /// The order that it is about, for logs; empty when there is none.
    pub(super) fn order(&self) -> String {
        self.order_id.map(|id| Id::<entity::Order>::from_uuid(id).to_string()).unwrap_or_default()
    }
}

/// Takes one queue's jobs, and remembers how far each lane was read.
///
/// Jobs that were taken leave dead entries at the index's old end, which VACUUM cannot remove while some transaction is
/// older. Reading from the latest job on steps over them. Nothing is lost by it: whatever comes back comes back with a time
/// that is not past, and what was committed late is found by the next reading of the whole.
pub(super) struct Claimer {
    pub(super) queue: Queue,
    worker: Uuid,
    turn: u64,
    /// The latest `run_at` that was taken, for each lane.
    floors: [Option<Timestamp>; 3],
    full_at: Instant,
    /// The queue has limits, which are seen to with more than one statement.
    pub(super) limited: bool,
}

/// What one claim is made with.
#[derive(Clone, Copy)]
struct Reach {
    most: i64,
    full: bool,
    limits_seen_to: bool,
}

impl Claimer {
    pub(super) fn new(worker: Uuid, queue: Queue) -> Self {
        Self { queue, worker, turn: 0, floors: [None; 3], full_at: Instant::now(), limited: false }
    }

    /// Takes up to `most` jobs.
    pub(super) async fn claim(&mut self, db: &Db, most: usize) -> Result<Vec<Claimed>, StoreError> {
        self.turn += 1;
        let began = Instant::now();
        let reach =
            Reach { most: i64::try_from(most).unwrap_or(1), full: began >= self.full_at, limits_seen_to: false };
        let taken = self.within_limits(db, reach).await;
        if reach.full {
            // After a failure too: a reading that is cut off for taking too long must not be all that is ever tried.
            self.full_at = Instant::now() + FULL_EVERY.max(began.elapsed() * FULL_SHARE);
        }
        let taken = taken?;
        for job in &taken {
            if let Some(floor) = usize::try_from(job.priority).ok().and_then(|lane| self.floors.get_mut(lane)) {
                *floor = (*floor).max(Some(job.run_at));
            }
        }
        Ok(taken)
    }

    async fn within_limits(&mut self, db: &Db, reach: Reach) -> Result<Vec<Claimed>, StoreError> {
        if !self.limited {
            let taken: Vec<Claimed> = db.load("claim jobs", self.statement(reach)).await?;
            if !taken.is_empty() {
                return Ok(taken);
            }
            // Nothing there, or a queue with limits.
            self.limited = limits::has_limits(db, self.queue).await?;
        }
        if !self.limited {
            return Ok(Vec::new());
        }
        let taken = limits::claim(db, self.queue, reach.most, |most| {
            self.statement(Reach { most, limits_seen_to: true, ..reach })
        });
        let taken = taken.await?;
        self.limited = taken.is_some();
        Ok(taken.unwrap_or_default())
    }

    fn statement(&self, reach: Reach) -> Statement {
        let patient = self.turn % PATIENT_TURN == PATIENT_TURN - 1;
        let lanes = if patient { PATIENT_FIRST } else { URGENT_FIRST };
        let [first, second, third] = lanes.map(|lane| (lane, self.floor(lane, reach.full)));
        Statement::new(CLAIM)
            .bind::<SmallInt, _>(self.queue.number())
            .bind::<BigInt, _>(reach.most)
            .bind::<SmallInt, _>(first.0)
            .bind::<SmallInt, _>(second.0)
            .bind::<SmallInt, _>(third.0)
            .bind::<SqlUuid, _>(self.worker)
            .bind::<Nullable<Timestamptz>, _>(first.1)
            .bind::<Nullable<Timestamptz>, _>(second.1)
            .bind::<Nullable<Timestamptz>, _>(third.1)
            .bind::<Bool, _>(reach.limits_seen_to)
    }

    /// From where on a lane is read; `None` for the whole of it.
    fn floor(&self, lane: i16, full: bool) -> Option<Timestamp> {
        let latest = usize::try_from(lane).ok().and_then(|lane| self.floors.get(lane).copied().flatten());
        latest.filter(|_| !full).map(|latest| latest - BELOW)
    }
}
