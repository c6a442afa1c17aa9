//! Requests of the async-stripe crates sent through the transport, the way those crates do it.

use infra::stripe::{Patience, Transport};
use stripe_client_core::{IdempotencyKey, RequestStrategy, StripeRequest};
use stripe_product::coupon::CreateCoupon;

use crate::{
    settings,
    stub::{Say, Stub},
};

const COUPON: &str = r#"{"id":"SUMMER","object":"coupon","created":1795219200,"duration":"once","livemode":false,
    "amount_off":500,"currency":"usd","times_redeemed":0,"valid":true}"#;

fn coupon() -> CreateCoupon {
    CreateCoupon::new().id("SUMMER").amount_off(500).currency(stripe_types::Currency::USD)
}

#[tokio::test]
async fn the_transport_is_a_client_for_the_crates_requests() {
    let stub = Stub::saying([Say::status(200, COUPON), Say::status(200, COUPON)]).await;
    let transport = Transport::new(settings(&stub.base), Patience::default()).unwrap();
    let key = IdempotencyKey::new("coupon-summer").unwrap();
    let made = coupon().customize().request_strategy(RequestStrategy::Idempotent(key)).send(&transport).await.unwrap();
    assert_eq!((made.id.as_str(), made.amount_off), ("SUMMER", Some(500)));
    coupon().send(&transport).await.unwrap();
    let asked = stub.asked();
    let keys: Vec<Option<&str>> = asked.iter().map(|asked| asked.header("idempotency-key")).collect();
    assert_eq!(keys, [Some("coupon-summer"), None]);
    assert_eq!(asked[0].body, asked[1].body);
}

#[tokio::test]
async fn what_has_no_key_is_sent_once() {
    let stub = Stub::saying([Say::status(500, "{}"), Say::status(200, COUPON)]).await;
    let transport = Transport::new(settings(&stub.base), Patience::default()).unwrap();
    let error = coupon().send(&transport).await.unwrap_err();
    assert_eq!(error.refusal().map(|refusal| refusal.status), Some(500));
    assert_eq!(stub.asked().len(), 1);
}
