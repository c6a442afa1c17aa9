//! Refunds.

use super::error::ApiError;
use super::{Stripe, list as lists, text, with_nulls};
use crate::json::Members;
use serde_json::{Map, Value, json};

/// A refund.
#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charge: String,
    pub(crate) intent: String,
    pub(crate) reason: Option<String>,
    pub(crate) metadata: Map<String, Value>,
}

impl Refund {
    /// The JSON object.
    pub(crate) fn render(&self) -> Value {
        let object = json!({
            "id": self.id, "object": "refund", "created": self.created, "amount": self.amount, "currency": self.currency,
            "charge": self.charge, "payment_intent": self.intent, "reason": self.reason, "metadata": self.metadata,
            "status": "succeeded",
            "destination_details": { "type": "card", "card": {
                "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund",
            } },
        });
        with_nulls(object, &["balance_transaction", "receipt_number", "source_transfer_reversal", "transfer_reversal"])
    }
}

/// `POST /v1/refunds`
pub(crate) fn create(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let charge_id = target(stripe, params)?;
    let now = stripe.now;
    let shape = stripe.event_version;
    let id = stripe.dice.id("re_3", 23);
    let charge = stripe.charges.get_mut(&charge_id).ok_or_else(|| ApiError::no_such("charge", &charge_id, "charge"))?;
    let left = charge.amount - charge.refunded;
    if charge.status != "succeeded" {
        return Err(ApiError::invalid(format!("Charge {charge_id} has not succeeded and cannot be refunded."))
            .param("charge")
            .executed());
    }
    if left == 0 {
        return Err(ApiError::invalid(format!("Charge {charge_id} has already been refunded."))
            .code("charge_already_refunded")
            .executed());
    }
    let amount = params.member("amount").as_i64().unwrap_or(left);
    if amount > left {
        return Err(ApiError::invalid(format!(
            "Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        ))
        .param("amount")
        .executed());
    }
    let before = json!({ "amount_refunded": charge.refunded, "refunded": false });
    charge.refunded += amount;
    let refund = Refund {
        id: id.clone(),
        created: now,
        amount,
        currency: charge.currency.clone(),
        charge: charge_id,
        intent: charge.intent.clone(),
        reason: text(params, "/reason"),
        metadata: params.member("metadata").as_object().cloned().unwrap_or_default(),
    };
    let charge = charge.render(shape);
    let rendered = refund.render();
    stripe.refunds.put(&id, refund);
    stripe.emit("charge.refunded", charge, Some(before));
    stripe.emit("refund.created", rendered.clone(), None);
    Ok(rendered)
}

/// The charge that a refund request names, directly or by its intent.
fn target(stripe: &Stripe, params: &Value) -> Result<String, ApiError> {
    let given: Vec<&str> =
        ["charge", "payment_intent", "origin"].into_iter().filter(|name| !params.member(name).is_null()).collect();
    match (given.as_slice(), params.member("charge").as_str(), params.member("payment_intent").as_str()) {
        ([], _, _) => Err(ApiError::invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
        )
        .code("parameter_missing")),
        ([_, _, ..], _, _) => Err(ApiError::exclusive(&given)),
        (_, Some(id), _) if stripe.charges.get(id).is_none() => Err(ApiError::no_such("charge", id, "charge")),
        (_, Some(id), _) => Ok(id.to_owned()),
        (_, None, Some(id)) => {
            let intent =
                stripe.intents.get(id).ok_or_else(|| ApiError::no_such("payment_intent", id, "payment_intent"))?;
            intent.charge.clone().ok_or_else(|| {
                ApiError::invalid(format!("This PaymentIntent ({id}) does not have a successful charge to refund."))
                    .code("payment_intent_unexpected_state")
                    .param("payment_intent")
            })
        }
        (_, None, None) => Err(ApiError::invalid("The sandbox does not refund customer balances.").param("origin")),
    }
}

/// The refunds of a charge, as `expand[]=refunds` gives them.
pub(crate) fn refunds_of(stripe: &Stripe, charge: &str) -> Value {
    let data: Vec<Value> =
        stripe.refunds.newest_first().filter(|refund| refund.charge == charge).map(Refund::render).collect();
    json!({ "object": "list", "has_more": false, "url": format!("/v1/charges/{charge}/refunds"), "data": data })
}

/// `GET /v1/refunds/{id}`
pub(crate) fn get(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    stripe.refunds.get(id).map(Refund::render).ok_or_else(|| ApiError::not_found("refund", id))
}

/// `GET /v1/refunds`
pub(crate) fn list(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let items = stripe.refunds.newest_first().filter(|refund| {
        lists::text_fits(params, "charge", Some(&refund.charge))
            && lists::text_fits(params, "payment_intent", Some(&refund.intent))
            && lists::created_fits(params, refund.created)
    });
    lists::page(items, params, "/v1/refunds", |refund| &refund.id, Refund::render)
}
