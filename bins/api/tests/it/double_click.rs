//! `Idempotency-Key`: a double click makes one order.

use serde_json::json;

use crate::shop::{Shop, game_order, guest_order};

const PATH: &str = "/api/checkout/create-session";

#[actix_web::test]
async fn two_requests_at_once_make_one_order_and_one_page() {
    let shop = Shop::open().await;
    let (headers, order) = ([("idempotency-key", "click-1")], guest_order());
    let (first, second) =
        futures_util::join!(shop.post_with(PATH, &headers, &order), shop.post_with(PATH, &headers, &order));
    assert_eq!((first.status, second.status), (200, 200), "{first:?} {second:?}");
    assert_eq!(first.json(), second.json());
    let third = shop.post_with(PATH, &headers, &order).await;
    assert_eq!(third.json(), first.json());
    assert_eq!((shop.count("orders").await, shop.stripe_sessions().await.len()), (1, 1));
    shop.close().await;
}

#[actix_web::test]
async fn another_spelling_of_the_same_request_is_the_same() {
    let shop = Shop::open().await;
    let headers = [("idempotency-key", "click-1")];
    let first = shop.post_with(PATH, &headers, &guest_order()).await;
    let again = json!({
        "plan_id": "starter", "term": "Monthly", "coupon_code": "welcome10", "unknown": 1,
        "customer": { "name": " Grace Hopper", "email": "GRACE@example.com" },
        "domain": { "mode": "free", "value": "Grace" },
    });
    assert_eq!(shop.post_with(PATH, &headers, &again).await.json(), first.json());
    shop.close().await;
}

#[actix_web::test]
async fn the_key_of_another_request_is_refused() {
    let shop = Shop::open().await;
    let headers = [("idempotency-key", "click-1")];
    shop.post_with(PATH, &headers, &guest_order()).await;
    for (field, value) in
        [("planId", json!("premium")), ("customer", json!({ "name": "G", "email": "other@example.com" }))]
    {
        let mut other = guest_order();
        other[field] = value;
        let answer = shop.post_with(PATH, &headers, &other).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (409, Some("idempotency-key-reused")),
            "{answer:?}"
        );
    }
    assert_eq!(shop.count("orders").await, 1);
    shop.close().await;
}

#[actix_web::test]
async fn two_customers_may_choose_the_same_key() {
    let shop = Shop::open().await;
    let mut orders = Vec::new();
    for email in ["ada@example.com", "bob@example.com"] {
        let authorization = format!("Bearer {}", shop.register(email).await);
        let headers = [("idempotency-key", "click-1"), ("authorization", authorization.as_str())];
        orders.push(shop.post_with(PATH, &headers, &game_order()).await.json()["orderId"].clone());
    }
    assert_ne!(orders[0], orders[1]);
    shop.close().await;
}

#[actix_web::test]
async fn a_key_that_is_none_is_refused() {
    let shop = Shop::open().await;
    let long = "k".repeat(256);
    for key in ["", "two words", "ž", long.as_str()] {
        let answer = shop.post_with(PATH, &[("idempotency-key", key)], &guest_order()).await;
        assert_eq!(answer.status, 400, "{key:?}: {answer:?}");
        assert_eq!(answer.error(), "Idempotency-Key: expected 1 to 255 visible ASCII characters.");
    }
    assert_eq!(shop.count("orders").await, 0);
    shop.close().await;
}
