//! When a call is tried again, and that every try is the same call.

use checkout::{GatewayError, PaymentGateway};
use tokio::net::TcpListener;

use crate::{
    KEY, gateway, hasty_gateway, request,
    stub::{Asked, Say, Stub},
};

/// What became of making a session when the server says this, and what it was asked.
async fn outcome(script: Vec<Say>) -> (Result<String, GatewayError>, Vec<Asked>) {
    let stub = Stub::saying(script).await;
    let made = gateway(&stub.base).create_session(&request()).await;
    (made.map(|session| session.id), stub.asked())
}

#[tokio::test]
async fn passing_trouble_is_tried_again_with_the_same_key_and_the_same_bytes() {
    let trouble = [
        Say::error(409, "invalid_request_error", "idempotency_key_in_use", "another call holds the key"),
        Say::error(429, "invalid_request_error", "rate_limit", "too many"),
        Say::error(500, "api_error", "", "sorry"),
        Say::status(503, "<html>busy</html>"),
        Say::HangUp,
    ];
    for first in trouble {
        let (made, asked) = outcome(vec![first.clone(), Say::status(500, "{}"), Say::session()]).await;
        assert_eq!(made.as_deref(), Ok("cs_test_1"), "{first:?}");
        assert_eq!(asked.len(), 3, "{first:?}");
        assert!(asked.iter().all(|again| *again == asked[0]), "{first:?}: the tries differ");
    }
}

#[tokio::test]
async fn a_call_says_who_it_is_and_which_version_it_speaks() {
    let (_, asked) = outcome(vec![Say::session()]).await;
    let asked = &asked[0];
    assert_eq!((asked.method.as_str(), asked.target.as_str()), ("POST", "/v1/checkout/sessions"));
    assert_eq!(asked.header("authorization"), Some(format!("Bearer {KEY}").as_str()));
    assert_eq!(asked.header("stripe-version"), Some(stripe_client_core::VERSION.as_str()));
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert!(asked.header("idempotency-key").is_some());
}

#[tokio::test]
async fn the_address_may_have_a_path_of_its_own() {
    for slash in ["", "/"] {
        let stub = Stub::saying([Say::session()]).await;
        gateway(&format!("{}/stripe{slash}", stub.base)).create_session(&request()).await.unwrap();
        assert_eq!(stub.asked()[0].target, "/stripe/v1/checkout/sessions");
    }
}

#[tokio::test]
async fn what_cannot_get_better_is_asked_once() {
    let verdicts = [
        Say::error(400, "invalid_request_error", "parameter_missing", "no"),
        Say::error(401, "invalid_request_error", "", "no"),
        Say::error(402, "card_error", "card_declined", "no"),
        Say::error(403, "invalid_request_error", "", "no"),
        Say::error(404, "invalid_request_error", "resource_missing", "no"),
        Say::error(400, "idempotency_error", "", "no"),
        Say::error(409, "idempotency_error", "", "no"),
        Say::with(302, &[("location", "https://elsewhere.example/")], ""),
    ];
    for verdict in verdicts {
        let (made, asked) = outcome(vec![verdict.clone(), Say::session()]).await;
        assert!(made.is_err(), "{verdict:?}");
        assert_eq!(asked.len(), 1, "{verdict:?}");
    }
}

#[tokio::test]
async fn stripe_decides_about_trying_again() {
    let (made, asked) = outcome(vec![Say::with(400, &[("stripe-should-retry", "true")], "{}"), Say::session()]).await;
    assert_eq!((made.as_deref(), asked.len()), (Ok("cs_test_1"), 2));
    let (made, asked) = outcome(vec![Say::with(500, &[("stripe-should-retry", "false")], "{}"), Say::session()]).await;
    assert!(matches!(made, Err(GatewayError::Failed { .. })), "{made:?}");
    assert_eq!(asked.len(), 1);
}

#[tokio::test]
async fn three_tries_are_all() {
    let (made, asked) = outcome(vec![Say::status(500, "{}"); 5]).await;
    assert!(matches!(made, Err(GatewayError::Failed { .. })), "{made:?}");
    assert_eq!(asked.len(), 3);
}

#[tokio::test]
async fn reads_are_tried_again_too() {
    let stub = Stub::saying([Say::HangUp, Say::status(502, "<html>"), Say::session()]).await;
    assert_eq!(gateway(&stub.base).session("cs_test_1").await.unwrap().id, "cs_test_1");
}

#[tokio::test]
async fn an_answer_that_never_comes_leaves_the_outcome_open() {
    let stub = Stub::answering(|_| Say::Silence).await;
    let made = hasty_gateway(&stub.base).create_session(&request()).await;
    assert!(matches!(made, Err(GatewayError::Unknown { .. })), "{made:?}");
    assert_eq!(stub.asked().len(), 3);
}

#[tokio::test]
async fn a_lost_answer_stays_a_doubt_when_later_tries_do_not_get_through() {
    for last in [
        Say::status(429, "{}"),
        Say::HangUp,
        Say::error(409, "invalid_request_error", "idempotency_key_in_use", "busy"),
    ] {
        let (made, _) = outcome(vec![Say::HangUp, last.clone(), last.clone()]).await;
        assert!(matches!(made, Err(GatewayError::Unknown { .. })), "{last:?}: {made:?}");
    }
}

#[tokio::test]
async fn a_verdict_after_a_lost_answer_settles_it() {
    let refusal = Say::error(400, "invalid_request_error", "amount_too_small", "no");
    let (made, _) = outcome(vec![Say::HangUp, refusal]).await;
    assert!(matches!(&made, Err(GatewayError::Refused { code, .. }) if code == "amount_too_small"), "{made:?}");
}

#[tokio::test]
async fn nobody_there_means_nothing_happened() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let made = gateway(&base).create_session(&request()).await;
    assert!(matches!(made, Err(GatewayError::Unavailable { .. })), "{made:?}");
}
