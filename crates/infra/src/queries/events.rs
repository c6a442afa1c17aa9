//! Gateway events in a list.

use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp, Transact, entity};
use uuid::Uuid;

use crate::{
    db::{Db, PgTx},
    schema::stripe_events_log as events,
};

/// An event without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLine {
    /// Stripe's id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// When it came.
    pub received_at: Timestamp,
    /// What was made of it; `None` while it waits.
    pub outcome: Option<String>,
    /// Why.
    pub detail: Option<String>,
    /// The order that it says it is about.
    pub order: Option<Id<entity::Order>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = events, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: String,
    kind: String,
    received_at: Timestamp,
    outcome: Option<String>,
    detail: Option<String>,
    order_id: Option<Uuid>,
}

impl From<Row> for EventLine {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            received_at: row.received_at,
            outcome: row.outcome,
            detail: row.detail,
            order: row.order_id.map(Id::from_uuid),
        }
    }
}

/// The latest events, newest first; those of one order, if one is given.
pub async fn events_list(db: &Db, order: Option<Id<entity::Order>>, limit: i64) -> Result<Vec<EventLine>, StoreError> {
    let newest = events::table.select(Row::as_select()).order(events::received_at.desc()).limit(limit);
    let mut query = newest.into_boxed();
    if let Some(order) = order {
        query = query.filter(events::order_id.eq(order.uuid()));
    }
    let rows = db.transaction(async |tx: &mut PgTx| tx.load::<Row, _>("a list of events", query).await).await?;
    Ok(rows.into_iter().map(EventLine::from).collect())
}
