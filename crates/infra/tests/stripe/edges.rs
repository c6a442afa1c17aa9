//! Events and bodies that are odd: thin, expanded, from the future, from elsewhere, not readable at all. And what the
//! shop is told about the ordinary ones.

use checkout::PaymentGateway;
use chrono::DateTime;
use infra::stripe::StripeGateway;
use kernel::{Money, Timestamp};
use orders::{
    ChargeFact, DisputeFact, GatewayEvent, GatewayFact, InvoiceFact, PaymentStatus, SessionStatus, SessionTrigger,
    SubscriptionFact,
};
use serde_json::{Value, json};

use crate::{ORDER, events::fixtures, settings, usd};

fn stripe() -> StripeGateway {
    StripeGateway::new(settings("https://api.stripe.com")).unwrap()
}

fn at(seconds: i64) -> Timestamp {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn event(kind: &str, object: Value) -> Value {
    json!({ "id": "evt_1", "object": "event", "api_version": "2026-10-28.endive", "created": 1_798_800_000,
        "livemode": false, "type": kind, "data": { "object": object } })
}

fn decode(event: &Value) -> GatewayEvent {
    stripe().decode(event.to_string().as_bytes()).unwrap()
}

fn fact(kind: &str, object: Value) -> GatewayFact {
    decode(&event(kind, object)).fact
}

/// One of our samples, in both API versions; they must say the same.
fn sample(name: &str) -> GatewayFact {
    let [new, old] = ["2026-10-28.endive", "2023-10-16"].map(|version| {
        let raw = std::fs::read(fixtures().join(version).join(format!("{name}.json"))).unwrap();
        stripe().decode(&raw).unwrap().fact
    });
    match (&new, &old) {
        // Only the older version names the intent in the event.
        (GatewayFact::Invoice(paid, invoice), GatewayFact::Invoice(..)) => {
            let named =
                |fact: &GatewayFact| matches!(fact, GatewayFact::Invoice(_, invoice) if invoice.intent.is_some());
            assert_eq!((named(&new), named(&old)), (false, true));
            let GatewayFact::Invoice(_, mut older) = old else { panic!() };
            older.intent = None;
            assert_eq!(GatewayFact::Invoice(*paid, invoice.clone()), GatewayFact::Invoice(*paid, older));
        }
        _ => assert_eq!(new, old, "{name}"),
    }
    new
}

#[test]
fn a_completed_session_says_which_order_was_paid_and_how_much() {
    let GatewayFact::Session(trigger, session) = sample("01_session_completed_guest_coupon") else { panic!() };
    assert_eq!(trigger, SessionTrigger::Completed);
    assert_eq!(session.order, Some(ORDER.parse().unwrap()));
    assert_eq!((session.status, session.payment_status), (SessionStatus::Complete, PaymentStatus::Paid));
    assert_eq!((session.amount, session.order_text), (Some(usd(5929)), None));
    let GatewayFact::Session(_, yen) = sample("02_session_completed_one_time_yen_unpaid") else { panic!() };
    assert_eq!(yen.payment_status, PaymentStatus::Unpaid);
    assert_eq!(yen.amount, Some(Money::new(1500, "JPY".parse().unwrap())));
    assert!(matches!(sample("03_session_async_payment_failed"), GatewayFact::Session(SessionTrigger::AsyncFailed, _)));
    let GatewayFact::Session(SessionTrigger::Expired, gone) = sample("04_session_expired") else { panic!() };
    assert_eq!(gone.status, SessionStatus::Expired);
}

#[test]
fn subscriptions_invoices_refunds_and_disputes_are_translated() {
    let (start, end) = (at(1_798_800_000), at(1_798_800_000 + 31_536_000));
    let subscription = SubscriptionFact {
        id: "sub_1HwTest0000Kx7PlanAbcd".to_owned(),
        order: Some(ORDER.parse().unwrap()),
        status: "active".to_owned(),
        period_start: Some(start),
        period_end: Some(end),
        cancel_at_period_end: false,
    };
    assert_eq!(sample("05_subscription_created"), GatewayFact::Subscription(subscription.clone()));
    let invoice = InvoiceFact {
        id: "in_1HwTest0000InvFirst01".to_owned(),
        subscription: Some(subscription.id),
        order: Some(ORDER.parse().unwrap()),
        amount: Some(usd(5929)),
        reason: Some("subscription_create".to_owned()),
        intent: None,
        period_end: Some(end),
    };
    assert_eq!(sample("08_invoice_paid_first"), GatewayFact::Invoice(true, invoice));
    let GatewayFact::Invoice(false, failed) = sample("09_invoice_payment_failed_renewal") else { panic!() };
    assert_eq!(failed.amount, Some(usd(6588)), "what is due");
    let intent = Some("pi_3HwTest0000Intent0001".to_owned());
    let charge = |refunded, fully| {
        let id = "ch_3HwTest0000Charge0001".to_owned();
        let amount = Some(usd(5929));
        GatewayFact::Refund(ChargeFact { id, intent: intent.clone(), amount, refunded: Some(usd(refunded)), fully })
    };
    assert_eq!(sample("10_charge_refunded_partly"), charge(1000, false));
    assert_eq!(sample("11_charge_refunded_fully"), charge(5929, true));
    let dispute = DisputeFact {
        id: "du_1HwTest0000Dispute001".to_owned(),
        intent: intent.clone(),
        status: "lost".to_owned(),
        reason: Some("product_not_received".to_owned()),
    };
    assert_eq!(sample("12_dispute_closed_lost"), GatewayFact::Dispute(false, dispute));
}

#[test]
fn an_order_of_somebody_else_is_told_as_it_is_written() {
    let GatewayFact::Session(_, session) = fact(
        "checkout.session.completed",
        json!({ "id": "cs_1", "metadata": { "order_id": "42" }, "client_reference_id": ORDER }),
    ) else {
        panic!()
    };
    assert_eq!((session.order, session.order_text.as_deref()), (None, Some("42")));
}

#[test]
fn without_metadata_the_client_reference_names_the_order() {
    for (reference, found) in [(json!(ORDER), true), (json!("ORD-42"), false), (Value::Null, false)] {
        let object = json!({ "id": "cs_1", "metadata": null, "client_reference_id": reference });
        let GatewayFact::Session(_, session) = fact("checkout.session.completed", object) else { panic!() };
        assert_eq!((session.order.is_some(), session.order_text), (found, None), "{reference}");
    }
}

#[test]
fn an_invoices_order_and_subscription_are_found_wherever_they_are() {
    let metadata = json!({ "order_id": ORDER });
    let objects = [
        json!({ "parent": { "subscription_details": { "metadata": metadata, "subscription": "sub_1" } } }),
        json!({ "subscription_details": { "metadata": metadata }, "subscription": { "id": "sub_1", "object": "subscription" } }),
        json!({ "metadata": metadata, "lines": { "data": [{ "parent": { "subscription_item_details": { "subscription": "sub_1" } } }] } }),
        json!({ "lines": { "data": [{ "metadata": metadata, "subscription": "sub_1" }] } }),
    ];
    for mut object in objects {
        object["id"] = json!("in_1");
        let GatewayFact::Invoice(true, invoice) = fact("invoice.paid", object.clone()) else { panic!() };
        assert_eq!(invoice.subscription.as_deref(), Some("sub_1"), "{object}");
        assert_eq!(invoice.order, Some(ORDER.parse().unwrap()), "{object}");
    }
}

#[test]
fn of_an_invoices_payments_the_one_that_paid_counts() {
    let object = json!({ "id": "in_1", "payments": { "data": [
        { "status": "canceled", "payment": { "payment_intent": "pi_old" } },
        { "status": "paid", "payment": { "payment_intent": { "id": "pi_new", "object": "payment_intent" } } },
    ] } });
    let GatewayFact::Invoice(_, invoice) = fact("invoice.paid", object) else { panic!() };
    assert_eq!(invoice.intent.as_deref(), Some("pi_new"));
}

#[test]
fn expanded_ids_new_words_and_new_fields_do_no_harm() {
    let object = json!({
        "id": "cs_1", "metadata": { "order_id": ORDER, "more": "x" }, "status": "paused", "payment_status": "half",
        "customer": { "id": "cus_1", "object": "customer" }, "subscription": { "id": "sub_1", "items": {} },
        "invoice": { "id": "in_1" }, "payment_intent": { "id": "pi_1" }, "amount_total": "5929", "currency": "usd",
        "new_in_2031": { "a": [1, { "b": null }] },
    });
    let GatewayFact::Session(_, session) = fact("checkout.session.completed", object) else { panic!() };
    assert_eq!((session.status, session.payment_status), (SessionStatus::Other, PaymentStatus::Other));
    let ids = [session.customer, session.subscription, session.invoice, session.intent].map(Option::unwrap);
    assert_eq!(ids, ["cus_1", "sub_1", "in_1", "pi_1"]);
    assert_eq!(session.amount, Some(usd(5929)));
}

#[test]
fn objects_that_say_next_to_nothing_are_read() {
    let bare = || json!({ "id": "x_1" });
    let kinds = [
        "checkout.session.completed",
        "checkout.session.expired",
        "customer.subscription.deleted",
        "invoice.paid",
        "invoice.payment_failed",
        "charge.refunded",
        "charge.dispute.created",
    ];
    for kind in kinds {
        assert_ne!(fact(kind, bare()), GatewayFact::Other, "{kind}");
    }
    let odd = json!({ "id": "x_1", "amount_total": 1.5, "currency": "dollars", "metadata": ["order_id"], "items": 3, "lines": null });
    for kind in kinds {
        assert_ne!(fact(kind, odd.clone()), GatewayFact::Other, "{kind}");
    }
}

#[test]
fn what_we_do_not_act_on_is_other() {
    assert_eq!(fact("customer.created", json!({ "id": "cus_1" })), GatewayFact::Other);
    assert_eq!(fact("something.new", Value::Null), GatewayFact::Other);
    let thin = json!({ "id": "evt_test_65R9Ijk8dKEYZcXeRWn16R9A7j1FSQ3w3TGDPLLGSM4CW0", "object": "v2.core.event",
        "type": "v1.checkout.session.completed", "created": "2026-11-21T04:01:11.000Z", "livemode": false,
        "related_object": { "id": "cs_1", "type": "checkout.session", "url": "/v1/checkout/sessions/cs_1" } });
    let event = decode(&thin);
    assert_eq!((event.fact, event.created), (GatewayFact::Other, at(1_795_233_671)));
    let incoming = stripe().envelope(thin.to_string().as_bytes(), at(0));
    assert_eq!((incoming.object.as_deref(), incoming.kind.as_str()), (Some("cs_1"), "v1.checkout.session.completed"));
}

#[test]
fn real_money_and_other_accounts_are_told_apart() {
    let mut ours = event("invoice.paid", json!({ "id": "in_1" }));
    assert_eq!((decode(&ours).livemode, decode(&ours).foreign_account), (false, false));
    ours["livemode"] = json!(true);
    ours["account"] = json!("acct_1Connected");
    assert_eq!((decode(&ours).livemode, decode(&ours).foreign_account), (true, true));
}

#[test]
fn events_that_say_nothing_we_can_use_are_unreadable() {
    let gateway = stripe();
    let without = |member: &str| {
        let mut event = event("invoice.paid", json!({ "id": "in_1" }));
        event.as_object_mut().unwrap().remove(member);
        event.to_string()
    };
    let deep = "[".repeat(5000);
    let unreadable = [
        String::new(),
        "{".to_owned(),
        "null".to_owned(),
        "[]".to_owned(),
        "\"text\"".to_owned(),
        "{}".to_owned(),
        deep,
        without("id"),
        without("type"),
        without("data"),
        event("invoice.paid", Value::Null).to_string(),
        event("invoice.paid", json!({ "id": 7 })).to_string(),
        event("charge.refunded", json!("ch_1")).to_string(),
    ];
    for raw in unreadable {
        let short: String = raw.chars().take(80).collect();
        assert!(gateway.decode(raw.as_bytes()).is_err(), "{short}");
    }
    assert!(gateway.decode(b"\xff\xfe{}").is_err());
}

#[test]
fn whatever_was_signed_can_be_stored() {
    let gateway = stripe();
    let good = event("invoice.paid", json!({ "id": "in_1" })).to_string();
    let incoming = gateway.envelope(good.as_bytes(), at(5));
    assert_eq!((incoming.id.as_str(), incoming.kind.as_str()), ("evt_1", "invoice.paid"));
    assert_eq!(incoming.api_version.as_deref(), Some("2026-10-28.endive"));
    assert_eq!((incoming.created, incoming.received_at), (Some(at(1_798_800_000)), at(5)));
    assert_eq!((incoming.livemode, incoming.object.as_deref()), (Some(false), Some("in_1")));
    assert_eq!(incoming.raw, good.as_bytes());
    let odd: [&[u8]; 4] = [b"", b"not json", b"\xff\x00", br#"{"id":"a\u0000b","type":7}"#];
    for raw in odd {
        let incoming = gateway.envelope(raw, at(5));
        assert!(incoming.id.starts_with("sha256:") && incoming.id.len() == 71, "{}", incoming.id);
        assert_eq!((incoming.kind.as_str(), incoming.raw.as_slice()), ("unreadable", raw));
        assert_eq!(gateway.envelope(raw, at(9)).id, incoming.id, "the same body has the same id");
    }
    let long = event("invoice.paid", json!({ "id": "x".repeat(300) })).to_string().replace("evt_1", &"e".repeat(300));
    let incoming = gateway.envelope(long.as_bytes(), at(5));
    assert!(incoming.id.starts_with("sha256:") && incoming.object.is_none());
}
