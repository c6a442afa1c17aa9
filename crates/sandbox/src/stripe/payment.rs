//! Payment intents and charges.

use super::error::ApiError;
use super::{Stripe, list as lists, with_nulls};
use crate::json::Members;
use crate::options::EventVersion;
use serde_json::{Map, Value, json};

/// A payment intent.
#[derive(Debug, Clone)]
pub(crate) struct Intent {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) customer: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) description: Option<String>,
    pub(crate) method: &'static str,
    pub(crate) charge: Option<String>,
    pub(crate) session: String,
}

/// A charge.
#[derive(Debug, Clone)]
pub(crate) struct Charge {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) refunded: i64,
    pub(crate) currency: String,
    pub(crate) customer: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) description: Option<String>,
    pub(crate) method: &'static str,
    pub(crate) intent: String,
    pub(crate) invoice: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
}

impl Intent {
    /// The JSON object.
    pub(crate) fn render(&self) -> Value {
        let received = if self.status == "succeeded" { self.amount } else { 0 };
        let error = (self.status == "requires_payment_method").then(|| {
            json!({
                "type": "card_error", "code": "card_declined", "decline_code": "generic_decline",
                "message": "Your card was declined.",
            })
        });
        let object = json!({
            "id": self.id, "object": "payment_intent", "livemode": false, "created": self.created,
            "amount": self.amount, "amount_capturable": 0, "amount_received": received, "currency": self.currency,
            "capture_method": "automatic_async", "confirmation_method": "automatic", "customer": self.customer,
            "status": self.status, "metadata": self.metadata, "description": self.description,
            "latest_charge": self.charge, "last_payment_error": error, "payment_method_types": [self.method],
            "payment_method": "pm_1Sandbox", "client_secret": format!("{}_secret_sandbox", self.id),
        });
        with_nulls(
            object,
            &[
                "application",
                "application_fee_amount",
                "automatic_payment_methods",
                "canceled_at",
                "cancellation_reason",
                "next_action",
                "on_behalf_of",
                "payment_method_configuration_details",
                "processing",
                "receipt_email",
                "review",
                "setup_future_usage",
                "shipping",
                "source",
                "statement_descriptor",
                "statement_descriptor_suffix",
                "transfer_data",
                "transfer_group",
                "payment_method_options",
            ],
        )
    }
}

impl Charge {
    /// The JSON object, in the shape of either version.
    pub(crate) fn render(&self, shape: EventVersion) -> Value {
        let paid = self.status == "succeeded";
        let mut billing = json!({ "address": null, "email": self.email, "name": self.name, "phone": null });
        let mut object = json!({
            "id": self.id, "object": "charge", "livemode": false, "created": self.created,
            "amount": self.amount, "amount_captured": if paid { self.amount } else { 0 },
            "amount_refunded": self.refunded, "currency": self.currency, "customer": self.customer,
            "captured": paid, "paid": paid, "disputed": false, "status": self.status,
            "refunded": self.refunded > 0 && self.refunded == self.amount, "metadata": self.metadata,
            "description": self.description, "calculated_statement_descriptor": "SANDBOX", "fraud_details": {},
            "outcome": self.outcome(), "payment_intent": self.intent, "payment_method": "pm_1Sandbox",
            "payment_method_details": self.method_details(), "receipt_url": null,
            "failure_code": (!paid && self.status == "failed").then_some("card_declined"),
            "failure_message": (!paid && self.status == "failed").then_some("Your card was declined."),
        });
        match shape {
            EventVersion::Endive => billing.set("tax_id", Value::Null),
            EventVersion::V2023 => object.set("invoice", json!(self.invoice)),
        }
        object.set("billing_details", billing);
        with_nulls(
            object,
            &[
                "application",
                "application_fee",
                "application_fee_amount",
                "balance_transaction",
                "failure_balance_transaction",
                "on_behalf_of",
                "receipt_email",
                "receipt_number",
                "review",
                "shipping",
                "source",
                "source_transfer",
                "statement_descriptor",
                "statement_descriptor_suffix",
                "transfer_data",
                "transfer_group",
            ],
        )
    }

    fn outcome(&self) -> Value {
        let (network, message, kind) = match self.status {
            "failed" => (
                "declined_by_network",
                "The bank did not return any further details with this decline.",
                "issuer_declined",
            ),
            _ => ("approved_by_network", "Payment complete.", "authorized"),
        };
        json!({
            "network_status": network, "reason": null, "risk_level": "normal", "risk_score": 1,
            "seller_message": message, "type": kind,
        })
    }

    fn method_details(&self) -> Value {
        if self.method == "sepa_debit" {
            let debit = json!({ "bank_code": "37040044", "country": "DE", "last4": "3000", "mandate": null });
            return json!({ "type": "sepa_debit", "sepa_debit": debit });
        }
        json!({ "type": "card", "card": {
            "brand": "visa", "country": "US", "exp_month": 12, "exp_year": 2034, "funding": "credit", "last4": "4242",
            "network": "visa", "wallet": null,
        } })
    }
}

/// `GET /v1/payment_intents/{id}`
pub(crate) fn get_intent(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    stripe.intents.get(id).map(Intent::render).ok_or_else(|| ApiError::not_found("payment_intent", id))
}

/// `GET /v1/payment_intents`
pub(crate) fn list_intents(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let items = stripe.intents.newest_first().filter(|intent| {
        lists::text_fits(params, "customer", intent.customer.as_deref()) && lists::created_fits(params, intent.created)
    });
    lists::page(items, params, "/v1/payment_intents", |intent| &intent.id, Intent::render)
}

/// `GET /v1/charges/{id}`
pub(crate) fn get_charge(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    let charge = stripe.charges.get(id).ok_or_else(|| ApiError::not_found("charge", id))?;
    Ok(charge.render(EventVersion::Endive))
}

/// `GET /v1/charges`
pub(crate) fn list_charges(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let items = stripe.charges.newest_first().filter(|charge| {
        lists::text_fits(params, "customer", charge.customer.as_deref())
            && lists::text_fits(params, "payment_intent", Some(&charge.intent))
            && lists::created_fits(params, charge.created)
    });
    lists::page(items, params, "/v1/charges", |charge| &charge.id, |charge| charge.render(EventVersion::Endive))
}
