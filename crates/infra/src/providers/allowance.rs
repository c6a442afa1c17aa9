//! What all programs of a shop may ask of a panel together: the function `panel_take` of migration 180 counts it, by the
//! database's clock.

use std::{fmt, time::Duration};

use diesel::{
    QueryableByName,
    sql_types::{BigInt, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, pooled_connection::deadpool::Pool};
use panels::{Allowance, Take, Taken};
use provisioning::BoxFuture;

/// How long the database may take to say it. A count of the program's own goes on where it does not.
const PATIENCE: Duration = Duration::from_secs(3);

/// The allowance in the database.
#[derive(Clone)]
pub struct PgAllowance {
    pool: Pool<AsyncPgConnection>,
}

impl fmt::Debug for PgAllowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PgAllowance").finish_non_exhaustive()
    }
}

#[derive(QueryableByName)]
struct Missing {
    #[diesel(sql_type = BigInt)]
    missing: i64,
}

impl PgAllowance {
    /// In this database.
    pub const fn new(pool: Pool<AsyncPgConnection>) -> Self {
        Self { pool }
    }

    async fn ask(&self, panel: &str, take: Take) -> Option<i64> {
        let mut connection = self.pool.get().await.ok()?;
        let row: Missing = diesel::sql_query("SELECT panel_take($1, $2, $3, $4, $5) AS missing")
            .bind::<Text, _>(panel)
            .bind::<BigInt, _>(i64::from(take.per_minute))
            .bind::<BigInt, _>(take.burst)
            .bind::<BigInt, _>(take.calls)
            .bind::<BigInt, _>(take.least)
            .get_result(&mut connection)
            .await
            .ok()?;
        Some(row.missing)
    }
}

impl Allowance for PgAllowance {
    fn take<'a>(&'a self, panel: &'a str, take: Take) -> BoxFuture<'a, Taken> {
        Box::pin(async move {
            let asked = tokio::time::timeout(PATIENCE, self.ask(panel, take)).await;
            match asked.ok().flatten() {
                Some(0) => Taken::All,
                Some(missing) => Taken::Missing(missing),
                None => Taken::Unknown,
            }
        })
    }
}
