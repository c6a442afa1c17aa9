//! The gateway against the stand-in for Stripe, which knows Stripe from its contract alone.

use catalog::CouponDuration;
use checkout::{GatewayError, PaymentGateway, SessionRequest};
use infra::outgoing::Outgoing;
use infra::stripe::{StripeGateway, StripeSettings, WEBHOOK_TOLERANCE, verify};
use kernel::{BillingCycle, Env};
use orders::{GatewayFact, PaymentStatus, SessionFact, SessionStatus, SessionTrigger};
use sandbox::{EventVersion, Options, Running, Sandbox};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    discount, request,
    stub::{Say, Stub},
    usd,
};

async fn start(options: Options) -> (Running, StripeGateway) {
    let key = options.stripe_key.clone();
    let sandbox = Sandbox::start(options).await.unwrap();
    let base = format!("{}/stripe", sandbox.base_url());
    (
        sandbox,
        StripeGateway::new(StripeSettings {
            secret_key: SecretString::from(key),
            api_base: base,
            outgoing: Outgoing::default(),
        })
        .unwrap(),
    )
}

fn http() -> reqwest::Client {
    infra::http::install_tls_provider();
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn control(sandbox: &Running, path: &str, body: Value) -> Value {
    let url = format!("{}/control{path}", sandbox.base_url());
    let answer = http().post(url).body(body.to_string()).send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

/// The newest events, as Stripe lists them.
async fn listed_events(sandbox: &Running) -> Vec<Value> {
    let url = format!("{}/stripe/v1/events?limit=100", sandbox.base_url());
    let answer = http().get(url).bearer_auth("sk_test_sandbox").send().await.unwrap().text().await.unwrap();
    let list: Value = serde_json::from_str(&answer).unwrap();
    list["data"].as_array().unwrap().clone()
}

async fn paid(sandbox: &Running, gateway: &StripeGateway, request: &SessionRequest) -> SessionFact {
    let made = gateway.create_session(request).await.unwrap();
    assert_eq!(made.status, SessionStatus::Open);
    assert_ne!(made.payment_status, PaymentStatus::Paid);
    assert!(made.url.is_some());
    assert_eq!(made.order, Some(request.order));
    control(sandbox, &format!("/stripe/sessions/{}/pay", made.id), json!({ "outcome": "paid" })).await;
    gateway.session(&made.id).await.unwrap()
}

#[tokio::test]
async fn a_plan_with_a_coupon_is_bought_to_the_cent() {
    let (sandbox, gateway) = start(Options::default()).await;
    let bought = SessionRequest { discount: Some(discount(usd(659), CouponDuration::Once)), ..request() };
    let session = paid(&sandbox, &gateway, &bought).await;
    assert_eq!((session.status, session.payment_status), (SessionStatus::Complete, PaymentStatus::Paid));
    assert_eq!((session.amount, session.url), (Some(usd(5929)), None));
    let subscription = gateway.subscription(&session.subscription.unwrap()).await.unwrap();
    assert_eq!((subscription.order, subscription.status.as_str()), (Some(bought.order), "active"));
    let (start, end) = (subscription.period_start.unwrap(), subscription.period_end.unwrap());
    assert!((365..=366).contains(&(end - start).num_days()));
    sandbox.stop().await;
}

#[tokio::test]
async fn every_cycle_trial_and_coupon_is_taken() {
    let (sandbox, gateway) = start(Options::default()).await;
    let mut env = Env::system();
    for cycle in BillingCycle::ALL {
        for coupon in [None, Some(CouponDuration::Once), Some(CouponDuration::Forever)] {
            for trial_days in [0, 14] {
                let order = env.id();
                let discount = coupon.map(|duration| discount(usd(659), duration));
                let asked = SessionRequest { order, cycle, discount, trial_days, ..request() };
                let session = paid(&sandbox, &gateway, &asked).await;
                let trial = trial_days > 0 && cycle != BillingCycle::OneTime;
                let due = if trial { 0 } else { 6588 - if coupon.is_some() { 659 } else { 0 } };
                assert_eq!(session.amount, Some(usd(due)), "{asked:?}");
                assert_eq!(session.payment_status == PaymentStatus::NotRequired, trial, "{asked:?}");
            }
        }
    }
    sandbox.stop().await;
}

#[tokio::test]
async fn asking_twice_makes_one_session_and_another_attempt_another() {
    let (sandbox, gateway) = start(Options::default()).await;
    let first = SessionRequest { discount: Some(discount(usd(659), CouponDuration::Forever)), ..request() };
    let made = gateway.create_session(&first).await.unwrap();
    assert_eq!(gateway.create_session(&first).await.unwrap(), made);
    let second = gateway.create_session(&SessionRequest { attempt: 2, ..first.clone() }).await.unwrap();
    assert_ne!(second.id, made.id);
    let changed = SessionRequest { list: usd(1), discount: None, ..first };
    let error = gateway.create_session(&changed).await.unwrap_err();
    assert!(matches!(&error, GatewayError::Refused { code, .. } if code == "idempotency_error"), "{error:?}");
    sandbox.stop().await;
}

#[tokio::test]
async fn a_wrong_key_and_unknown_objects_are_told() {
    let (sandbox, gateway) = start(Options::default()).await;
    assert_eq!(gateway.session("cs_test_nobody").await, Err(GatewayError::NotFound));
    assert_eq!(gateway.subscription("sub_nobody").await, Err(GatewayError::NotFound));
    let base = format!("{}/stripe", sandbox.base_url());
    let stranger = StripeSettings {
        secret_key: SecretString::from("sk_test_wrong"),
        api_base: base,
        outgoing: Outgoing::default(),
    };
    let error = StripeGateway::new(stranger).unwrap().create_session(&request()).await.unwrap_err();
    assert!(matches!(&error, GatewayError::Refused { code, .. } if code == "api_key_invalid"), "{error:?}");
    sandbox.stop().await;
}

#[tokio::test]
async fn the_invoice_of_an_intent_is_found() {
    let (sandbox, gateway) = start(Options::default()).await;
    let session = paid(&sandbox, &gateway, &request()).await;
    let truth = http().get(format!("{}/control/truth", sandbox.base_url())).send().await.unwrap().text().await.unwrap();
    let truth: Value = serde_json::from_str(&truth).unwrap();
    let intent = truth["payments"][0]["payment_intent"].as_str().unwrap();
    assert_eq!(gateway.invoice_of_intent(intent).await.unwrap(), session.invoice);
    assert!(session.invoice.is_some());
    sandbox.stop().await;
}

#[tokio::test]
async fn the_events_of_a_purchase_are_signed_and_say_what_the_session_says() {
    for event_version in [EventVersion::Endive, EventVersion::V2023] {
        let (told, mut delivered) = tokio::sync::mpsc::unbounded_channel();
        let shop = Stub::answering(move |asked| {
            told.send(asked.clone()).unwrap();
            Say::status(200, "{}")
        })
        .await;
        let secrets = ["whsec_old", "whsec_new"].map(str::to_owned).to_vec();
        let webhook_url = Some(format!("{}/hook", shop.base));
        let options = Options { webhook_url, webhook_secrets: secrets, event_version, ..Options::default() };
        let (sandbox, gateway) = start(options).await;
        let session = paid(&sandbox, &gateway, &request()).await;
        let completed = loop {
            let delivery = delivered.recv().await.unwrap();
            let header = delivery.header("stripe-signature").unwrap();
            let ours = [SecretString::from("whsec_new")];
            verify(header, delivery.body.as_bytes(), &ours, Env::system().now(), WEBHOOK_TOLERANCE).unwrap();
            let event = gateway.decode(delivery.body.as_bytes()).unwrap();
            assert!(!event.livemode && !event.foreign_account);
            if let GatewayFact::Session(SessionTrigger::Completed, fact) = event.fact {
                break fact;
            }
        };
        assert_eq!(completed, session, "{event_version:?}");
        for event in listed_events(&sandbox).await {
            gateway.decode(event.to_string().as_bytes()).unwrap();
        }
        sandbox.stop().await;
    }
}
