//! The whole flow on the memory stores: what a buyer, a gateway and a provider can do, and what must come of it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use checkout::{CheckoutRequest, ClientKey, GatewayError, Taken};
use flows::{CreateSessionError, SessionStarted, Shop, create_session, testing::MemoryShop};
use kernel::{Money, Transact};
use orders::{Buyer, DeliveryRequest, OrderState, SessionStatus};
use provisioning::{
    ProviderError,
    testing::{FakeProvider, FakeProviders, Fault},
};

fn guest(plan: &str, coupon: Option<&str>) -> CheckoutRequest {
    CheckoutRequest {
        plan: plan.to_owned(),
        cycle: "monthly".to_owned(),
        coupon: coupon.map(str::to_owned),
        trial: false,
        buyer: Buyer {
            email: "gerda@example.com".parse().unwrap(),
            name: "Gerda".to_owned(),
            customer: None,
            guest: true,
        },
        delivery: DeliveryRequest::default(),
        client_key: None,
    }
}

fn keyed(key: &str) -> CheckoutRequest {
    let key = ClientKey { scope: "guest".to_owned(), key: key.to_owned(), fingerprint: "same".to_owned() };
    CheckoutRequest { client_key: Some(key), ..guest("starter", None) }
}

fn state(shop: &MemoryShop, started: &SessionStarted) -> OrderState {
    shop.db.with(|store| store.orders[&started.order].state.clone())
}

fn word(shop: &MemoryShop, started: &SessionStarted) -> &'static str {
    state(shop, started).as_str()
}

fn templates(shop: &MemoryShop) -> Vec<String> {
    let mut names: Vec<String> =
        shop.db.with(|store| store.mails.all().into_iter().map(|mail| mail.template).collect());
    names.sort();
    names
}

async fn webhook(shop: &MemoryShop, body: &str) -> Taken {
    flows::take_event(shop, body.as_bytes()).await.unwrap().1
}

#[tokio::test]
async fn a_guest_who_pays_gets_account_service_and_three_mails() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter", Some("WELCOME10"))).await.unwrap();
    assert_eq!(word(&shop, &started), "pending");
    assert_eq!(shop.gateway.requests()[0].discount.as_ref().unwrap().amount_off.minor(), 80);

    let event = shop.gateway.pay(&started.session);
    assert_eq!(webhook(&shop, &event).await, Taken::New);
    assert_eq!(webhook(&shop, &event).await, Taken::Duplicate);
    shop.work(100).await;

    assert_eq!(word(&shop, &started), "provisioned");
    assert_eq!(shop.providers.0.count(), 1);
    assert_eq!(templates(&shop), ["order_confirmation", "service_ready", "welcome"]);
    assert_eq!(shop.mailer.arrived().len(), 3);
    shop.db.with(|store| {
        assert_eq!((store.accounts.users.len(), store.accounts.customers.len(), store.subscriptions.len()), (1, 1, 1));
        assert!(store.accounts.sealed.is_empty(), "the sealed password is gone once its mail is out");
        assert!(store.jobs.live.is_empty() && store.jobs.dead.is_empty());
    });
}

#[tokio::test]
async fn an_address_with_an_account_gets_the_order_and_never_new_credentials() {
    let shop = MemoryShop::new();
    let password = secrecy::SecretString::from("long enough".to_owned());
    let nowhere = audit::Origin::default();
    let gerda = ("gerda@example.com".parse().unwrap(), "Gerda".to_owned());
    flows::register(&shop, gerda, &password, &nowhere).await.unwrap();
    let started = create_session(&shop, guest("starter", None)).await.unwrap();
    webhook(&shop, &shop.gateway.pay(&started.session)).await;
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned");
    assert_eq!(templates(&shop), ["account_linked", "order_confirmation", "service_ready"]);
    flows::sign_in(&shop, &"gerda@example.com".parse().unwrap(), &password, &nowhere).await.unwrap();
}

#[tokio::test]
async fn a_double_click_is_one_order_and_another_request_under_the_key_is_refused() {
    let shop = MemoryShop::new();
    let first = create_session(&shop, keyed("k1")).await.unwrap();
    assert_eq!(create_session(&shop, keyed("k1")).await.unwrap(), first);
    let mut other = keyed("k1");
    other.client_key.as_mut().unwrap().fingerprint = "different".to_owned();
    assert!(matches!(create_session(&shop, other).await, Err(CreateSessionError::Checkout(_))));
    assert_eq!(shop.db.with(|store| store.orders.len()), 1);
}

#[tokio::test]
async fn a_gateway_that_is_away_leaves_an_order_that_says_so_and_the_same_key_goes_on() {
    let shop = MemoryShop::new();
    let unknown = GatewayError::Unknown { detail: "timed out".to_owned() };
    shop.gateway.fail_next(unknown, true);
    let Err(CreateSessionError::Gateway { order, .. }) = create_session(&shop, keyed("k")).await else { panic!() };
    let events = shop.db.with(|store| store.timelines[&order].clone());
    assert_eq!(events.last().unwrap().event, "payment_page_unknown");
    let started = create_session(&shop, keyed("k")).await.unwrap();
    assert_eq!(started.order, order);
    assert_eq!(shop.gateway.all_sessions().len(), 1, "the same attempt finds the session that the lost answer made");
}

#[tokio::test]
async fn a_failure_that_would_be_replayed_gets_a_new_attempt() {
    let shop = MemoryShop::new();
    shop.gateway.fail_next(GatewayError::Failed { detail: "500".to_owned() }, false);
    assert!(create_session(&shop, keyed("k")).await.is_err());
    create_session(&shop, keyed("k")).await.unwrap();
    let attempts: Vec<i32> = shop.gateway.requests().iter().map(|request| request.attempt).collect();
    assert_eq!(attempts, [1, 2]);
}

#[tokio::test]
async fn a_refusal_closes_the_order() {
    let shop = MemoryShop::new();
    let refused =
        GatewayError::Refused { code: "amount_too_small".to_owned(), message: "no".to_owned(), request_id: None };
    shop.gateway.fail_next(refused, false);
    let Err(CreateSessionError::Gateway { order, .. }) = create_session(&shop, keyed("k")).await else { panic!() };
    assert_eq!(shop.db.with(|store| store.orders[&order].state.as_str()), "cancelled");
}

#[tokio::test]
async fn a_crash_before_the_session_is_linked_loses_nothing() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter", None)).await.unwrap();
    shop.db.with(|store| {
        store.sessions.clear();
        store.payments.for_each_mut(|_, payment| payment.session = None);
    });
    webhook(&shop, &shop.gateway.pay(&started.session)).await;
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned");
    assert!(shop.db.with(|store| store.sessions.contains_key(&started.session)));
}

#[tokio::test]
async fn money_that_does_not_fit_needs_a_person() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter", None)).await.unwrap();
    let event = shop.gateway.pay(&started.session);
    shop.gateway.edit(&started.session, |session| {
        session.amount = Some(Money::new(1, session.amount.unwrap().currency()));
    });
    webhook(&shop, &event).await;
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "needs_attention");
    assert_eq!(shop.providers.0.creates(), 0, "nothing is delivered for the wrong amount");
    assert_eq!(templates(&shop), ["order_needs_attention"]);
}

#[tokio::test]
async fn a_payment_after_the_page_expired_revives_the_order() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter", None)).await.unwrap();
    shop.gateway.edit(&started.session, |session| session.status = SessionStatus::Expired);
    webhook(&shop, &format!("checkout.session.expired {}", started.session)).await;
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "expired");
    webhook(&shop, &shop.gateway.pay(&started.session)).await;
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned");
}

#[tokio::test]
async fn a_delayed_payment_waits_then_fails_or_arrives_and_success_is_final() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter", None)).await.unwrap();
    let id = &started.session;
    shop.gateway.edit(id, |session| session.status = SessionStatus::Complete);
    webhook(&shop, &format!("checkout.session.completed {id}")).await;
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "pending", "through, but not paid");
    shop.gateway.pay(id);
    webhook(&shop, &format!("checkout.session.async_payment_succeeded {id}")).await;
    webhook(&shop, &format!("checkout.session.async_payment_failed {id}")).await;
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned", "a late failure never overwrites a success");
}

#[tokio::test]
async fn a_create_that_took_effect_behind_a_lost_answer_is_adopted() {
    let shop = MemoryShop::new();
    shop.providers.0.plan(Fault::After(ProviderError::Unknown { detail: "504".to_owned() }));
    let started = create_session(&shop, guest("paper-4gb", None)).await.unwrap();
    webhook(&shop, &shop.gateway.pay(&started.session)).await;
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned");
    assert_eq!((shop.providers.0.count(), shop.providers.0.creates()), (1, 1));
}

#[tokio::test]
async fn no_capacity_is_a_case_and_a_retry_delivers() {
    let shop = MemoryShop::new();
    shop.providers.0.plan(Fault::Before(ProviderError::NoCapacity { detail: "no node".to_owned() }));
    let started = create_session(&shop, guest("paper-4gb", None)).await.unwrap();
    webhook(&shop, &shop.gateway.pay(&started.session)).await;
    shop.work(100).await;
    let OrderState::NeedsAttention { reason, next_step, .. } = state(&shop, &started) else { panic!() };
    assert!(reason.contains("no node") && next_step.contains("capacity"));
    let mut env = shop.env();
    shop.db.transaction(async |tx| orders::retry(tx, &mut env, started.order).await).await.unwrap();
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned");
}

#[tokio::test]
async fn a_provider_that_stays_away_becomes_a_case() {
    let shop = MemoryShop::new();
    for _ in 0..40 {
        let away = ProviderError::Unavailable { detail: "connection refused".to_owned(), retry_after: None };
        shop.providers.0.plan(Fault::Before(away));
    }
    let started = create_session(&shop, guest("paper-4gb", None)).await.unwrap();
    webhook(&shop, &shop.gateway.pay(&started.session)).await;
    shop.work(200).await;
    assert_eq!(word(&shop, &started), "needs_attention");
    assert_eq!(shop.db.with(|store| store.jobs.dead.len()), 1);
}

#[tokio::test]
async fn an_install_is_observed_until_it_ends() {
    let mut shop = MemoryShop::new();
    shop.providers = FakeProviders(FakeProvider::installing());
    let started = create_session(&shop, guest("paper-4gb", None)).await.unwrap();
    webhook(&shop, &shop.gateway.pay(&started.session)).await;
    shop.work(10).await;
    assert_eq!(word(&shop, &started), "provisioning");
    shop.providers.0.finish_installs();
    shop.work(10).await;
    assert_eq!(word(&shop, &started), "provisioned");
}

#[tokio::test]
async fn nothing_to_pay_needs_no_gateway() {
    let shop = MemoryShop::new();
    let coupon = catalog::Coupon {
        code: "GIFT100".parse().unwrap(),
        discount: catalog::Discount::Percent(kernel::Percent::from_basis_points(10_000).unwrap()),
        duration: catalog::CouponDuration::Once,
        valid_from: None,
        valid_until: None,
        products: Vec::new(),
        active: true,
    };
    shop.db.transaction(async |tx| catalog::CatalogStore::save_coupon(tx, &coupon).await).await.unwrap();
    let started = create_session(&shop, guest("starter", Some("GIFT100"))).await.unwrap();
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned");
    assert!(shop.gateway.requests().is_empty());
}

#[tokio::test]
async fn a_second_payment_is_told_and_delivers_nothing_more() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter", None)).await.unwrap();
    webhook(&shop, &shop.gateway.pay(&started.session)).await;
    shop.work(100).await;
    let second = create_session(&shop, guest("starter", None)).await.unwrap();
    shop.gateway.edit(&second.session, |session| session.order = Some(started.order));
    webhook(&shop, &shop.gateway.pay(&second.session)).await;
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned");
    assert_eq!(shop.providers.0.count(), 1);
    let last = shop.db.with(|store| store.timelines[&started.order].last().unwrap().clone());
    assert_eq!(last.event, "paid_twice");
    assert!(last.detail.contains("refund"));
}

#[tokio::test]
async fn a_payment_whose_event_cannot_be_processed_is_a_case_and_its_replay_pays() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter", None)).await.unwrap();
    let event = shop.gateway.pay(&started.session);
    webhook(&shop, &event).await;
    let job = orders::ProcessEvent { event: event.clone() };
    flows::event_is_dead(&shop, job.clone(), "the gateway stayed away").await.unwrap();
    flows::event_is_dead(&shop, job, "the gateway stayed away").await.unwrap();
    let OrderState::NeedsAttention { reason, next_step, .. } = state(&shop, &started) else { panic!() };
    assert!(reason.contains("stayed away") && next_step.contains("jobs retry"));

    assert!(flows::replay_event(&shop.db, &mut shop.env(), &event, &audit::Actor::operator("Ada")).await.unwrap());
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned");
    assert_eq!(shop.providers.0.count(), 1);
}

#[tokio::test]
async fn an_expiry_whose_event_cannot_be_processed_is_no_case() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter", None)).await.unwrap();
    shop.gateway.edit(&started.session, |session| session.status = SessionStatus::Expired);
    let event = format!("checkout.session.expired {}", started.session);
    webhook(&shop, &event).await;
    flows::event_is_dead(&shop, orders::ProcessEvent { event }, "the gateway stayed away").await.unwrap();
    assert_eq!(word(&shop, &started), "pending");
}

#[tokio::test]
async fn a_late_answer_of_the_gateway_does_not_overwrite_a_payment_that_succeeded() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter", None)).await.unwrap();
    let (order, mut before) =
        shop.db.with(|store| (store.orders[&started.order].clone(), store.payments.values().next().unwrap().clone()));
    webhook(&shop, &shop.gateway.pay(&started.session)).await;
    shop.work(100).await;
    // A second click of the same customer hears from the gateway only now.
    let session = shop.gateway.all_sessions()[0].clone();
    shop.db
        .transaction(async |tx| checkout::record_session(tx, &mut shop.env(), &order, &mut before, &session).await)
        .await
        .unwrap();
    let payment = shop.db.with(|store| store.payments.values().next().unwrap().clone());
    assert_eq!((payment.state, payment.intent.is_some()), (orders::PaymentState::Succeeded, true));
}
