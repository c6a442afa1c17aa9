//! Customers.

use super::error::ApiError;
use super::{Stripe, list, text, with_nulls};
use crate::json::Members;
use serde_json::{Map, Value, json};

/// A customer.
#[derive(Debug, Clone)]
pub(crate) struct Customer {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) email: Option<String>,
    pub(crate) name: Option<String>,
    pub(crate) metadata: Map<String, Value>,
    params: Value,
}

impl Customer {
    /// The JSON object.
    pub(crate) fn render(&self) -> Value {
        let or_null = |name: &str| self.params.get(name).cloned().unwrap_or_default();
        let object = json!({
            "id": self.id, "object": "customer", "created": self.created, "livemode": false,
            "email": self.email, "name": self.name, "metadata": self.metadata,
            "description": or_null("description"), "phone": or_null("phone"), "address": or_null("address"),
            "balance": self.params.member("balance").as_i64().unwrap_or_default(), "delinquent": false,
            "invoice_prefix": self.id.get(4..12).unwrap_or("SANDBOX1").to_uppercase(),
            "invoice_settings": {
                "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null,
            },
            "preferred_locales": [], "tax_exempt": "none", "next_invoice_sequence": 1,
        });
        with_nulls(
            object,
            &[
                "currency",
                "default_source",
                "shipping",
                "test_clock",
                "customer_account",
                "business_name",
                "individual_name",
            ],
        )
    }
}

impl Stripe {
    /// Makes a customer, as the API or Checkout does.
    pub(crate) fn new_customer(&mut self, email: Option<String>, name: Option<String>, params: Value) -> String {
        let id = self.dice.id("cus_", 14);
        let metadata = params.member("metadata").as_object().cloned().unwrap_or_default();
        self.customers.put(&id, Customer { id: id.clone(), created: self.now, email, name, metadata, params });
        id
    }
}

/// `POST /v1/customers`
pub(crate) fn create(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let id = stripe.new_customer(text(params, "/email"), text(params, "/name"), params.clone());
    get(stripe, &id, &Value::Null)
}

/// `GET /v1/customers/{id}`
pub(crate) fn get(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    stripe.customers.get(id).map(Customer::render).ok_or_else(|| ApiError::not_found("customer", id))
}

/// `GET /v1/customers`
pub(crate) fn list(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let items = stripe.customers.newest_first().filter(|customer| {
        list::text_fits(params, "email", customer.email.as_deref()) && list::created_fits(params, customer.created)
    });
    list::page(items, params, "/v1/customers", |customer| &customer.id, Customer::render)
}
