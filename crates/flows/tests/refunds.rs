//! Money that goes back: once, whatever fails on the way, and never in silence. And orders that are called off unpaid.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests fail by panicking")]

use audit::Actor;
use cases::CaseKind;
use checkout::{CheckoutRequest, GatewayError};
use flows::{
    CancelError, Remedy, SessionStarted, Shop, cancel_order, create_session,
    sweeps::{SweepRefunds, sweep_refunds},
    testing::MemoryShop,
};
use kernel::{Currency, JobQueue as _, Money, Recorded, Transact as _};
use orders::{
    Buyer, DeliveryRequest, OrderState, PaymentState, Refund, RefundError, RefundRequest, RefundState, SessionStatus,
};
use provisioning::{ProviderError, testing::Fault};

fn guest() -> CheckoutRequest {
    CheckoutRequest {
        plan: "starter".to_owned(),
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

fn usd(minor: i64) -> Money {
    Money::new(minor, Currency::USD)
}

fn by() -> Actor {
    Actor::operator("billing@shop.example")
}

async fn paid(shop: &MemoryShop) -> SessionStarted {
    let started = create_session(shop, guest()).await.unwrap();
    shop.gateway.edit(&started.session, |session| session.subscription = Some("sub_1".to_owned()));
    let event = shop.gateway.pay(&started.session);
    flows::take_event(shop, event.as_bytes()).await.unwrap();
    started
}

async fn delivered() -> (MemoryShop, SessionStarted) {
    let shop = MemoryShop::new();
    let started = paid(&shop).await;
    shop.work(100).await;
    assert_eq!(state(&shop, &started), OrderState::Provisioned);
    (shop, started)
}

async fn ask(shop: &MemoryShop, started: &SessionStarted, minor: Option<i64>) -> Result<Refund, RefundError> {
    let amount = minor.map(usd);
    let request = RefundRequest { amount, reason: "not happy".to_owned(), asked_by: "billing".to_owned() };
    flows::ask_refund(shop.db(), &mut shop.env(), (started.order, request), &by()).await
}

fn state(shop: &MemoryShop, started: &SessionStarted) -> OrderState {
    shop.db.with(|store| store.orders[&started.order].state.clone())
}

fn payment(shop: &MemoryShop) -> (PaymentState, i64) {
    shop.db
        .with(|store| store.payments.values().map(|payment| (payment.state, payment.refunded.minor())).next().unwrap())
}

fn refund(shop: &MemoryShop, id: &Refund) -> Refund {
    shop.db.with(|store| store.refunds[&id.id].clone())
}

fn open_cases(shop: &MemoryShop) -> Vec<CaseKind> {
    let cases = shop
        .db
        .with(|store| store.cases.cases.values().filter(|case| case.ending.is_none()).cloned().collect::<Vec<_>>());
    cases.into_iter().map(|case| case.kind).collect()
}

fn mails(shop: &MemoryShop, template: &str) -> usize {
    shop.db.with(|store| store.mails.all().into_iter().filter(|mail| mail.template == template).count())
}

#[tokio::test]
async fn everything_goes_back_the_order_ends_and_the_running_service_is_a_case() {
    let (shop, started) = delivered().await;
    let asked = ask(&shop, &started, None).await.unwrap();
    assert_eq!((asked.amount, asked.whole), (usd(799), true));
    assert_eq!(state(&shop, &started), OrderState::RefundPending, "nothing is said to be done before it is");
    assert!(shop.gateway.refunds().is_empty());
    shop.work(100).await;
    assert_eq!(state(&shop, &started), OrderState::Refunded);
    assert_eq!(payment(&shop), (PaymentState::Refunded, 799));
    assert_eq!(refund(&shop, &asked).state, RefundState::Succeeded);
    assert_eq!(shop.gateway.refunds().len(), 1);
    assert_eq!(shop.gateway.ended(), ["sub_1"], "nothing more is charged");
    assert_eq!(open_cases(&shop), [CaseKind::RefundedRunning]);
    assert_eq!(mails(&shop, "refunded"), 1);
    let again = ask(&shop, &started, None).await;
    assert!(matches!(again, Err(RefundError::NothingPaid)), "{again:?}");
}

#[tokio::test]
async fn a_paid_order_that_is_not_delivered_yet_never_is() {
    let shop = MemoryShop::new();
    let started = paid(&shop).await;
    shop.work(1).await;
    assert_eq!(state(&shop, &started), OrderState::Paid);
    ask(&shop, &started, None).await.unwrap();
    shop.work(100).await;
    assert_eq!(state(&shop, &started), OrderState::Refunded);
    assert_eq!(shop.providers.0.count(), 0, "nothing was made for money that went back");
    assert!(open_cases(&shop).is_empty());
}

#[tokio::test]
async fn an_order_that_waits_for_a_person_ends_with_its_refund_and_so_do_its_cases() {
    let shop = MemoryShop::new();
    shop.providers.0.plan(Fault::Before(ProviderError::Refused { detail: "no".to_owned() }));
    let started = paid(&shop).await;
    shop.work(100).await;
    assert!(matches!(state(&shop, &started), OrderState::NeedsAttention { .. }));
    ask(&shop, &started, None).await.unwrap();
    shop.work(100).await;
    assert_eq!((state(&shop, &started), open_cases(&shop)), (OrderState::Refunded, vec![]));
}

#[tokio::test]
async fn parts_go_back_until_nothing_is_left() {
    let (shop, started) = delivered().await;
    ask(&shop, &started, Some(300)).await.unwrap();
    let more = ask(&shop, &started, Some(500)).await;
    assert!(matches!(more, Err(RefundError::UnderWay)), "one at a time: {more:?}");
    shop.work(100).await;
    assert_eq!(
        (state(&shop, &started), payment(&shop)),
        (OrderState::Provisioned, (PaymentState::PartiallyRefunded, 300))
    );
    assert!(shop.gateway.ended().is_empty(), "the subscription goes on");
    for wrong in [0, -1, 500] {
        assert!(matches!(ask(&shop, &started, Some(wrong)).await, Err(RefundError::Amount { .. })), "{wrong}");
    }
    ask(&shop, &started, Some(499)).await.unwrap();
    assert!(matches!(ask(&shop, &started, None).await, Err(RefundError::UnderWay)));
    shop.work(100).await;
    assert_eq!((state(&shop, &started), payment(&shop)), (OrderState::Refunded, (PaymentState::Refunded, 799)));
    assert_eq!((shop.gateway.refunds().len(), mails(&shop, "refunded")), (2, 2));
}

#[tokio::test]
async fn whatever_becomes_of_the_call_the_money_goes_back_once() {
    let unknown = || GatewayError::Unknown { detail: "timed out".to_owned() };
    let failed = || GatewayError::Failed { detail: "500".to_owned() };
    let away = || GatewayError::Unavailable { detail: "refused".to_owned() };
    for (error, after) in [(unknown(), true), (unknown(), false), (failed(), true), (failed(), false), (away(), false)]
    {
        let (shop, started) = delivered().await;
        ask(&shop, &started, Some(300)).await.unwrap();
        shop.gateway.fail_next(error.clone(), after);
        shop.work(100).await;
        let back: i64 = shop.gateway.refunds().iter().filter_map(|fact| fact.amount).map(Money::minor).sum();
        assert_eq!((back, payment(&shop)), (300, (PaymentState::PartiallyRefunded, 300)), "{error:?}, after: {after}");
        assert!(open_cases(&shop).is_empty(), "{error:?}");
    }
}

#[tokio::test]
async fn a_refund_that_is_refused_is_a_case_and_goes_out_when_it_is_tried_again() {
    let (shop, started) = delivered().await;
    let asked = ask(&shop, &started, None).await.unwrap();
    let message = "the balance is too low".to_owned();
    shop.gateway.fail_next(GatewayError::Refused { code: "balance".to_owned(), message, request_id: None }, false);
    shop.work(100).await;
    assert_eq!(state(&shop, &started), OrderState::RefundPending, "it is still owed");
    assert_eq!(open_cases(&shop), [CaseKind::RefundFailed]);
    assert!(refund(&shop, &asked).detail.unwrap().contains("the balance is too low"));
    let case = shop.db.with(|store| store.cases.cases.values().next().unwrap().id);
    let remedy = flows::retry_case(shop.db(), &mut shop.env(), case, &by()).await.unwrap();
    assert_eq!(remedy, Remedy::RefundSentAgain(asked.id));
    shop.work(100).await;
    assert_eq!(state(&shop, &started), OrderState::Refunded);
    assert_eq!(open_cases(&shop), [CaseKind::RefundedRunning], "the other one closed by itself");
    assert_eq!(shop.gateway.refunds().len(), 1);
}

#[tokio::test]
async fn a_refund_that_is_given_up_is_a_case() {
    let (shop, started) = delivered().await;
    let asked = ask(&shop, &started, Some(1)).await.unwrap();
    for _ in 0..40 {
        shop.gateway.fail_next(GatewayError::Unavailable { detail: "away".to_owned() }, false);
    }
    shop.work(100).await;
    assert_eq!(refund(&shop, &asked).state, RefundState::Failed);
    assert_eq!(open_cases(&shop), [CaseKind::RefundFailed]);
}

#[tokio::test]
async fn a_refund_whose_job_is_lost_is_found_and_one_that_waits_for_long_is_a_case() {
    let (shop, started) = delivered().await;
    ask(&shop, &started, None).await.unwrap();
    let lose = || {
        shop.db.with(|store| {
            let ids: Vec<i64> = store.jobs.live.iter().map(|(id, _)| *id).collect();
            for id in ids {
                drop(store.jobs.live.remove(&id));
            }
        });
    };
    lose();
    let sweep = async || {
        shop.db.transaction(async |tx| tx.enqueue(&SweepRefunds {}).await).await.unwrap();
        let (context, _) = shop.db.with(|store| store.jobs.claim()).unwrap();
        let _: Recorded = sweep_refunds(&shop, SweepRefunds {}, context).await.unwrap();
    };
    sweep().await;
    assert_eq!(shop.work(100).await, 0, "it is too young to be missed");
    shop.advance(chrono::Duration::minutes(11));
    sweep().await;
    assert_eq!(open_cases(&shop), [CaseKind::RefundFailed], "somebody knows that it waits");
    shop.work(100).await;
    assert_eq!(state(&shop, &started), OrderState::Refunded);
    assert_eq!(open_cases(&shop), [CaseKind::RefundedRunning]);
}

#[tokio::test]
async fn money_that_somebody_sent_back_at_the_gateway_is_not_sent_again() {
    let (shop, started) = delivered().await;
    let asked = ask(&shop, &started, None).await.unwrap();
    shop.gateway.refund(&started.session);
    shop.work(100).await;
    assert_eq!((state(&shop, &started), payment(&shop)), (OrderState::Refunded, (PaymentState::Refunded, 799)));
    assert!(shop.gateway.refunds().is_empty());
    assert_eq!(refund(&shop, &asked).state, RefundState::Succeeded);
}

#[tokio::test]
async fn a_reason_is_asked_for_and_nothing_goes_back_of_what_was_not_paid() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest()).await.unwrap();
    assert!(matches!(ask(&shop, &started, None).await, Err(RefundError::NothingPaid)));
    let request = RefundRequest { amount: None, reason: "  ".to_owned(), asked_by: "b".to_owned() };
    let without = flows::ask_refund(shop.db(), &mut shop.env(), (started.order, request), &by()).await;
    assert!(matches!(without, Err(RefundError::NoReason)));
}

#[tokio::test]
async fn an_unpaid_order_is_called_off_and_its_page_closes() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest()).await.unwrap();
    let reason = (orders::Actor::Operator, "a mistake");
    cancel_order(&shop, started.order, reason, &by()).await.unwrap();
    assert!(matches!(state(&shop, &started), OrderState::Cancelled { .. }));
    assert_eq!(shop.gateway.all_sessions()[0].status, SessionStatus::Expired);
    let twice = cancel_order(&shop, started.order, reason, &by()).await;
    assert!(matches!(twice, Err(CancelError::Order(_))), "{twice:?}");
}

#[tokio::test]
async fn an_order_that_was_paid_a_moment_ago_is_not_called_off() {
    let shop = MemoryShop::new();
    let started = create_session(&shop, guest()).await.unwrap();
    shop.gateway.pay(&started.session);
    let called_off = cancel_order(&shop, started.order, (orders::Actor::Operator, "a mistake"), &by()).await;
    assert!(matches!(called_off, Err(CancelError::PaidMeanwhile)), "{called_off:?}");
    assert_eq!(state(&shop, &started), OrderState::Pending, "the event will pay it");
}

#[tokio::test]
async fn a_preview_says_what_an_event_would_change_and_changes_nothing() {
    let shop = MemoryShop::new();
    let started = paid(&shop).await;
    let event = shop.db.with(|store| store.events.iter().next().unwrap().0.clone());
    let before = flows::preview_event(&shop, &event).await.unwrap().unwrap();
    assert_eq!(before.changes[0], "the order goes from pending to paid");
    assert_eq!(state(&shop, &started), OrderState::Pending);
    shop.work(100).await;
    let after = flows::preview_event(&shop, &event).await.unwrap().unwrap();
    assert_eq!((after.changes, after.why_not.as_deref()), (vec![], Some("the order is paid already")));
    assert_eq!(flows::preview_event(&shop, "evt_none").await.unwrap(), None);
}
