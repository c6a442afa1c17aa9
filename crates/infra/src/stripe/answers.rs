//! Stripe's objects as far as we use them: all but the id optional, every word open, each field read from the ordered
//! list of places where one API version or another keeps it.

use serde_json::Value;

use super::locate::{entries, flag, id, integer, text};

/// What we wrote into an object's metadata, or into that of what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrderRef {
    /// `metadata.order_id`, as it stands.
    pub id: Option<String>,
    /// `metadata.order_ref`, which earlier shops wrote.
    pub name: Option<String>,
}

impl OrderRef {
    /// From the first of these objects that has metadata of ours.
    fn read(object: &Value, places: &[&str]) -> Self {
        let find = |word: &str| places.iter().find_map(|place| text(object, &[&format!("{place}/metadata/{word}")]));
        Self { id: find("order_id"), name: find("order_ref") }
    }
}

/// A checkout session.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are Stripe's own, described in its API reference")]
pub struct Session {
    pub id: String,
    pub order: OrderRef,
    pub client_reference_id: Option<String>,
    pub mode: Option<String>,
    pub status: Option<String>,
    pub payment_status: Option<String>,
    pub amount_total: Option<i64>,
    pub currency: Option<String>,
    pub customer: Option<String>,
    pub subscription: Option<String>,
    pub payment_intent: Option<String>,
    pub invoice: Option<String>,
    pub url: Option<String>,
}

impl Session {
    /// Reads one; `None` when it has no id.
    pub fn read(object: &Value) -> Option<Self> {
        Some(Self {
            id: text(object, &["/id"])?,
            order: OrderRef::read(object, &[""]),
            client_reference_id: text(object, &["/client_reference_id"]),
            mode: text(object, &["/mode"]),
            status: text(object, &["/status"]),
            payment_status: text(object, &["/payment_status"]),
            amount_total: integer(object, &["/amount_total"]),
            currency: text(object, &["/currency"]),
            customer: id(object, &["/customer"]),
            subscription: id(object, &["/subscription"]),
            payment_intent: id(object, &["/payment_intent"]),
            invoice: id(object, &["/invoice"]),
            url: text(object, &["/url"]),
        })
    }
}

/// A subscription. What it was before is known from an event of a change only.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are Stripe's own, described in its API reference")]
pub struct Subscription {
    pub id: String,
    pub order: OrderRef,
    pub customer: Option<String>,
    pub status: Option<String>,
    pub period_start: Option<i64>,
    pub period_end: Option<i64>,
    pub price: Option<String>,
    pub unit_amount: Option<i64>,
    pub interval: Option<String>,
    pub interval_count: Option<i64>,
    pub cancel_at_period_end: Option<bool>,
    pub cancel_at: Option<i64>,
    pub ended_at: Option<i64>,
    pub previous_status: Option<String>,
    pub previous_price: Option<String>,
}

/// Where a price is, since basil and before; the plan is its older twin.
const PRICE: [&str; 3] = ["/items/data/0/price", "/items/data/0/plan", "/plan"];

impl Subscription {
    /// Reads one; `None` when it has no id. The period moved from the subscription to its items in 2025-03-31.basil.
    pub fn read(object: &Value) -> Option<Self> {
        Some(Self {
            id: text(object, &["/id"])?,
            order: OrderRef::read(object, &[""]),
            customer: id(object, &["/customer"]),
            status: text(object, &["/status"]),
            period_start: integer(object, &["/items/data/0/current_period_start", "/current_period_start"]),
            period_end: integer(object, &["/items/data/0/current_period_end", "/current_period_end"]),
            price: id(object, &PRICE),
            unit_amount: integer(
                object,
                &["/items/data/0/price/unit_amount", "/items/data/0/plan/amount", "/plan/amount"],
            ),
            interval: text(
                object,
                &["/items/data/0/price/recurring/interval", "/items/data/0/plan/interval", "/plan/interval"],
            ),
            interval_count: integer(
                object,
                &[
                    "/items/data/0/price/recurring/interval_count",
                    "/items/data/0/plan/interval_count",
                    "/plan/interval_count",
                ],
            ),
            cancel_at_period_end: flag(object, &["/cancel_at_period_end"]),
            cancel_at: integer(object, &["/cancel_at"]),
            ended_at: integer(object, &["/ended_at"]),
            previous_status: None,
            previous_price: None,
        })
    }

    /// With what an event says it was before.
    #[must_use]
    pub fn after(self, previous: &Value) -> Self {
        Self { previous_status: text(previous, &["/status"]), previous_price: id(previous, &PRICE), ..self }
    }
}

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are Stripe's own, described in its API reference")]
pub struct Invoice {
    pub id: String,
    pub order: OrderRef,
    pub customer: Option<String>,
    pub subscription: Option<String>,
    pub billing_reason: Option<String>,
    pub amount_paid: Option<i64>,
    pub amount_due: Option<i64>,
    pub currency: Option<String>,
    pub attempt_count: Option<i64>,
    pub next_payment_attempt: Option<i64>,
    pub payment_intent: Option<String>,
    /// The latest end of a line's period; the invoice's own `period_end` is something else.
    pub line_period_end: Option<i64>,
}

impl Invoice {
    /// Reads one; `None` when it has no id. The subscription moved into `parent`, the payment into `payments` (present
    /// only when expanded) in 2025-03-31.basil.
    pub fn read(object: &Value) -> Option<Self> {
        let ends = entries(object, "/lines/data").filter_map(|line| integer(line, &["/period/end"]));
        Some(Self {
            id: text(object, &["/id"])?,
            order: OrderRef::read(
                object,
                &["", "/parent/subscription_details", "/subscription_details", "/lines/data/0"],
            ),
            customer: id(object, &["/customer"]),
            subscription: id(
                object,
                &[
                    "/parent/subscription_details/subscription",
                    "/subscription",
                    "/lines/data/0/parent/subscription_item_details/subscription",
                    "/lines/data/0/subscription",
                ],
            ),
            billing_reason: text(object, &["/billing_reason"]),
            amount_paid: integer(object, &["/amount_paid"]),
            amount_due: integer(object, &["/amount_due"]),
            currency: text(object, &["/currency"]),
            attempt_count: integer(object, &["/attempt_count"]),
            next_payment_attempt: integer(object, &["/next_payment_attempt"]),
            payment_intent: paying(object, "/payments/data")
                .and_then(|payment| id(payment, &["/payment/payment_intent"]))
                .or_else(|| id(object, &["/payment_intent"])),
            line_period_end: ends.max(),
        })
    }
}

/// Of a list of invoice payments the one that paid, else the first: an invoice keeps its failed and cancelled ones too.
fn paying<'a>(object: &'a Value, place: &str) -> Option<&'a Value> {
    let paid = entries(object, place).find(|payment| text(payment, &["/status"]).as_deref() == Some("paid"));
    paid.or_else(|| entries(object, place).next())
}

/// The invoice in an answer to `GET /v1/invoice_payments`.
pub(super) fn invoice_that_was_paid(list: &Value) -> Option<String> {
    paying(list, "/data").and_then(|payment| id(payment, &["/invoice"]))
}

/// The payment intent in an answer to `GET /v1/invoice_payments`.
pub(super) fn intent_that_paid(list: &Value) -> Option<String> {
    paying(list, "/data").and_then(|payment| id(payment, &["/payment/payment_intent"]))
}

/// Of a payment intent's charges the one that succeeded: declined tries are in the list, too.
pub(super) fn charge_that_succeeded(list: &Value) -> Option<Charge> {
    let succeeded = |charge: &&Value| text(charge, &["/status"]).as_deref() == Some("succeeded");
    entries(list, "/data").find(succeeded).and_then(Charge::read)
}

/// A refund.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are Stripe's own, described in its API reference")]
pub struct RefundAnswer {
    pub id: String,
    /// `metadata.refund_id`, as we wrote it.
    pub refund_id: Option<String>,
    pub payment_intent: Option<String>,
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub status: Option<String>,
    pub failure_reason: Option<String>,
}

impl RefundAnswer {
    /// Reads one; `None` when it has no id.
    pub fn read(object: &Value) -> Option<Self> {
        Some(Self {
            id: text(object, &["/id"])?,
            refund_id: text(object, &["/metadata/refund_id"]),
            payment_intent: id(object, &["/payment_intent"]),
            amount: integer(object, &["/amount"]),
            currency: text(object, &["/currency"]),
            status: text(object, &["/status"]),
            failure_reason: text(object, &["/failure_reason"]),
        })
    }
}

/// A charge.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are Stripe's own, described in its API reference")]
pub struct Charge {
    pub id: String,
    pub order: OrderRef,
    pub customer: Option<String>,
    pub payment_intent: Option<String>,
    pub amount: Option<i64>,
    pub amount_refunded: Option<i64>,
    pub refunded: Option<bool>,
    pub currency: Option<String>,
}

impl Charge {
    /// Reads one; `None` when it has no id.
    pub fn read(object: &Value) -> Option<Self> {
        Some(Self {
            id: text(object, &["/id"])?,
            order: OrderRef::read(object, &[""]),
            customer: id(object, &["/customer"]),
            payment_intent: id(object, &["/payment_intent"]),
            amount: integer(object, &["/amount"]),
            amount_refunded: integer(object, &["/amount_refunded"]),
            refunded: flag(object, &["/refunded"]),
            currency: text(object, &["/currency"]),
        })
    }
}

/// A dispute.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the fields are Stripe's own, described in its API reference")]
pub struct Dispute {
    pub id: String,
    pub charge: Option<String>,
    pub payment_intent: Option<String>,
    pub amount: Option<i64>,
    pub currency: Option<String>,
    pub status: Option<String>,
    pub reason: Option<String>,
}

impl Dispute {
    /// Reads one; `None` when it has no id. An expanded charge still knows its payment intent.
    pub fn read(object: &Value) -> Option<Self> {
        Some(Self {
            id: text(object, &["/id"])?,
            charge: id(object, &["/charge"]),
            payment_intent: id(object, &["/payment_intent", "/charge/payment_intent"]),
            amount: integer(object, &["/amount"]),
            currency: text(object, &["/currency"]),
            status: text(object, &["/status"]),
            reason: text(object, &["/reason"]),
        })
    }
}
