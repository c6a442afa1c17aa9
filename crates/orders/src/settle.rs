//! What the gateway reports besides a payment: on its way, failed, expired, refunded, disputed, subscription changes.

use kernel::{Env, StoreError, planted};

use crate::{
    Actor, ChargeFact, DisputeFact, Links, Order, OrderError, OrderState, OrderTx, Payment, PaymentState, Subscription,
    SubscriptionFact, SubscriptionStatus, attention, mails, place::note,
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

/// Money is here that does not fit the order.
pub async fn record_mismatch<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    (order, payment): (&mut Order, &mut Payment),
    (reason, next_step): (String, String),
) -> Result<(), OrderError> {
    payment.advance(PaymentState::Succeeded);
    store.save_payment(payment).await?;
    attention::raise(store, env, links, order, (reason, next_step)).await
}

/// A second payment arrived for an order that is paid: a person must send one of them back. What is delivered stays
/// delivered, so there the history says it.
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
            attention::raise(store, env, links, order, (reason, next_step)).await
        }
        OrderState::Pending
        | OrderState::Provisioned
        | OrderState::Expired
        | OrderState::Cancelled { .. }
        | OrderState::RefundPending
        | OrderState::Refunded => {
            let detail = format!("{reason}. Next: {next_step}");
            Ok(note(store, env, order, (Actor::Gateway, "paid_twice", detail)).await?)
        }
    }
}

/// Money went back. Records the payment's state; what follows for the service is decided by an operator.
pub async fn record_charge<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &Order,
    payment: &mut Payment,
    fact: &ChargeFact,
) -> Result<(), StoreError> {
    let refunded = fact.refunded.filter(|sum| sum.currency() == payment.refunded.currency());
    let Some(refunded) = refunded.filter(|sum| sum.minor() > payment.refunded.minor() || planted("refund-goes-back"))
    else {
        return Ok(());
    };
    payment.refunded = refunded;
    payment.advance(if fact.fully { PaymentState::Refunded } else { PaymentState::PartiallyRefunded });
    store.save_payment(payment).await?;
    let detail = format!("{refunded} went back in all{}", if fact.fully { ", which is everything" } else { "" });
    note(store, env, order, (Actor::Gateway, "refunded", detail)).await
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
    note(store, env, order, (Actor::Gateway, event, format!("{}: {}, {reason}", fact.id, fact.status))).await
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
