//! Counting tries: the function `limits_take` of migration 70 does it, in one round trip.

use diesel::{
    QueryableByName,
    sql_types::{Array, Bool, Bytea, Integer, Nullable, Timestamptz},
};
use kernel::{StoreError, Timestamp};
use limits::{Charge, LimitStore, Refusal};

use crate::db::{Db, Statement, impossible};

const TAKE: &str = "SELECT place, wait, news FROM limits_take($1, $2, $3, $4)";

/// A bucket that is full says the same as one that there is not. It waits for nobody, and takes few at a time, so that nobody
/// waits for it.
const FORGET: &str = "\
    DELETE FROM limit_buckets WHERE bucket IN ( \
        SELECT bucket FROM limit_buckets WHERE full_at <= clock_timestamp() LIMIT 1000 FOR UPDATE SKIP LOCKED)";

#[derive(QueryableByName)]
struct RefusalRow {
    #[diesel(sql_type = Integer)]
    place: i32,
    #[diesel(sql_type = Integer)]
    wait: i32,
    #[diesel(sql_type = Bool)]
    news: bool,
}

impl LimitStore for Db {
    async fn take(&self, charges: &[Charge], now: Option<Timestamp>) -> Result<Vec<Refusal>, StoreError> {
        if charges.is_empty() {
            return Ok(Vec::new());
        }
        let number = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        let statement = Statement::new(TAKE)
            .bind::<Array<Bytea>, _>(charges.iter().map(|charge| charge.bucket.0.to_vec()).collect::<Vec<_>>())
            .bind::<Array<Integer>, _>(charges.iter().map(|charge| number(charge.rule.burst)).collect::<Vec<_>>())
            .bind::<Array<Integer>, _>(charges.iter().map(|charge| number(charge.rule.every)).collect::<Vec<_>>())
            .bind::<Nullable<Timestamptz>, _>(now);
        let rows: Vec<RefusalRow> = self.load("count a try", statement).await?;
        rows.iter().map(|row| refusal(charges, row)).collect()
    }
}

fn refusal(charges: &[Charge], row: &RefusalRow) -> Result<Refusal, StoreError> {
    let place = usize::try_from(row.place).ok().and_then(|place| place.checked_sub(1));
    let charge = place.and_then(|place| charges.get(place));
    let charge = charge.ok_or_else(|| impossible("limits_take", row.place, "place"))?;
    // Less than a second is rounded up, so that there is no refusal with nothing to wait for.
    let wait = u32::try_from(row.wait).map_err(|_| impossible("limits_take", row.place, "wait"))?;
    Ok(Refusal { rule: charge.rule, wait, news: row.news })
}

/// Forgets the buckets that are full again; how many those were.
pub(crate) async fn forget_full_buckets(db: &Db) -> Result<usize, StoreError> {
    let mut all: usize = 0;
    loop {
        match db.execute("forget full buckets", Statement::new(FORGET)).await? {
            0 => return Ok(all),
            some => all = all.saturating_add(some),
        }
    }
}
