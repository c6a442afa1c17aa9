//! `POST /api/checkout/create-session` and `GET /api/checkout/session/{id}`: both shapes, to the cent.

use serde_json::{Value, json};

use tokio::io::AsyncWriteExt;

use crate::shop::{Answer, Shop, game_order, guest_order};

/// The answer's shape, and what is on record and at Stripe for it.
async fn sold(shop: &Shop, answer: &Answer) -> (String, Value) {
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["success"], true);
    let (session, order) = (body["sessionId"].as_str().unwrap(), body["orderId"].as_str().unwrap());
    assert!(session.starts_with("cs_"), "{session}");
    assert!(order.starts_with("ord_"), "{order}");
    let url = body["url"].as_str().unwrap();
    assert!(url.starts_with(shop.sandbox.base_url()), "the payment page is Stripe's: {url}");
    let at_stripe = shop.stripe_sessions().await.into_iter().find(|at_stripe| at_stripe["id"] == session).unwrap();
    assert_eq!(at_stripe["client_reference_id"], order);
    assert_eq!(at_stripe["metadata"]["order_id"], order);
    (session.to_owned(), at_stripe)
}

#[actix_web::test]
async fn a_guest_buys_hosting_with_a_coupon_and_everybody_agrees_to_the_cent() {
    let shop = Shop::open().await;
    let answer = shop.post("/api/checkout/create-session", &guest_order()).await;
    let (session, at_stripe) = sold(&shop, &answer).await;
    // 10 % of 799 is 79.9, rounded to 80.
    assert_eq!([&at_stripe["amount_subtotal"], &at_stripe["amount_discount"]], [&json!(799), &json!(80)]);
    assert_eq!(at_stripe["amount_total"], 719);
    assert_eq!(at_stripe["email"], "grace@example.com");
    let stored: i64 = shop.sql("SELECT due_now_amount FROM orders").await;
    assert_eq!(stored, 719);
    let shown = shop.get(&format!("/api/checkout/session/{session}")).await.json();
    assert_eq!(shown["session"]["amount"], 719);
    let order = shop.get(&format!("/api/orders/{}", answer.json()["orderId"].as_str().unwrap())).await.json();
    let order = &order["order"];
    assert_eq!(
        [&order["amount"], &order["listAmount"], &order["discountAmount"]],
        [&json!(719), &json!(799), &json!(80)]
    );
    shop.close().await;
}

#[actix_web::test]
async fn a_registered_customer_buys_a_game_server() {
    let shop = Shop::open().await;
    let token = shop.register("ada@example.com").await;
    let answer = shop.post_as(&token, "/api/checkout/create-session", &game_order()).await;
    let (_, at_stripe) = sold(&shop, &answer).await;
    assert_eq!(at_stripe["email"], "ada@example.com");
    let (guest, region): (bool, String) =
        (shop.sql("SELECT guest FROM orders").await, shop.sql("SELECT delivery->>'region' FROM orders").await);
    assert_eq!((guest, region.as_str()), (false, "us-central"));
    let owned: bool = shop.sql("SELECT o.customer_id = c.id FROM orders o, customers c").await;
    assert!(owned, "the order belongs to the account");
    let name: String = shop.sql("SELECT delivery->>'server_name' FROM orders").await;
    assert_eq!(name, "My world");
    shop.close().await;
}

#[actix_web::test]
async fn the_hosting_shape_sent_by_somebody_signed_in_uses_the_account() {
    let shop = Shop::open().await;
    let token = shop.register("ada@example.com").await;
    let answer = shop.post_as(&token, "/api/checkout/create-session", &guest_order()).await;
    let (_, at_stripe) = sold(&shop, &answer).await;
    assert_eq!(at_stripe["email"], "ada@example.com", "not the address in the body");
    shop.close().await;
}

#[actix_web::test]
async fn the_game_shape_needs_an_account() {
    let shop = Shop::open().await;
    for headers in [vec![], vec![("authorization", "Bearer forged.token.here")], vec![("authorization", "Basic x")]] {
        let answer = shop.post_with("/api/checkout/create-session", &headers, &game_order()).await;
        assert_eq!(answer.status, 401, "{headers:?}: {answer:?}");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let guest = shop.post_with("/api/checkout/create-session", &[("authorization", "Bearer x")], &guest_order()).await;
    assert_eq!(guest.status, 401, "a token that does not count makes nobody a guest");
    let stale =
        shop.post_with("/api/checkout/create-session", &[("cookie", "__Host-hw_session=x")], &guest_order()).await;
    assert_eq!(stale.status, 200, "an old cookie does: {stale:?}");
    assert_eq!(shop.count("orders").await, 1);
    shop.close().await;
}

#[actix_web::test]
async fn every_word_for_a_cycle_and_a_domain_is_understood() {
    let shop = Shop::open().await;
    for (word, amount) in [("annually", 3588), ("Yearly", 3588), ("biennially", 4776), ("triennially", 5364)] {
        let mut order = guest_order();
        order["billingCycle"] = json!(word);
        order["couponCode"] = json!("");
        let answer = shop.post("/api/checkout/create-session", &order).await;
        assert_eq!(sold(&shop, &answer).await.1["amount_total"], amount, "{word}");
    }
    let domains = [
        (json!({ "mode": "subdomain", "value": "Grace" }), json!({ "mode": "subdomain", "value": "grace" })),
        (json!({ "mode": "free" }), Value::Null),
        (json!({ "mode": "temporary", "value": "" }), Value::Null),
        (json!({ "mode": "transfer", "value": "Example.COM" }), json!({ "mode": "own", "value": "example.com" })),
        (json!({ "mode": "byod", "value": "a.example.org" }), json!({ "mode": "own", "value": "a.example.org" })),
        (Value::Null, Value::Null),
    ];
    for (sent, kept) in domains {
        let mut order = guest_order();
        order["domain"] = sent.clone();
        let answer = shop.post("/api/checkout/create-session", &order).await;
        assert_eq!(answer.status, 200, "{sent}: {answer:?}");
        let stored =
            "SELECT COALESCE(delivery->'domain', 'null')::text FROM orders ORDER BY created_at DESC, id DESC LIMIT 1";
        let stored: String = shop.sql(stored).await;
        assert_eq!(serde_json::from_str::<Value>(&stored).unwrap(), kept, "{sent}");
    }
    shop.close().await;
}

#[actix_web::test]
async fn unknown_members_and_other_spellings_are_forgiven() {
    let shop = Shop::open().await;
    let order = json!({
        "plan_id": "starter", "term": "monthly", "utm": { "source": "ad" }, "trialActive": null, "coupon_code": "welcome10",
        "customer": { "name": "Grace Hopper", "email": " Grace@Example.com ", "phone": 5 },
    });
    let answer = shop.post("/api/checkout/create-session", &order).await;
    let (_, at_stripe) = sold(&shop, &answer).await;
    assert_eq!((at_stripe["amount_total"].as_i64(), &at_stripe["email"]), (Some(719), &json!("grace@example.com")));
    shop.close().await;
}

#[actix_web::test]
async fn a_trial_charges_nothing_today() {
    let shop = Shop::open().await;
    let mut order = guest_order();
    order["trialActive"] = json!(true);
    order.as_object_mut().unwrap().remove("couponCode");
    let answer = shop.post("/api/checkout/create-session", &order).await;
    let (session, at_stripe) = sold(&shop, &answer).await;
    assert_eq!(at_stripe["amount_total"], 0);
    let shown = shop.get(&format!("/api/checkout/session/{session}")).await.json();
    assert_eq!(shown["session"]["amount"], 0);
    shop.close().await;
}

#[actix_web::test]
async fn what_costs_nothing_needs_no_payment_page() {
    let shop = Shop::open().await;
    let mut order = guest_order();
    order["couponCode"] = json!("GIFT");
    let answer = shop.post("/api/checkout/create-session", &order).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let id = body["orderId"].as_str().unwrap();
    let signed = format!("https://shop.test/orders/{id}~");
    assert!(body["url"].as_str().unwrap().starts_with(&signed), "{body}");
    assert!(shop.stripe_sessions().await.is_empty());
    assert_eq!(shop.get(&format!("/api/orders/{id}")).await.json()["order"]["status"], "paid");
    let session = shop.get(&format!("/api/checkout/session/{}", body["sessionId"].as_str().unwrap())).await.json();
    assert_eq!(session["session"]["status"], "completed");
    shop.close().await;
}

#[actix_web::test]
async fn a_session_is_shown_as_the_older_clients_know_it() {
    let shop = Shop::open().await;
    let made = shop.order().await;
    let path = format!("/api/checkout/session/{}", made["sessionId"].as_str().unwrap());
    let mut shown = shop.get(&path).await.json();
    assert_eq!(shown["session"]["stripe_session_id"], made["sessionId"]);
    assert_eq!(shown["session"]["order_id"], made["orderId"]);
    for field in ["id", "stripe_session_id", "order_id"] {
        shown["session"][field] = json!("[id]");
    }
    insta::assert_json_snapshot!("session", shown);
    for unknown in ["cs_test_unknown", "%00", "x%20y", "..%2f..%2fetc"] {
        let answer = shop.get(&format!("/api/checkout/session/{unknown}")).await;
        assert_eq!((answer.status, answer.error().as_str()), (404, "There is no such checkout session."), "{unknown}");
    }
    shop.close().await;
}

#[actix_web::test]
async fn a_client_that_hangs_up_does_not_cut_its_order_off() {
    let shop = Shop::open().await;
    let rule =
        json!({ "target": "stripe", "kind": "delay", "path_contains": "/checkout/sessions", "ms": 300, "times": 1 });
    shop.control("/faults", &rule).await;
    let (address, body) = (shop.base.trim_start_matches("http://"), guest_order().to_string());
    let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /api/checkout/create-session HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    );
    line.write_all(head.as_bytes()).await.unwrap();
    shop.until("SELECT count(*) FROM orders").await;
    // A reset, not a polite end: the server drops what it was doing for this connection.
    line.set_zero_linger().unwrap();
    drop(line);
    // Waited for, not slept for: the session is linked although nobody waits for the answer.
    let linked = "SELECT count(*) FROM order_sessions WHERE status = 'created'";
    shop.until(linked).await;
    assert_eq!(shop.count("orders").await, 1);
    shop.close().await;
}
