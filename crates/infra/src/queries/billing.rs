//! What a customer is charged, was charged and was written.

use diesel::prelude::*;
use kernel::{EmailAddress, Id, Money, StoreError, Timestamp, Transact, entity};
use uuid::Uuid;

use crate::{
    db::{Db, PgTx},
    schema::{email_log, orders, payments, subscriptions},
    store::Place,
};

/// Payments and mails that a page shows, the newest first.
const SHOWN: i64 = 50;

/// What goes on charging a customer, or has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubscriptionView {
    /// The order that began it.
    pub order: Id<entity::Order>,
    /// The plan's name.
    pub plan_name: String,
    /// The billing cycle's word.
    pub cycle: String,
    /// What each period costs from the next on; `None` where nothing renews.
    pub renewal: Option<Money>,
    /// The gateway's status.
    pub status: String,
    /// When the present period ends.
    pub period_end: Option<Timestamp>,
    /// It ends with the present period.
    pub ends: bool,
    /// It is charged through the gateway.
    pub charged: bool,
}

/// A payment that was made or tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentView {
    /// The order.
    pub order: Id<entity::Order>,
    /// The plan's name.
    pub plan_name: String,
    /// How much.
    pub amount: Money,
    /// What of it went back.
    pub refunded: Money,
    /// The payment's state.
    pub status: String,
    /// When it was begun.
    pub at: Timestamp,
}

/// A mail that was sent to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailView {
    /// Which mail.
    pub template: String,
    /// The order that caused it.
    pub order: Option<Id<entity::Order>>,
    /// `queued`, `sent`, `failed`.
    pub status: String,
    /// When it was sent, or written.
    pub at: Timestamp,
}

/// What a customer is charged and was charged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Billing {
    /// Newest first.
    pub subscriptions: Vec<SubscriptionView>,
    /// Newest first, at most fifty.
    pub payments: Vec<PaymentView>,
}

type SubscriptionRow = (Uuid, String, String, Option<i64>, String, String, Option<Timestamp>, bool, Option<String>);
type PaymentRow = (Uuid, String, i64, i64, String, String, Timestamp);

/// Reads it, as of one moment.
///
/// # Errors
/// The store's.
pub async fn billing(db: &Db, customer: Id<entity::Customer>) -> Result<Billing, StoreError> {
    let work = async |tx: &mut PgTx| {
        let began = subscriptions::table.inner_join(orders::table.on(orders::id.eq(subscriptions::order_id)));
        let theirs = began.filter(subscriptions::customer_id.eq(customer.uuid())).order(subscriptions::id.desc());
        let columns = (
            orders::id,
            orders::plan_name,
            orders::billing_cycle,
            orders::renewal_amount,
            orders::currency,
            subscriptions::status,
            subscriptions::current_period_end,
            subscriptions::cancel_at_period_end,
            subscriptions::stripe_subscription_id,
        );
        let rows: Vec<SubscriptionRow> = tx.load("a customer's subscriptions", theirs.select(columns)).await?;
        let paid = payments::table.inner_join(orders::table.on(orders::id.eq(payments::order_id)));
        // An attempt that nobody went through is no payment.
        let tried = paid.filter(orders::customer_id.eq(customer.uuid()));
        let tried = tried.filter(payments::status.ne_all(["created", "cancelled", "unknown"]));
        let tried = tried.order(payments::id.desc()).limit(SHOWN);
        let columns = (
            orders::id,
            orders::plan_name,
            payments::amount,
            payments::refunded_amount,
            payments::currency,
            payments::status,
            payments::created_at,
        );
        let paid: Vec<PaymentRow> = tx.load("a customer's payments", tried.select(columns)).await?;
        let subscriptions = rows.into_iter().map(subscription).collect::<Result<_, StoreError>>()?;
        Ok(Billing { subscriptions, payments: paid.into_iter().map(payment).collect::<Result<_, StoreError>>()? })
    };
    db.transaction(work).await
}

fn subscription(row: SubscriptionRow) -> Result<SubscriptionView, StoreError> {
    let (order, plan_name, cycle, renewal, currency, status, period_end, ends, gateway) = row;
    let place = Place::new("orders", order);
    Ok(SubscriptionView {
        order: Id::from_uuid(order),
        plan_name,
        cycle,
        renewal: renewal.map(|minor| place.money(minor, &currency)).transpose()?,
        status,
        period_end,
        ends,
        charged: gateway.is_some(),
    })
}

fn payment(row: PaymentRow) -> Result<PaymentView, StoreError> {
    let (order, plan_name, amount, refunded, currency, status, at) = row;
    let place = Place::new("payments", order);
    Ok(PaymentView {
        order: Id::from_uuid(order),
        plan_name,
        amount: place.money(amount, &currency)?,
        refunded: place.money(refunded, &currency)?,
        status,
        at,
    })
}

/// The mails that went to an address, the newest first, at most fifty.
///
/// # Errors
/// The store's.
pub async fn mails_to(db: &Db, address: &EmailAddress) -> Result<Vec<MailView>, StoreError> {
    type Row = (String, Option<Uuid>, String, Timestamp, Option<Timestamp>);
    let to = email_log::table.filter(email_log::to_email.eq(address.as_str().to_owned()));
    let columns =
        (email_log::template, email_log::order_id, email_log::status, email_log::queued_at, email_log::sent_at);
    let query = to.order(email_log::id.desc()).limit(SHOWN).select(columns);
    let rows: Vec<Row> = db.transaction(async |tx: &mut PgTx| tx.load("mails to an address", query).await).await?;
    let view = |(template, order, status, queued, sent): Row| MailView {
        template,
        order: order.map(Id::from_uuid),
        status,
        at: sent.unwrap_or(queued),
    };
    Ok(rows.into_iter().map(view).collect())
}
