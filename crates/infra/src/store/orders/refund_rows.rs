//! Refunds as rows.

use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp};
use orders::{Refund, RefundState};
use uuid::Uuid;

use crate::{schema::refunds, store::Place};

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = refunds, treat_none_as_default_value = false)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub(super) struct RefundRow {
    id: Uuid,
    order_id: Uuid,
    payment_id: Uuid,
    amount: i64,
    currency: String,
    whole: bool,
    reason: String,
    asked_by: String,
    status: String,
    attempt: i32,
    stripe_refund_id: Option<String>,
    detail: Option<String>,
    created_at: Timestamp,
}

impl From<&Refund> for RefundRow {
    fn from(refund: &Refund) -> Self {
        Self {
            id: refund.id.uuid(),
            order_id: refund.order.uuid(),
            payment_id: refund.payment.uuid(),
            amount: refund.amount.minor(),
            currency: refund.amount.currency().code().to_owned(),
            whole: refund.whole,
            reason: refund.reason.clone(),
            asked_by: refund.asked_by.clone(),
            status: refund.state.as_str().to_owned(),
            attempt: refund.attempt,
            stripe_refund_id: refund.gateway_id.clone(),
            detail: refund.detail.clone(),
            created_at: refund.created_at,
        }
    }
}

impl TryFrom<RefundRow> for Refund {
    type Error = StoreError;

    fn try_from(row: RefundRow) -> Result<Self, StoreError> {
        let place = Place::new("refunds", row.id);
        Ok(Self {
            id: Id::from_uuid(row.id),
            order: Id::from_uuid(row.order_id),
            payment: Id::from_uuid(row.payment_id),
            amount: place.money(row.amount, &row.currency)?,
            whole: row.whole,
            reason: row.reason,
            asked_by: row.asked_by,
            state: place.word("status", RefundState::parse(&row.status))?,
            attempt: row.attempt,
            gateway_id: row.stripe_refund_id,
            detail: row.detail,
            created_at: row.created_at,
        })
    }
}
