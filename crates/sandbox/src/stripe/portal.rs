//! The customer portal: a page of a few minutes where a customer sees invoices, cancels, and changes the way to pay.

use super::error::ApiError;
use super::{Stripe, text, with_nulls};
use crate::json::Members;
use serde_json::{Value, json};

/// How long the address is good for when nobody opens it, in seconds.
const LIFE: i64 = 5 * 60;

/// A session of the portal.
#[derive(Debug, Clone)]
pub(crate) struct Portal {
    pub(crate) created: i64,
    pub(crate) customer: String,
    pub(crate) return_url: Option<String>,
}

impl Portal {
    /// Whether its address still works.
    pub(crate) const fn is_open(&self, now: i64) -> bool {
        now - self.created <= LIFE
    }
}

/// `POST /v1/billing_portal/sessions`
pub(crate) fn create(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let Some(customer) = text(params, "/customer") else {
        return Err(ApiError::invalid("You must provide a customer or customer_account to create a portal session.")
            .code("parameter_missing")
            .param("customer"));
    };
    if stripe.customers.get(&customer).is_none() {
        return Err(ApiError::no_such("customer", &customer, "customer"));
    }
    let id = stripe.dice.id("bps_1", 23);
    let portal = Portal { created: stripe.now, customer, return_url: text(params, "/return_url") };
    let object = json!({
        "id": id, "object": "billing_portal.session", "configuration": "bpc_1Sandbox", "created": portal.created,
        "customer": portal.customer, "livemode": false, "return_url": portal.return_url,
        "url": format!("{}/portal/{id}", stripe.public_url),
    });
    stripe.portals.put(&id, portal);
    let mut object = with_nulls(object, &["customer_account", "flow", "locale", "on_behalf_of"]);
    object.set("after_expiration", Value::Null);
    Ok(object)
}
