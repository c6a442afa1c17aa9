//! Jobs for the operator's command: lists, driving a dead one again, pausing a queue. The one place here that writes,
//! since no domain knows of these things.

use ::audit::{Act, Actor, AuditStore as _, Entry, Subject};
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Integer, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Env, Id, Queue, StoreError, Timestamp, Transact, entity};
use uuid::Uuid;

use crate::db::{Db, PgTx, Statement};

/// A job that waits or runs.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct LiveJob {
    /// Its id.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// Its kind.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// `ready`, `waiting` or `running`.
    #[diesel(sql_type = Text)]
    pub state: String,
    /// Tries so far, the running one included.
    #[diesel(sql_type = SmallInt)]
    pub attempt: i16,
    /// Tries that it has.
    #[diesel(sql_type = SmallInt)]
    pub max_attempts: i16,
    /// When it may run.
    #[diesel(sql_type = Timestamptz)]
    pub run_at: Timestamp,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    order_id: Option<Uuid>,
    /// Why the last try failed.
    #[diesel(sql_type = Nullable<Text>)]
    pub last_error: Option<String>,
}

impl LiveJob {
    /// The order that it is about.
    pub fn order(&self) -> Option<Id<entity::Order>> {
        self.order_id.map(Id::from_uuid)
    }
}

/// A job that was given up.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct DeadJob {
    /// The letter's id, by which it is driven again.
    #[diesel(sql_type = BigInt)]
    pub id: i64,
    /// Its kind.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// `exhausted`, `permanent`, `poison` or `undecodable`.
    #[diesel(sql_type = Text)]
    pub reason: String,
    /// The last failure's code.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// The last failure.
    #[diesel(sql_type = Text)]
    pub detail: String,
    /// Tries that it had.
    #[diesel(sql_type = SmallInt)]
    pub attempt: i16,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    order_id: Option<Uuid>,
    /// When it was given up.
    #[diesel(sql_type = Timestamptz)]
    pub died_at: Timestamp,
    /// When its domain made it a case.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub case_opened_at: Option<Timestamp>,
}

impl DeadJob {
    /// The order that it was about.
    pub fn order(&self) -> Option<Id<entity::Order>> {
        self.order_id.map(Id::from_uuid)
    }
}

/// What became of driving a dead job again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Redriven {
    /// It waits to be run.
    Queued,
    /// A live job does the same; nothing was done.
    AlreadyThere,
    /// There is no such letter, or it was driven again before.
    NotFound,
}

const LIVE: &str = "\
    SELECT id, kind, attempt, max_attempts, run_at, order_id, last_error, \
        CASE WHEN state = 'x' THEN 'running' WHEN run_at <= now() THEN 'ready' ELSE 'waiting' END AS state \
    FROM jobs ORDER BY run_at, id LIMIT $1";

const DEAD: &str = "\
    SELECT id, kind, reason, code, detail, attempt, order_id, died_at, case_opened_at \
    FROM job_dead WHERE redriven_at IS NULL ORDER BY died_at DESC, id DESC LIMIT $1";

const LIVE_OF: &str = "\
    SELECT id, kind, attempt, max_attempts, run_at, order_id, last_error, \
        CASE WHEN state = 'x' THEN 'running' WHEN run_at <= now() THEN 'ready' ELSE 'waiting' END AS state \
    FROM jobs WHERE order_id = $1 ORDER BY run_at, id LIMIT 100";

const DEAD_OF: &str = "\
    SELECT id, kind, reason, code, detail, attempt, order_id, died_at, case_opened_at \
    FROM job_dead WHERE order_id = $1 AND redriven_at IS NULL ORDER BY died_at DESC, id DESC LIMIT 100";

/// The job comes back under its own id with its lease going on, so that its old workers stay shut out; its tries begin
/// anew.
const REDRIVE: &str = "\
    WITH letter AS ( \
        SELECT * FROM job_dead WHERE id = $1 AND redriven_at IS NULL FOR UPDATE \
    ), queued AS ( \
        INSERT INTO jobs (id, queue, kind, priority, max_attempts, lease, budget_ms, dedupe_key, order_id, payload, \
            payload_version, traceparent, last_error, created_at) \
        SELECT job_id, queue, kind, priority, max_attempts, lease, budget_ms, dedupe_key, order_id, payload, \
            payload_version, traceparent, detail, created_at \
        FROM letter ON CONFLICT DO NOTHING RETURNING queue \
    ), marked AS ( \
        UPDATE job_dead d SET redriven_at = now(), redriven_by = $2, case_opened_at = coalesce(case_opened_at, now()) \
        WHERE d.id = $1 AND EXISTS (SELECT FROM queued) \
    ) \
    SELECT EXISTS (SELECT FROM letter) AS found, (SELECT queue FROM queued) AS queue";

const ORDERS: &str = "SELECT paused, max_running, rate_per_second FROM queue_control WHERE queue = $1 FOR UPDATE";

const PAUSE: &str = "\
    INSERT INTO queue_control (queue, paused) VALUES ($1, $2) \
    ON CONFLICT (queue) DO UPDATE SET paused = excluded.paused, updated_at = now()";

const LIMIT: &str = "\
    INSERT INTO queue_control (queue, max_running, rate_per_second) VALUES ($1, $2, $3) \
    ON CONFLICT (queue) DO UPDATE SET max_running = excluded.max_running, \
        rate_per_second = excluded.rate_per_second, updated_at = now()";

/// What a queue may do, over all workers. `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueLimits {
    /// Jobs that run at the same time.
    pub max_running: Option<u32>,
    /// Jobs that begin in a second.
    pub rate_per_second: Option<u32>,
}

#[derive(QueryableByName)]
struct Outcome {
    #[diesel(sql_type = Bool)]
    found: bool,
    #[diesel(sql_type = Nullable<SmallInt>)]
    queue: Option<i16>,
}

/// Jobs that wait or run, the next first.
pub async fn live_jobs(db: &Db, limit: i64) -> Result<Vec<LiveJob>, StoreError> {
    db.load("a list of jobs", Statement::new(LIVE).bind::<BigInt, _>(limit)).await
}

/// Jobs that were given up and not driven again, the latest first.
pub async fn dead_jobs(db: &Db, limit: i64) -> Result<Vec<DeadJob>, StoreError> {
    db.load("a list of dead jobs", Statement::new(DEAD).bind::<BigInt, _>(limit)).await
}

/// An order's jobs that wait or run, the next first.
pub async fn live_jobs_of(db: &Db, order: Id<entity::Order>) -> Result<Vec<LiveJob>, StoreError> {
    db.load("an order's jobs", Statement::new(LIVE_OF).bind::<SqlUuid, _>(order.uuid())).await
}

/// An order's jobs that were given up and not driven again, the latest first.
pub async fn dead_jobs_of(db: &Db, order: Id<entity::Order>) -> Result<Vec<DeadJob>, StoreError> {
    db.load("an order's dead jobs", Statement::new(DEAD_OF).bind::<SqlUuid, _>(order.uuid())).await
}

/// Queues a dead job once more. `by` says who wanted it.
pub async fn redrive(db: &Db, letter: i64, by: &str) -> Result<Redriven, StoreError> {
    db.transaction(async |tx| redrive_in(tx, letter, by).await).await
}

/// The same, inside a transaction.
pub async fn redrive_in(tx: &mut PgTx, letter: i64, by: &str) -> Result<Redriven, StoreError> {
    let statement = Statement::new(REDRIVE).bind::<BigInt, _>(letter).bind::<Text, _>(by.to_owned());
    match tx.first::<Outcome, _>("drive a dead job again", statement).await? {
        Some(Outcome { queue: Some(number), .. }) => {
            if let Some(queue) = Queue::ALL.into_iter().find(|queue| queue.number() == number) {
                tx.will_ring(queue);
            }
            Ok(Redriven::Queued)
        }
        Some(Outcome { found: true, queue: None }) => Ok(Redriven::AlreadyThere),
        Some(Outcome { found: false, queue: None }) | None => Ok(Redriven::NotFound),
    }
}

/// The same, as somebody's act on record. `name` stands with the job, `by` in the trail.
///
/// # Errors
/// The store's.
pub async fn redrive_on_record(
    db: &Db,
    env: &mut Env,
    letter: i64,
    (name, by): (&str, &Actor),
) -> Result<Redriven, StoreError> {
    let work = async |tx: &mut PgTx| {
        let redriven = redrive_in(tx, letter, name).await?;
        if redriven == Redriven::Queued {
            tx.append(&Entry::new(env, by.clone(), Act::JobRetried, Subject::new("job", letter))).await?;
        }
        Ok(redriven)
    };
    db.transaction(work).await
}

/// What was said about a queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, QueryableByName)]
pub struct QueueOrders {
    /// It is stopped.
    #[diesel(sql_type = Bool)]
    pub paused: bool,
    /// Jobs that run at the same time, at most.
    #[diesel(sql_type = Nullable<Integer>)]
    pub max_running: Option<i32>,
    /// Jobs that begin in a second, at most.
    #[diesel(sql_type = Nullable<Integer>)]
    pub rate_per_second: Option<i32>,
}

/// What was said about a queue so far.
pub async fn queue_orders(tx: &mut PgTx, queue: Queue) -> Result<QueueOrders, StoreError> {
    let statement = Statement::new(ORDERS).bind::<SmallInt, _>(queue.number());
    Ok(tx.first("what was said about a queue", statement).await?.unwrap_or_default())
}

/// Stops a queue, or lets it go on. Jobs that run are not touched.
pub async fn set_queue_paused(db: &Db, queue: Queue, paused: bool) -> Result<(), StoreError> {
    db.transaction(async |tx| set_queue_paused_in(tx, queue, paused).await).await
}

/// The same, inside a transaction.
pub async fn set_queue_paused_in(tx: &mut PgTx, queue: Queue, paused: bool) -> Result<(), StoreError> {
    let statement = Statement::new(PAUSE).bind::<SmallInt, _>(queue.number()).bind::<Bool, _>(paused);
    tx.execute("pause a queue", statement).await?;
    tx.will_ring(queue);
    Ok(())
}

/// Sets or lifts a queue's limits. Jobs that run are not touched.
pub async fn set_queue_limits(db: &Db, queue: Queue, limits: QueueLimits) -> Result<(), StoreError> {
    db.transaction(async |tx| set_queue_limits_in(tx, queue, limits).await).await
}

/// The same, inside a transaction.
pub async fn set_queue_limits_in(tx: &mut PgTx, queue: Queue, limits: QueueLimits) -> Result<(), StoreError> {
    let whole = |limit: Option<u32>| limit.map(|limit| i32::try_from(limit).unwrap_or(i32::MAX));
    let statement = Statement::new(LIMIT)
        .bind::<SmallInt, _>(queue.number())
        .bind::<Nullable<Integer>, _>(whole(limits.max_running))
        .bind::<Nullable<Integer>, _>(whole(limits.rate_per_second).map(|rate| rate.max(1)));
    tx.execute("limit a queue", statement).await?;
    tx.will_ring(queue);
    Ok(())
}
