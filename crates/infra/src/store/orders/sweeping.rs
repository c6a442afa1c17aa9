//! What sweeps ask of orders and payments.

use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Id, StoreError, Timestamp, entity};
use orders::{Order, Payment, Undelivered};
use uuid::Uuid;

use super::{order_row::OrderRow, payment_rows::PaymentRow};
use crate::{
    db::{PgTx, Statement},
    schema::{orders as orders_table, payments},
};

const UNDELIVERED: &str = "\
    SELECT s.order_id, s.id AS service_id FROM services s JOIN orders o ON o.id = s.order_id \
    WHERE s.status IN ('pending', 'provisioning', 'uncertain', 'installing') AND o.status IN ('paid', 'provisioning') \
        AND s.created_at < $1 AND ($2 IS NULL OR s.id > $2) \
    ORDER BY s.id LIMIT $3";

#[derive(QueryableByName)]
struct UndeliveredRow {
    #[diesel(sql_type = SqlUuid)]
    order_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    service_id: Uuid,
}

/// The smallest UUIDv7 of this millisecond (RFC 9562): ids grow with time, so that a time bounds them.
fn first_id_at(time: Timestamp) -> Uuid {
    let millis = u128::try_from(time.timestamp_millis()).unwrap_or(0);
    Uuid::from_u128(millis << 80)
}

impl PgTx {
    pub(super) async fn pending_due(&mut self, now: Timestamp, limit: i64) -> Result<Vec<Order>, StoreError> {
        let due = orders_table::table
            .filter(orders_table::status.eq("pending".to_owned()))
            .filter(orders_table::check_at.le(now));
        let query = due.order(orders_table::check_at).limit(limit).select(OrderRow::as_select());
        self.load("orders to check", query).await?.into_iter().map(Order::try_from).collect()
    }

    pub(super) async fn put_check_off(&mut self, id: Id<entity::Order>, at: Timestamp) -> Result<(), StoreError> {
        let update = diesel::update(orders_table::table.find(id.uuid())).set(orders_table::check_at.eq(at));
        self.execute_one("put a check off", update).await
    }

    pub(super) async fn paid_and_waiting(
        &mut self,
        before: Timestamp,
        after: Option<Id<entity::Service>>,
        limit: i64,
    ) -> Result<Vec<Undelivered>, StoreError> {
        let statement = Statement::new(UNDELIVERED)
            .bind::<Timestamptz, _>(before)
            .bind::<Nullable<SqlUuid>, _>(after.map(Id::uuid))
            .bind::<BigInt, _>(limit);
        let rows: Vec<UndeliveredRow> = self.load("undelivered orders", statement).await?;
        let read = |row: UndeliveredRow| Undelivered {
            order: Id::from_uuid(row.order_id),
            service: Id::from_uuid(row.service_id),
        };
        Ok(rows.into_iter().map(read).collect())
    }

    pub(super) async fn succeeded_since(
        &mut self,
        since: Timestamp,
        after: Option<Id<entity::Payment>>,
        limit: i64,
    ) -> Result<Vec<Payment>, StoreError> {
        let begin = first_id_at(since).max(after.map(Id::uuid).unwrap_or_default());
        let paid = ["succeeded", "partially_refunded", "refunded"].map(str::to_owned).to_vec();
        let since = payments::table
            .filter(payments::id.gt(begin))
            .filter(payments::created_at.ge(since))
            .filter(payments::status.eq_any(paid));
        let query = since.order(payments::id).limit(limit).select(PaymentRow::as_select());
        self.load("payments that succeeded", query).await?.into_iter().map(Payment::try_from).collect()
    }

    pub(super) async fn paid_by(&mut self, session: &str) -> Result<Option<Payment>, StoreError> {
        let by_session = payments::table.filter(payments::stripe_session_id.eq(session.to_owned()));
        let query = by_session.order(payments::attempt.desc()).limit(1).select(PaymentRow::as_select());
        self.first("a payment by its session", query).await?.map(Payment::try_from).transpose()
    }
}
