//! Sample events of two API versions: every fact that their manifest states is found.
//!
//! The project's own samples are in `tests/fixtures/stripe_events`; more are read from the directory that
//! `STRIPE_EVENT_SAMPLES` names, if it is set.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use infra::stripe::{Charge, Dispute, Envelope, Extracted, Invoice, OrderRef, Session, Subscription, extract};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Manifest {
    events: Vec<Sample>,
}

#[derive(Deserialize)]
struct Sample {
    file: String,
    event_id: String,
    #[serde(rename = "type")]
    kind: String,
    api_version: String,
    created: i64,
    expect: BTreeMap<String, Value>,
}

/// Said to people, not facts of the event: what to do about it, and why.
const COMMENTS: [&str; 3] = ["note", "action", "change"];

/// Checks every sample of a directory and returns how many files and facts that were.
fn check(directory: &Path) -> (usize, usize) {
    let Manifest { events } = serde_json::from_slice(&fs::read(directory.join("manifest.json")).unwrap()).unwrap();
    let mut facts = 0;
    for sample in &events {
        let raw = fs::read(directory.join(&sample.file)).unwrap();
        let (envelope, said) = extract(&raw).unwrap_or_else(|error| panic!("{}: {error}", sample.file));
        check_envelope(sample, &envelope);
        for (name, expected) in sample.expect.iter().filter(|(name, _)| !COMMENTS.contains(&name.as_str())) {
            let found = fact(&said, name).unwrap_or_else(|| panic!("{}: nothing reads {name}", sample.file));
            assert_eq!(found, *expected, "{}: {name}", sample.file);
            facts += 1;
        }
    }
    (events.len(), facts)
}

fn check_envelope(sample: &Sample, envelope: &Envelope) {
    let file = &sample.file;
    assert_eq!(envelope.id.as_ref(), Some(&sample.event_id), "{file}");
    assert_eq!(envelope.kind.as_ref(), Some(&sample.kind), "{file}");
    assert_eq!(envelope.api_version.as_ref(), Some(&sample.api_version), "{file}");
    assert_eq!(envelope.created.map(|time| time.timestamp()), Some(sample.created), "{file}");
    assert_eq!((envelope.livemode, &envelope.account), (Some(false), &None), "{file}");
    assert!(envelope.object.is_some(), "{file}");
}

/// A fact by its name in the manifest; `None` when this kind of event has no such fact.
fn fact(said: &Extracted, name: &str) -> Option<Value> {
    match said {
        Extracted::Session(_, session) => of_session(session, name),
        Extracted::Subscription(subscription) => of_subscription(subscription, name),
        Extracted::Invoice(_, invoice) => of_invoice(invoice, name),
        Extracted::Charge(charge) => of_charge(charge, name),
        Extracted::Dispute(_, dispute) => of_dispute(dispute, name),
        Extracted::Refund(_) | Extracted::Other => None,
    }
}

fn of_order(order: &OrderRef, name: &str) -> Option<Value> {
    match name {
        "order_id" => Some(json!(order.id)),
        "order_ref" => Some(json!(order.name)),
        _ => None,
    }
}

fn of_session(session: &Session, name: &str) -> Option<Value> {
    Some(match name {
        "session" => json!(session.id),
        "mode" => json!(session.mode),
        "status" => json!(session.status),
        "payment_status" => json!(session.payment_status),
        "amount_total" => json!(session.amount_total),
        "currency" => json!(session.currency),
        "client_reference_id" => json!(session.client_reference_id),
        "customer" => json!(session.customer),
        "subscription" => json!(session.subscription),
        "invoice" => json!(session.invoice),
        "payment_intent" => json!(session.payment_intent),
        _ => return of_order(&session.order, name),
    })
}

fn of_subscription(subscription: &Subscription, name: &str) -> Option<Value> {
    Some(match name {
        "subscription" => json!(subscription.id),
        "customer" => json!(subscription.customer),
        "status" => json!(subscription.status),
        "period_start" => json!(subscription.period_start),
        "period_end" => json!(subscription.period_end),
        "price" => json!(subscription.price),
        "unit_amount" => json!(subscription.unit_amount),
        "interval" => json!(subscription.interval),
        "interval_count" => json!(subscription.interval_count),
        "cancel_at_period_end" => json!(subscription.cancel_at_period_end),
        "cancel_at" => json!(subscription.cancel_at),
        "ended_at" => json!(subscription.ended_at),
        "previous_status" => json!(subscription.previous_status),
        "previous_price" => json!(subscription.previous_price),
        _ => return of_order(&subscription.order, name),
    })
}

fn of_invoice(invoice: &Invoice, name: &str) -> Option<Value> {
    Some(match name {
        "invoice" => json!(invoice.id),
        "customer" => json!(invoice.customer),
        "subscription" => json!(invoice.subscription),
        "billing_reason" => json!(invoice.billing_reason),
        "amount_paid" => json!(invoice.amount_paid),
        "amount_due" => json!(invoice.amount_due),
        "currency" => json!(invoice.currency),
        "attempt_count" => json!(invoice.attempt_count),
        "next_payment_attempt" => json!(invoice.next_payment_attempt),
        "payment_intent" => json!(invoice.payment_intent),
        "line_period_end" => json!(invoice.line_period_end),
        _ => return of_order(&invoice.order, name),
    })
}

fn of_charge(charge: &Charge, name: &str) -> Option<Value> {
    Some(match name {
        "charge" => json!(charge.id),
        "customer" => json!(charge.customer),
        "payment_intent" => json!(charge.payment_intent),
        "amount" => json!(charge.amount),
        "amount_refunded" => json!(charge.amount_refunded),
        "refunded" => json!(charge.refunded),
        "currency" => json!(charge.currency),
        _ => return of_order(&charge.order, name),
    })
}

fn of_dispute(dispute: &Dispute, name: &str) -> Option<Value> {
    Some(match name {
        "dispute" => json!(dispute.id),
        "charge" => json!(dispute.charge),
        "payment_intent" => json!(dispute.payment_intent),
        "amount" => json!(dispute.amount),
        "currency" => json!(dispute.currency),
        "status" => json!(dispute.status),
        "reason" => json!(dispute.reason),
        _ => return None,
    })
}

/// The project's own samples.
pub(crate) fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/stripe_events")
}

#[test]
fn our_samples_say_what_their_manifest_states() {
    let (files, facts) = check(&fixtures());
    assert!(files >= 16 && facts >= 100, "{files} files, {facts} facts");
}

#[test]
fn the_samples_of_the_environment_say_what_their_manifest_states() {
    #[allow(
        clippy::disallowed_methods,
        reason = "a test that is told where more samples are, as CI does where it has them"
    )]
    let Some(directory) = std::env::var_os("STRIPE_EVENT_SAMPLES") else {
        println!("skipped: STRIPE_EVENT_SAMPLES names no directory");
        return;
    };
    let (files, facts) = check(Path::new(&directory));
    println!("{facts} facts in {files} files");
    assert!(facts > 0, "there is nothing in {}", directory.display());
}
