//! What is finished: its partitions, and the question whether a COMMIT whose answer was lost did land.

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Bool, Integer},
};
use kernel::{Lease, StoreError};

use crate::db::{Db, Statement};

/// Weeks that are made ahead. With no worker running for longer, rows wait in the default partition and are moved later.
const WEEKS_AHEAD: i32 = 4;

/// Reading the function behind this one (`job_history_keep`, migration 20) tells what it does; this one runs with the rights of
/// the schema's owner. One process at a time; the others find it done.
const KEEP: &str = "SELECT made, moved, dropped FROM job_history_housekeeping($1, $2)";

/// A day is far more than an answer can be late, and spares the older partitions.
const ENDED: &str = "SELECT EXISTS (SELECT FROM job_history WHERE job_id = $1 AND lease = $2 AND outcome = 'done' \
    AND finished_at > now() - interval '1 day') AS ended";

/// What housekeeping did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub(super) struct Kept {
    /// Partitions made.
    #[diesel(sql_type = Integer)]
    pub(super) made: i32,
    /// Rows moved out of the default partition.
    #[diesel(sql_type = BigInt)]
    pub(super) moved: i64,
    /// Partitions dropped.
    #[diesel(sql_type = Integer)]
    pub(super) dropped: i32,
}

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = Bool)]
    ended: bool,
}

/// Makes the partitions of the weeks ahead and drops those that are older than `weeks`.
pub(super) async fn keep(db: &Db, weeks: u16) -> Result<Kept, StoreError> {
    let statement = Statement::new(KEEP).bind::<Integer, _>(WEEKS_AHEAD).bind::<Integer, _>(i32::from(weeks.max(1)));
    let rows = db.load("keep the history", statement).await?;
    Ok(rows.into_iter().next().unwrap_or(Kept { made: 0, moved: 0, dropped: 0 }))
}

/// Whether the try with this lease ended its job.
pub(super) async fn ended(db: &Db, lease: Lease) -> Result<bool, StoreError> {
    let statement = Statement::new(ENDED).bind::<BigInt, _>(lease.job).bind::<BigInt, _>(lease.token);
    let rows: Vec<Ended> = db.load("look a job up in the history", statement).await?;
    Ok(rows.first().is_some_and(|row| row.ended))
}
