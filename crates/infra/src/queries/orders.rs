//! One order with everything around it, and orders in a list.

use ::cases::{Case, CaseStore};
use ::orders::{Order, OrderStore, Payment, Refund, Subscription, TimelineEntry};
use diesel::prelude::*;
use kernel::{Id, Money, StoreError, Timestamp, Transact, entity};
use notify::Mail;
use provisioning::{Service, ServiceStore};
use uuid::Uuid;

use crate::{
    db::{Db, PgTx},
    schema::orders,
    store::Place,
};

/// An order and all that came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderPage {
    /// The order.
    pub order: Order,
    /// What happened, oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The attempts to collect its amount, oldest first.
    pub payments: Vec<Payment>,
    /// What was promised for it.
    pub service: Option<Service>,
    /// The mails that it caused, oldest first.
    pub mails: Vec<Mail>,
    /// What needs a person, the oldest first.
    pub cases: Vec<Case>,
    /// Money that went back or shall, oldest first.
    pub refunds: Vec<Refund>,
    /// What of the payment could go back now.
    pub refundable: Option<Money>,
    /// What goes on charging for it.
    pub subscription: Option<Subscription>,
}

/// Reads one order's page, as of one moment.
pub async fn order_page(db: &Db, id: Id<entity::Order>) -> Result<Option<OrderPage>, StoreError> {
    db.transaction(async |tx| {
        let Some(order) = tx.order(id).await? else { return Ok(None) };
        let timeline = tx.timeline(id).await?;
        let payments = tx.payments_of(id).await?;
        let service = tx.service_of(id).await?;
        let mails = tx.mails_of(id).await?;
        let cases = tx.open_cases_of(id).await?;
        let refunds = tx.refunds_of(id).await?;
        let refundable = ::orders::refundable(tx, id).await?;
        let subscription = tx.subscription_of(id).await?;
        let page = OrderPage { order, timeline, payments, service, mails, cases, refunds, refundable, subscription };
        Ok(Some(page))
    })
    .await
}

/// An order in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderLineView {
    /// Its id.
    pub id: Id<entity::Order>,
    /// The state's word.
    pub status: String,
    /// A charge of it is disputed.
    pub disputed: bool,
    /// Who.
    pub email: String,
    /// The plan's code.
    pub plan: String,
    /// The plan's name.
    pub plan_name: String,
    /// The billing cycle's word.
    pub cycle: String,
    /// The first period's price.
    pub total: Money,
    /// The coupon's code.
    pub coupon: Option<String>,
    /// What a person must know, when a person must act.
    pub attention: Option<String>,
    /// When it was placed.
    pub created_at: Timestamp,
}

/// Which orders.
#[derive(Debug, Clone, Default)]
pub struct OrderFilter {
    /// Of this state's word only.
    pub status: Option<String>,
    /// Of this buyer only.
    pub customer: Option<Id<entity::Customer>>,
    /// Older than this one: the last of the page before. Stays right while orders are added.
    pub before: Option<Id<entity::Order>>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = orders, check_for_backend(diesel::pg::Pg))]
pub(super) struct Row {
    id: Uuid,
    status: String,
    disputed: bool,
    email: String,
    plan_code: String,
    plan_name: String,
    billing_cycle: String,
    total_amount: i64,
    currency: String,
    coupon_code: Option<String>,
    attention_reason: Option<String>,
    created_at: Timestamp,
}

impl TryFrom<Row> for OrderLineView {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        Ok(Self {
            total: Place::new("orders", row.id).money(row.total_amount, &row.currency)?,
            id: Id::from_uuid(row.id),
            status: row.status,
            disputed: row.disputed,
            email: row.email,
            plan: row.plan_code,
            plan_name: row.plan_name,
            cycle: row.billing_cycle,
            coupon: row.coupon_code,
            attention: row.attention_reason,
            created_at: row.created_at,
        })
    }
}

/// A page of orders, newest first. Ids are ordered by time, so the primary key's index serves the whole list.
pub async fn orders_list(db: &Db, filter: &OrderFilter, limit: i64) -> Result<Vec<OrderLineView>, StoreError> {
    let mut query = orders::table.select(Row::as_select()).order(orders::id.desc()).limit(limit).into_boxed();
    if let Some(status) = filter.status.clone() {
        query = query.filter(orders::status.eq(status));
    }
    if let Some(customer) = filter.customer {
        query = query.filter(orders::customer_id.eq(customer.uuid()));
    }
    if let Some(before) = filter.before {
        query = query.filter(orders::id.lt(before.uuid()));
    }
    let rows = db.transaction(async |tx: &mut PgTx| tx.load::<Row, _>("a list of orders", query).await).await?;
    rows.into_iter().map(OrderLineView::try_from).collect()
}
