//! What the gateway reports besides a payment: on its way, failed, expired, refunded, disputed, subscription changes.

use cases::{CaseKind, NewCase};
use kernel::{Env, Id, Money, StoreError, entity, planted};
use provisioning::ServiceState;

use crate::{
    Actor, Attention, ChargeFact, DisputeFact, Links, Order, OrderError, OrderState, OrderTx, Payment, PaymentState,
    Receipt, Subscription, SubscriptionFact, SubscriptionStatus, attention, mails, pay::save_payment, place::note,
};

/// The customer is through; a delayed payment is on its way.
pub async fn record_processing<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &Order,
    payment: &mut Payment,
) -> Result<(), StoreError> {
    // The payment's state does not tell: it is «processing» from the moment its page is open.
    let told = store.timeline(order.id).await?.iter().any(|entry| entry.event == "payment_processing");
    if told {
        return Ok(());
    }
    payment.advance(PaymentState::Processing);
    store.save_payment(payment).await?;
    let detail = "the bank takes a few days to confirm this payment".to_owned();
    note(store, env, order, (Actor::Gateway, "payment_processing", detail)).await
}

/// A delayed payment failed: the order is cancelled and the customer told.
pub async fn record_failure<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    order: &mut Order,
    payment: &mut Payment,
) -> Result<(), OrderError> {
    order.state = order.state.clone().cancel("the payment failed".to_owned())?;
    store.save_order(order).await?;
    payment.advance(PaymentState::Failed);
    store.save_payment(payment).await?;
    note(store, env, order, (Actor::Gateway, "payment_failed", "the delayed payment failed".to_owned())).await?;
    mails::payment_failed(store, env, links, order).await?;
    Ok(())
}

/// The payment page closed unpaid.
pub async fn record_expiry<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &mut Order,
    payment: &mut Payment,
) -> Result<(), OrderError> {
    order.state = order.state.clone().expire()?;
    store.save_order(order).await?;
    payment.advance(PaymentState::Cancelled);
    store.save_payment(payment).await?;
    note(store, env, order, (Actor::Gateway, "expired", "the payment page closed unpaid".to_owned())).await?;
    Ok(())
}

/// Money is here that does not fit the order. What the gateway calls it is kept, so that its refund finds the order.
pub async fn record_mismatch<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    (order, payment): (&mut Order, &mut Payment),
    (receipt, reason, next_step): (&Receipt, String, String),
) -> Result<(), OrderError> {
    // The books say what arrived, or what goes back would never add up.
    if let Some(received) = receipt.received.filter(|sum| sum.currency() == payment.amount.currency()) {
        payment.amount = received;
    }
    save_payment(store, payment, receipt).await?;
    attention::raise(store, env, links, order, Attention { kind: CaseKind::PaymentMismatch, reason, next_step }).await
}

/// A second payment arrived for an order that is paid: a person must send one of them back. What is delivered stays
/// delivered; the history says it, and the case asks for it.
pub async fn record_second_payment<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    order: &mut Order,
    session: &str,
) -> Result<(), OrderError> {
    let reason = format!("session {session} paid an order that was paid before");
    let next_step = "refund the second payment at the gateway".to_owned();
    match &order.state {
        OrderState::Paid | OrderState::Provisioning | OrderState::NeedsAttention { .. } => {
            let what = Attention { kind: CaseKind::PaidTwice, reason, next_step };
            attention::raise(store, env, links, order, what).await
        }
        OrderState::Pending
        | OrderState::Provisioned
        | OrderState::Expired
        | OrderState::Cancelled { .. }
        | OrderState::RefundPending
        | OrderState::Refunded => {
            cases::open(store, env, NewCase::of_order(CaseKind::PaidTwice, order.id, &reason, &next_step)).await?;
            let detail = format!("{reason}. Next: {next_step}");
            Ok(note(store, env, order, (Actor::Gateway, "paid_twice", detail)).await?)
        }
    }
}

/// Money went back. Records the payment's state; what follows for a service that runs is decided by an operator, so that
/// becomes a case.
pub async fn record_charge<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    (order, payment, fact): (&mut Order, &mut Payment, &ChargeFact),
) -> Result<(), StoreError> {
    let refunded = fact.refunded.filter(|sum| sum.currency() == payment.refunded.currency());
    let Some(refunded) = refunded.filter(|sum| sum.minor() > payment.refunded.minor() || planted("refund-goes-back"))
    else {
        return Ok(());
    };
    let before = payment.refunded;
    payment.refunded = refunded;
    payment.advance(if fact.fully { PaymentState::Refunded } else { PaymentState::PartiallyRefunded });
    store.save_payment(payment).await?;
    let detail = format!("{refunded} went back in all{}", if fact.fully { ", which is everything" } else { "" });
    note(store, env, order, (Actor::Gateway, "refunded", detail)).await?;
    let now = Money::new(refunded.minor().saturating_sub(before.minor()), refunded.currency());
    mails::refunded(store, env, links, order, (now, fact.fully)).await?;
    if fact.fully {
        all_went_back(store, env, order, &refunded.to_string()).await?;
    }
    Ok(())
}

/// An order that waits for its refund or for a person ends with it, and so does one whose delivery has not begun. What a
/// provider was asked for may exist: that stays with a person.
async fn all_went_back<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &mut Order,
    refunded: &str,
) -> Result<(), StoreError> {
    let asked = order.state == OrderState::RefundPending;
    let ended = match order.state.clone() {
        state @ OrderState::RefundPending => state.refund().ok(),
        state @ (OrderState::Paid | OrderState::NeedsAttention { .. }) => {
            state.begin_refund().and_then(OrderState::refund).ok()
        }
        OrderState::Pending
        | OrderState::Provisioning
        | OrderState::Provisioned
        | OrderState::Expired
        | OrderState::Cancelled { .. }
        | OrderState::Refunded => None,
    };
    let runs = match store.service_of(order.id).await? {
        Some(service) if asked => matches!(
            service.state,
            ServiceState::Active(_) | ServiceState::Installing(_) | ServiceState::Suspended { .. }
        ),
        Some(_) | None => matches!(order.state, OrderState::Provisioning | OrderState::Provisioned),
    };
    if let Some(state) = ended {
        order.state = state;
        store.save_order(order).await?;
        cases::order_causes_gone(store, env, order.id, &CaseKind::ENDED_BY_REFUND, "the money went back").await?;
        note(store, env, order, (Actor::Gateway, "refunded_in_full", "the order ends with it".to_owned())).await?;
    }
    if runs {
        let reason = format!("{refunded} went back, which is everything, and the service still runs");
        let next_step = "decide whether the service goes on; if not, end it from its order's page or by `hostwright services terminate`, which \
             closes this case";
        cases::open(store, env, NewCase::of_order(CaseKind::RefundedRunning, order.id, reason, next_step)).await?;
    }
    Ok(())
}

/// A dispute began or ended.
pub async fn record_dispute<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &mut Order,
    opened: bool,
    fact: &DisputeFact,
) -> Result<(), StoreError> {
    // A dispute that is lost stays on the order: the money is gone.
    let disputed = opened || fact.status == "lost";
    if order.disputed != disputed {
        order.disputed = disputed;
        store.save_order(order).await?;
    }
    let event = if opened { "dispute_opened" } else { "dispute_closed" };
    let reason = fact.reason.as_deref().unwrap_or("no reason given");
    dispute_case(store, env, order, opened, fact).await?;
    note(store, env, order, (Actor::Gateway, event, format!("{}: {}, {reason}", fact.id, fact.status))).await
}

/// Open from the dispute's beginning until it is won; a lost one stays with a person, since the service may still run.
async fn dispute_case<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &Order,
    opened: bool,
    fact: &DisputeFact,
) -> Result<(), StoreError> {
    if !opened && fact.status != "lost" {
        cases::cause_gone(store, env, (CaseKind::Disputed, &fact.id), "the dispute ended without a loss").await?;
        return Ok(());
    }
    let (reason, next_step) = if opened {
        let why = fact.reason.as_deref().unwrap_or("no reason given");
        (format!("dispute {} began: {why}", fact.id), "answer it in Stripe before its evidence is due")
    } else {
        (format!("dispute {} is lost", fact.id), "decide whether the service goes on; the money is gone")
    };
    let new =
        NewCase { subject: fact.id.clone(), ..NewCase::of_order(CaseKind::Disputed, order.id, reason, next_step) };
    cases::open(store, env, new).await.map(|_| ())
}

/// A subscription as the gateway has it now.
pub async fn record_subscription<S: OrderTx>(
    store: &mut S,
    mut subscription: Subscription,
    fact: &SubscriptionFact,
) -> Result<(), StoreError> {
    if subscription.status == SubscriptionStatus::Canceled {
        // The gateway never revives an ended subscription, so whatever says otherwise is older.
        return Ok(());
    }
    subscription.status = SubscriptionStatus::from(fact.status.as_str());
    subscription.period_start = fact.period_start.or(subscription.period_start);
    subscription.period_end = fact.period_end.or(subscription.period_end);
    subscription.cancel_at_period_end = fact.cancel_at_period_end;
    store.save_subscription(&subscription).await
}

/// An order that is not paid is called off by a person.
///
/// # Errors
/// [`OrderError`] for an order that is not pending.
pub async fn cancel<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    id: Id<entity::Order>,
    (who, reason): (Actor, &str),
) -> Result<(), OrderError> {
    let mut order = store.lock_order(id).await?.ok_or(OrderError::NotFound(id))?;
    order.state = order.state.clone().cancel(reason.to_owned())?;
    store.save_order(&order).await?;
    if let Some(mut payment) = store.latest_payment(id).await? {
        payment.advance(PaymentState::Cancelled);
        store.save_payment(&payment).await?;
    }
    Ok(note(store, env, &order, (who, "cancelled", reason.to_owned())).await?)
}
