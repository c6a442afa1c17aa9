//! Stripe's webhooks: believed only when signed, stored before they are answered, never twice.

use chrono::Duration;
use infra::secrets::{NewSecret, SecretBox, WEBHOOK_SECRET, add_secret};
use kernel::Env;
use reqwest::Method;
use secrecy::SecretString;
use serde_json::json;
use testkit::TestDb;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::shop::{KEY, SECRET, Settings, Shop, now, signature};

const PATH: &str = "/api/webhooks/stripe";
const PATHS: [&str; 2] = [PATH, "/api/stripe/webhook"];

fn event(id: &str, kind: &str) -> String {
    json!({ "id": id, "object": "event", "type": kind, "api_version": "2026-10-28.endive", "created": now(),
        "livemode": false, "data": { "object": { "id": "obj_1", "object": "thing" } } })
    .to_string()
}

#[actix_web::test]
async fn a_signed_event_is_stored_with_its_job_whatever_its_type() {
    let shop = Shop::open().await;
    for (number, path) in PATHS.into_iter().enumerate() {
        let body = event(&format!("evt_{number}"), "something.nobody.knows");
        let answer = shop.deliver(path, &body, SECRET).await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "received": true })), "{path}: {answer:?}");
    }
    assert_eq!((shop.count("stripe_events_log").await, shop.count("jobs").await), (2, 2));
    let kept: bool = shop.sql("SELECT bool_and(type = 'something.nobody.knows') FROM stripe_events_log").await;
    assert!(kept);
    shop.close().await;
}

#[actix_web::test]
async fn a_duplicate_is_answered_and_does_nothing() {
    let shop = Shop::open().await;
    let body = event("evt_1", "invoice.paid");
    for _ in 0..3 {
        let answer = shop.deliver(PATH, &body, SECRET).await;
        assert_eq!((answer.status, answer.json()), (200, json!({ "received": true })));
    }
    assert_eq!((shop.count("stripe_events_log").await, shop.count("jobs").await), (1, 1));
    let webhooks = shop.get("/api/health").await.json()["webhooks"].clone();
    assert_eq!(webhooks, json!({ "received": 1, "duplicates": 2, "rejectedSignature": 0 }));
    shop.close().await;
}

#[actix_web::test]
async fn what_is_not_signed_as_it_should_be_is_refused_and_counted() {
    let shop = Shop::open().await;
    let body = event("evt_1", "invoice.paid");
    let good = signature(&body, SECRET, now());
    let headers = [
        String::new(),
        "nonsense".to_owned(),
        format!("t={}", now()),
        signature(&body, "whsec_another", now()),
        signature(&body, "", now()),
        signature("{}", SECRET, now()),
        signature(&body, SECRET, now() - 301),
        signature(&body, SECRET, now() + 400),
        good.replace("v1=", "v0="),
    ];
    for header in &headers {
        let answer = shop.send(Method::POST, PATH, &[("stripe-signature", header)], body.clone().into_bytes()).await;
        assert_eq!(
            (answer.status, answer.json()["code"].as_str()),
            (400, Some("bad-signature")),
            "{header}: {answer:?}"
        );
    }
    assert_eq!(shop.send(Method::POST, PATH, &[], body.clone().into_bytes()).await.status, 400, "no header at all");
    assert_eq!((shop.count("stripe_events_log").await, shop.count("jobs").await), (0, 0));
    assert_eq!(shop.get("/api/health").await.json()["webhooks"]["rejectedSignature"], headers.len() + 1);
    let two = format!("{},v1={}", good, "0".repeat(64));
    let answer = shop.send(Method::POST, PATH, &[("stripe-signature", &two)], body.into_bytes()).await;
    assert_eq!(answer.status, 200, "one good signature among others is enough");
    shop.close().await;
}

#[actix_web::test]
async fn an_unreadable_body_that_is_signed_is_kept() {
    let shop = Shop::open().await;
    for body in ["", "no json", "[]", "{\"id\": 5}"] {
        let answer = shop.deliver(PATH, body, SECRET).await;
        assert_eq!(answer.status, 200, "{body}: {answer:?}");
    }
    assert_eq!(shop.count("stripe_events_log").await, 4);
    shop.close().await;
}

#[actix_web::test]
async fn old_and_new_secrets_count_while_one_is_rotated() {
    let settings = Settings { arguments: vec!["--stripe-webhook-secret=whsec_new".to_owned()], ..Settings::default() };
    let database = TestDb::new().await;
    let sealer = SecretBox::new(&SecretString::from(KEY)).unwrap();
    let db = database.connect().await;
    let (now, hour) = (Env::system().now(), Duration::hours(1));
    for (plain, from, until) in [
        ("whsec_of_the_table", now - hour, None),
        ("whsec_also_of_the_table", now - hour, Some(now + hour)),
        ("whsec_retired", now - hour - hour, Some(now - hour)),
        ("whsec_of_tomorrow", now + hour, None),
    ] {
        let plain = SecretString::from(plain);
        let new = NewSecret { name: WEBHOOK_SECRET.to_owned(), plain, not_before: from, not_after: until };
        add_secret(&db, &sealer, &new).await.unwrap();
    }
    drop(db);
    let shop = Shop::open_on(database, settings).await;
    for (number, secret) in [SECRET, "whsec_new", "whsec_of_the_table", "whsec_also_of_the_table"].iter().enumerate() {
        let answer = shop.deliver(PATH, &event(&format!("evt_{number}"), "invoice.paid"), secret).await;
        assert_eq!(answer.status, 200, "{secret}: {answer:?}");
    }
    for secret in ["whsec_retired", "whsec_of_tomorrow"] {
        assert_eq!(shop.deliver(PATH, &event("evt_x", "invoice.paid"), secret).await.status, 400, "{secret}");
    }
    shop.close().await;
}

#[actix_web::test]
async fn more_than_a_quarter_of_a_mebibyte_is_too_much() {
    let shop = Shop::open().await;
    let most = format!("{{\"id\":\"evt_1\",\"type\":\"x\",\"padding\":\"{}\"}}", "x".repeat((256 << 10) - 40));
    assert!(most.len() <= 256 << 10);
    assert_eq!(shop.deliver(PATH, &most, SECRET).await.status, 200);
    for size in [(256 << 10) + 1, 10 << 20] {
        let answer = shop.deliver(PATH, &"x".repeat(size), SECRET).await;
        assert_eq!((answer.status, answer.json()["code"].as_str()), (413, Some("body-too-large")));
    }
    assert_eq!(shop.count("stripe_events_log").await, 1);
    shop.close().await;
}

#[actix_web::test]
async fn a_body_that_does_not_come_is_not_waited_for_longer_than_five_seconds() {
    let shop = Shop::open().await;
    let address = shop.base.trim_start_matches("http://");
    let mut line = tokio::net::TcpStream::connect(address).await.unwrap();
    let signed = signature("", SECRET, now());
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: {address}\r\nstripe-signature: {signed}\r\ncontent-length: 100\r\n\r\n{{\"id\":"
    );
    line.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    line.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("body-timeout"), "{answer}");
    shop.close().await;
}

#[actix_web::test]
async fn other_methods_are_told_what_the_address_is_for() {
    let shop = Shop::open().await;
    for path in PATHS {
        for method in [Method::GET, Method::PUT, Method::DELETE] {
            let answer = shop.send(method, path, &[], Vec::new()).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "POST"));
            assert!(answer.error().contains("Stripe"), "{answer:?}");
        }
    }
    shop.close().await;
}

#[actix_web::test]
async fn without_a_database_stripe_is_asked_to_come_again() {
    let (shop, cable) = Shop::open_on_a_cable().await;
    cable.pull().await;
    let answer = shop.deliver(PATH, &event("evt_1", "invoice.paid"), SECRET).await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"), "{answer:?}");
    let forged = shop.deliver(PATH, &event("evt_1", "invoice.paid"), "whsec_another").await;
    assert_eq!(forged.status, 400, "a forged one is refused all the same");
    shop.close().await;
}

#[actix_web::test]
async fn what_the_sandbox_sends_arrives() {
    let shop = Shop::open().await;
    let url = format!("{}{PATH}", shop.base);
    shop.control("/stripe/webhook", &json!({ "url": url, "secrets": [SECRET] })).await;
    let session = shop.order().await["sessionId"].as_str().unwrap().to_owned();
    shop.control(&format!("/stripe/sessions/{session}/pay"), &json!({ "outcome": "paid" })).await;
    let arrived = "SELECT count(*) FROM stripe_events_log WHERE type = 'checkout.session.completed'";
    shop.until(arrived).await;
    shop.close().await;
}
