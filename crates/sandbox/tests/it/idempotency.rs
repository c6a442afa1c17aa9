//! `Idempotency-Key`.

use crate::support::{Bed, payment, quick, subscription, with};
use sandbox::Options;
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn the_same_key_and_body_give_the_same_answer_once() {
    let bed = Bed::start().await;
    let first = bed.stripe("POST", "/checkout/sessions", &subscription(), Some("k")).await;
    let second = bed.stripe("POST", "/checkout/sessions", &subscription(), Some("k")).await;
    assert_eq!(first.text, second.text);
    assert_eq!(first.header("idempotent-replayed"), None);
    assert_eq!(second.header("idempotent-replayed"), Some("true"));
    assert_eq!(second.header("original-request"), first.header("request-id"));
    assert_eq!(bed.truth().await["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_same_key_with_other_parameters_is_an_error() {
    let bed = Bed::start().await;
    bed.stripe("POST", "/checkout/sessions", &subscription(), Some("k")).await.ok();
    let got = bed.stripe("POST", "/checkout/sessions", &payment(), Some("k")).await;
    assert_eq!(got.stripe_error(), (400, "idempotency_error".to_owned(), String::new()));
    let elsewhere = bed.stripe("POST", "/coupons", &json!({ "percent_off": 5 }), Some("k")).await;
    assert_eq!(elsewhere.stripe_error().1, "idempotency_error");
}

#[tokio::test]
async fn a_request_that_failed_validation_leaves_the_key_free() {
    let bed = Bed::start().await;
    let wrong = with(subscription(), "/mode", Value::Null);
    assert_eq!(bed.stripe("POST", "/checkout/sessions", &wrong, Some("k")).await.status, 400);
    bed.stripe("POST", "/checkout/sessions", &subscription(), Some("k")).await.ok();
}

#[tokio::test]
async fn a_key_whose_request_still_runs_is_in_use() {
    let bed = Bed::with(Options { stripe_latency: Duration::from_secs(2), ..quick() }).await;
    let form = subscription();
    let call = || bed.stripe("POST", "/checkout/sessions", &form, Some("k"));
    let (first, second) = tokio::join!(call(), call());
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let refused = if first.status == 409 { first } else { second };
    assert_eq!(refused.stripe_error().1, "idempotency_key_in_use");
    assert_eq!(bed.truth().await["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_saved_500_is_replayed_under_its_key() {
    let bed = Bed::start().await;
    bed.fault(&json!({ "target": "stripe", "kind": "fail_after_effect", "status": 500, "times": 1 })).await;
    let form = subscription();
    let first = bed.stripe("POST", "/checkout/sessions", &form, Some("k")).await;
    assert_eq!(first.stripe_error(), (500, "api_error".to_owned(), String::new()));
    let second = bed.stripe("POST", "/checkout/sessions", &form, Some("k")).await;
    assert_eq!((second.status, second.header("idempotent-replayed")), (500, Some("true")));
    bed.stripe("POST", "/checkout/sessions", &form, Some("k2")).await.ok();
    assert_eq!(bed.truth().await["sessions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn behind_a_failing_gateway_the_true_answer_is_saved() {
    let bed = Bed::start().await;
    bed.fault(&json!({ "target": "stripe", "kind": "fail_after_effect", "status": 502, "voice": "html", "times": 1 }))
        .await;
    let first = bed.stripe("POST", "/checkout/sessions", &subscription(), Some("k")).await;
    assert_eq!((first.status, first.text.starts_with("<html>")), (502, true));
    let second = bed.stripe("POST", "/checkout/sessions", &subscription(), Some("k")).await;
    assert_eq!((second.status, second.header("idempotent-replayed")), (200, Some("true")));
    assert_eq!(bed.truth().await["sessions"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn keys_live_for_a_day() {
    let bed = Bed::start().await;
    let first = bed.stripe("POST", "/coupons", &json!({ "percent_off": 5 }), Some("k")).await.ok();
    bed.control("POST", "/clock", &json!({ "advance_seconds": 86_000 })).await.ok();
    assert_eq!(bed.stripe("POST", "/coupons", &json!({ "percent_off": 5 }), Some("k")).await.ok(), first);
    bed.control("POST", "/clock", &json!({ "advance_seconds": 1_000 })).await.ok();
    let later = bed.stripe("POST", "/coupons", &json!({ "percent_off": 5 }), Some("k")).await.ok();
    assert_ne!(later["id"], first["id"]);
    let long = bed.stripe("POST", "/coupons", &json!({ "percent_off": 5 }), Some(&"k".repeat(256))).await;
    assert_eq!(long.status, 400);
}
