//! What operators allow a queue, over all workers: how many jobs run at once, and how many begin in a second.
//!
//! Only queues with limits pay for them. Their claims wait for one another at the queue's row and count afterwards, in a
//! statement of their own: one that had begun to wait earlier would not see what the others took meanwhile.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Double, Nullable, SmallInt},
};
use kernel::{Queue, StoreError, Transact};

use super::claim::Claimed;
use crate::db::{Db, PgTx, Statement};

const HAS_LIMITS: &str = "SELECT EXISTS (SELECT FROM queue_control \
    WHERE queue = $1 AND (max_running IS NOT NULL OR rate_per_second IS NOT NULL)) AS limited";

const LOCK: &str = "\
    SELECT max_running::bigint, least(rate_per_second, \
        allowance + rate_per_second * extract(epoch FROM clock_timestamp() - allowance_at)::float8)::float8 AS allowance \
    FROM queue_control WHERE queue = $1 AND (max_running IS NOT NULL OR rate_per_second IS NOT NULL) FOR UPDATE";

const RUNNING: &str = "SELECT count(*) AS running FROM jobs WHERE queue = $1 AND state = 'x'";

const SPEND: &str = "UPDATE queue_control SET allowance = $2, allowance_at = clock_timestamp() WHERE queue = $1";

#[derive(QueryableByName)]
struct Has {
    #[diesel(sql_type = Bool)]
    limited: bool,
}

#[derive(QueryableByName)]
struct Limits {
    #[diesel(sql_type = Nullable<BigInt>)]
    max_running: Option<i64>,
    #[diesel(sql_type = Nullable<Double>)]
    allowance: Option<f64>,
}

#[derive(QueryableByName)]
struct Running {
    #[diesel(sql_type = BigInt)]
    running: i64,
}

/// Whether a queue has any.
pub(super) async fn has_limits(db: &Db, queue: Queue) -> Result<bool, StoreError> {
    let statement = Statement::new(HAS_LIMITS).bind::<SmallInt, _>(queue.number());
    let rows: Vec<Has> = db.load("look for a queue's limits", statement).await?;
    Ok(rows.first().is_some_and(|row| row.limited))
}

/// Takes jobs as far as the queue's limits allow; `None` when it has none any more.
pub(super) async fn claim(
    db: &Db,
    queue: Queue,
    most: i64,
    statement: impl Fn(i64) -> Statement,
) -> Result<Option<Vec<Claimed>>, StoreError> {
    let work = async |tx: &mut PgTx| {
        let locking = Statement::new(LOCK).bind::<SmallInt, _>(queue.number());
        let Some(limits) = tx.first::<Limits, _>("lock a queue's limits", locking).await? else { return Ok(None) };
        let allowed = most.min(room(tx, queue, &limits).await?).min(limits.allowance.map_or(i64::MAX, whole));
        if allowed < 1 {
            return Ok(Some(Vec::new()));
        }
        let taken: Vec<Claimed> = tx.load("claim jobs within limits", statement(allowed)).await?;
        if let Some(allowance) = limits.allowance {
            spend(tx, queue, allowance, taken.len()).await?;
        }
        Ok(Some(taken))
    };
    db.transaction(work).await
}

/// How many more may run.
async fn room(tx: &mut PgTx, queue: Queue, limits: &Limits) -> Result<i64, StoreError> {
    let Some(most) = limits.max_running else { return Ok(i64::MAX) };
    let counting = Statement::new(RUNNING).bind::<SmallInt, _>(queue.number());
    let running = tx.first::<Running, _>("count running jobs", counting).await?;
    Ok(most - running.map_or(0, |row| row.running))
}

#[allow(clippy::float_arithmetic, reason = "tokens of a bucket, not money")]
async fn spend(tx: &mut PgTx, queue: Queue, allowance: f64, taken: usize) -> Result<(), StoreError> {
    let left = allowance - f64::from(u32::try_from(taken).unwrap_or(u32::MAX));
    let spending = Statement::new(SPEND).bind::<SmallInt, _>(queue.number()).bind::<Double, _>(left.max(0.0));
    tx.execute_one("spend a queue's allowance", spending).await
}

#[allow(clippy::cast_possible_truncation, reason = "saturates, and is never more than a rate")]
fn whole(tokens: f64) -> i64 {
    tokens.floor() as i64
}
