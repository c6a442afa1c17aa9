//! What a payment leaves behind: the objects, their shapes, lists, refunds.

use crate::contracts::assert_stripe_object;
use crate::support::{Bed, payment, quick, subscription, with};
use sandbox::{EventVersion, Options};
use serde_json::{Value, json};

#[tokio::test]
async fn a_paid_subscription_leaves_objects_of_the_newest_shape() {
    let bed = Bed::start().await;
    let id = bed.session(&subscription()).await;
    bed.pay(&id, "paid").await;
    let session = bed.get(&format!("/checkout/sessions/{id}")).await;
    assert_eq!((&session["status"], &session["payment_status"]), (&json!("complete"), &json!("paid")));
    assert_eq!((&session["url"], &session["payment_intent"]), (&Value::Null, &Value::Null));
    assert_stripe_object("checkout.session", &session);
    let subscription = bed.get(&format!("/subscriptions/{}", session["subscription"].as_str().unwrap())).await;
    assert_eq!((&subscription["status"], &subscription["metadata"]["order_id"]), (&json!("active"), &json!("ord_1")));
    let item = &subscription["items"]["data"][0];
    let days = (item["current_period_end"].as_i64().unwrap() - item["current_period_start"].as_i64().unwrap()) / 86_400;
    assert!((365..=366).contains(&days));
    assert_stripe_object("subscription", &subscription);
    assert_stripe_object("subscription_item", item);
    let invoice = bed
        .stripe(
            "GET",
            &format!("/invoices/{}", session["invoice"].as_str().unwrap()),
            &json!({ "expand": ["payments"] }),
            None,
        )
        .await
        .ok();
    assert_eq!((&invoice["status"], &invoice["amount_paid"]), (&json!("paid"), &json!(7900)));
    assert_eq!(invoice["parent"]["subscription_details"]["subscription"], subscription["id"]);
    assert_stripe_object("invoice", &invoice);
    let listed = bed.stripe("GET", "/invoice_payments", &json!({ "invoice": invoice["id"] }), None).await.ok();
    assert_eq!(invoice["payments"]["data"], listed["data"]);
    assert_stripe_object("invoice_payment", &listed["data"][0]);
    let intent = bed
        .get(&format!("/payment_intents/{}", listed["data"][0]["payment"]["payment_intent"].as_str().unwrap()))
        .await;
    assert_stripe_object("payment_intent", &intent);
    let charge = bed.get(&format!("/charges/{}", intent["latest_charge"].as_str().unwrap())).await;
    assert_stripe_object("charge", &charge);
    let by_intent = json!({ "payment": { "type": "payment_intent", "payment_intent": intent["id"] } });
    assert_eq!(bed.stripe("GET", "/invoice_payments", &by_intent, None).await.ok()["data"], listed["data"]);
}

#[tokio::test]
async fn expanding_replaces_ids_by_objects() {
    let bed = Bed::start().await;
    let id = bed.session(&subscription()).await;
    bed.pay(&id, "paid").await;
    let wanted = json!({ "expand": ["line_items", "subscription.latest_invoice", "customer"] });
    let session = bed.stripe("GET", &format!("/checkout/sessions/{id}"), &wanted, None).await.ok();
    assert_eq!(session["line_items"]["data"][0]["amount_total"], json!(7900));
    assert_eq!(session["subscription"]["latest_invoice"]["object"], json!("invoice"));
    assert_eq!(session["customer"]["email"], json!("jane@example.test"));
    assert_stripe_object("checkout.session", &session);
    let wrong = bed.stripe("GET", &format!("/checkout/sessions/{id}"), &json!({ "expand": ["status"] }), None).await;
    assert_eq!(wrong.stripe_error(), (400, "invalid_request_error".to_owned(), "expand".to_owned()));
}

#[tokio::test]
async fn refunds_add_up_to_the_charge_and_no_further() {
    let bed = Bed::start().await;
    let id = bed.session(&payment()).await;
    bed.pay(&id, "paid").await;
    let intent = bed.get(&format!("/checkout/sessions/{id}")).await["payment_intent"].clone();
    let part = bed
        .stripe(
            "POST",
            "/refunds",
            &json!({ "payment_intent": intent, "amount": 500, "metadata": { "why": "late" } }),
            Some("r1"),
        )
        .await
        .ok();
    assert_stripe_object("refund", &part);
    let too_much = bed.stripe("POST", "/refunds", &json!({ "payment_intent": intent, "amount": 701 }), None).await;
    assert_eq!(too_much.stripe_error().2, "amount");
    let rest = bed.stripe("POST", "/refunds", &json!({ "charge": part["charge"] }), None).await.ok();
    assert_eq!(rest["amount"], json!(700));
    let again = bed.stripe("POST", "/refunds", &json!({ "payment_intent": intent }), None).await;
    assert_eq!(again.stripe_error().1, "charge_already_refunded");
    for (body, code) in [
        (json!({}), "parameter_missing"),
        (json!({ "charge": part["charge"], "payment_intent": intent }), "parameters_exclusive"),
        (json!({ "payment_intent": "pi_no" }), "resource_missing"),
    ] {
        assert_eq!(bed.stripe("POST", "/refunds", &body, None).await.stripe_error().1, code);
    }
    let events = bed.stripe("GET", "/events", &json!({ "types": ["charge.refunded"] }), None).await.ok();
    let amounts: Vec<&Value> =
        events["data"].as_array().unwrap().iter().map(|event| &event["data"]["object"]["amount_refunded"]).collect();
    assert_eq!(amounts, [&json!(1200), &json!(500)]);
    assert_eq!(events["data"][1]["request"]["idempotency_key"], json!("r1"));
    assert_eq!(bed.truth().await["payments"][0]["amount_refunded"], json!(1200));
}

#[tokio::test]
async fn events_are_listed_newest_first_in_pages() {
    let bed = Bed::start().await;
    for _ in 0..3 {
        let id = bed.session(&subscription()).await;
        bed.stripe("POST", &format!("/checkout/sessions/{id}/expire"), &json!({}), None).await.ok();
    }
    let all = bed.get("/events").await["data"].as_array().unwrap().clone();
    assert_eq!(all.len(), 3);
    let first = bed
        .stripe("GET", "/events", &json!({ "limit": 2, "types": ["checkout.session.expired", "invoice.paid"] }), None)
        .await
        .ok();
    assert_eq!((first["data"].as_array().unwrap().as_slice(), &first["has_more"]), (&all[..2], &json!(true)));
    let second = bed.stripe("GET", "/events", &json!({ "limit": 2, "starting_after": all[1]["id"] }), None).await.ok();
    assert_eq!((second["data"].as_array().unwrap().as_slice(), &second["has_more"]), (&all[2..], &json!(false)));
    let none = bed.stripe("GET", "/events", &json!({ "created": { "gt": all[0]["created"] } }), None).await.ok();
    assert_eq!(none["data"], json!([]));
    assert_eq!(bed.get(&format!("/events/{}", all[0]["id"].as_str().unwrap())).await, all[0]);
    for (query, param) in [
        (json!({ "limit": 101 }), "limit"),
        (json!({ "sort": "asc" }), "sort"),
        (json!({ "created": { "after": 1 } }), "created[after]"),
    ] {
        assert_eq!(bed.stripe("GET", "/events", &query, None).await.stripe_error().2, param);
    }
}

#[tokio::test]
async fn events_of_the_newest_version_carry_valid_objects() {
    let bed = Bed::start().await;
    let paid = bed.session(&subscription()).await;
    bed.pay(&paid, "paid").await;
    let once = bed.session(&payment()).await;
    bed.pay(&once, "async").await;
    bed.control("POST", &format!("/stripe/sessions/{once}/async"), &json!({ "outcome": "succeeded" })).await.ok();
    let events = bed.stripe("GET", "/events", &json!({ "limit": 100 }), None).await.ok();
    let events = events["data"].as_array().unwrap();
    let kinds: Vec<&str> = events.iter().rev().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        kinds,
        [
            "customer.subscription.created",
            "invoice.paid",
            "checkout.session.completed",
            "charge.pending",
            "checkout.session.completed",
            "checkout.session.async_payment_succeeded",
        ]
    );
    for event in events {
        assert_stripe_object("event", event);
        let object = &event["data"]["object"];
        assert_stripe_object(object["object"].as_str().unwrap(), object);
    }
}

#[tokio::test]
async fn events_of_the_old_version_have_the_old_members() {
    let bed = Bed::with(Options { event_version: EventVersion::V2023, ..quick() }).await;
    bed.stripe("POST", "/coupons", &json!({ "id": "P", "percent_off": 10 }), None).await.ok();
    let id = bed.session(&with(subscription(), "/discounts", json!([{ "coupon": "P" }]))).await;
    bed.pay(&id, "paid").await;
    let of =
        async |kind: &str| bed.stripe("GET", "/events", &json!({ "type": kind }), None).await.ok()["data"][0].clone();
    let subscription = of("customer.subscription.created").await;
    assert_eq!(subscription["api_version"], json!("2023-10-16"));
    let subscription = &subscription["data"]["object"];
    assert!(subscription["current_period_end"].is_i64());
    assert!(subscription["items"]["data"][0].get("current_period_end").is_none());
    let invoice = of("invoice.paid").await["data"]["object"].clone();
    assert_eq!(invoice["subscription"], subscription["id"]);
    assert_eq!((invoice.get("parent"), &invoice["paid"]), (None, &json!(true)));
    assert!(invoice["payment_intent"].as_str().unwrap().starts_with("pi_"));
    assert_eq!(invoice["subscription_details"]["metadata"]["order_id"], json!("ord_1"));
    let session = of("checkout.session.completed").await["data"]["object"].clone();
    assert_eq!((&session["ui_mode"], session.get("discounts")), (&json!("hosted"), None));
}

#[tokio::test]
async fn a_delayed_payment_can_fail() {
    let bed = Bed::start().await;
    let id = bed.session(&subscription()).await;
    bed.pay(&id, "async").await;
    let session = bed.get(&format!("/checkout/sessions/{id}")).await;
    assert_eq!((&session["status"], &session["payment_status"]), (&json!("complete"), &json!("unpaid")));
    bed.control("POST", &format!("/stripe/sessions/{id}/async"), &json!({ "outcome": "failed" })).await.ok();
    assert_eq!(bed.get(&format!("/checkout/sessions/{id}")).await["payment_status"], json!("unpaid"));
    assert_eq!(bed.truth().await["sessions"][0]["paid"], json!(false));
    let twice = bed.control("POST", &format!("/stripe/sessions/{id}/async"), &json!({ "outcome": "succeeded" })).await;
    assert_eq!(twice.status, 409);
}

#[tokio::test]
async fn sessions_expire_by_request_and_by_time() {
    let bed = Bed::start().await;
    let by_request = bed.session(&subscription()).await;
    let expired = bed.stripe("POST", &format!("/checkout/sessions/{by_request}/expire"), &json!({}), None).await.ok();
    assert_eq!((&expired["status"], &expired["url"]), (&json!("expired"), &Value::Null));
    let again = bed.stripe("POST", &format!("/checkout/sessions/{by_request}/expire"), &json!({}), None).await;
    assert_eq!(again.status, 400);
    let by_time = bed.session(&subscription()).await;
    bed.control("POST", "/clock", &json!({ "advance_seconds": 86_401 })).await.ok();
    assert_eq!(bed.get(&format!("/checkout/sessions/{by_time}")).await["status"], json!("expired"));
    assert_eq!(
        bed.control("POST", &format!("/stripe/sessions/{by_time}/pay"), &json!({ "outcome": "paid" })).await.status,
        409
    );
}

#[tokio::test]
async fn a_declined_card_leaves_the_session_open_for_another_try() {
    let bed = Bed::start().await;
    let id = bed.session(&payment()).await;
    bed.pay(&id, "declined").await;
    let open = bed.get(&format!("/checkout/sessions/{id}")).await;
    assert_eq!(open["status"], json!("open"));
    bed.pay(&id, "paid").await;
    let session = bed.get(&format!("/checkout/sessions/{id}")).await;
    assert_eq!((&session["payment_status"], &session["payment_intent"]), (&json!("paid"), &open["payment_intent"]));
    let truth = bed.truth().await;
    assert_eq!((truth["payments"].as_array().unwrap().len(), &truth["sessions"][0]["declined"]), (1, &json!(1)));
}

#[tokio::test]
async fn old_sessions_can_be_forgotten() {
    let bed = Bed::with(Options { keep_sessions: 2, ..quick() }).await;
    let first = bed.session(&subscription()).await;
    bed.session(&subscription()).await;
    let last = bed.session(&subscription()).await;
    assert_eq!(bed.stripe("GET", &format!("/checkout/sessions/{first}"), &json!({}), None).await.status, 404);
    bed.get(&format!("/checkout/sessions/{last}")).await;
}
