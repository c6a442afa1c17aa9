//! What every order store must do; run by the memory store and by PostgreSQL's alike.

use catalog::CatalogStore;
use kernel::{Env, Id, Money, entity};

use super::new_order;
use crate::{
    Actor, Delivered, OrderSession, OrderState, OrderTx, Payment, PaymentState, Refund, RefundState, Resume,
    SessionState, Subscription, SubscriptionStatus, TimelineEntry, Undelivered, place,
};

/// Runs the suite; panics at the first difference. The store must hold [`catalog::testing::sample_catalog`].
///
/// # Panics
/// When the store does not conform.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
pub async fn store_conforms<S: OrderTx + CatalogStore>(store: &mut S, env: &mut Env) {
    let new = new_order(store, env, "starter", "monthly").await;
    let (mut order, mut payment) = place(store, env, new).await.unwrap();
    assert_eq!(store.order(order.id).await.unwrap(), Some(order.clone()));
    assert_eq!(store.lock_order(order.id).await.unwrap(), Some(order.clone()));
    assert_eq!(store.latest_payment(order.id).await.unwrap(), Some(payment.clone()));
    assert_eq!(store.order(env.id()).await.unwrap(), None);

    let guest = accounts::GuestAccount { email: order.buyer.email.clone(), name: order.buyer.name.clone() };
    let access = super::access(env);
    let account = accounts::open_account(store, env, &guest, Some(&access)).await.unwrap();
    order.buyer.customer = Some(account.customer().id);
    let remote = provisioning::RemoteRef { id: "17".to_owned(), identifier: "1a7ce997".to_owned() };
    let mut service = provisioning::testing::sample_service(env, order.id, account.customer().id);
    service.owner.email = order.buyer.email.clone();
    assert!(store.insert_service(&service).await.unwrap());
    order.delivered = Some(Delivered { service: service.id, remote });
    for (state, disputed) in states() {
        order.state = state;
        order.disputed = disputed;
        store.save_order(&order).await.unwrap();
        assert_eq!(store.order(order.id).await.unwrap(), Some(order.clone()));
    }

    let entry = TimelineEntry {
        at: env.now(),
        actor: Actor::Operator,
        event: "looked".to_owned(),
        detail: "Ünïcode, too".to_owned(),
    };
    store.append_timeline(order.id, &entry).await.unwrap();
    assert_eq!(store.timeline(order.id).await.unwrap().last(), Some(&entry));

    payment.advance(PaymentState::Succeeded);
    payment.intent = Some("pi_conforms".to_owned());
    payment.invoice = Some("in_conforms".to_owned());
    payment.refunded = Money::new(100, payment.amount.currency());
    payment.amount = Money::new(payment.amount.minor() + 1, payment.amount.currency());
    store.save_payment(&payment).await.unwrap();
    for id in ["pi_conforms", "in_conforms"] {
        assert_eq!(store.payment_by_gateway(id).await.unwrap(), Some(payment.clone()));
    }
    assert_eq!(store.payment_by_gateway("pi_other").await.unwrap(), None);
    ledger_conforms(store, env, &payment).await;
    refunds_conform(store, env, &payment).await;
    sessions_conform(store, env, &order, &payment).await;
    cases::testing::store_conforms(store, env, order.id).await;
    sweeps_conform(store, env, order.id, service.id).await;
    subscriptions_conform(store, env, &order, account.customer().id).await;
}

fn states() -> Vec<(OrderState, bool)> {
    let attention = OrderState::NeedsAttention {
        from: Resume::Provisioning,
        reason: "no room".to_owned(),
        next_step: "make some".to_owned(),
    };
    vec![
        (OrderState::Expired, false),
        (OrderState::Cancelled { reason: "refused".to_owned() }, false),
        (OrderState::Paid, false),
        (attention, true),
        (OrderState::Provisioning, false),
        (OrderState::Provisioned, true),
        (OrderState::RefundPending, true),
        (OrderState::Refunded, false),
    ]
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn sessions_conform<S: OrderTx>(store: &mut S, env: &Env, order: &crate::Order, payment: &crate::Payment) {
    let mut session = OrderSession {
        session: "cs_test_conforms".to_owned(),
        order: order.id,
        payment: payment.id,
        state: SessionState::Created,
        url: None,
        created_at: env.now(),
    };
    store.save_session(&session).await.unwrap();
    session.url = Some("https://pay.example/cs_test_conforms".to_owned());
    session.state = SessionState::Completed;
    store.save_session(&session).await.unwrap();
    assert_eq!(store.session_link("cs_test_conforms").await.unwrap(), Some(session.clone()));
    assert_eq!(store.session_of(order.id).await.unwrap(), Some(session.clone()));
    let paid = crate::Payment { session: Some(session.session.clone()), ..payment.clone() };
    store.save_payment(&paid).await.unwrap();
    assert_eq!(store.payment_by_session(&session.session).await.unwrap(), Some(paid));
    assert_eq!(store.payment_by_session("cs_other").await.unwrap(), None);
    store.save_payment(payment).await.unwrap();
    let without_url = OrderSession { url: None, ..session.clone() };
    store.save_session(&without_url).await.unwrap();
    assert_eq!(store.session_link("cs_test_conforms").await.unwrap(), Some(session), "a known URL stays");
    assert_eq!(store.session_link("cs_other").await.unwrap(), None);
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn ledger_conforms<S: OrderTx>(store: &mut S, env: &mut Env, payment: &Payment) {
    let since = payment.created_at;
    assert_eq!(store.payments_since(since, None, 10).await.unwrap(), vec![payment.clone()]);
    assert_eq!(store.payments_since(since, Some(payment.id), 10).await.unwrap(), Vec::new(), "after it");
    let later = env.now() + chrono::Duration::hours(1);
    assert_eq!(store.payments_since(later, None, 10).await.unwrap(), Vec::new());
}

/// The order's last state in [`states`] is no open one.
#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn sweeps_conform<S: OrderTx>(store: &mut S, env: &mut Env, id: Id<entity::Order>, service: Id<entity::Service>) {
    let later = |minutes| env.now() + chrono::Duration::minutes(minutes);
    let (soon, due) = (later(1), later(4));
    let mut order = store.order(id).await.unwrap().unwrap();
    order.state = OrderState::Pending;
    store.save_order(&order).await.unwrap();
    assert_eq!(store.orders_to_check(soon, 10).await.unwrap(), Vec::new(), "two minutes after it was placed");
    assert_eq!(store.orders_to_check(due, 10).await.unwrap(), vec![order.clone()]);
    store.check_order_at(id, later(10)).await.unwrap();
    assert_eq!(store.orders_to_check(due, 10).await.unwrap(), Vec::new(), "put off");
    assert_eq!(store.undelivered(due, None, 10).await.unwrap(), Vec::new(), "it is not paid");
    order.state = OrderState::Paid;
    store.save_order(&order).await.unwrap();
    assert_eq!(store.orders_to_check(later(60), 10).await.unwrap(), Vec::new(), "it is not pending");
    let waits = Undelivered { order: id, service };
    assert_eq!(store.undelivered(due, None, 10).await.unwrap(), vec![waits]);
    assert_eq!(store.undelivered(due, Some(service), 10).await.unwrap(), Vec::new(), "after it");
    assert_eq!(store.undelivered(order.created_at, None, 10).await.unwrap(), Vec::new(), "not for so long");
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn refunds_conform<S: OrderTx>(store: &mut S, env: &mut Env, payment: &Payment) {
    let mut refund = Refund {
        id: env.id(),
        order: payment.order,
        payment: payment.id,
        amount: Money::new(100, payment.amount.currency()),
        whole: false,
        reason: "not happy".to_owned(),
        asked_by: "billing".to_owned(),
        state: RefundState::Asked,
        attempt: 1,
        gateway_id: None,
        detail: None,
        created_at: env.now(),
    };
    store.insert_refund(&refund).await.unwrap();
    assert_eq!(store.refund(refund.id).await.unwrap(), Some(refund.clone()));
    assert_eq!(store.refund(env.id()).await.unwrap(), None);
    let later = env.now() + chrono::Duration::minutes(1);
    assert_eq!(store.refunds_waiting(later, 10).await.unwrap(), vec![refund.clone()]);
    assert_eq!(store.refunds_waiting(env.now(), 10).await.unwrap(), Vec::new(), "it is too young");
    refund.state = RefundState::Failed;
    refund.attempt = 2;
    refund.gateway_id = Some("re_conforms".to_owned());
    refund.detail = Some("the bank sent it back".to_owned());
    store.save_refund(&refund).await.unwrap();
    assert_eq!(store.refund_by_gateway("re_conforms").await.unwrap(), Some(refund.clone()));
    assert_eq!(store.refund_by_gateway("re_other").await.unwrap(), None);
    assert_eq!(store.refunds_waiting(later, 10).await.unwrap(), Vec::new());
    assert_eq!(store.refunds_of(payment.order).await.unwrap(), vec![refund]);
}

#[allow(clippy::unwrap_used, reason = "a suite of tests fails by panicking")]
async fn subscriptions_conform<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &crate::Order,
    customer: kernel::Id<kernel::entity::Customer>,
) {
    let mut subscription = Subscription {
        id: env.id(),
        order: order.id,
        customer,
        gateway_id: Some("sub_conforms".to_owned()),
        status: SubscriptionStatus::Trialing,
        period_start: None,
        period_end: None,
        cancel_at_period_end: false,
        created_at: env.now(),
    };
    store.save_subscription(&subscription).await.unwrap();
    subscription.status = SubscriptionStatus::Other("paused".to_owned());
    subscription.period_end = Some(env.now());
    subscription.cancel_at_period_end = true;
    store.save_subscription(&subscription).await.unwrap();
    let second = Subscription { id: env.id(), ..subscription.clone() };
    store.save_subscription(&second).await.unwrap();
    let known = store.subscription_by_gateway("sub_conforms").await.unwrap();
    assert_eq!(known, Some(subscription), "one subscription an order, its id stays");
}
