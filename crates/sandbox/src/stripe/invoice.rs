//! Invoices and the payments on them.

use super::error::ApiError;
use super::session::Line;
use super::{Stripe, list as lists, merged, with_nulls};
use crate::json::Members;
use crate::options::EventVersion;
use serde_json::{Map, Value, json};

/// An invoice.
#[derive(Debug, Clone)]
pub(crate) struct Invoice {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) created: i64,
    pub(crate) customer: Option<String>,
    pub(crate) customer_email: Option<String>,
    pub(crate) customer_name: Option<String>,
    pub(crate) subscription: Option<String>,
    /// The subscription's metadata when the invoice was made.
    pub(crate) subscription_metadata: Map<String, Value>,
    pub(crate) lines: Vec<InvoiceLine>,
    pub(crate) currency: String,
    pub(crate) subtotal: i64,
    pub(crate) discount: i64,
    pub(crate) discount_id: Option<String>,
    pub(crate) total: i64,
    pub(crate) paid_at: Option<i64>,
    pub(crate) attempts: i64,
    pub(crate) intent: Option<String>,
    pub(crate) charge: Option<String>,
}

/// One line of it.
#[derive(Debug, Clone)]
pub(crate) struct InvoiceLine {
    pub(crate) line: Line,
    pub(crate) item: Option<String>,
    pub(crate) start: i64,
    pub(crate) end: i64,
}

/// What joins an invoice to a payment intent.
#[derive(Debug, Clone)]
pub(crate) struct InvoicePayment {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) invoice: String,
    pub(crate) intent: String,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) paid_at: Option<i64>,
}

impl InvoicePayment {
    /// The JSON object.
    pub(crate) fn render(&self) -> Value {
        let paid = self.paid_at.is_some();
        json!({
            "id": self.id, "object": "invoice_payment", "created": self.created, "livemode": false,
            "amount_paid": paid.then_some(self.amount), "amount_requested": self.amount, "currency": self.currency,
            "invoice": self.invoice, "is_default": true, "status": if paid { "paid" } else { "open" },
            "payment": { "type": "payment_intent", "payment_intent": self.intent },
            "status_transitions": { "canceled_at": null, "paid_at": self.paid_at },
        })
    }
}

impl Invoice {
    /// The JSON object, in the shape of either version.
    pub(crate) fn render(&self, shape: EventVersion) -> Value {
        let object = with_nulls(
            self.core(shape),
            &[
                "account_tax_ids",
                "application",
                "custom_fields",
                "customer_address",
                "customer_phone",
                "customer_shipping",
                "default_payment_method",
                "default_source",
                "description",
                "due_date",
                "footer",
                "from_invoice",
                "last_finalization_error",
                "latest_revision",
                "next_payment_attempt",
                "on_behalf_of",
                "receipt_number",
                "rendering",
                "shipping_cost",
                "shipping_details",
                "statement_descriptor",
                "test_clock",
                "automatically_finalizes_at",
            ],
        );
        match shape {
            EventVersion::Endive => self.newest(object),
            EventVersion::V2023 => self.oldest(object),
        }
    }

    fn core(&self, shape: EventVersion) -> Value {
        let paid = self.paid_at.is_some();
        let off: Vec<Value> =
            self.discount_id.iter().map(|id| json!({ "amount": self.discount, "discount": id })).collect();
        let lines: Vec<Value> =
            self.lines.iter().enumerate().map(|(index, line)| self.render_line(index, line, shape)).collect();
        let url = format!("/v1/invoices/{}/lines", self.id);
        let mut list = json!({ "object": "list", "has_more": false, "url": url, "data": lines });
        if shape == EventVersion::V2023 {
            list.set("total_count", json!(self.lines.len()));
        }
        let facts = json!({
            "id": self.id, "object": "invoice", "livemode": false, "created": self.created, "number": self.number,
            "account_country": "US", "account_name": "Sandbox", "currency": self.currency,
            "amount_due": self.total, "amount_paid": if paid { self.total } else { 0 },
            "amount_remaining": if paid { 0 } else { self.total }, "amount_shipping": 0,
            "attempt_count": self.attempts, "attempted": self.attempts > 0, "auto_advance": false,
            "billing_reason": if self.subscription.is_some() { "subscription_create" } else { "manual" },
            "collection_method": "charge_automatically", "customer": self.customer,
            "customer_email": self.customer_email, "customer_name": self.customer_name,
            "customer_tax_exempt": "none", "customer_tax_ids": [], "default_tax_rates": [], "lines": list,
        });
        merged(facts, self.constants_and_sums(&off))
    }

    fn constants_and_sums(&self, off: &[Value]) -> Value {
        json!({
            "discounts": self.discount_id.iter().collect::<Vec<_>>(), "effective_at": self.created,
            "ending_balance": 0, "starting_balance": 0, "hosted_invoice_url": null, "invoice_pdf": null,
            "issuer": { "type": "self" }, "metadata": {},
            "payment_settings": { "default_mandate": null, "payment_method_options": null, "payment_method_types": null },
            "period_start": self.created, "period_end": self.created,
            "post_payment_credit_notes_amount": 0, "pre_payment_credit_notes_amount": 0,
            "status": if self.paid_at.is_some() { "paid" } else { "open" },
            "status_transitions": {
                "finalized_at": self.created, "marked_uncollectible_at": null, "paid_at": self.paid_at, "voided_at": null,
            },
            "subtotal": self.subtotal, "subtotal_excluding_tax": self.subtotal, "total": self.total,
            "total_excluding_tax": self.total, "total_discount_amounts": off, "webhooks_delivered_at": self.created,
        })
    }

    fn newest(&self, mut object: Value) -> Value {
        object.set(
            "automatic_tax",
            json!({ "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null }),
        );
        object.set("amount_overpaid", json!(0));
        object.set("total_pretax_credit_amounts", json!([]));
        object.set("total_taxes", json!([]));
        object.set(
            "parent",
            json!(self.subscription.as_ref().map(|subscription| json!({
                "type": "subscription_details", "quote_details": null,
                "subscription_details": { "metadata": self.subscription_metadata, "subscription": subscription },
            }))),
        );
        with_nulls(object, &["customer_account", "status_details"])
    }

    fn oldest(&self, mut object: Value) -> Value {
        let paid = self.paid_at.is_some();
        object.set("automatic_tax", json!({ "enabled": false, "liability": null, "status": null }));
        object.set("paid", json!(paid));
        object.set("paid_out_of_band", json!(false));
        object.set("charge", json!(self.charge));
        object.set("payment_intent", json!(self.intent));
        object.set("subscription", json!(self.subscription));
        object.set("subscription_details", json!({ "metadata": self.subscription_metadata }));
        object.set("total_tax_amounts", json!([]));
        with_nulls(
            object,
            &["application_fee_amount", "discount", "quote", "tax", "transfer_data", "rendering_options"],
        )
    }

    fn render_line(&self, index: usize, entry: &InvoiceLine, shape: EventVersion) -> Value {
        let line = &entry.line;
        let off: Vec<Value> =
            self.discount_id.iter().map(|id| json!({ "amount": line.discount, "discount": id })).collect();
        let mut object = json!({
            "id": format!("{}L{index}", self.id.replacen("in_", "il_", 1)), "object": "line_item", "amount": line.subtotal,
            "currency": self.currency, "description": format!("{} × {}", line.quantity, line.name),
            "discount_amounts": off, "discountable": true, "discounts": [], "livemode": false,
            "metadata": self.subscription_metadata, "period": { "start": entry.start, "end": entry.end },
            "quantity": line.quantity,
        });
        let recurring = entry.item.is_some();
        match shape {
            EventVersion::Endive => {
                let kind = if recurring { "subscription_item_details" } else { "invoice_item_details" };
                object.set("invoice", json!(self.id));
                object.set("subscription", json!(self.subscription));
                object.set("subtotal", json!(line.subtotal));
                object.set("quantity_decimal", json!(line.quantity.to_string()));
                object.set("pretax_credit_amounts", json!([]));
                object.set("taxes", json!([]));
                let details = entry.item.as_ref().map(|item| {
                    json!({
                        "invoice_item": null, "proration": false, "proration_details": { "credited_items": null },
                        "subscription": self.subscription, "subscription_item": item,
                    })
                });
                let parent =
                    json!({ "type": kind, "invoice_item_details": null, "subscription_item_details": details });
                let price = json!({ "price": line.price, "product": line.product });
                let unit = &line.unit_amount_decimal;
                object.set("parent", parent);
                object.set(
                    "pricing",
                    json!({ "type": "price_details", "price_details": price, "unit_amount_decimal": unit }),
                );
            }
            EventVersion::V2023 => {
                object.set("amount_excluding_tax", json!(line.subtotal));
                object.set("plan", if recurring { line.render_plan(shape) } else { Value::Null });
                object.set("price", line.render_price(shape));
                object.set("proration", json!(false));
                object.set("proration_details", json!({ "credited_items": null }));
                object.set("subscription", json!(self.subscription));
                object.set("subscription_item", json!(entry.item));
                object.set("tax_amounts", json!([]));
                object.set("tax_rates", json!([]));
                object.set("type", json!(if recurring { "subscription" } else { "invoiceitem" }));
                object.set("unit_amount_excluding_tax", json!(line.unit_amount_decimal));
            }
        }
        object
    }
}

/// The payments of an invoice, as `expand[]=payments` gives them.
pub(crate) fn payments_of(stripe: &Stripe, invoice: &str) -> Value {
    let data: Vec<Value> = stripe
        .invoice_payments
        .oldest_first()
        .filter(|payment| payment.invoice == invoice)
        .map(InvoicePayment::render)
        .collect();
    json!({ "object": "list", "has_more": false, "url": "/v1/invoice_payments", "data": data })
}

/// `GET /v1/invoices/{id}`
pub(crate) fn get(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    let invoice = stripe.invoices.get(id).ok_or_else(|| ApiError::not_found("invoice", id))?;
    Ok(invoice.render(EventVersion::Endive))
}

/// `GET /v1/invoices`
pub(crate) fn list(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let items = stripe.invoices.newest_first().filter(|invoice| {
        let status = if invoice.paid_at.is_some() { "paid" } else { "open" };
        lists::text_fits(params, "customer", invoice.customer.as_deref())
            && lists::text_fits(params, "subscription", invoice.subscription.as_deref())
            && lists::text_fits(params, "status", Some(status))
            && lists::created_fits(params, invoice.created)
    });
    lists::page(items, params, "/v1/invoices", |invoice| &invoice.id, |invoice| invoice.render(EventVersion::Endive))
}

/// `GET /v1/invoice_payments/{id}`
pub(crate) fn get_payment(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    stripe
        .invoice_payments
        .get(id)
        .map(InvoicePayment::render)
        .ok_or_else(|| ApiError::not_found("invoice_payment", id))
}

/// `GET /v1/invoice_payments`
pub(crate) fn list_payments(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let payment = params.member("payment");
    if payment.member("type").as_str() == Some("payment_intent") && payment.member("payment_intent").is_null() {
        return Err(ApiError::missing("payment[payment_intent]"));
    }
    let items = stripe.invoice_payments.newest_first().filter(|entry| {
        let status = if entry.paid_at.is_some() { "paid" } else { "open" };
        lists::text_fits(params, "invoice", Some(&entry.invoice))
            && lists::text_fits(payment, "payment_intent", Some(&entry.intent))
            && lists::text_fits(payment, "payment_record", None)
            && lists::text_fits(params, "status", Some(status))
            && lists::created_fits(params, entry.created)
    });
    lists::page(items, params, "/v1/invoice_payments", |entry| &entry.id, InvoicePayment::render)
}
