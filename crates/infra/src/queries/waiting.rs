//! Paid orders for which nothing was made, by whose they are.

use diesel::{
    QueryableByName,
    sql_types::{Array, Text, Uuid as SqlUuid},
};
use kernel::{Id, StoreError, Transact, entity};
use uuid::Uuid;

use crate::db::{Db, PgTx, Statement};

/// An order that waits for its service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingOrder {
    /// The order.
    pub id: Id<entity::Order>,
    /// Its buyer's address.
    pub email: String,
    /// What people call the plan.
    pub plan: String,
}

const WAITING: &str = "\
    SELECT o.id, o.email, o.plan_name FROM orders o JOIN services s ON s.order_id = o.id \
    WHERE o.provider = $1 AND o.email = ANY($2) AND s.remote_id IS NULL \
        AND o.status IN ('paid', 'provisioning', 'needs_attention') \
        AND s.status IN ('pending', 'provisioning', 'uncertain', 'failed_setup') \
    ORDER BY o.created_at LIMIT 1000";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    plan_name: String,
}

/// Those of this provider and these buyers, the oldest first; a thousand at most.
///
/// # Errors
/// The store's.
pub async fn orders_waiting(db: &Db, provider: &str, emails: &[String]) -> Result<Vec<WaitingOrder>, StoreError> {
    let work = async |tx: &mut PgTx| {
        let query = Statement::new(WAITING).bind::<Text, _>(provider.to_owned());
        tx.load("waiting orders", query.bind::<Array<Text>, _>(emails.to_vec())).await
    };
    let rows: Vec<Row> = db.transaction(work).await?;
    let order = |row: Row| WaitingOrder { id: Id::from_uuid(row.id), email: row.email, plan: row.plan_name };
    Ok(rows.into_iter().map(order).collect())
}
