//! Creating Checkout Sessions: amounts, and everything that is refused.

use crate::contracts::{assert_stripe_object, stripe_request, stripe_request_validator};
use crate::support::{Bed, payment, subscription, with};
use serde_json::{Value, json};

#[tokio::test]
async fn a_subscription_session_opens_with_its_amounts_and_a_page() {
    let bed = Bed::start().await;
    let session = bed.stripe("POST", "/checkout/sessions", &subscription(), None).await.ok();
    let id = session["id"].as_str().unwrap();
    assert_eq!(id.len(), 66);
    assert_eq!((&session["amount_subtotal"], &session["amount_total"]), (&json!(7900), &json!(7900)));
    assert_eq!((&session["status"], &session["payment_status"]), (&json!("open"), &json!("unpaid")));
    assert_eq!(session["metadata"], json!({ "order_id": "ord_1" }));
    assert_eq!(session["url"], json!(format!("{}/pay/{id}", bed.running.base_url())));
    assert_eq!(session["expires_at"].as_i64().unwrap() - session["created"].as_i64().unwrap(), 86_400);
    assert_stripe_object("checkout.session", &session);
    assert_eq!(bed.get(&format!("/checkout/sessions/{id}")).await, session);
}

#[tokio::test]
async fn coupons_take_off_percentages_and_amounts() {
    let bed = Bed::start().await;
    for (coupon, form, total) in [
        (json!({ "id": "P10", "percent_off": "10" }), subscription(), 7110),
        (json!({ "id": "P125", "percent_off": "12.5" }), subscription(), 6912),
        (json!({ "id": "A5", "amount_off": 500, "currency": "usd" }), payment(), 700),
        (json!({ "id": "ALL", "percent_off": 100 }), payment(), 0),
        (json!({ "id": "MUCH", "amount_off": 9_999, "currency": "usd" }), payment(), 0),
    ] {
        let made = bed.stripe("POST", "/coupons", &coupon, None).await.ok();
        assert_stripe_object("coupon", &made);
        let form = with(form, "/discounts", json!([{ "coupon": coupon["id"] }]));
        let session = bed.stripe("POST", "/checkout/sessions", &form, None).await.ok();
        assert_eq!(session["amount_total"], json!(total), "{coupon}");
        let off = session["amount_subtotal"].as_i64().unwrap() - total;
        assert_eq!(session["total_details"]["amount_discount"], json!(off));
        assert_eq!(session["payment_status"], json!(if total == 0 { "no_payment_required" } else { "unpaid" }));
    }
}

#[tokio::test]
async fn a_trial_leaves_only_the_one_time_lines_due() {
    let bed = Bed::start().await;
    let trial = with(subscription(), "/subscription_data/trial_period_days", json!(14));
    let session = bed.stripe("POST", "/checkout/sessions", &trial, None).await.ok();
    assert_eq!((&session["amount_total"], &session["payment_status"]), (&json!(0), &json!("no_payment_required")));
    let fee = json!({ "quantity": 1, "price_data": { "currency": "usd", "unit_amount": 500, "product_data": { "name": "Set-up" } } });
    let session = bed.stripe("POST", "/checkout/sessions", &with(trial, "/line_items/-", fee), None).await.ok();
    assert_eq!(session["amount_total"], json!(500));
}

/// One line of `refused.txt`.
struct Refused {
    body: Value,
    code: &'static str,
    param: &'static str,
    by_schema: bool,
}

impl Refused {
    fn parse(line: &'static str) -> Self {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        let base = if parts[0] == "sub" { subscription() } else { payment() };
        let change = |body: Value, change: &str| {
            let (pointer, value) = change.split_once(" = ").unwrap();
            with(body, pointer.trim(), parse_value(value.trim()))
        };
        let body = parts[1].split(" ; ").fold(base, change);
        Self { body, code: parts[2], param: parts[3], by_schema: parts[4] == "schema" }
    }
}

fn parse_value(text: &str) -> Value {
    match text.rsplit_once("\"*") {
        Some((word, times)) => json!(word.trim_start_matches('"').repeat(times.parse().unwrap())),
        None => serde_json::from_str(text).unwrap(),
    }
}

fn refused() -> Vec<Refused> {
    let lines = include_str!("refused.txt").lines().filter(|line| !line.starts_with('#'));
    lines.map(Refused::parse).collect()
}

#[tokio::test]
async fn metadata_has_limits() {
    let bed = Bed::start().await;
    let schema = stripe_request_validator("/v1/checkout/sessions");
    let many = |count: usize| (0..count).map(|at| (format!("k{at}"), json!("v"))).collect::<serde_json::Map<_, _>>();
    for (metadata, status) in [
        (Value::Object(many(50)), 200),
        (Value::Object(many(51)), 400),
        (json!({ "k".repeat(40): "v".repeat(500) }), 200),
        (json!({ "k".repeat(41): "v" }), 400),
    ] {
        let body = with(subscription(), "/metadata", metadata);
        assert_eq!(schema.is_valid(&body), status == 200);
        assert_eq!(bed.stripe("POST", "/checkout/sessions", &body, None).await.status, status);
    }
}

#[tokio::test]
async fn what_stripe_refuses_is_refused_and_named() {
    let bed = Bed::start().await;
    let schema = stripe_request_validator("/v1/checkout/sessions");
    for Refused { body, code, param, by_schema } in refused() {
        let got = bed.stripe("POST", "/checkout/sessions", &body, None).await;
        assert_eq!(got.stripe_error(), (400, code.to_owned(), param.to_owned()), "{body}");
        if by_schema {
            assert!(!schema.is_valid(&body), "the contract accepts {body}");
        }
    }
    assert_eq!(bed.truth().await["sessions"], json!([]));
}

#[tokio::test]
async fn what_the_contract_allows_is_accepted() {
    let bed = Bed::start().await;
    let schema = stripe_request_validator("/v1/checkout/sessions");
    let customer =
        bed.stripe("POST", "/customers", &json!({ "email": "c@example.test", "name": "C" }), None).await.ok();
    assert_stripe_object("customer", &customer);
    let item = |amount: i64| json!({ "quantity": 1, "price_data": { "currency": "usd", "unit_amount": amount, "product_data": { "name": "Extra" } } });
    let now = customer["created"].as_i64().unwrap();
    for body in [
        subscription(),
        payment(),
        with(subscription(), "/line_items/-", item(500)),
        with(
            subscription(),
            "/line_items/0/price_data/recurring",
            json!({ "interval": "month", "interval_count": 36 }),
        ),
        with(subscription(), "/line_items/0/price_data/recurring", json!({ "interval": "year", "interval_count": 3 })),
        with(subscription(), "/expires_at", json!(now + 31 * 60)),
        with(subscription(), "/subscription_data/trial_period_days", json!(730)),
        with(subscription(), "/subscription_data/billing_mode", json!({ "type": "classic" })),
        with(subscription(), "/payment_method_collection", json!("if_required")),
        with(subscription(), "/locale", json!("cs")),
        with(subscription(), "/allow_promotion_codes", json!(true)),
        with(subscription(), "/line_items/0/price_data/product_data/metadata", json!({ "plan": "starter" })),
        with(subscription(), "/allowed_payment_method_types", json!(["card", "link"])),
        with(with(subscription(), "/customer_email", Value::Null), "/customer", customer["id"].clone()),
        with(subscription(), "/ui_mode", json!("hosted_page")),
        with(payment(), "/invoice_creation", json!({ "enabled": true })),
        with(payment(), "/customer_creation", json!("always")),
        with(payment(), "/payment_intent_data/statement_descriptor_suffix", json!("HOSTING")),
        with(payment(), "/submit_type", json!("pay")),
        with(payment(), "/custom_text", json!({ "submit": { "message": "Thank you" } })),
        with(payment(), "/payment_method_options", json!({ "card": { "request_three_d_secure": "automatic" } })),
    ] {
        assert!(schema.is_valid(&body), "the contract refuses {body}");
        let got = bed.stripe("POST", "/checkout/sessions", &body, None).await;
        assert_eq!(got.status, 200, "{body} gave {}", got.text);
    }
}

#[tokio::test]
async fn every_parameter_of_the_contract_is_known() {
    let bed = Bed::start().await;
    for (api, path) in [
        ("/checkout/sessions", "/v1/checkout/sessions"),
        ("/coupons", "/v1/coupons"),
        ("/customers", "/v1/customers"),
        ("/refunds", "/v1/refunds"),
    ] {
        for name in stripe_request(path)["properties"].as_object().unwrap().keys() {
            let got = bed.stripe("POST", api, &json!({ name: "x" }), None).await;
            assert!(!got.text.contains("parameter_unknown"), "{api} {name}: {}", got.text);
        }
    }
}

#[tokio::test]
async fn used_up_and_foreign_coupons_are_refused() {
    let bed = Bed::start().await;
    bed.stripe("POST", "/coupons", &json!({ "id": "ONCE", "percent_off": 10, "max_redemptions": 1 }), None).await.ok();
    bed.stripe("POST", "/coupons", &json!({ "id": "EURO", "amount_off": 100, "currency": "eur" }), None).await.ok();
    let form = |id: &str| with(subscription(), "/discounts", json!([{ "coupon": id }]));
    let got = bed.stripe("POST", "/checkout/sessions", &form("EURO"), None).await;
    assert_eq!(got.stripe_error(), (400, "invalid_request_error".to_owned(), "discounts[0][coupon]".to_owned()));
    let id = bed.session(&form("ONCE")).await;
    bed.pay(&id, "paid").await;
    let got = bed.stripe("POST", "/checkout/sessions", &form("ONCE"), None).await;
    assert_eq!(got.stripe_error().1, "coupon_expired");
    assert_eq!(bed.get("/coupons/ONCE").await["times_redeemed"], json!(1));
}

#[tokio::test]
async fn coupons_have_their_own_rules() {
    let bed = Bed::start().await;
    for (body, code) in [
        (json!({ "percent_off": 10, "amount_off": 1, "currency": "usd" }), "parameters_exclusive"),
        (json!({ "duration": "once" }), "parameter_missing"),
        (json!({ "amount_off": 100 }), "parameter_missing"),
        (json!({ "percent_off": 101 }), "invalid_request_error"),
        (json!({ "percent_off": 0 }), "invalid_request_error"),
        (json!({ "percent_off": 10, "duration": "repeating" }), "parameter_missing"),
        (json!({ "percent_off": 10, "color": "red" }), "parameter_unknown"),
    ] {
        assert_eq!(bed.stripe("POST", "/coupons", &body, None).await.stripe_error().1, code, "{body}");
    }
    bed.stripe("POST", "/coupons", &json!({ "id": "X", "percent_off": 10 }), None).await.ok();
    let again = bed.stripe("POST", "/coupons", &json!({ "id": "X", "percent_off": 10 }), None).await;
    assert_eq!(again.stripe_error().1, "resource_already_exists");
    let gone = bed.stripe("GET", "/coupons/Y", &json!({}), None).await;
    assert_eq!((gone.status, gone.stripe_error().1), (404, "resource_missing".to_owned()));
}

#[tokio::test]
async fn malformed_requests_are_refused() {
    let bed = Bed::start().await;
    let key = ("authorization", "Bearer sk_test_sandbox");
    let form = ("content-type", "application/x-www-form-urlencoded");
    for (headers, body, status) in [
        (vec![form], "mode=payment", 401),
        (vec![form, ("authorization", "Bearer sk_live_wrong")], "mode=payment", 401),
        (vec![key, ("content-type", "application/json")], "{}", 400),
        (vec![key, form], "line_items[1][quantity]=1&mode=payment&success_url=https://x.test", 400),
        (vec![key, form], "mode=payment&mode=subscription", 400),
        (vec![key, form, ("stripe-version", "newest")], "mode=payment", 400),
    ] {
        let got = bed.send("POST", "/stripe/v1/checkout/sessions", &headers, body.to_owned()).await.unwrap();
        assert_eq!(got.status, status, "{body} {}", got.text);
        assert_stripe_object("error", &got.json());
        assert!(got.header("request-id").unwrap().starts_with("req_"));
    }
    let basic = bed
        .send(
            "GET",
            "/stripe/v1/events",
            &[("authorization", "Basic c2tfdGVzdF9zYW5kYm94Og=="), ("stripe-version", "2025-09-30.clover")],
            String::new(),
        )
        .await
        .unwrap();
    assert_eq!((basic.status, basic.header("stripe-version")), (200, Some("2025-09-30.clover")));
    let unknown = bed.stripe("POST", "/checkout/session", &json!({}), None).await;
    assert_eq!((unknown.status, unknown.stripe_error().1.as_str()), (404, "invalid_request_error"));
}
