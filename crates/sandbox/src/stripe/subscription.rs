//! Subscriptions, as Checkout makes them.

use super::error::ApiError;
use super::session::Line;
use super::{Stripe, list as lists, with_nulls};
use crate::json::Members;
use crate::options::EventVersion;
use serde_json::{Map, Value, json};

/// A subscription.
#[derive(Debug, Clone)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) customer: String,
    pub(crate) currency: String,
    pub(crate) status: &'static str,
    pub(crate) items: Vec<Item>,
    pub(crate) metadata: Map<String, Value>,
    pub(crate) description: Option<String>,
    pub(crate) trial_end: Option<i64>,
    pub(crate) latest_invoice: Option<String>,
    pub(crate) payment_method: Option<String>,
    pub(crate) discount: Option<String>,
    pub(crate) flexible: bool,
    /// It ends with the present period.
    pub(crate) ends: bool,
    pub(crate) canceled_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
}

/// One recurring line of it.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) id: String,
    pub(crate) line: Line,
    pub(crate) start: i64,
    pub(crate) end: i64,
}

impl Subscription {
    /// The JSON object, in the shape of either version.
    pub(crate) fn render(&self, shape: EventVersion) -> Value {
        let object = with_nulls(
            self.core(),
            &[
                "application",
                "application_fee_percent",
                "billing_cycle_anchor_config",
                "billing_thresholds",
                "days_until_due",
                "default_source",
                "next_pending_invoice_item_invoice",
                "on_behalf_of",
                "pause_collection",
                "pending_invoice_item_interval",
                "pending_setup_intent",
                "pending_update",
                "schedule",
                "test_clock",
                "transfer_data",
            ],
        );
        match shape {
            EventVersion::Endive => self.newest(object),
            EventVersion::V2023 => self.oldest(object),
        }
    }

    fn core(&self) -> Value {
        json!({
            "id": self.id, "object": "subscription", "livemode": false, "created": self.created,
            "start_date": self.created, "billing_cycle_anchor": self.trial_end.unwrap_or(self.created),
            "status": self.status, "customer": self.customer, "currency": self.currency,
            "collection_method": "charge_automatically", "cancel_at_period_end": self.ends,
            "cancel_at": self.items.first().filter(|_| self.ends).map(|item| item.end),
            "canceled_at": self.canceled_at, "ended_at": self.ended_at,
            "cancellation_details": { "comment": null, "feedback": null, "reason": null },
            "default_payment_method": self.payment_method, "default_tax_rates": [], "description": self.description,
            "metadata": self.metadata, "latest_invoice": self.latest_invoice,
            "trial_start": self.trial_end.map(|_| self.created), "trial_end": self.trial_end,
            "trial_settings": { "end_behavior": { "missing_payment_method": "create_invoice" } },
            "payment_settings": {
                "payment_method_options": null, "payment_method_types": null, "save_default_payment_method": "off",
            },
        })
    }

    fn newest(&self, mut object: Value) -> Value {
        let mode = if self.flexible { "flexible" } else { "classic" };
        let flexible = self.flexible.then(|| json!({ "proration_discounts": "included" }));
        object.set("automatic_tax", json!({ "disabled_reason": null, "enabled": false, "liability": null }));
        object.set("billing_mode", json!({ "type": mode, "flexible": flexible, "updated_at": self.created }));
        object.set("billing_schedules", json!([]));
        object.set("discounts", json!(self.discount.iter().collect::<Vec<_>>()));
        object.set("invoice_settings", json!({
            "account_tax_ids": null, "custom_fields": null, "description": null, "footer": null, "issuer": { "type": "self" },
        }));
        object.set("items", self.render_items(EventVersion::Endive));
        with_nulls(object, &["customer_account", "managed_payments"])
    }

    fn oldest(&self, mut object: Value) -> Value {
        let first = self.items.first();
        object.set("automatic_tax", json!({ "enabled": false, "liability": null }));
        object.set("invoice_settings", json!({ "account_tax_ids": null, "issuer": { "type": "self" } }));
        object.set("discounts", json!([]));
        object.set("current_period_start", json!(first.map(|item| item.start)));
        object.set("current_period_end", json!(first.map(|item| item.end)));
        object.set("plan", json!(first.map(|item| item.line.render_plan(EventVersion::V2023))));
        object.set("quantity", json!(first.map(|item| item.line.quantity)));
        object.set("items", self.render_items(EventVersion::V2023));
        with_nulls(object, &["discount"])
    }

    fn render_items(&self, shape: EventVersion) -> Value {
        let data: Vec<Value> = self.items.iter().map(|item| self.render_item(item, shape)).collect();
        let mut list = json!({
            "object": "list", "has_more": false, "url": format!("/v1/subscription_items?subscription={}", self.id), "data": data,
        });
        if shape == EventVersion::V2023 {
            list.set("total_count", json!(self.items.len()));
        }
        list
    }

    fn render_item(&self, item: &Item, shape: EventVersion) -> Value {
        let mut object = json!({
            "id": item.id, "object": "subscription_item", "created": self.created, "metadata": {},
            "plan": item.line.render_plan(shape), "price": item.line.render_price(shape),
            "quantity": item.line.quantity, "subscription": self.id, "tax_rates": [], "billing_thresholds": null,
        });
        if shape == EventVersion::Endive {
            object.set("current_period_start", json!(item.start));
            object.set("current_period_end", json!(item.end));
            object.set("discounts", json!([]));
            object.set("current_trial", Value::Null);
        }
        object
    }
}

/// `GET /v1/subscriptions/{id}`
pub(crate) fn get(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    let subscription = stripe.subscriptions.get(id).ok_or_else(|| ApiError::not_found("subscription", id))?;
    Ok(subscription.render(EventVersion::Endive))
}

/// `DELETE /v1/subscriptions/{id}`: at once. One that has ended is as if there were none.
pub(crate) fn end(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    let (now, shape) = (stripe.now, stripe.shape());
    let subscription = stripe.subscriptions.get_mut(id).filter(|subscription| subscription.status != "canceled");
    let subscription = subscription.ok_or_else(|| ApiError::not_found("subscription", id))?;
    subscription.status = "canceled";
    subscription.ends = false;
    subscription.canceled_at = subscription.canceled_at.or(Some(now));
    subscription.ended_at = Some(now);
    let (object, answer) = (subscription.render(shape), subscription.render(EventVersion::Endive));
    stripe.emit("customer.subscription.deleted", object, None);
    Ok(answer)
}

impl Stripe {
    /// The customer cancels in the portal (`true`), or thinks better of it.
    pub(crate) fn cancel_at_period_end(&mut self, id: &str, ends: bool) {
        let (now, shape) = (self.now, self.shape());
        let known = self.subscriptions.get_mut(id);
        let Some(subscription) = known.filter(|known| known.status != "canceled" && known.ends != ends) else { return };
        let before = json!({ "cancel_at_period_end": subscription.ends, "canceled_at": subscription.canceled_at });
        subscription.ends = ends;
        subscription.canceled_at = ends.then_some(now);
        let object = subscription.render(shape);
        self.emit("customer.subscription.updated", object, Some(before));
    }
}

/// `GET /v1/subscriptions`
pub(crate) fn list(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let status = params.member("status").as_str();
    let items = stripe.subscriptions.newest_first().filter(|subscription| {
        let right_status = match status {
            Some("all") => true,
            Some(wanted) => wanted == subscription.status,
            None => subscription.status != "canceled",
        };
        right_status
            && lists::text_fits(params, "customer", Some(&subscription.customer))
            && lists::created_fits(params, subscription.created)
    });
    lists::page(
        items,
        params,
        "/v1/subscriptions",
        |subscription| &subscription.id,
        |subscription| subscription.render(EventVersion::Endive),
    )
}
