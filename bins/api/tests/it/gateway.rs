//! Stripe refuses, fails or is away: the client is told, and the order says so too.

use serde_json::{Value, json};

use crate::shop::{Answer, Settings, Shop, guest_order};

const PATH: &str = "/api/checkout/create-session";

async fn order_of(shop: &Shop, answer: &Answer) -> Value {
    let id = answer.json()["orderId"].as_str().unwrap_or_else(|| panic!("no order named in {answer:?}")).to_owned();
    assert!(answer.error().contains(&id), "the order is named: {answer:?}");
    shop.get(&format!("/api/orders/{id}")).await.json()["order"].clone()
}

fn last_word(order: &Value) -> Value {
    order["timeline"].as_array().unwrap().last().unwrap()["event"].clone()
}

#[actix_web::test]
async fn a_refusal_is_a_502_and_stands_on_the_order() {
    let shop = Shop::open().await;
    shop.control(
        "/faults",
        &json!({ "target": "stripe", "kind": "fail", "status": 403, "path_contains": "/sessions" }),
    )
    .await;
    let answer = shop.post(PATH, &guest_order()).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (502, Some("payment-refused")), "{answer:?}");
    let order = order_of(&shop, &answer).await;
    assert_eq!(last_word(&order), "payment_page_refused");
    let detail: String = shop.sql("SELECT detail FROM order_timeline ORDER BY id DESC LIMIT 1").await;
    assert!(!detail.is_empty(), "an operator reads why");
    shop.close().await;
}

#[actix_web::test]
async fn a_stripe_that_is_away_is_a_503_and_the_same_click_works_later() {
    let shop = Shop::open().await;
    let fault = json!({ "target": "stripe", "kind": "fail", "status": 503, "path_contains": "/sessions" });
    shop.control("/faults", &fault).await;
    let headers = [("idempotency-key", "click-1")];
    let answer = shop.post_with(PATH, &headers, &guest_order()).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (503, Some("payment-unavailable")), "{answer:?}");
    assert_eq!(answer.header("retry-after"), "5");
    assert_eq!(order_of(&shop, &answer).await["status"], "pending");
    let url = format!("{}/control/faults", shop.sandbox.base_url());
    assert!(shop.http.delete(url).send().await.unwrap().status().is_success());
    let again = shop.post_with(PATH, &headers, &guest_order()).await;
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(again.json()["orderId"], answer.json()["orderId"]);
    shop.close().await;
}

#[actix_web::test]
async fn nobody_at_stripes_address_is_a_503() {
    let nobody = Some("http://127.0.0.1:9/stripe".to_owned());
    let shop = Shop::open_with(Settings { stripe: nobody, ..Settings::default() }).await;
    let answer = shop.post(PATH, &guest_order()).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(last_word(&order_of(&shop, &answer).await), "payment_page_unavailable");
    shop.close().await;
}
