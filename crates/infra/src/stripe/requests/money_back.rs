//! What we ask of Stripe after the sale: refunds, the end of a subscription, the customers' portal.
//!
//! Written by hand: the crates that type these are large, and each has two or three parameters
//! (docs.stripe.com/api/refunds/create, /api/subscriptions/cancel, /api/customer_portal/sessions/create).

use kernel::{Id, entity};
use orders::Refund;
use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

/// Objects on a page of a list of one payment's; Stripe gives at most this many.
const PAGE: u8 = 100;

#[derive(Serialize)]
struct NewRefund<'a> {
    payment_intent: &'a str,
    amount: i64,
    reason: &'static str,
    metadata: RefundMetadata,
}

#[derive(Serialize)]
struct RefundMetadata {
    order_id: Id<entity::Order>,
    refund_id: Id<entity::Refund>,
}

/// `POST /v1/refunds`. The amount is always said: what is left may differ from what was asked for.
pub(in crate::stripe) fn refund(intent: &str, refund: &Refund) -> RequestBuilder {
    let body = NewRefund {
        payment_intent: intent,
        amount: refund.amount.minor(),
        reason: "requested_by_customer",
        metadata: RefundMetadata { order_id: refund.order, refund_id: refund.id },
    };
    RequestBuilder::new(StripeMethod::Post, "/refunds").form(&body)
}

#[derive(Serialize)]
struct OfIntent<'a> {
    payment_intent: &'a str,
    limit: u8,
}

fn of_intent(path: &'static str, intent: &str) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Get, path).query(&OfIntent { payment_intent: intent, limit: PAGE })
}

/// `GET /v1/refunds` of a payment intent.
pub(in crate::stripe) fn refunds_of(intent: &str) -> RequestBuilder {
    of_intent("/refunds", intent)
}

/// `GET /v1/charges` of a payment intent.
pub(in crate::stripe) fn charges_of(intent: &str) -> RequestBuilder {
    of_intent("/charges", intent)
}

#[derive(Serialize)]
struct OfInvoice<'a> {
    invoice: &'a str,
}

/// `GET /v1/invoice_payments` of an invoice.
pub(in crate::stripe) fn payments_of_invoice(invoice: &str) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Get, "/invoice_payments").query(&OfInvoice { invoice })
}

/// `DELETE /v1/subscriptions/{id}`: at once, without credit for the rest of the period, which the refund is.
pub(in crate::stripe) fn end_subscription(id: &str) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Delete, format!("/subscriptions/{id}"))
}

/// `POST /v1/checkout/sessions/{id}/expire`
pub(in crate::stripe) fn close_session(id: &str) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Post, format!("/checkout/sessions/{id}/expire"))
}

#[derive(Serialize)]
struct NewPortal<'a> {
    customer: &'a str,
    return_url: &'a str,
}

/// `POST /v1/billing_portal/sessions`, with the configuration that the account's dashboard has.
pub(in crate::stripe) fn portal(customer: &str, return_url: &str) -> RequestBuilder {
    RequestBuilder::new(StripeMethod::Post, "/billing_portal/sessions").form(&NewPortal { customer, return_url })
}
