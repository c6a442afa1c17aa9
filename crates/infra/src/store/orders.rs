//! Orders, their history, payments, checkout sessions and subscriptions.

mod order_row;
mod payment_rows;
mod refund_rows;
mod sweeping;

use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use kernel::{Id, StoreError, Timestamp, entity};
use orders::{Actor, Order, OrderSession, OrderStore, Payment, Refund, Subscription, TimelineEntry, Undelivered};
use uuid::Uuid;

use self::{
    order_row::{OrderRow, Progress},
    payment_rows::{PaymentRow, SessionRow, SubscriptionRow},
    refund_rows::RefundRow,
};
use super::Place;
use crate::{
    db::{PgTx, Statement},
    schema::{order_sessions, order_timeline, orders as orders_table, payments, refunds, subscriptions},
};

/// When a new order is first asked about, if no webhook told of it.
const FIRST_CHECK: chrono::Duration = chrono::Duration::minutes(2);

/// What of a payment changes. As a text of our own, because diesel prepares an UPDATE anew each time, which is a round trip
/// on the path of every checkout.
const SAVE_PAYMENT: &str = "\
    UPDATE payments SET status = $2, refunded_amount = $3, stripe_session_id = $4, stripe_payment_intent_id = $5, \
        stripe_invoice_id = $6, amount = $7, updated_at = now() \
    WHERE id = $1";

/// A known link keeps its order, its attempt and its address; and a session that is completed stays so, whoever writes late.
const SAVE_SESSION: &str = "\
    INSERT INTO order_sessions AS known \
        (stripe_session_id, order_id, payment_id, status, url, created_at, completed_at) \
    VALUES ($1, $2, $3, $4, $5, $6, CASE WHEN $4 = 'completed' THEN now() END) \
    ON CONFLICT (stripe_session_id) DO UPDATE SET \
        status = CASE WHEN known.status = 'completed' THEN 'completed' ELSE excluded.status END, \
        url = coalesce(excluded.url, known.url), \
        completed_at = coalesce(known.completed_at, excluded.completed_at), \
        updated_at = now()";

#[derive(Insertable)]
#[diesel(table_name = order_timeline, treat_none_as_default_value = false)]
struct NewTimelineRow<'a> {
    order_id: Uuid,
    at: kernel::Timestamp,
    actor: &'a str,
    event: &'a str,
    detail: &'a str,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = order_timeline, check_for_backend(diesel::pg::Pg))]
struct TimelineRow {
    order_id: Uuid,
    at: kernel::Timestamp,
    actor: String,
    event: String,
    detail: String,
}

impl TryFrom<TimelineRow> for TimelineEntry {
    type Error = StoreError;

    fn try_from(row: TimelineRow) -> Result<Self, StoreError> {
        let place = Place::new("order_timeline", row.order_id);
        let actor = place.word("actor", Actor::parse(&row.actor))?;
        Ok(Self { at: row.at, actor, event: row.event, detail: row.detail })
    }
}

impl PgTx {
    /// Every attempt to collect an order's amount, oldest first.
    pub(crate) async fn payments_of(&mut self, order: Id<entity::Order>) -> Result<Vec<Payment>, StoreError> {
        let of_order = payments::table.filter(payments::order_id.eq(order.uuid()));
        let query = of_order.order(payments::attempt).select(PaymentRow::as_select());
        self.load("an order's payments", query).await?.into_iter().map(Payment::try_from).collect()
    }
}

impl OrderStore for PgTx {
    async fn insert_order(&mut self, order: &Order) -> Result<(), StoreError> {
        let first_check = orders_table::check_at.eq(order.created_at + FIRST_CHECK);
        let insert = diesel::insert_into(orders_table::table).values((OrderRow::new(order)?, first_check));
        self.execute_one("insert an order", insert).await
    }

    async fn order(&mut self, id: Id<entity::Order>) -> Result<Option<Order>, StoreError> {
        let query = orders_table::table.find(id.uuid()).select(OrderRow::as_select());
        self.first("an order", query).await?.map(Order::try_from).transpose()
    }

    async fn lock_order(&mut self, id: Id<entity::Order>) -> Result<Option<Order>, StoreError> {
        let query = orders_table::table.find(id.uuid()).select(OrderRow::as_select()).for_update();
        self.first("lock an order", query).await?.map(Order::try_from).transpose()
    }

    async fn orders_to_check(&mut self, now: Timestamp, limit: i64) -> Result<Vec<Order>, StoreError> {
        self.pending_due(now, limit).await
    }

    async fn check_order_at(&mut self, id: Id<entity::Order>, at: Timestamp) -> Result<(), StoreError> {
        self.put_check_off(id, at).await
    }

    async fn undelivered(
        &mut self,
        before: Timestamp,
        after: Option<Id<entity::Service>>,
        limit: i64,
    ) -> Result<Vec<Undelivered>, StoreError> {
        self.paid_and_waiting(before, after, limit).await
    }

    async fn payments_since(
        &mut self,
        since: Timestamp,
        after: Option<Id<entity::Payment>>,
        limit: i64,
    ) -> Result<Vec<Payment>, StoreError> {
        self.succeeded_since(since, after, limit).await
    }

    async fn payment_by_session(&mut self, session: &str) -> Result<Option<Payment>, StoreError> {
        self.paid_by(session).await
    }

    async fn save_order(&mut self, order: &Order) -> Result<(), StoreError> {
        let changes = (Progress::new(order), orders_table::updated_at.eq(diesel::dsl::now));
        let update = diesel::update(orders_table::table.find(order.id.uuid())).set(changes);
        self.execute_one("save an order", update).await
    }

    async fn append_timeline(&mut self, order: Id<entity::Order>, entry: &TimelineEntry) -> Result<(), StoreError> {
        let row = NewTimelineRow {
            order_id: order.uuid(),
            at: entry.at,
            actor: entry.actor.as_str(),
            event: &entry.event,
            detail: &entry.detail,
        };
        self.execute_one("append to a timeline", diesel::insert_into(order_timeline::table).values(row)).await
    }

    async fn timeline(&mut self, order: Id<entity::Order>) -> Result<Vec<TimelineEntry>, StoreError> {
        let of_order = order_timeline::table.filter(order_timeline::order_id.eq(order.uuid()));
        let query = of_order.order(order_timeline::id).select(TimelineRow::as_select());
        self.load("a timeline", query).await?.into_iter().map(TimelineEntry::try_from).collect()
    }

    async fn insert_payment(&mut self, payment: &Payment) -> Result<(), StoreError> {
        let insert = diesel::insert_into(payments::table).values(PaymentRow::from(payment));
        self.execute_one("insert a payment", insert).await
    }

    async fn latest_payment(&mut self, order: Id<entity::Order>) -> Result<Option<Payment>, StoreError> {
        let of_order = payments::table.filter(payments::order_id.eq(order.uuid()));
        let query = of_order.order(payments::attempt.desc()).limit(1).select(PaymentRow::as_select());
        self.first("an order's latest payment", query).await?.map(Payment::try_from).transpose()
    }

    async fn payment_by_gateway(&mut self, intent_or_invoice: &str) -> Result<Option<Payment>, StoreError> {
        let by_intent = payments::stripe_payment_intent_id.eq(intent_or_invoice.to_owned());
        let by_either = by_intent.or(payments::stripe_invoice_id.eq(intent_or_invoice.to_owned()));
        let query = payments::table.filter(by_either).order(payments::created_at.desc()).limit(1);
        let found = self.first("a payment by its Stripe id", query.select(PaymentRow::as_select())).await?;
        found.map(Payment::try_from).transpose()
    }

    async fn save_payment(&mut self, payment: &Payment) -> Result<(), StoreError> {
        let save = Statement::new(SAVE_PAYMENT)
            .bind::<SqlUuid, _>(payment.id.uuid())
            .bind::<Text, _>(payment.state.as_str())
            .bind::<BigInt, _>(payment.refunded.minor())
            .bind::<Nullable<Text>, _>(payment.session.clone())
            .bind::<Nullable<Text>, _>(payment.intent.clone())
            .bind::<Nullable<Text>, _>(payment.invoice.clone())
            .bind::<BigInt, _>(payment.amount.minor());
        self.execute_one("save a payment", save).await
    }

    async fn save_session(&mut self, session: &OrderSession) -> Result<(), StoreError> {
        let save = Statement::new(SAVE_SESSION)
            .bind::<Text, _>(session.session.clone())
            .bind::<SqlUuid, _>(session.order.uuid())
            .bind::<SqlUuid, _>(session.payment.uuid())
            .bind::<Text, _>(session.state.as_str())
            .bind::<Nullable<Text>, _>(session.url.clone())
            .bind::<Timestamptz, _>(session.created_at);
        self.execute_one("save a session", save).await
    }

    async fn session_link(&mut self, session: &str) -> Result<Option<OrderSession>, StoreError> {
        let query = order_sessions::table.find(session.to_owned()).select(SessionRow::as_select());
        self.first("a session", query).await?.map(OrderSession::try_from).transpose()
    }

    async fn session_of(&mut self, order: Id<entity::Order>) -> Result<Option<OrderSession>, StoreError> {
        let of_order = order_sessions::table.filter(order_sessions::order_id.eq(order.uuid()));
        let query = of_order.order(order_sessions::created_at.desc()).limit(1).select(SessionRow::as_select());
        self.first("an order's session", query).await?.map(OrderSession::try_from).transpose()
    }

    async fn save_subscription(&mut self, subscription: &Subscription) -> Result<(), StoreError> {
        let row = SubscriptionRow::from(subscription);
        let insert = diesel::insert_into(subscriptions::table).values(&row).on_conflict(subscriptions::order_id);
        let changes = (
            subscriptions::stripe_subscription_id.eq(row.stripe_subscription_id.as_ref()),
            subscriptions::status.eq(&row.status),
            subscriptions::current_period_start.eq(row.current_period_start),
            subscriptions::current_period_end.eq(row.current_period_end),
            subscriptions::cancel_at_period_end.eq(row.cancel_at_period_end),
            subscriptions::updated_at.eq(diesel::dsl::now),
        );
        self.execute_one("save a subscription", insert.do_update().set(changes)).await
    }

    async fn subscription_of(&mut self, order: Id<entity::Order>) -> Result<Option<Subscription>, StoreError> {
        let of_order = subscriptions::table.filter(subscriptions::order_id.eq(order.uuid()));
        let query = of_order.select(SubscriptionRow::as_select());
        Ok(self.first("an order's subscription", query).await?.map(Subscription::from))
    }

    async fn insert_refund(&mut self, refund: &Refund) -> Result<(), StoreError> {
        let insert = diesel::insert_into(refunds::table).values(RefundRow::from(refund));
        self.execute_one("insert a refund", insert).await
    }

    async fn save_refund(&mut self, refund: &Refund) -> Result<(), StoreError> {
        let progress = (
            refunds::status.eq(refund.state.as_str()),
            refunds::attempt.eq(refund.attempt),
            refunds::stripe_refund_id.eq(refund.gateway_id.clone()),
            refunds::detail.eq(refund.detail.clone()),
            refunds::updated_at.eq(diesel::dsl::now),
        );
        let update = diesel::update(refunds::table.find(refund.id.uuid())).set(progress);
        self.execute_one("save a refund", update).await
    }

    async fn refund(&mut self, id: Id<entity::Refund>) -> Result<Option<Refund>, StoreError> {
        let query = refunds::table.find(id.uuid()).select(RefundRow::as_select());
        self.first("a refund", query).await?.map(Refund::try_from).transpose()
    }

    async fn refund_by_gateway(&mut self, gateway_id: &str) -> Result<Option<Refund>, StoreError> {
        let known = refunds::table.filter(refunds::stripe_refund_id.eq(gateway_id.to_owned()));
        let found = self.first("a refund by its Stripe id", known.select(RefundRow::as_select())).await?;
        found.map(Refund::try_from).transpose()
    }

    async fn refunds_waiting(&mut self, before: Timestamp, limit: i64) -> Result<Vec<Refund>, StoreError> {
        let asked =
            refunds::table.filter(refunds::status.eq("asked".to_owned())).filter(refunds::created_at.lt(before));
        let query = asked.order(refunds::id).limit(limit).select(RefundRow::as_select());
        self.load("refunds that wait", query).await?.into_iter().map(Refund::try_from).collect()
    }

    async fn refunds_of(&mut self, order: Id<entity::Order>) -> Result<Vec<Refund>, StoreError> {
        let of_order = refunds::table.filter(refunds::order_id.eq(order.uuid()));
        let query = of_order.order(refunds::id).select(RefundRow::as_select());
        self.load("an order's refunds", query).await?.into_iter().map(Refund::try_from).collect()
    }

    async fn subscription_by_gateway(&mut self, gateway_id: &str) -> Result<Option<Subscription>, StoreError> {
        let known = subscriptions::table.filter(subscriptions::stripe_subscription_id.eq(gateway_id.to_owned()));
        let query = known.select(SubscriptionRow::as_select());
        Ok(self.first("a subscription by its Stripe id", query).await?.map(Subscription::from))
    }
}
