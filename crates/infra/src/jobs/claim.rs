//! Taking jobs: one short statement that gives leases.

use std::time::Duration;

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Double, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Id, JobContext, Lease, Queue, StoreError, Timestamp, entity};
use serde_json::Value;
use uuid::Uuid;

use super::{
    floors::{Floors, Lookout},
    limits,
};
use crate::db::{Db, Statement};

/// One lane after the other, so that a lane full of jobs for later costs nothing to step over; each lane reads its part of
/// the index in order, from its floor on, and stops when enough are found. A job that somebody else is taking is skipped.
/// Rows are found again by their place, which cannot change while they are locked; `state = 'r'` there would invite PostgreSQL
/// to read the whole index instead. $10: the queue's limits were seen to.
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
    WHERE j.state <> 'x' AND j.ctid = ANY(ARRAY( \
        SELECT place FROM first UNION ALL SELECT place FROM second UNION ALL SELECT place FROM third)) \
    RETURNING j.id, j.kind, j.lease, j.attempt, j.max_attempts, j.budget_ms, j.priority, j.run_at, j.order_id, j.payload, \
        extract(epoch FROM clock_timestamp() - j.run_at)::float8 * 1000 AS waited_ms";

/// Lanes in order: the most urgent first, and in every fifth turn the least urgent, so that it is not starved.
const URGENT_FIRST: [i16; 3] = [0, 1, 2];
const PATIENT_FIRST: [i16; 3] = [2, 0, 1];
const PATIENT_TURN: u64 = 5;

/// How far below the latest job that was taken a lane is read: a transaction that enqueued may commit this much late.
const BELOW: Duration = Duration::from_secs(2);

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
/// that is not past, and what was committed late is found by a [`Lookout`], which lowers the floor again.
pub(super) struct Claimer {
    pub(super) queue: Queue,
    worker: Uuid,
    turn: u64,
    floors: Floors,
    lookout: Lookout,
    /// The queue has limits, which are seen to with more than one statement.
    pub(super) limited: bool,
}

impl Claimer {
    pub(super) fn new(worker: Uuid, queue: Queue) -> Self {
        let (floors, lookout) = (Floors::default(), Lookout::new(queue));
        Self { queue, worker, turn: 0, floors, lookout, limited: false }
    }

    /// Takes up to `most` jobs.
    pub(super) async fn claim(&mut self, db: &Db, most: usize) -> Result<Vec<Claimed>, StoreError> {
        self.turn += 1;
        self.lookout.look(db, &mut self.floors);
        let taken = self.within_limits(db, i64::try_from(most).unwrap_or(1)).await?;
        let mut latest = Floors::default();
        for job in &taken {
            latest.raise(job.priority, job.run_at);
        }
        // A lane is read in order: up to its latest job, all that was there is taken.
        self.floors.follow(latest);
        Ok(taken)
    }

    /// The lookout begins no look for a while, and what it saw does not count.
    pub(super) fn look_later(&mut self) {
        self.lookout.rest();
    }

    async fn within_limits(&mut self, db: &Db, most: i64) -> Result<Vec<Claimed>, StoreError> {
        if !self.limited {
            let taken: Vec<Claimed> = db.load("claim jobs", self.statement(most, false)).await?;
            if !taken.is_empty() {
                return Ok(taken);
            }
            // Nothing there, or a queue with limits.
            self.limited = limits::has_limits(db, self.queue).await?;
        }
        if !self.limited {
            return Ok(Vec::new());
        }
        let taken = limits::claim(db, self.queue, most, |most| self.statement(most, true)).await?;
        self.limited = taken.is_some();
        Ok(taken.unwrap_or_default())
    }

    fn statement(&self, most: i64, limits_seen_to: bool) -> Statement {
        let patient = self.turn % PATIENT_TURN == PATIENT_TURN - 1;
        let lanes = if patient { PATIENT_FIRST } else { URGENT_FIRST };
        let [first, second, third] = lanes.map(|lane| (lane, self.floors.of(lane).map(|latest| latest - BELOW)));
        Statement::new(CLAIM)
            .bind::<SmallInt, _>(self.queue.number())
            .bind::<BigInt, _>(most)
            .bind::<SmallInt, _>(first.0)
            .bind::<SmallInt, _>(second.0)
            .bind::<SmallInt, _>(third.0)
            .bind::<SqlUuid, _>(self.worker)
            .bind::<Nullable<Timestamptz>, _>(first.1)
            .bind::<Nullable<Timestamptz>, _>(second.1)
            .bind::<Nullable<Timestamptz>, _>(third.1)
            .bind::<Bool, _>(limits_seen_to)
    }
}
