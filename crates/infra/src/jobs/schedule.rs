//! Jobs that come again and again, without a leader: every worker looks, and whoever moves a schedule's next time on
//! enqueues its job in the same statement. What was missed while nobody looked is run once.

use std::time::Duration;

use diesel::{
    QueryableByName,
    sql_types::{Array, BigInt, Integer, Jsonb, Nullable, SmallInt, Text, Uuid as SqlUuid},
};
use kernel::{Id, Job, Queue, StoreError};
use serde_json::Value;
use uuid::Uuid;

use super::{budget_millis, doorbell::QueueSet, queue::millis};
use crate::{
    db::{Db, Statement},
    store::to_json,
};

/// A schedule is due at once when it is new. A changed interval counts from now, unless the next time is sooner anyway.
const ARRANGE: &str = "\
    INSERT INTO schedules (name, every_ms, next_at) VALUES ($1, $2, now()) \
    ON CONFLICT (name) DO UPDATE SET every_ms = excluded.every_ms, \
        next_at = least(schedules.next_at, now() + excluded.every_ms * interval '1 millisecond') \
    WHERE schedules.every_ms <> excluded.every_ms";

const DUE: &str = "SELECT name FROM schedules WHERE name = ANY($1) AND next_at <= now()";

/// The guard is evaluated again when another worker was first: then there is nothing to enqueue. The times stay on their
/// grid, and those that are past are stepped over.
const TICK: &str = "\
    WITH due AS ( \
        UPDATE schedules SET ticked_at = now(), next_at = next_at + every_ms * interval '1 millisecond' \
            * (1 + floor(extract(epoch FROM now() - next_at) * 1000 / every_ms)) \
        WHERE name = $1 AND next_at <= now() RETURNING name \
    ) \
    INSERT INTO jobs (queue, kind, priority, max_attempts, budget_ms, dedupe_key, order_id, payload) \
    SELECT $2, $3, $4, $5, $6, $7, $8, $9 FROM due \
    ON CONFLICT (kind, dedupe_key) WHERE dedupe_key IS NOT NULL DO NOTHING";

/// A job and its interval.
pub(super) struct Schedule {
    every: Duration,
    queue: Queue,
    kind: &'static str,
    priority: i16,
    max_attempts: i16,
    budget_ms: i32,
    dedupe_key: String,
    order: Option<Uuid>,
    payload: Result<Value, StoreError>,
}

impl Schedule {
    pub(super) fn new<J: Job>(every: Duration, job: &J) -> Self {
        Self {
            every,
            queue: J::QUEUE,
            kind: J::KIND,
            priority: J::PRIORITY,
            max_attempts: J::MAX_ATTEMPTS,
            budget_ms: budget_millis::<J>(),
            // While one is live, another would do the same.
            dedupe_key: job.dedupe_key().unwrap_or_else(|| J::KIND.to_owned()),
            order: job.order().map(Id::uuid),
            payload: to_json(J::KIND, job),
        }
    }
}

#[derive(QueryableByName)]
struct Due {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Writes the schedules down.
pub(super) async fn arrange(db: &Db, schedules: &[Schedule]) -> Result<(), StoreError> {
    for schedule in schedules {
        let statement =
            Statement::new(ARRANGE).bind::<Text, _>(schedule.kind).bind::<BigInt, _>(millis(schedule.every).max(1));
        db.execute("write a schedule down", statement).await?;
    }
    Ok(())
}

/// Enqueues what is due; how many jobs.
pub(super) async fn tick(db: &Db, schedules: &[Schedule]) -> Result<usize, StoreError> {
    let names: Vec<String> = schedules.iter().map(|schedule| schedule.kind.to_owned()).collect();
    let due: Vec<Due> = db.load("look at the schedules", Statement::new(DUE).bind::<Array<Text>, _>(names)).await?;
    let mut enqueued = 0;
    for schedule in schedules.iter().filter(|schedule| due.iter().any(|due| due.name == schedule.kind)) {
        let added = enqueue(db, schedule).await?;
        if added > 0 {
            db.doorbell().ring(QueueSet::from(schedule.queue));
        }
        enqueued += added;
    }
    Ok(enqueued)
}

async fn enqueue(db: &Db, schedule: &Schedule) -> Result<usize, StoreError> {
    let payload = match &schedule.payload {
        Ok(payload) => payload.clone(),
        Err(error) => return Err(StoreError::bug(format!("{}: {error}", schedule.kind))),
    };
    let statement = Statement::new(TICK)
        .bind::<Text, _>(schedule.kind)
        .bind::<SmallInt, _>(schedule.queue.number())
        .bind::<Text, _>(schedule.kind)
        .bind::<SmallInt, _>(schedule.priority)
        .bind::<SmallInt, _>(schedule.max_attempts)
        .bind::<Integer, _>(schedule.budget_ms)
        .bind::<Text, _>(schedule.dedupe_key.clone())
        .bind::<Nullable<SqlUuid>, _>(schedule.order)
        .bind::<Jsonb, _>(payload);
    db.execute("enqueue a scheduled job", statement).await
}
