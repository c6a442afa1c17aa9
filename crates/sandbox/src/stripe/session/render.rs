//! A session as JSON, in the shape of either API version.

use super::{Mode, Session, Status};
use crate::json::Members;
use crate::options::EventVersion;
use crate::stripe::with_nulls;
use serde_json::{Value, json};

const ALWAYS_NULL: &[&str] = &[
    "after_expiration",
    "client_secret",
    "consent",
    "consent_collection",
    "payment_link",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "currency_conversion",
];
const NULL_IN_ENDIVE: &[&str] = &[
    "permissions",
    "wallet_options",
    "origin_context",
    "customer_account",
    "managed_payments",
    "allowed_payment_method_types",
    "return_url",
    "redirect_on_completion",
];

impl Session {
    /// The JSON object.
    pub(crate) fn render(&self, shape: EventVersion) -> Value {
        let mut object = with_nulls(self.core(), ALWAYS_NULL);
        let open = self.status == Status::Open;
        let members = [
            ("url", json!(open.then_some(&self.url))),
            ("customer_details", self.customer_details(shape)),
            ("payment_method_types", json!([if self.delayed { "sepa_debit" } else { "card" }])),
            ("total_details", json!({ "amount_discount": self.discount, "amount_shipping": 0, "amount_tax": 0 })),
            (
                "custom_text",
                json!({ "after_submit": null, "shipping_address": null, "submit": null, "terms_of_service_acceptance": null }),
            ),
            ("payment_method_options", json!({ "card": { "request_three_d_secure": "automatic" } })),
            ("phone_number_collection", json!({ "enabled": false })),
            ("payment_method_configuration_details", json!({ "id": "pmc_1Sandbox", "parent": null })),
            ("custom_fields", json!([])),
            ("shipping_options", json!([])),
        ];
        for (name, value) in members {
            object.set(name, value);
        }
        match shape {
            EventVersion::Endive => self.newest(object),
            EventVersion::V2023 => {
                object.set("automatic_tax", json!({ "enabled": false, "liability": null, "status": null }));
                object.set("ui_mode", json!("hosted"));
                with_nulls(object, &["shipping_details"])
            }
        }
    }

    fn core(&self) -> Value {
        let or_null = |name: &str| self.params.get(name).cloned().unwrap_or_default();
        let subscription = self.mode == Mode::Subscription;
        let collection = if subscription { "always" } else { "if_required" };
        let creates = !subscription && self.text("/customer").is_none();
        let creation = creates.then(|| self.text("/customer_creation").unwrap_or("if_required"));
        json!({
            "id": self.id, "object": "checkout.session", "livemode": false,
            "created": self.created, "expires_at": self.expires_at,
            "mode": if subscription { "subscription" } else { "payment" },
            "status": self.status.name(), "payment_status": self.payment_status.name(),
            "amount_subtotal": self.subtotal, "amount_total": self.total, "currency": self.currency,
            "client_reference_id": or_null("client_reference_id"), "metadata": self.metadata(),
            "customer": self.customer, "customer_email": self.customer_email,
            "customer_creation": creation,
            "subscription": self.subscription, "invoice": self.invoice,
            "payment_intent": if subscription { Value::Null } else { json!(self.payment_intent) },
            "success_url": or_null("success_url"), "cancel_url": or_null("cancel_url"), "locale": or_null("locale"),
            "allow_promotion_codes": or_null("allow_promotion_codes"),
            "billing_address_collection": or_null("billing_address_collection"),
            "payment_method_collection": self.text("/payment_method_collection").unwrap_or(collection),
            "invoice_creation": self.invoice_creation(), "submit_type": or_null("submit_type"),
        })
    }

    fn newest(&self, mut object: Value) -> Value {
        let discounts: Vec<Value> =
            self.coupon.iter().map(|coupon| json!({ "coupon": coupon, "promotion_code": null })).collect();
        object.set("automatic_tax", json!({ "enabled": false, "liability": null, "provider": null, "status": null }));
        object.set("ui_mode", json!("hosted_page"));
        object.set("discounts", json!(discounts));
        object.set("adaptive_pricing", json!({ "enabled": true }));
        object.set(
            "collected_information",
            json!({ "business_name": null, "individual_name": null, "shipping_details": null }),
        );
        object.set("integration_identifier", json!(self.text("/integration_identifier")));
        with_nulls(object, NULL_IN_ENDIVE)
    }

    fn customer_details(&self, shape: EventVersion) -> Value {
        let email = self.payer_email.as_deref().or(self.customer_email.as_deref());
        let complete = self.status == Status::Complete;
        if !complete && (email.is_none() || shape == EventVersion::V2023) {
            return Value::Null;
        }
        let address = json!({
            "city": null, "country": "US", "line1": null, "line2": null, "postal_code": "42424", "state": null,
        });
        let mut details = json!({
            "email": email, "name": self.payer_name, "phone": null, "tax_exempt": "none",
            "address": if complete { address } else { Value::Null },
            "tax_ids": if complete { json!([]) } else { Value::Null },
        });
        if shape == EventVersion::Endive {
            details = with_nulls(details, &["business_name", "individual_name"]);
        }
        details
    }

    fn invoice_creation(&self) -> Value {
        if self.mode == Mode::Subscription {
            return Value::Null;
        }
        let data = json!({
            "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": null,
            "metadata": {}, "rendering_options": null,
        });
        json!({ "enabled": self.wants_invoice(), "invoice_data": data })
    }

    /// Whether a one-time payment gets an invoice.
    pub(crate) fn wants_invoice(&self) -> bool {
        self.params.pointer("/invoice_creation/enabled") == Some(&Value::Bool(true))
    }
}
