//! Delivery of webhooks: signatures, retries, faults.

use crate::receiver::{Hook, Receiver};
use crate::support::{Bed, quick, subscription};
use sandbox::Options;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;

async fn bed(statuses: &[u16], secrets: &[&str]) -> (Bed, Receiver) {
    let receiver = Receiver::start(statuses).await;
    let secrets = secrets.iter().map(|secret| (*secret).to_owned()).collect();
    let bed = Bed::with(Options { webhook_url: Some(receiver.url.clone()), webhook_secrets: secrets, ..quick() }).await;
    (bed, receiver)
}

/// One expired session: one event.
async fn cause_one(bed: &Bed) -> String {
    let id = bed.session(&subscription()).await;
    bed.control("POST", &format!("/stripe/sessions/{id}/expire"), &json!({})).await.ok();
    id
}

/// HMAC as RFC 2104 writes it, from the bare hash.
fn hmac(key: &[u8], message: &[u8]) -> String {
    let mut block = [0_u8; 64];
    if key.len() > 64 {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
    outer.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// The time and the signatures of a header.
fn parts(hook: &Hook) -> (u64, Vec<String>) {
    let pairs: Vec<(&str, &str)> = hook.signature.split(',').map(|pair| pair.split_once('=').unwrap()).collect();
    assert_eq!(pairs[0].0, "t");
    let signatures = pairs[1..].iter().map(|(name, value)| {
        assert_eq!(*name, "v1");
        (*value).to_owned()
    });
    (pairs[0].1.parse().unwrap(), signatures.collect())
}

#[tokio::test]
async fn every_secret_signs_the_exact_bytes() {
    let (bed, mut receiver) = bed(&[], &["whsec_old", "whsec_new"]).await;
    cause_one(&bed).await;
    let hook = receiver.next().await;
    let (at, signatures) = parts(&hook);
    let now = u64::try_from(hook.json()["created"].as_i64().unwrap()).unwrap();
    assert!(now.abs_diff(at) < 60);
    let message = format!("{at}.{}", hook.body);
    let expected: Vec<String> =
        ["whsec_old", "whsec_new"].iter().map(|secret| hmac(secret.as_bytes(), message.as_bytes())).collect();
    assert_eq!(signatures, expected);
    let compact = hook.json().to_string();
    assert_ne!(compact, hook.body, "whoever re-serialises must notice");
}

#[tokio::test]
async fn a_paid_session_sends_its_events() {
    let (bed, mut receiver) = bed(&[], &["whsec_x"]).await;
    let id = bed.session(&subscription()).await;
    bed.pay(&id, "paid").await;
    let kinds: HashSet<String> = receiver.take(3).await.iter().map(Hook::kind).collect();
    let expected = ["customer.subscription.created", "invoice.paid", "checkout.session.completed"];
    assert_eq!(kinds, expected.map(str::to_owned).into());
}

#[tokio::test]
async fn whatever_is_not_2xx_is_tried_again_with_the_same_id_and_body() {
    let (bed, mut receiver) = bed(&[500, 302, 404], &["whsec_x"]).await;
    cause_one(&bed).await;
    let hooks = receiver.take(4).await;
    assert!(hooks.iter().all(|hook| hook.id() == hooks[0].id() && hook.body == hooks[0].body));
    for hook in &hooks {
        let (at, signatures) = parts(hook);
        assert_eq!(signatures, [hmac(b"whsec_x", format!("{at}.{}", hook.body).as_bytes())]);
    }
    let times: HashSet<u64> = hooks.iter().map(|hook| parts(hook).0).collect();
    assert!(times.len() > 1, "the later tries carry later times");
}

#[tokio::test]
async fn a_dropped_event_never_comes_but_can_be_listed_and_sent_again() {
    let (bed, mut receiver) = bed(&[], &["whsec_x"]).await;
    bed.fault(&json!({ "target": "webhook", "kind": "drop", "event_type": "checkout.session.expired", "times": 1 }))
        .await;
    cause_one(&bed).await;
    cause_one(&bed).await;
    let second = receiver.next().await;
    let listed = bed.get("/events").await;
    let first = listed["data"][1]["id"].as_str().unwrap().to_owned();
    assert_eq!(listed["data"][0]["id"], json!(second.id()));
    assert!(receiver.is_quiet());
    bed.control("POST", &format!("/stripe/events/{first}/resend"), &json!({})).await.ok();
    assert_eq!(receiver.next().await.id(), first);
}

#[tokio::test]
async fn a_duplicated_event_comes_several_times() {
    let (bed, mut receiver) = bed(&[], &["whsec_x"]).await;
    bed.fault(&json!({ "target": "webhook", "kind": "duplicate", "count": 2, "times": 1 })).await;
    cause_one(&bed).await;
    let ids: HashSet<String> = receiver.take(3).await.iter().map(Hook::id).collect();
    assert_eq!(ids.len(), 1);
}

#[tokio::test]
async fn reordered_events_come_in_another_order() {
    let (bed, mut receiver) = bed(&[], &["whsec_x"]).await;
    bed.fault(&json!({ "target": "webhook", "kind": "reorder", "count": 3 })).await;
    let id = bed.session(&subscription()).await;
    bed.pay(&id, "paid").await;
    let came: Vec<String> = receiver.take(3).await.iter().map(Hook::id).collect();
    let listed = bed.get("/events").await;
    let caused: Vec<String> =
        listed["data"].as_array().unwrap().iter().rev().map(|event| event["id"].as_str().unwrap().to_owned()).collect();
    assert_ne!(came, caused);
    assert_eq!(came.iter().collect::<HashSet<_>>(), caused.iter().collect());
}

#[tokio::test]
async fn a_failed_try_is_made_again() {
    let (bed, mut receiver) = bed(&[], &["whsec_x"]).await;
    bed.fault(&json!({ "target": "webhook", "kind": "fail", "times": 1 })).await;
    cause_one(&bed).await;
    receiver.next().await;
    let truth = bed.truth().await;
    assert_eq!(truth["events"][0]["delivery"]["attempts"][0], json!("failed by a fault rule"));
}

#[tokio::test]
async fn paused_deliveries_wait_and_the_address_can_change() {
    let (bed, mut first) = bed(&[], &["whsec_x"]).await;
    let mut second = Receiver::start(&[]).await;
    bed.control("POST", "/stripe/webhook", &json!({ "paused": true })).await.ok();
    cause_one(&bed).await;
    assert_eq!(bed.truth().await["webhooks_pending"], json!(1));
    let change = json!({ "paused": false, "url": second.url, "secrets": ["whsec_later"] });
    let shown = bed.control("POST", "/stripe/webhook", &change).await.ok();
    assert_eq!(shown["webhook"]["url"], json!(second.url));
    let hook = second.next().await;
    let (at, signatures) = parts(&hook);
    assert_eq!(signatures, [hmac(b"whsec_later", format!("{at}.{}", hook.body).as_bytes())]);
    assert!(first.is_quiet());
}

#[tokio::test]
async fn without_an_address_events_are_only_recorded() {
    let bed = Bed::start().await;
    cause_one(&bed).await;
    let truth = bed.truth().await;
    assert_eq!(truth["events"][0]["delivery"]["given_up"], json!("no webhook address is set"));
    assert_eq!(truth["webhooks_pending"], json!(0));
    assert_eq!(truth["events"][0]["delivery"]["delivered"], Value::Bool(false));
}
