//! Whatever is wrong is named, and nothing is half-written.

use reqwest::Method;
use serde_json::{Value, json};

use crate::shop::{Answer, Shop, guest_order};

const CHECKOUT: &str = "/api/checkout/create-session";

async fn nothing_is_written(shop: &Shop) {
    for table in ["orders", "payments", "order_timeline", "checkout_keys", "users", "jobs"] {
        assert_eq!(shop.count(table).await, 0, "{table}");
    }
}

/// A guest's order with one member changed, by its path.
fn with(path: &str, value: Value) -> Value {
    let mut order = guest_order();
    let place = path.split('.').fold(&mut order, |place, name| &mut place[name]);
    *place = value;
    order
}

fn without(path: &str) -> Value {
    with(path, Value::Null)
}

#[actix_web::test]
async fn every_wrong_checkout_is_told_what_is_wrong() {
    let shop = Shop::open().await;
    let long = "x".repeat(2_001);
    let table = [
        (with("planId", json!("invalid")), "No active price for plan invalid (monthly)"),
        (with("billingCycle", json!("quarterly")), "No active price for plan starter (quarterly)"),
        (with("billingCycle", json!("fortnightly")), "unknown billing cycle 'fortnightly'"),
        (with("planId", json!("a\u{0}b")), "planId: expected no NUL characters"),
        (with("planId", json!(long)), "planId: too long; expected at most 2000 bytes"),
        (with("planId", json!(5)), "planId: expected a text such as \"starter\", got a number"),
        (without("planId"), "planId: missing; expected a text such as \"starter\""),
        (without("billingCycle"), "billingCycle: missing"),
        (with("billingCycle", json!(["monthly"])), "billingCycle: expected a text such as \"monthly\", got a list"),
        (with("trialActive", json!("yes")), "trialActive: expected true or false, got a text"),
        (with("couponCode", json!("OVER")), "coupon OVER expired on 2020-01-01 00:00 UTC"),
        (with("couponCode", json!("NOSUCH")), "unknown coupon 'NOSUCH'"),
        (with("couponCode", json!({})), "couponCode: expected a text such as \"WELCOME10\", got an object"),
        (without("customer"), "customer: missing"),
        (with("customer", json!("Grace")), "customer: expected an object such as {"),
        (with("customer.email", json!("grace@")), "customer.email: not a valid e-mail address"),
        (
            with("customer.email", json!(true)),
            "customer.email: expected a text such as \"ada@example.com\", got a boolean",
        ),
        (without("customer.email"), "customer.email: missing"),
        (without("customer.name"), "customer.name: missing"),
        (with("customer.name", json!("a\r\nBcc: x@y.z")), "customer.name: expected 1 to 200 characters"),
        (with("domain", json!("grace.example.com")), "domain: expected an object such as {"),
        (with("domain.mode", json!("lease")), "domain.mode: unknown"),
        (with("domain.mode", json!("register")), "registering a new domain is not offered yet"),
        (with("domain", json!({ "mode": "own" })), "domain.value: missing"),
        (with("domain", json!({ "mode": "own", "value": "../etc" })), "domain.value: expected a domain"),
        (with("domain.value", json!("a b")), "domain.value: expected a domain"),
        (with("region", json!("Mars Base")), "region: "),
        (with("server_name", json!("x".repeat(61))), "serverName: expected 1 to 60 characters"),
    ];
    for (order, expected) in table {
        let answer = shop.post(CHECKOUT, &order).await;
        assert_eq!(answer.status, 400, "{order}: {answer:?}");
        assert!(answer.error().contains(expected), "{expected:?} is not in {answer:?}");
        assert_eq!(answer.header("content-type"), "application/json");
    }
    nothing_is_written(&shop).await;
    assert!(shop.stripe_sessions().await.is_empty());
    shop.close().await;
}

#[actix_web::test]
async fn the_older_clients_error_texts_are_kept_to_the_letter() {
    let shop = Shop::open().await;
    let answer = shop.post(CHECKOUT, &with("planId", json!("invalid"))).await;
    assert_eq!(answer.error(), "No active price for plan invalid (monthly)");
    insta::assert_json_snapshot!("no_active_price", answer.json());
    shop.close().await;
}

#[actix_web::test]
async fn all_problems_are_told_together() {
    let shop = Shop::open().await;
    let answer = shop.post(CHECKOUT, &json!({ "trialActive": 1, "customer": {} })).await;
    insta::assert_json_snapshot!("all_problems", answer.json());
    nothing_is_written(&shop).await;
    shop.close().await;
}

async fn raw(shop: &Shop, content_type: &str, body: &[u8]) -> Answer {
    shop.send(Method::POST, CHECKOUT, &[("content-type", content_type)], body.to_vec()).await
}

#[actix_web::test]
async fn bodies_that_are_no_json_objects_are_refused_with_the_place() {
    let shop = Shop::open().await;
    let json_type = "application/json; charset=utf-8";
    let deep = "[".repeat(10_000);
    let cases: [(&str, &[u8], u16, &str); 9] = [
        (json_type, b"", 400, "EOF"),
        (json_type, b"{\"planId\":", 400, "line 1 column 10"),
        (json_type, b"{\"planId\":\n  oops}", 400, "line 2 column 3"),
        (json_type, b"{\"planId\":\"\xff\"}", 400, "byte 11"),
        (json_type, b"[1, 2]", 400, "must be a JSON object, got a list"),
        (json_type, b"\"text\"", 400, "got a text"),
        (json_type, deep.as_bytes(), 400, "recursion limit"),
        ("application/x-www-form-urlencoded", b"planId=starter", 415, "application/json"),
        ("text/plain", b"{}", 415, "application/json"),
    ];
    for (content_type, body, status, expected) in cases {
        let answer = raw(&shop, content_type, body).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert!(answer.error().contains(expected), "{expected:?} is not in {answer:?}");
    }
    nothing_is_written(&shop).await;
    shop.close().await;
}

#[actix_web::test]
async fn ten_megabytes_are_too_many() {
    let shop = Shop::open().await;
    let mut order = guest_order();
    order["padding"] = json!("x".repeat(10 << 20));
    let answer = shop.post(CHECKOUT, &order).await;
    assert_eq!((answer.status, answer.json()["code"].as_str()), (413, Some("body-too-large")), "{answer:?}");
    assert_eq!(shop.get("/api/health").await.status, 200, "and the next request is served");
    nothing_is_written(&shop).await;
    shop.close().await;
}

#[actix_web::test]
async fn wrong_accounts_are_told_what_is_wrong() {
    let shop = Shop::open().await;
    let table = [
        ("register", json!({ "email": "x", "password": "correct horse", "name": "A" }), "email: not a valid"),
        ("register", json!({ "email": "a@b.cz", "password": "short", "name": "A" }), "password: expected 8 to 128"),
        ("register", json!({ "email": "a@b.cz", "password": 12_345_678, "name": "A" }), "password: expected a text"),
        ("register", json!({ "email": "a@b.cz", "password": "correct horse" }), "name: missing"),
        ("login", json!({ "email": "a@b.cz" }), "password: missing"),
        ("login", json!({}), "email: missing; expected a text such as \"ada@example.com\"; password: missing"),
    ];
    for (endpoint, body, expected) in table {
        let answer = shop.post(&format!("/api/auth/{endpoint}"), &body).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert!(answer.error().contains(expected), "{expected:?} is not in {answer:?}");
    }
    nothing_is_written(&shop).await;
    shop.close().await;
}

#[actix_web::test]
async fn wrong_methods_and_paths_are_told() {
    let shop = Shop::open().await;
    for (method, path, allow) in [
        (Method::GET, CHECKOUT, "POST"),
        (Method::DELETE, "/api/plans", "GET, HEAD"),
        (Method::PUT, "/api/orders/x", "GET, HEAD"),
        (Method::POST, "/api/checkout/session/x", "GET, HEAD"),
        (Method::OPTIONS, "/api/auth/login", "POST"),
    ] {
        let answer = shop.send(method.clone(), path, &[], Vec::new()).await;
        assert_eq!((answer.status, answer.header("allow")), (405, allow), "{method} {path}: {answer:?}");
        assert_eq!(answer.json()["code"], "method-not-allowed");
    }
    for path in ["/api/nothing", "/api/", "/api", "/api/plans/", "/api/plans/x", "/api//plans"] {
        let answer = shop.get(path).await;
        assert_eq!((answer.status, answer.header("content-type")), (404, "application/problem+json"), "{path}");
    }
    assert_eq!(shop.send(Method::HEAD, "/api/plans", &[], Vec::new()).await.status, 200);
    shop.close().await;
}
