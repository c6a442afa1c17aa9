//! `GET /control/truth`: what really happened, for tests that compare it with what a shop believes.

use crate::json::Members;
use crate::stripe::{Refund, Session, SessionStatus, Stripe};
use crate::world::{World, lock};
use serde_json::{Map, Value, json};

/// Everything.
pub(super) fn tell(world: &World) -> Value {
    let mut truth = world.stripe(stripe_truth);
    let events: Vec<(String, String, i64)> = world.stripe(|stripe| {
        stripe.events.oldest_first().map(|event| (event.id.clone(), event.kind.clone(), event.created)).collect()
    });
    let events: Vec<Value> = events
        .iter()
        .map(|(id, kind, created)| json!({ "id": id, "type": kind, "created": created, "delivery": world.webhooks.record(id) }))
        .collect();
    truth.set("events", json!(events));
    truth.set("webhooks_pending", json!(world.webhooks.pending()));
    truth.set("panel", world.panel(|panel| panel.truth()));
    truth.set("mails", mails(world));
    truth
}

fn stripe_truth(stripe: &mut Stripe) -> Value {
    stripe.expire_due();
    let sessions: Vec<Value> = stripe.sessions.oldest_first().map(session).collect();
    let payments: Vec<Value> = stripe
        .intents
        .oldest_first()
        .map(|intent| {
            let charge = intent.charge.as_deref().and_then(|id| stripe.charges.get(id));
            json!({
                "payment_intent": intent.id, "charge": intent.charge, "session": intent.session, "status": intent.status,
                "amount": intent.amount, "currency": intent.currency, "metadata": intent.metadata,
                "amount_refunded": charge.map_or(0, |charge| charge.refunded),
            })
        })
        .collect();
    let refunds: Vec<Value> = stripe.refunds.oldest_first().map(Refund::render).collect();
    let subscriptions: Vec<Value> = stripe
        .subscriptions
        .oldest_first()
        .map(|subscription| {
            json!({
                "id": subscription.id, "status": subscription.status, "customer": subscription.customer,
                "metadata": subscription.metadata, "latest_invoice": subscription.latest_invoice,
            })
        })
        .collect();
    let customers: Vec<Value> =
        stripe.customers.oldest_first().map(|customer| json!({ "id": customer.id, "email": customer.email })).collect();
    json!({
        "sessions": sessions, "payments": payments, "refunds": refunds, "subscriptions": subscriptions,
        "customers": customers, "coupons": stripe.coupons.len(),
    })
}

fn session(session: &Session) -> Value {
    json!({
        "id": session.id, "status": session.status.name(), "payment_status": session.payment_status.name(),
        "paid": session.status == SessionStatus::Complete && session.payment_status.name() != "unpaid",
        "mode": if session.recurring().is_some() { "subscription" } else { "payment" },
        "amount_subtotal": session.subtotal, "amount_discount": session.discount, "amount_total": session.total,
        "currency": session.currency, "client_reference_id": session.text("/client_reference_id"),
        "metadata": session.metadata(), "email": session.payer_email.as_ref().or(session.customer_email.as_ref()),
        "customer": session.customer, "subscription": session.subscription, "invoice": session.invoice,
        "payment_intent": session.payment_intent, "declined": session.declined, "created": session.created,
    })
}

fn mails(world: &World) -> Value {
    let inbox = lock(&world.inbox);
    let mut by_recipient = Map::new();
    let mut messages = Vec::new();
    let mut total = 0_u64;
    for mail in inbox.to(None) {
        total += 1;
        messages.push(json!({ "to": mail.to, "subject": mail.subject, "message_id": mail.message_id }));
        for to in &mail.to {
            let count = by_recipient.entry(to.to_lowercase()).or_insert_with(|| json!(0));
            *count = json!(count.as_u64().unwrap_or_default() + 1);
        }
    }
    json!({ "total": total, "by_recipient": by_recipient, "messages": messages })
}
