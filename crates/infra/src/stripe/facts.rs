//! Stripe's objects in the shop's own words.

use chrono::DateTime;
use kernel::{Id, Money, Timestamp, entity};
use orders::{
    ChargeFact, DisputeFact, InvoiceFact, PaymentStatus, RefundFact, RefundStatus, SessionFact, SessionStatus,
    SubscriptionFact,
};

use super::answers::{Charge, Dispute, Invoice, RefundAnswer, Session, Subscription};

/// A word that a fact must have and Stripe left out.
const NO_WORD: &str = "unknown";

fn money(amount: Option<i64>, currency: Option<&str>) -> Option<Money> {
    Some(Money::new(amount?, currency?.parse().ok()?))
}

fn time(seconds: Option<i64>) -> Option<Timestamp> {
    DateTime::from_timestamp(seconds?, 0)
}

fn order(text: Option<&str>) -> Option<Id<entity::Order>> {
    text?.parse().ok()
}

/// The order is taken from the metadata; from the client reference only where there is no metadata of ours.
pub(super) fn session(session: Session) -> SessionFact {
    let stated = session.order.id.as_deref();
    let order_id = order(stated.or(session.client_reference_id.as_deref()));
    SessionFact {
        order: order_id,
        order_text: session.order.id.filter(|_| order_id.is_none()),
        status: match session.status.as_deref() {
            Some("open") => SessionStatus::Open,
            Some("complete") => SessionStatus::Complete,
            Some("expired") => SessionStatus::Expired,
            _ => SessionStatus::Other,
        },
        payment_status: match session.payment_status.as_deref() {
            Some("paid") => PaymentStatus::Paid,
            Some("unpaid") => PaymentStatus::Unpaid,
            Some("no_payment_required") => PaymentStatus::NotRequired,
            _ => PaymentStatus::Other,
        },
        amount: money(session.amount_total, session.currency.as_deref()),
        id: session.id,
        customer: session.customer,
        subscription: session.subscription,
        intent: session.payment_intent,
        invoice: session.invoice,
        url: session.url,
    }
}

pub(super) fn subscription(subscription: Subscription) -> SubscriptionFact {
    SubscriptionFact {
        order: order(subscription.order.id.as_deref()),
        id: subscription.id,
        status: subscription.status.unwrap_or_else(|| NO_WORD.to_owned()),
        period_start: time(subscription.period_start),
        period_end: time(subscription.period_end),
        cancel_at_period_end: subscription.cancel_at_period_end.unwrap_or(false),
    }
}

/// The amount is what was paid, or what is due where nothing could be collected.
pub(super) fn invoice(paid: bool, invoice: Invoice) -> InvoiceFact {
    let amount = if paid { invoice.amount_paid } else { invoice.amount_due };
    InvoiceFact {
        order: order(invoice.order.id.as_deref()),
        amount: money(amount, invoice.currency.as_deref()),
        id: invoice.id,
        subscription: invoice.subscription,
        reason: invoice.billing_reason,
        intent: invoice.payment_intent,
        period_end: time(invoice.line_period_end),
    }
}

pub(super) fn charge(charge: Charge) -> ChargeFact {
    let all = charge.amount.is_some() && charge.amount == charge.amount_refunded;
    ChargeFact {
        amount: money(charge.amount, charge.currency.as_deref()),
        refunded: money(charge.amount_refunded, charge.currency.as_deref()),
        fully: charge.refunded.unwrap_or(all),
        id: charge.id,
        intent: charge.payment_intent,
    }
}

/// A refund that waits for the bank or for the customer is on its way: it is done about by nobody here.
pub(super) fn refund(refund: RefundAnswer) -> RefundFact {
    RefundFact {
        refund: refund.refund_id.and_then(|text| text.parse().ok()),
        intent: refund.payment_intent,
        amount: money(refund.amount, refund.currency.as_deref()),
        status: match refund.status.as_deref() {
            Some("succeeded" | "pending" | "requires_action") => RefundStatus::Sent,
            Some("failed" | "canceled") => RefundStatus::Failed,
            _ => RefundStatus::Other,
        },
        reason: refund.failure_reason,
        id: refund.id,
    }
}

pub(super) fn dispute(dispute: Dispute) -> DisputeFact {
    DisputeFact {
        id: dispute.id,
        intent: dispute.payment_intent,
        status: dispute.status.unwrap_or_else(|| NO_WORD.to_owned()),
        reason: dispute.reason,
    }
}
