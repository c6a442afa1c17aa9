//! Payments, checkout sessions and subscriptions as rows.

use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp};
use orders::{OrderSession, Payment, PaymentState, SessionState, Subscription, SubscriptionStatus};
use uuid::Uuid;

use crate::{
    db::impossible,
    schema::{order_sessions, payments, subscriptions},
    store::Place,
};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = payments, treat_none_as_default_value = false)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct PaymentRow {
    id: Uuid,
    order_id: Uuid,
    attempt: i32,
    status: String,
    amount: i64,
    currency: String,
    refunded_amount: i64,
    stripe_session_id: Option<String>,
    stripe_payment_intent_id: Option<String>,
    stripe_invoice_id: Option<String>,
    created_at: Timestamp,
}

impl From<&Payment> for PaymentRow {
    fn from(payment: &Payment) -> Self {
        Self {
            id: payment.id.uuid(),
            order_id: payment.order.uuid(),
            attempt: payment.attempt,
            status: payment.state.as_str().to_owned(),
            amount: payment.amount.minor(),
            currency: payment.amount.currency().code().to_owned(),
            refunded_amount: payment.refunded.minor(),
            stripe_session_id: payment.session.clone(),
            stripe_payment_intent_id: payment.intent.clone(),
            stripe_invoice_id: payment.invoice.clone(),
            created_at: payment.created_at,
        }
    }
}

impl TryFrom<PaymentRow> for Payment {
    type Error = StoreError;

    fn try_from(row: PaymentRow) -> Result<Self, StoreError> {
        let place = Place::new("payments", row.id);
        Ok(Self {
            id: Id::from_uuid(row.id),
            order: Id::from_uuid(row.order_id),
            attempt: row.attempt,
            state: place.word("status", PaymentState::parse(&row.status))?,
            amount: place.money(row.amount, &row.currency)?,
            session: row.stripe_session_id,
            intent: row.stripe_payment_intent_id,
            invoice: row.stripe_invoice_id,
            refunded: place.money(row.refunded_amount, &row.currency)?,
            created_at: row.created_at,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = order_sessions, check_for_backend(diesel::pg::Pg))]
pub(super) struct SessionRow {
    stripe_session_id: String,
    order_id: Uuid,
    payment_id: Uuid,
    status: String,
    url: Option<String>,
    created_at: Timestamp,
}

impl TryFrom<SessionRow> for OrderSession {
    type Error = StoreError;

    fn try_from(row: SessionRow) -> Result<Self, StoreError> {
        let state = SessionState::parse(&row.status);
        Ok(Self {
            order: Id::from_uuid(row.order_id),
            payment: Id::from_uuid(row.payment_id),
            state: state.ok_or_else(|| impossible("order_sessions", &row.stripe_session_id, "status"))?,
            session: row.stripe_session_id,
            url: row.url,
            created_at: row.created_at,
        })
    }
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = subscriptions, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub(super) struct SubscriptionRow {
    pub(super) id: Uuid,
    pub(super) order_id: Uuid,
    pub(super) customer_id: Uuid,
    pub(super) stripe_subscription_id: Option<String>,
    pub(super) status: String,
    pub(super) current_period_start: Option<Timestamp>,
    pub(super) current_period_end: Option<Timestamp>,
    pub(super) cancel_at_period_end: bool,
    pub(super) created_at: Timestamp,
}

impl From<&Subscription> for SubscriptionRow {
    fn from(subscription: &Subscription) -> Self {
        Self {
            id: subscription.id.uuid(),
            order_id: subscription.order.uuid(),
            customer_id: subscription.customer.uuid(),
            stripe_subscription_id: subscription.gateway_id.clone(),
            status: subscription.status.as_str().to_owned(),
            current_period_start: subscription.period_start,
            current_period_end: subscription.period_end,
            cancel_at_period_end: subscription.cancel_at_period_end,
            created_at: subscription.created_at,
        }
    }
}

impl From<SubscriptionRow> for Subscription {
    fn from(row: SubscriptionRow) -> Self {
        Self {
            id: Id::from_uuid(row.id),
            order: Id::from_uuid(row.order_id),
            customer: Id::from_uuid(row.customer_id),
            gateway_id: row.stripe_subscription_id,
            status: SubscriptionStatus::from(row.status.as_str()),
            period_start: row.current_period_start,
            period_end: row.current_period_end,
            cancel_at_period_end: row.cancel_at_period_end,
            created_at: row.created_at,
        }
    }
}
