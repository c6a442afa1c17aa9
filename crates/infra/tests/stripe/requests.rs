//! Every request that we can send, against the contract's schemas, and to the cent.

use catalog::CouponDuration;
use checkout::{PaymentGateway, SessionRequest};
use kernel::{BillingCycle, Currency, Money};
use serde_json::{Value, json};

use crate::{
    ORDER, discount, gateway, request,
    schema::Endpoint,
    stub::{Asked, Say, Stub},
};

fn every_request() -> Vec<SessionRequest> {
    let currencies = ["USD", "EUR", "JPY", "KWD", "CZK"].map(|code| code.parse::<Currency>().unwrap());
    let coupons = [None, Some(CouponDuration::Once), Some(CouponDuration::Forever)];
    let mut all = Vec::new();
    for cycle in BillingCycle::ALL {
        for coupon in coupons {
            for trial_days in [0, 14] {
                for customer in [None, Some("cus_Q1w2E3r4T5y6".to_owned())] {
                    for currency in currencies {
                        let off = |duration| discount(Money::new(770, currency), duration);
                        all.push(SessionRequest {
                            cycle,
                            list: Money::new(7700, currency),
                            discount: coupon.map(off),
                            trial_days,
                            gateway_customer: customer.clone(),
                            ..request()
                        });
                    }
                }
            }
        }
    }
    all
}

/// What the gateway sends for each of these: the session's body, and the coupon's if there is one.
async fn sent(requests: &[SessionRequest]) -> Vec<(Asked, Option<Asked>)> {
    let stub = Stub::answering(|asked| {
        if asked.target == "/v1/coupons" {
            Say::status(200, r#"{"id":"order-x","object":"coupon"}"#)
        } else {
            Say::session()
        }
    })
    .await;
    let gateway = gateway(&stub.base);
    for request in requests {
        gateway.create_session(request).await.unwrap();
    }
    let mut pairs = Vec::new();
    let mut coupon = None;
    for asked in stub.asked() {
        match asked.target.as_str() {
            "/v1/coupons" => coupon = Some(asked),
            "/v1/checkout/sessions" => pairs.push((asked, coupon.take())),
            other => panic!("asked for {other}"),
        }
    }
    pairs
}

#[tokio::test]
async fn every_request_satisfies_the_contract_and_says_what_the_order_says() {
    let (sessions, coupons) = (Endpoint::body("/v1/checkout/sessions"), Endpoint::body("/v1/coupons"));
    let requests = every_request();
    let sent = sent(&requests).await;
    assert_eq!(sent.len(), requests.len());
    for (request, (session, coupon)) in requests.iter().zip(&sent) {
        let body = sessions.check(&session.body).unwrap_or_else(|problems| panic!("{problems:?}\n{}", session.body));
        assert_eq!(body, expected_session(request), "{request:?}");
        let made =
            coupon.as_ref().map(|coupon| coupons.check(&coupon.body).unwrap_or_else(|problems| panic!("{problems:?}")));
        assert_eq!(made, expected_coupon(request), "{request:?}");
    }
}

fn expected_session(request: &SessionRequest) -> Value {
    let metadata = json!({ "order_id": ORDER });
    let mut body = json!({
        "client_reference_id": ORDER,
        "metadata": metadata,
        "success_url": format!("https://shop.example/orders/{ORDER}?session_id={{CHECKOUT_SESSION_ID}}"),
        "cancel_url": format!("https://shop.example/orders/{ORDER}?cancelled=1"),
        "line_items": [{ "quantity": 1, "price_data": {
            "currency": request.list.currency().code().to_lowercase(),
            "unit_amount": request.list.minor(),
            "product_data": { "name": "Starter", "description": "Web hosting, 10 GB — čtyři weby & více" },
        } }],
    });
    match &request.gateway_customer {
        Some(customer) => body["customer"] = json!(customer),
        None => body["customer_email"] = json!("jana.dvorakova+shop@example.com"),
    }
    if request.discount.is_some() {
        body["discounts"] = json!([{ "coupon": format!("order-{ORDER}") }]);
    }
    let interval = match request.cycle {
        BillingCycle::Monthly => Some(("month", 1)),
        BillingCycle::Quarterly => Some(("month", 3)),
        BillingCycle::Semiannual => Some(("month", 6)),
        BillingCycle::Yearly => Some(("year", 1)),
        BillingCycle::Biennial => Some(("year", 2)),
        BillingCycle::Triennial => Some(("year", 3)),
        BillingCycle::OneTime => None,
    };
    if let Some((unit, count)) = interval {
        body["mode"] = json!("subscription");
        body["line_items"][0]["price_data"]["recurring"] = json!({ "interval": unit, "interval_count": count });
        body["subscription_data"] = json!({ "metadata": metadata, "billing_mode": { "type": "flexible" } });
        if request.trial_days > 0 {
            body["subscription_data"]["trial_period_days"] = json!(request.trial_days);
        }
    } else {
        body["mode"] = json!("payment");
        body["payment_intent_data"] = json!({ "metadata": metadata });
        if request.gateway_customer.is_none() {
            body["customer_creation"] = json!("always");
        }
    }
    body
}

fn expected_coupon(request: &SessionRequest) -> Option<Value> {
    let discount = request.discount.as_ref()?;
    Some(json!({
        "id": format!("order-{ORDER}"),
        "amount_off": discount.amount_off.minor(),
        "currency": discount.amount_off.currency().code().to_lowercase(),
        "duration": if discount.duration == CouponDuration::Once { "once" } else { "forever" },
        "max_redemptions": 1,
        "name": "WELCOME10",
    }))
}

#[tokio::test]
async fn the_same_order_and_attempt_give_the_same_bytes_under_the_same_key() {
    let with_coupon = SessionRequest { discount: Some(discount(crate::usd(659), CouponDuration::Once)), ..request() };
    let sent = sent(&[with_coupon.clone(), with_coupon.clone(), SessionRequest { attempt: 2, ..with_coupon }]).await;
    let keys = |index: usize| {
        let (session, coupon) = &sent[index];
        let coupon = coupon.as_ref().unwrap();
        (session.header("idempotency-key").unwrap().to_owned(), coupon.header("idempotency-key").unwrap().to_owned())
    };
    assert_eq!(sent[0].0.body, sent[1].0.body);
    assert_eq!(keys(0), (format!("order-{ORDER}-session-a1"), format!("order-{ORDER}-coupon-a1")));
    assert_eq!(keys(0), keys(1));
    assert_ne!(keys(0).0, keys(2).0, "another attempt has another key");
}

#[tokio::test]
async fn long_and_empty_texts_are_made_to_fit() {
    let mut long = discount(crate::usd(1), CouponDuration::Once);
    long.code = "Ž".repeat(64);
    let sent = sent(&[SessionRequest { discount: Some(long), description: Some(String::new()), ..request() }]).await;
    let (session, coupon) = &sent[0];
    let coupon = Endpoint::body("/v1/coupons").check(&coupon.as_ref().unwrap().body).unwrap();
    assert_eq!(coupon["name"], "Ž".repeat(40));
    let session = Endpoint::body("/v1/checkout/sessions").check(&session.body).unwrap();
    assert_eq!(session["line_items"][0]["price_data"]["product_data"], json!({ "name": "Starter" }));
}

#[tokio::test]
async fn reads_satisfy_the_contract() {
    let answers = ["cs_test_1", "sub_1"].map(|id| Say::status(200, &json!({ "id": id }).to_string()));
    let payments = json!({ "object": "list", "data": [
        { "id": "inpay_1", "status": "canceled", "invoice": "in_0" },
        { "id": "inpay_2", "status": "paid", "invoice": { "id": "in_1", "object": "invoice" } },
    ] });
    let stub = Stub::saying(answers.into_iter().chain([Say::status(200, &payments.to_string())])).await;
    let gateway = gateway(&stub.base);
    assert_eq!(gateway.session("cs_test_1").await.unwrap().id, "cs_test_1");
    assert_eq!(gateway.subscription("sub_1").await.unwrap().id, "sub_1");
    assert_eq!(gateway.invoice_of_intent("pi_1").await.unwrap().as_deref(), Some("in_1"));
    let asked = stub.asked();
    assert!(asked.iter().all(|asked| asked.method == "GET" && asked.header("idempotency-key").is_none()));
    let endpoints =
        ["/v1/checkout/sessions/{session}", "/v1/subscriptions/{subscription_exposed_id}", "/v1/invoice_payments"];
    let paths = ["/v1/checkout/sessions/cs_test_1", "/v1/subscriptions/sub_1", "/v1/invoice_payments"];
    for ((asked, endpoint), path) in asked.iter().zip(endpoints).zip(paths) {
        let (target, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
        assert_eq!(target, path);
        Endpoint::query(endpoint).check(query).unwrap_or_else(|problems| panic!("{problems:?}"));
    }
    let query = asked[2].target.split_once('?').unwrap().1;
    assert_eq!(
        crate::form::decode(query),
        json!({ "payment": { "type": "payment_intent", "payment_intent": "pi_1" } })
    );
}
