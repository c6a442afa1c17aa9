//! How long things usually take, from the shop's own record.

use catalog::ProductKind;
use chrono::Duration;
use diesel::{
    QueryableByName,
    sql_types::{BigInt, Nullable, Text},
};
use kernel::{StoreError, Transact};

use crate::db::{Db, PgTx, Statement};

/// Fewer deliveries than this tell nothing.
const FEWEST: i64 = 3;

/// Of the newest orders, those of the kind that were delivered: how long from payment to a running service, as nine of ten
/// took at most, a day where it took longer. Looks at a bounded number of rows, whatever the shop has sold.
const USUAL: &str = "\
    SELECT round(1000 * percentile_cont(0.9) WITHIN GROUP (ORDER BY least(extract(epoch FROM ready - paid), 86400)))::bigint \
        AS millis, count(*) AS count \
    FROM (SELECT min(t.at) FILTER (WHERE t.event = 'paid') AS paid, min(t.at) FILTER (WHERE t.event = 'provisioned') AS ready \
        FROM (SELECT id FROM (SELECT id, kind, status FROM orders ORDER BY id DESC LIMIT 2000) newest \
            WHERE kind = $1 AND status = 'provisioned' LIMIT 100) o \
        JOIN order_timeline t ON t.order_id = o.id AND t.event IN ('paid', 'provisioned') GROUP BY o.id) told \
    WHERE ready >= paid";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Nullable<BigInt>)]
    millis: Option<i64>,
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How long setting up a service of this kind usually takes; `None` where too few were delivered to tell.
///
/// # Errors
/// The store's.
pub async fn usual_delivery(db: &Db, kind: ProductKind) -> Result<Option<Duration>, StoreError> {
    let query = Statement::new(USUAL).bind::<Text, _>(kind.as_str());
    let rows: Vec<Row> = db.transaction(async |tx: &mut PgTx| tx.load("the usual time", query).await).await?;
    let told = rows.into_iter().next().filter(|row| row.count >= FEWEST);
    Ok(told.and_then(|row| row.millis).map(Duration::milliseconds))
}
