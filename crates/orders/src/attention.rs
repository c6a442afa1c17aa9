//! When a person must act, and what brings the order back on its way.

use cases::{CaseKind, NewCase};
use kernel::{Env, Id, StoreError, entity};

use crate::{Actor, Links, Order, OrderError, OrderState, OrderTx, WrongState, mails, place::note};

/// What is wrong with an order, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attention {
    /// The kind of case that it is.
    pub kind: CaseKind,
    /// Why, in plain words.
    pub reason: String,
    /// What a person should do.
    pub next_step: String,
}

/// Puts a locked order before a person: opens its case with the reason and the next step, and tells the customer once.
///
/// # Errors
/// [`OrderError::State`] for an order that is delivered or refunded.
pub async fn raise<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    order: &mut Order,
    what: Attention,
) -> Result<(), OrderError> {
    let Attention { kind, reason, next_step } = what;
    let first = !matches!(order.state, OrderState::NeedsAttention { .. });
    order.state = order.state.clone().raise(reason.clone(), next_step.clone())?;
    store.save_order(order).await?;
    cases::open(store, env, NewCase::of_order(kind, order.id, &reason, &next_step)).await?;
    note(store, env, order, (Actor::Worker, "needs_attention", format!("{reason}. Next: {next_step}"))).await?;
    if first {
        let customer_text = "We have your order and your payment, but setting it up did not go through by itself.";
        mails::attention(store, env, links, order, kind.customer_view().unwrap_or(customer_text)).await?;
    }
    Ok(())
}

/// Delivering this order is out of tries: a case, and visible on the order, whatever its state.
pub async fn give_up<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    order: Id<entity::Order>,
    reason: &str,
) -> Result<(), OrderError> {
    let Some(mut order) = store.lock_order(order).await? else {
        return Err(OrderError::NotFound(order));
    };
    let what = "setting up the service";
    let next_step = "see `hostwright jobs list --dead`, mend the cause, then retry the job or the order".to_owned();
    match &order.state {
        OrderState::Paid | OrderState::Provisioning | OrderState::NeedsAttention { .. } => {
            let reason = format!("{what} failed for good: {reason}");
            raise(store, env, links, &mut order, Attention { kind: CaseKind::SetupFailed, reason, next_step }).await
        }
        OrderState::Pending
        | OrderState::Provisioned
        | OrderState::Expired
        | OrderState::Cancelled { .. }
        | OrderState::RefundPending
        | OrderState::Refunded => {
            let detail = format!("{what} failed for good: {reason}. Next: {next_step}");
            Ok(note(store, env, &order, (Actor::Worker, "gave_up", detail)).await?)
        }
    }
}

/// The gateway says that an order's money is here, and what that means could not be recorded: a person must act, whatever
/// became of the order meanwhile. Processing the event again, once that works, pays the order after all.
pub async fn payment_is_stuck<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    order: Id<entity::Order>,
    reason: &str,
) -> Result<(), OrderError> {
    let Some(mut order) = store.lock_order(order).await? else {
        return Err(OrderError::NotFound(order));
    };
    match &order.state {
        OrderState::Pending | OrderState::Expired | OrderState::Cancelled { .. } => {
            let reason = format!("the gateway reports a payment that could not be recorded: {reason}");
            let next_step = "mend the cause, then `hostwright jobs list --dead` and `hostwright jobs retry`".to_owned();
            raise(store, env, links, &mut order, Attention { kind: CaseKind::PaymentStuck, reason, next_step }).await
        }
        // It is before a person already, or was paid by another event: what stands there stays, the history says more.
        OrderState::NeedsAttention { .. }
        | OrderState::Paid
        | OrderState::Provisioning
        | OrderState::Provisioned
        | OrderState::RefundPending
        | OrderState::Refunded => {
            let detail = format!("processing a payment's event failed for good: {reason}");
            Ok(note(store, env, &order, (Actor::Worker, "gave_up", detail)).await?)
        }
    }
}

/// A mail about this order did not go out. The order goes on; the case says so, and its history.
///
/// # Errors
/// The store's. An order that is gone is no reason to fail.
pub async fn mail_failed<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    (order, mail): (Id<entity::Order>, Id<entity::Mail>),
    reason: &str,
) -> Result<(), StoreError> {
    let Some(order) = store.order(order).await? else { return Ok(()) };
    let reason = format!("sending a mail failed for good: {reason}");
    let next_step = "see `hostwright jobs list --dead`, mend the cause, then retry the job".to_owned();
    note(store, env, &order, (Actor::Worker, "gave_up", format!("{reason}. Next: {next_step}"))).await?;
    let new =
        NewCase { subject: mail.to_string(), ..NewCase::of_order(CaseKind::MailFailed, order.id, reason, next_step) };
    cases::open(store, env, new).await.map(|_| ())
}

/// An operator says: deliver it again. Looks at the provider before acting there.
///
/// # Errors
/// [`OrderError::State`] when the order does not wait for a person, or waits because of its money.
pub async fn retry<S: OrderTx>(store: &mut S, env: &mut Env, order: Id<entity::Order>) -> Result<(), OrderError> {
    let mut order = store.lock_order(order).await?.ok_or(OrderError::NotFound(order))?;
    let refused = WrongState { from: order.state.as_str(), step: "be delivered again" };
    let mut service = match store.service_of(order.id).await? {
        Some(service) => store.lock_service(service.id).await?.ok_or(refused.clone())?,
        None => return Err(refused.into()),
    };
    order.state = order.state.clone().begin_delivery()?;
    store.save_order(&order).await?;
    provisioning::reset_for_retry(store, &mut service).await?;
    let detail = "an operator asked to deliver again".to_owned();
    note(store, env, &order, (Actor::Operator, "delivery_retried", detail)).await?;
    Ok(())
}
