//! Events: what happened, rendered once, kept for 30 days and sent to the webhook.

use super::error::ApiError;
use super::{Stripe, list as lists};
use crate::json::Members;
use serde_json::{Value, json};
use std::sync::Arc;

/// An event, with the bytes that every delivery of it carries.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) created: i64,
    pub(crate) object: Value,
    /// The body of its webhook, byte for byte.
    pub(crate) body: String,
}

impl Stripe {
    /// Records an event about `object`; the world sends it once the present piece of work is done.
    pub(crate) fn emit(&mut self, kind: &str, object: Value, previous: Option<Value>) {
        let id = self.dice.id("evt_1", 23);
        let mut data = json!({ "object": object });
        if let Some(previous) = previous {
            data.set("previous_attributes", previous);
        }
        let object = json!({
            "id": id, "object": "event", "api_version": self.event_version.name(), "created": self.now, "data": data,
            "livemode": false, "pending_webhooks": 1, "type": kind,
            "request": { "id": self.cause.request, "idempotency_key": self.cause.idempotency_key },
        });
        // Stripe sends its events indented; whoever re-serialises before verifying must fail here too.
        let body = serde_json::to_string_pretty(&object).unwrap_or_default();
        let event = Arc::new(Event { id: id.clone(), kind: kind.to_owned(), created: self.now, object, body });
        self.events.put(&id, Arc::clone(&event));
        self.outbox.push(event);
    }
}

/// `GET /v1/events/{id}`
pub(crate) fn get(stripe: &mut Stripe, id: &str, _: &Value) -> Result<Value, ApiError> {
    stripe.events.get(id).map(|event| event.object.clone()).ok_or_else(|| ApiError::not_found("event", id))
}

/// `GET /v1/events`
pub(crate) fn list(stripe: &mut Stripe, _: &str, params: &Value) -> Result<Value, ApiError> {
    let kinds: Vec<&str> = params.member("types").as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !kinds.is_empty() && !params.member("type").is_null() {
        return Err(ApiError::exclusive(&["type", "types"]));
    }
    if kinds.len() > 20 {
        return Err(ApiError::invalid("You may pass up to 20 event types.").param("types"));
    }
    let items = stripe.events.newest_first().filter(|event| {
        (kinds.is_empty() || kinds.iter().any(|pattern| fits(pattern, &event.kind)))
            && params.member("type").as_str().is_none_or(|pattern| fits(pattern, &event.kind))
            && lists::created_fits(params, event.created)
    });
    lists::page(items, params, "/v1/events", |event| &event.id, |event| event.object.clone())
}

/// `*` and `invoice.*` are patterns.
fn fits(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => kind.starts_with(prefix),
        None => pattern == kind,
    }
}
