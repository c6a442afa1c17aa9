//! One order as a row: the frozen quote, and the columns that its life changes.

use diesel::prelude::*;
use kernel::{Currency, Id, Money, StoreError, Timestamp};
use orders::{AppliedDiscount, Buyer, Delivered, Order, OrderLine, OrderState, Resume};
use provisioning::RemoteRef;
use serde_json::Value;
use uuid::Uuid;

use crate::store::{Place, to_json};

/// The row, without what the database makes itself.
#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = crate::schema::orders, treat_none_as_default_value = false, check_for_backend(diesel::pg::Pg))]
pub(super) struct OrderRow {
    id: Uuid,
    #[diesel(embed)]
    progress: Progress,
    email: String,
    customer_name: String,
    guest: bool,
    product_id: Uuid,
    price_id: Uuid,
    plan_code: String,
    plan_name: String,
    kind: String,
    billing_cycle: String,
    list_amount: i64,
    discount_amount: Option<i64>,
    coupon_code: Option<String>,
    coupon_duration: Option<String>,
    total_amount: i64,
    due_now_amount: i64,
    renewal_amount: Option<i64>,
    currency: String,
    trial_days: i32,
    provider: String,
    settings: Value,
    delivery: Value,
    created_at: Timestamp,
}

/// What changes after the order was placed.
#[derive(Insertable, Queryable, Selectable, AsChangeset)]
#[diesel(table_name = crate::schema::orders, treat_none_as_default_value = false, treat_none_as_null = true)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct Progress {
    status: String,
    disputed: bool,
    cancel_reason: Option<String>,
    attention_from: Option<String>,
    attention_reason: Option<String>,
    attention_next_step: Option<String>,
    customer_id: Option<Uuid>,
    service_id: Option<Uuid>,
    remote_id: Option<String>,
    remote_identifier: Option<String>,
}

impl Progress {
    pub(super) fn new(order: &Order) -> Self {
        let mut row = Self {
            status: order.state.as_str().to_owned(),
            disputed: order.disputed,
            cancel_reason: None,
            attention_from: None,
            attention_reason: None,
            attention_next_step: None,
            customer_id: order.buyer.customer.map(Id::uuid),
            service_id: order.delivered.as_ref().map(|delivered| delivered.service.uuid()),
            remote_id: order.delivered.as_ref().map(|delivered| delivered.remote.id.clone()),
            remote_identifier: order.delivered.as_ref().map(|delivered| delivered.remote.identifier.clone()),
        };
        match &order.state {
            OrderState::Cancelled { reason } => row.cancel_reason = Some(reason.clone()),
            OrderState::NeedsAttention { from, reason, next_step } => {
                row.attention_from = Some(from.as_str().to_owned());
                row.attention_reason = Some(reason.clone());
                row.attention_next_step = Some(next_step.clone());
            }
            OrderState::Pending
            | OrderState::Paid
            | OrderState::Provisioning
            | OrderState::Provisioned
            | OrderState::Expired
            | OrderState::RefundPending
            | OrderState::Refunded => {}
        }
        row
    }

    fn state(&self, place: Place) -> Result<OrderState, StoreError> {
        let attention = (self.attention_from.as_deref(), &self.attention_reason, &self.attention_next_step);
        match (self.status.as_str(), &self.cancel_reason, attention) {
            ("cancelled", Some(reason), (None, None, None)) => Ok(OrderState::Cancelled { reason: reason.clone() }),
            ("needs_attention", None, (Some(from), Some(reason), Some(next_step))) => Ok(OrderState::NeedsAttention {
                from: place.word("attention_from", Resume::parse(from))?,
                reason: reason.clone(),
                next_step: next_step.clone(),
            }),
            (word, None, (None, None, None)) => place.word("status", plain_state(word)),
            _ => Err(place.impossible("status")),
        }
    }

    fn delivered(&self, place: Place) -> Result<Option<Delivered>, StoreError> {
        match (self.service_id, &self.remote_id, &self.remote_identifier) {
            (Some(service), Some(id), Some(identifier)) => {
                let remote = RemoteRef { id: id.clone(), identifier: identifier.clone() };
                Ok(Some(Delivered { service: Id::from_uuid(service), remote }))
            }
            (None, None, None) => Ok(None),
            _ => Err(place.impossible("service_id")),
        }
    }
}

/// The states that carry nothing.
fn plain_state(word: &str) -> Option<OrderState> {
    [
        OrderState::Pending,
        OrderState::Paid,
        OrderState::Provisioning,
        OrderState::Provisioned,
        OrderState::Expired,
        OrderState::RefundPending,
        OrderState::Refunded,
    ]
    .into_iter()
    .find(|state| state.as_str() == word)
}

impl OrderRow {
    pub(super) fn new(order: &Order) -> Result<Self, StoreError> {
        let line = &order.line;
        let currency = one_currency(order)?;
        Ok(Self {
            id: order.id.uuid(),
            progress: Progress::new(order),
            email: order.buyer.email.as_str().to_owned(),
            customer_name: order.buyer.name.clone(),
            guest: order.buyer.guest,
            product_id: line.product.uuid(),
            price_id: line.price.uuid(),
            plan_code: line.plan.as_str().to_owned(),
            plan_name: line.plan_name.clone(),
            kind: line.kind.as_str().to_owned(),
            billing_cycle: line.cycle.as_str().to_owned(),
            list_amount: line.list.minor(),
            discount_amount: line.discount.as_ref().map(|discount| discount.amount.minor()),
            coupon_code: line.discount.as_ref().map(|discount| discount.code.as_str().to_owned()),
            coupon_duration: line.discount.as_ref().map(|discount| discount.duration.as_str().to_owned()),
            total_amount: line.total.minor(),
            due_now_amount: line.due_now.minor(),
            renewal_amount: line.renewal.map(Money::minor),
            currency: currency.code().to_owned(),
            trial_days: i32::from(line.trial_days),
            provider: line.provider.as_str().to_owned(),
            settings: line.settings.clone(),
            delivery: to_json("an order's delivery", &order.delivery)?,
            created_at: order.created_at,
        })
    }

    fn line(&self, place: Place) -> Result<OrderLine, StoreError> {
        let money = |minor| place.money(minor, &self.currency);
        Ok(OrderLine {
            product: Id::from_uuid(self.product_id),
            price: Id::from_uuid(self.price_id),
            plan: place.parse("plan_code", &self.plan_code)?,
            plan_name: self.plan_name.clone(),
            kind: place.parse("kind", &self.kind)?,
            cycle: place.parse("billing_cycle", &self.billing_cycle)?,
            list: money(self.list_amount)?,
            discount: self.discount(place)?,
            total: money(self.total_amount)?,
            due_now: money(self.due_now_amount)?,
            renewal: self.renewal_amount.map(money).transpose()?,
            trial_days: place.number("trial_days", self.trial_days)?,
            provider: place.parse("provider", &self.provider)?,
            settings: self.settings.clone(),
        })
    }

    fn discount(&self, place: Place) -> Result<Option<AppliedDiscount>, StoreError> {
        match (self.discount_amount, &self.coupon_code, &self.coupon_duration) {
            (Some(amount), Some(code), Some(duration)) => Ok(Some(AppliedDiscount {
                code: place.parse("coupon_code", code)?,
                duration: place.parse("coupon_duration", duration)?,
                amount: place.money(amount, &self.currency)?,
            })),
            (None, None, None) => Ok(None),
            _ => Err(place.impossible("coupon_code")),
        }
    }
}

/// There is one currency column, so an order in two currencies must not get in.
fn one_currency(order: &Order) -> Result<Currency, StoreError> {
    let line = &order.line;
    let currency = line.list.currency();
    let discount = line.discount.as_ref().map(|discount| discount.amount);
    let others = [Some(line.total), Some(line.due_now), line.renewal, discount];
    if others.into_iter().flatten().any(|amount| amount.currency() != currency) {
        return Err(StoreError::bug(format!("{} mixes currencies", order.id)));
    }
    Ok(currency)
}

impl TryFrom<OrderRow> for Order {
    type Error = StoreError;

    fn try_from(row: OrderRow) -> Result<Self, StoreError> {
        let place = Place::new("orders", row.id);
        Ok(Self {
            id: Id::from_uuid(row.id),
            buyer: Buyer {
                email: place.parse("email", &row.email)?,
                name: row.customer_name.clone(),
                customer: row.progress.customer_id.map(Id::from_uuid),
                guest: row.guest,
            },
            line: row.line(place)?,
            state: row.progress.state(place)?,
            disputed: row.progress.disputed,
            delivered: row.progress.delivered(place)?,
            delivery: place.json("delivery", row.delivery)?,
            created_at: row.created_at,
        })
    }
}
