//! Whether the database answers and the queue moves.

use diesel::{QueryableByName, sql_types::BigInt};
use kernel::StoreError;

use crate::db::{Db, Statement};

/// What a look at the database shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Health {
    /// Jobs that wait or run.
    #[diesel(sql_type = BigInt)]
    pub live: i64,
    /// How long the job that is ready longest has waited, in milliseconds; 0 when none waits.
    #[diesel(sql_type = BigInt)]
    pub oldest_ready_ms: i64,
    /// Jobs that were given up and not driven again.
    #[diesel(sql_type = BigInt)]
    pub dead: i64,
    /// Workers that were heard of within ten seconds.
    #[diesel(sql_type = BigInt)]
    pub workers: i64,
}

const LOOK: &str = "\
    SELECT \
        (SELECT count(*) FROM jobs) AS live, \
        coalesce((SELECT extract(epoch FROM now() - min(run_at)) * 1000 FROM jobs \
            WHERE state = 'r' AND run_at <= now()), 0)::bigint AS oldest_ready_ms, \
        (SELECT count(*) FROM job_dead WHERE redriven_at IS NULL) AS dead, \
        (SELECT count(*) FROM workers WHERE last_seen > now() - interval '10 seconds') AS workers";

/// Asks the database.
///
/// # Errors
/// The store's, which is the answer too.
pub async fn health(db: &Db) -> Result<Health, StoreError> {
    let rows = db.load("the health", Statement::new(LOOK)).await?;
    rows.into_iter().next().ok_or_else(|| StoreError::bug("a SELECT without rows"))
}
