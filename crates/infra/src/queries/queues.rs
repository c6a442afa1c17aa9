//! How full each queue is, and what operators said about it.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Integer, Nullable, SmallInt},
};
use kernel::{Queue, StoreError};

use crate::db::{Db, Statement};

/// From the live table alone, which is small; never from the history.
const QUEUES: &str = "\
    SELECT known.queue, coalesce(c.paused, false) AS paused, c.max_running, c.rate_per_second, \
        count(j.id) FILTER (WHERE j.state = 'r' AND j.run_at <= now()) AS ready, \
        count(j.id) FILTER (WHERE j.state = 'r' AND j.run_at > now()) AS waiting, \
        count(j.id) FILTER (WHERE j.state = 'x') AS running, \
        extract(epoch FROM now() - min(j.run_at) FILTER (WHERE j.state = 'r' AND j.run_at <= now()))::bigint \
            AS oldest_seconds \
    FROM (VALUES (1::smallint), (2::smallint), (3::smallint), (4::smallint)) known (queue) \
    LEFT JOIN queue_control c ON c.queue = known.queue LEFT JOIN jobs j ON j.queue = known.queue \
    GROUP BY known.queue, c.paused, c.max_running, c.rate_per_second ORDER BY known.queue";

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct QueueView {
    #[diesel(sql_type = SmallInt)]
    queue: i16,
    /// An operator stopped it.
    #[diesel(sql_type = Bool)]
    pub paused: bool,
    /// Jobs that run at the same time at most, over all workers.
    #[diesel(sql_type = Nullable<Integer>)]
    pub max_running: Option<i32>,
    /// Jobs that begin in a second at most, over all workers.
    #[diesel(sql_type = Nullable<Integer>)]
    pub rate_per_second: Option<i32>,
    /// Jobs that may run now.
    #[diesel(sql_type = BigInt)]
    pub ready: i64,
    /// Jobs for later.
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    /// Jobs that run.
    #[diesel(sql_type = BigInt)]
    pub running: i64,
    /// Seconds for which the oldest job that may run has waited.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub oldest_seconds: Option<i64>,
}

impl QueueView {
    /// The queue's word.
    pub fn name(&self) -> &'static str {
        Queue::ALL.into_iter().find(|queue| queue.number() == self.queue).map_or("unknown", Queue::as_str)
    }
}

/// Every queue, in the order of [`Queue::ALL`].
pub async fn queues_list(db: &Db) -> Result<Vec<QueueView>, StoreError> {
    db.load("a list of queues", Statement::new(QUEUES)).await
}
