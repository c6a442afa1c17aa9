//! What sweeps find, what they put right, and what they make a case. (Under all faults at once: `crates/simulation`.)
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use cases::{Case, CaseKind};
use checkout::CheckoutRequest;
use chrono::Duration;
use flows::{
    Remedy, RemedyError, SessionStarted, Shop, create_session, retry_case,
    sweeps::{
        ConfirmMissing, SweepLedger, SweepMails, SweepMissedEvents, SweepPanels, SweepPendingOrders, SweepUndelivered,
        SweepWaitingEvents, confirm_missing, sweep_ledger, sweep_mails, sweep_missed_events, sweep_panels,
        sweep_pending_orders, sweep_undelivered, sweep_waiting_events,
    },
    take_event,
    testing::MemoryShop,
};
use kernel::{Job, JobContext, JobFailure, JobQueue, Recorded, StoreError, Transact};
use orders::{Buyer, DeliveryRequest, Order, OrderState};
use outbound::CallState;
use provisioning::{
    ProviderError,
    testing::{FakeProvider, FakeProviders, Fault},
};

fn guest(plan: &str) -> CheckoutRequest {
    CheckoutRequest {
        plan: plan.to_owned(),
        cycle: "monthly".to_owned(),
        coupon: None,
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

/// A sweep, run once as the worker runs it.
async fn sweep<J: Job>(
    shop: &MemoryShop,
    job: J,
    run: impl AsyncFnOnce(J, JobContext) -> Result<Recorded, JobFailure>,
) {
    let held = shop.db.with(|store| store.jobs.live.iter().filter(|(_, job)| job.holder.is_none()).count());
    assert_eq!(held, 0, "other jobs would be taken first");
    shop.db.transaction(async |tx| tx.enqueue(&job).await).await.unwrap();
    let (context, _) = shop.db.with(|store| store.jobs.claim()).unwrap();
    let recorded = run(job, context).await.unwrap_or_else(|failure| panic!("{}: {}", failure.code, failure.source));
    let _: Recorded = recorded;
}

fn found(shop: &MemoryShop, kind: &str) -> i64 {
    shop.db.with(|store| store.sweeps.get(kind).map_or(0, |sweep| sweep.found))
}

fn order(shop: &MemoryShop, started: &SessionStarted) -> Order {
    shop.db.with(|store| store.orders.get(&started.order).cloned()).unwrap()
}

fn word(shop: &MemoryShop, started: &SessionStarted) -> &'static str {
    order(shop, started).state.as_str()
}

fn open_cases(shop: &MemoryShop) -> Vec<Case> {
    shop.db.with(|store| store.cases.open().cloned().collect())
}

fn kinds(shop: &MemoryShop) -> Vec<CaseKind> {
    open_cases(shop).iter().map(|case| case.kind).collect()
}

async fn delivered(plan: &str) -> (MemoryShop, SessionStarted) {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest(plan)).await.unwrap();
    take_event(&shop, shop.gateway.pay(&started.session).as_bytes()).await.unwrap();
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned");
    (shop, started)
}

#[tokio::test]
async fn an_event_that_no_webhook_brought_is_fetched_and_pays() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter")).await.unwrap();
    shop.gateway.pay(&started.session);
    shop.advance(Duration::minutes(1));
    sweep(&shop, SweepMissedEvents {}, async |job, context| sweep_missed_events(&shop, job, context).await).await;
    shop.work(100).await;
    assert_eq!((word(&shop, &started), found(&shop, SweepMissedEvents::KIND)), ("provisioned", 1));
    sweep(&shop, SweepMissedEvents {}, async |job, context| sweep_missed_events(&shop, job, context).await).await;
    assert_eq!(found(&shop, SweepMissedEvents::KIND), 1, "it is found once");
}

#[tokio::test]
async fn a_pending_order_is_asked_about_after_two_minutes_and_then_not_at_once_again() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter")).await.unwrap();
    let ask = async || {
        sweep(&shop, SweepPendingOrders {}, async |job, context| sweep_pending_orders(&shop, job, context).await).await;
    };
    shop.advance(Duration::minutes(3));
    ask().await;
    assert_eq!(word(&shop, &started), "pending");
    shop.gateway.pay(&started.session);
    shop.advance(Duration::seconds(30));
    ask().await;
    assert_eq!(word(&shop, &started), "pending", "it was asked about half a minute ago");
    shop.advance(Duration::seconds(31));
    ask().await;
    shop.work(100).await;
    assert_eq!((word(&shop, &started), found(&shop, SweepPendingOrders::KIND)), ("provisioned", 1));
}

#[tokio::test]
async fn a_session_whose_making_nobody_heard_of_is_found_by_its_order() {
    let shop = MemoryShop::new();
    shop.gateway.fail_next(checkout::GatewayError::Unknown { detail: "cut off".to_owned() }, true);
    create_session(&shop, guest("starter")).await.unwrap_err();
    let call = shop.db.with(|store| store.calls.calls.values().next().cloned()).unwrap();
    assert_eq!(call.state, CallState::Open, "the intent says that it may have happened");
    let session = shop.gateway.all_sessions().pop().unwrap();
    shop.gateway.pay(&session.id);
    shop.advance(Duration::minutes(3));
    sweep(&shop, SweepPendingOrders {}, async |job, context| sweep_pending_orders(&shop, job, context).await).await;
    shop.work(100).await;
    let state = shop.db.with(|store| store.orders.values().next().unwrap().state.clone());
    assert_eq!(state, OrderState::Provisioned);
}

#[tokio::test]
async fn an_order_without_a_payment_page_is_given_up_after_a_day() {
    let shop = MemoryShop::new();
    shop.gateway.fail_next(checkout::GatewayError::Unavailable { detail: "refused".to_owned() }, false);
    create_session(&shop, guest("starter")).await.unwrap_err();
    shop.advance(Duration::hours(26));
    sweep(&shop, SweepPendingOrders {}, async |job, context| sweep_pending_orders(&shop, job, context).await).await;
    let state = shop.db.with(|store| store.orders.values().next().unwrap().state.clone());
    assert_eq!(state, OrderState::Expired);
}

#[tokio::test]
async fn an_event_that_waits_is_a_case_until_it_is_processed() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter")).await.unwrap();
    take_event(&shop, shop.gateway.pay(&started.session).as_bytes()).await.unwrap();
    // Somebody removed its job.
    let id = shop.db.with(|store| store.jobs.live.iter().next().map(|(id, _)| *id)).unwrap();
    shop.db.with(|store| store.jobs.live.remove(&id));
    shop.advance(Duration::minutes(1));
    sweep(&shop, SweepWaitingEvents {}, async |job, context| sweep_waiting_events(&shop, job, context).await).await;
    assert_eq!(found(&shop, SweepWaitingEvents::KIND), 1);
    let case = open_cases(&shop).pop().unwrap();
    assert_eq!((case.kind, case.order), (CaseKind::EventDelayed, Some(started.order)));
    shop.work(100).await;
    assert_eq!(word(&shop, &started), "provisioned");
    sweep(&shop, SweepWaitingEvents {}, async |job, context| sweep_waiting_events(&shop, job, context).await).await;
    assert_eq!(kinds(&shop), [], "it is processed");
}

#[tokio::test]
async fn a_paid_order_that_waits_is_a_case_within_a_minute_and_ends_with_its_delivery() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("paper-4gb")).await.unwrap();
    take_event(&shop, shop.gateway.pay(&started.session).as_bytes()).await.unwrap();
    shop.work(1).await;
    shop.work(0).await;
    let jobs: Vec<i64> = shop.db.with(|store| store.jobs.live.iter().map(|(id, _)| *id).collect());
    for id in jobs {
        shop.db.with(|store| store.jobs.live.remove(&id));
    }
    assert_eq!(word(&shop, &started), "paid");
    shop.advance(Duration::minutes(1));
    sweep(&shop, SweepUndelivered {}, async |job, context| sweep_undelivered(&shop, job, context).await).await;
    assert_eq!((kinds(&shop), found(&shop, SweepUndelivered::KIND)), (vec![CaseKind::DeliveryDelayed], 1));
    shop.work(100).await;
    assert_eq!((word(&shop, &started), kinds(&shop)), ("provisioned", vec![]));
    sweep(&shop, SweepMails {}, async |job, context| sweep_mails(&shop, job, context).await).await;
    assert_eq!(found(&shop, SweepMails::KIND), 0, "those mails are too young");
    shop.advance(Duration::minutes(3));
    sweep(&shop, SweepMails {}, async |job, context| sweep_mails(&shop, job, context).await).await;
    assert_eq!(found(&shop, SweepMails::KIND), 2, "confirmation and welcome had lost their jobs");
    shop.work(100).await;
    assert_eq!(shop.mailer.arrived().len(), 3);
}

#[tokio::test]
async fn a_call_without_an_outcome_is_not_repeated_before_it_has_settled() {
    let shop = MemoryShop::new();
    shop.providers.0.plan(Fault::Before(ProviderError::Unknown { detail: "504".to_owned() }));
    let started = create_session(&shop, guest("paper-4gb")).await.unwrap();
    take_event(&shop, shop.gateway.pay(&started.session).as_bytes()).await.unwrap();
    shop.work(30).await;
    assert_eq!((word(&shop, &started), shop.providers.0.creates()), ("provisioning", 1), "one look proves nothing");
    shop.advance(Duration::seconds(59));
    shop.work(30).await;
    assert_eq!(shop.providers.0.creates(), 1, "59 seconds are too few");
    shop.advance(Duration::seconds(1));
    shop.work(30).await;
    assert_eq!((word(&shop, &started), shop.providers.0.creates()), ("provisioned", 2));
    let call = shop.db.with(|store| store.calls.calls.values().find(|call| call.calls == 2).cloned()).unwrap();
    assert_eq!(call.state, CallState::Done);
}

#[tokio::test]
async fn what_runs_without_an_order_is_reported_and_stays() {
    let (shop, _) = delivered("starter").await;
    let mut env = shop.env();
    let stray = provisioning::testing::sample_order(&mut env, "hosting", serde_json::json!({}));
    shop.providers.0.appear(&stray).unwrap();
    sweep(&shop, SweepPanels {}, async |job, context| sweep_panels(&shop, job, context).await).await;
    assert_eq!((kinds(&shop), shop.providers.0.count()), (vec![CaseKind::ServiceOrphan], 2), "reported, not deleted");
    shop.providers.0.vanish(stray.service);
    sweep(&shop, SweepPanels {}, async |job, context| sweep_panels(&shop, job, context).await).await;
    assert_eq!(kinds(&shop), [], "its cause is gone");
}

/// An order may stand in line before a panel for longer than an install takes.
#[tokio::test]
async fn an_install_is_slow_by_its_own_time_and_not_by_that_of_the_line_before_it() {
    let mut shop = MemoryShop::new();
    shop.providers = FakeProviders(FakeProvider::installing());
    let started = create_session(&shop, guest("paper-4gb")).await.unwrap();
    take_event(&shop, shop.gateway.pay(&started.session).as_bytes()).await.unwrap();
    shop.work(30).await;
    assert_eq!((word(&shop, &started), shop.providers.0.count()), ("provisioning", 1));
    // It was promised long before.
    shop.db.with(|store| {
        let id = *store.services.services.keys().next().unwrap();
        let service = store.services.services.get_mut(&id).unwrap();
        service.created_at -= Duration::minutes(41);
    });
    shop.work(30).await;
    assert_eq!(kinds(&shop), [], "it installs, and only just");
    shop.advance(Duration::minutes(29));
    shop.work(30).await;
    assert_eq!(kinds(&shop), []);
    shop.advance(Duration::minutes(3));
    shop.work(30).await;
    assert_eq!(kinds(&shop), [CaseKind::SetupSlow]);
    shop.providers.0.finish_installs();
    shop.advance(Duration::minutes(1));
    shop.work(100).await;
    assert_eq!((word(&shop, &started), kinds(&shop)), ("provisioned", vec![]));
}

#[tokio::test]
async fn what_the_list_tells_of_the_way_there_is_what_its_buyer_is_shown() {
    let (shop, started) = delivered("starter").await;
    let service = order(&shop, &started).delivered.unwrap().service;
    shop.providers.0.moves(service, "Website", "https://shop.example.org");
    sweep(&shop, SweepPanels {}, async |job, context| sweep_panels(&shop, job, context).await).await;
    let shown = shop.db.with(|store| store.services.services.get(&service).unwrap().access.clone());
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].label.as_str(), shown[0].value.as_str()), ("Website", "https://shop.example.org"));
    assert_eq!(kinds(&shop), []);
}

#[tokio::test]
async fn drift_is_told_without_a_case_and_without_a_change() {
    let (shop, started) = delivered("starter").await;
    let service = order(&shop, &started).delivered.unwrap().service;
    let told = async || {
        let told = flows::drift(&shop.db, &shop.providers, None).await.unwrap();
        assert!(told.iter().all(|one| one.failed.is_none()));
        told.into_iter().flat_map(|one| one.found).map(|new| new.kind).collect::<Vec<_>>()
    };
    assert_eq!(told().await, []);
    let stray = provisioning::testing::sample_order(&mut shop.env(), "hosting", serde_json::json!({}));
    shop.providers.0.appear(&stray).unwrap();
    shop.providers.0.set_state(service, provisioning::RemoteState::Suspended);
    let found = told().await;
    assert_eq!(found.len(), 2);
    assert!([CaseKind::ServiceDrift, CaseKind::ServiceOrphan].iter().all(|kind| found.contains(kind)), "{found:?}");
    shop.providers.0.vanish(service);
    assert!(told().await.contains(&CaseKind::ServiceMissing));
    assert_eq!((kinds(&shop), shop.providers.0.count()), (vec![], 1), "nothing was written, nothing removed");
}

#[tokio::test]
async fn a_service_is_missing_only_when_two_looks_say_so() {
    let (shop, started) = delivered("starter").await;
    let service = order(&shop, &started).delivered.unwrap().service;
    shop.providers.0.vanish(service);
    sweep(&shop, SweepPanels {}, async |job, context| sweep_panels(&shop, job, context).await).await;
    assert_eq!(kinds(&shop), [], "one look proves nothing");
    let (context, job) = shop.db.with(|store| store.jobs.claim()).unwrap();
    assert_eq!(job.kind, ConfirmMissing::KIND);
    assert!(job.run_at > shop.db.with(|store| store.jobs.now), "the second look comes later");
    let job: ConfirmMissing = serde_json::from_value(job.payload.clone()).unwrap();
    let _: Recorded = confirm_missing(&shop, job, context).await.unwrap();
    assert_eq!(kinds(&shop), [CaseKind::ServiceMissing]);
}

#[tokio::test]
async fn the_ledger_finds_payments_and_refunds_that_nobody_told_of() {
    let (shop, first) = delivered("starter").await;
    let second = create_session(
        &shop,
        CheckoutRequest {
            buyer: Buyer { email: "other@example.com".parse().unwrap(), ..guest("starter").buyer },
            ..guest("starter")
        },
    )
    .await
    .unwrap();
    shop.gateway.pay(&second.session);
    shop.gateway.refund(&first.session);
    shop.advance(Duration::hours(1));
    sweep(&shop, SweepLedger {}, async |job, context| sweep_ledger(&shop, job, context).await).await;
    assert_eq!(found(&shop, SweepLedger::KIND), 2);
    assert_eq!(kinds(&shop), [CaseKind::RefundedRunning], "the refunded service runs: a person decides");
    shop.work(100).await;
    assert_eq!(word(&shop, &second), "provisioned");
    sweep(&shop, SweepLedger {}, async |job, context| sweep_ledger(&shop, job, context).await).await;
    assert_eq!(found(&shop, SweepLedger::KIND), 2, "the books agree");
}

#[tokio::test]
async fn what_we_call_paid_and_the_gateway_does_not_is_a_case() {
    let (shop, started) = delivered("starter").await;
    shop.gateway.edit(&started.session, |session| session.payment_status = orders::PaymentStatus::Unpaid);
    shop.advance(Duration::hours(1));
    sweep(&shop, SweepLedger {}, async |job, context| sweep_ledger(&shop, job, context).await).await;
    assert_eq!(kinds(&shop), [CaseKind::LedgerPaidHere]);
}

#[tokio::test]
async fn retrying_a_case_does_its_next_step_or_says_that_a_person_must() {
    let shop = MemoryShop::new();
    shop.providers.0.plan(Fault::Before(ProviderError::NoCapacity { detail: "no node".to_owned() }));
    let started = create_session(&shop, guest("paper-4gb")).await.unwrap();
    take_event(&shop, shop.gateway.pay(&started.session).as_bytes()).await.unwrap();
    shop.work(100).await;
    let case = open_cases(&shop).pop().unwrap();
    assert_eq!(case.kind, CaseKind::NoCapacity);
    let begun = retry_case(&shop.db, &mut shop.env(), case.id, &audit::Actor::operator("Ada")).await.unwrap();
    assert_eq!(begun, Remedy::DeliveredAgain(started.order));
    shop.work(100).await;
    assert_eq!((word(&shop, &started), kinds(&shop)), ("provisioned", vec![]));
    let closed = retry_case(&shop.db, &mut shop.env(), case.id, &audit::Actor::operator("Ada")).await;
    assert!(matches!(closed, Err(RemedyError::NotOpen(_))));
    let new = cases::NewCase::of_order(CaseKind::Disputed, started.order, "dispute dp_1 began", "answer it");
    let mut env = shop.env();
    shop.db
        .transaction(async |tx| cases::open(tx, &mut env, new).await.map(|_| ()))
        .await
        .unwrap_or_else(|error: StoreError| panic!("{error}"));
    let case = open_cases(&shop).pop().unwrap();
    let by_hand = retry_case(&shop.db, &mut shop.env(), case.id, &audit::Actor::operator("Ada")).await;
    assert!(matches!(by_hand, Err(RemedyError::ByHand(step)) if step == "answer it"));
}

#[tokio::test]
async fn a_refund_ends_an_order_that_waits_for_a_person() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest("starter")).await.unwrap();
    let event = shop.gateway.pay(&started.session);
    shop.gateway.edit(&started.session, |session| {
        session.amount = session.amount.map(|amount| kernel::Money::new(amount.minor() + 1, amount.currency()));
    });
    take_event(&shop, event.as_bytes()).await.unwrap();
    shop.work(100).await;
    assert_eq!(kinds(&shop), [CaseKind::PaymentMismatch]);
    shop.gateway.refund(&started.session);
    shop.advance(Duration::hours(1));
    sweep(&shop, SweepLedger {}, async |job, context| sweep_ledger(&shop, job, context).await).await;
    assert_eq!((word(&shop, &started), kinds(&shop)), ("refunded", vec![]));
}
