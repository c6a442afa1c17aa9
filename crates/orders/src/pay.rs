//! Everything that paying causes, in one transaction: order, payment, account, subscription, service, mails, jobs.

use accounts::{GuestAccount, OpenedAccount, PreparedAccess, open_account};
use cases::CaseKind;
use kernel::{Env, Money, StoreError};
use provisioning::{NewService, Owner};

use crate::{
    Actor, Links, Order, OrderError, OrderState, OrderTx, Payment, PaymentState, Subscription, SubscriptionFact,
    SubscriptionStatus, mails, place::note,
};

/// The gateway's proof that the money is here, or that there was nothing to pay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The checkout session.
    pub session: Option<String>,
    /// The payment intent.
    pub intent: Option<String>,
    /// The invoice.
    pub invoice: Option<String>,
    /// The gateway's id of the customer.
    pub gateway_customer: Option<String>,
    /// The gateway's id of the subscription.
    pub gateway_subscription: Option<String>,
    /// The subscription as the gateway has it, when it could be read.
    pub subscription: Option<SubscriptionFact>,
    /// What arrived.
    pub received: Option<Money>,
    /// The way into an account that may have to be opened; needed for guests.
    pub access: Option<PreparedAccess>,
}

/// Marks a locked order paid and starts everything that follows.
///
/// # Errors
/// [`OrderError::State`] when the order cannot be paid now; nothing is written then.
pub async fn pay<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    (order, payment): (&mut Order, &mut Payment),
    receipt: &Receipt,
) -> Result<(), OrderError> {
    let before = order.state.as_str();
    order.state = order.state.clone().pay()?;
    let account = account_of(store, env, order, receipt).await?;
    store.save_order(order).await?;
    save_payment(store, payment, receipt).await?;
    note(store, env, order, (Actor::Gateway, "paid", paid_detail(order, before))).await?;
    if let Some(gateway_id) = &receipt.gateway_customer {
        store.set_gateway_customer(account.customer().id, gateway_id).await?;
    }
    save_subscription(store, env, order, &account, receipt).await?;
    let service = provisioning::request(store, env, new_service(order, &account)).await?;
    note(store, env, order, (Actor::Worker, "delivery_requested", format!("{service} by {}", order.line.provider)))
        .await?;
    mails::after_payment(store, env, links, order, &account).await?;
    if before != OrderState::Pending.as_str() {
        let how = "the payment is recorded";
        cases::order_causes_gone(store, env, order.id, &CaseKind::ENDED_BY_PAYMENT, how).await?;
    }
    Ok(())
}

fn paid_detail(order: &Order, before: &str) -> String {
    let what =
        if order.line.due_now.is_zero() { "nothing to pay now".to_owned() } else { order.line.due_now.to_string() };
    if before == OrderState::Pending.as_str() {
        what
    } else {
        format!("{what}; the order had been {before} and is revived")
    }
}

async fn account_of<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &mut Order,
    receipt: &Receipt,
) -> Result<OpenedAccount, StoreError> {
    let guest = GuestAccount { email: order.buyer.email.clone(), name: order.buyer.name.clone() };
    let account = open_account(store, env, &guest, receipt.access.as_ref()).await?;
    order.buyer.customer = Some(account.customer().id);
    Ok(account)
}

/// The money is here, and under which names the gateway has it.
pub(crate) async fn save_payment<S: OrderTx>(
    store: &mut S,
    payment: &mut Payment,
    receipt: &Receipt,
) -> Result<(), StoreError> {
    payment.advance(PaymentState::Succeeded);
    payment.session = receipt.session.clone().or(payment.session.take());
    payment.intent = receipt.intent.clone().or(payment.intent.take());
    payment.invoice = receipt.invoice.clone().or(payment.invoice.take());
    store.save_payment(payment).await
}

async fn save_subscription<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &Order,
    account: &OpenedAccount,
    receipt: &Receipt,
) -> Result<(), StoreError> {
    if order.line.renewal.is_none() {
        return Ok(());
    }
    let fact = receipt.subscription.as_ref();
    let assumed = if order.line.trial_days > 0 { SubscriptionStatus::Trialing } else { SubscriptionStatus::Active };
    let subscription = Subscription {
        id: env.id(),
        order: order.id,
        customer: account.customer().id,
        gateway_id: receipt.gateway_subscription.clone(),
        status: fact.map_or(assumed, |fact| SubscriptionStatus::from(fact.status.as_str())),
        period_start: fact.and_then(|fact| fact.period_start),
        period_end: fact.and_then(|fact| fact.period_end),
        cancel_at_period_end: fact.is_some_and(|fact| fact.cancel_at_period_end),
        created_at: env.now(),
    };
    store.save_subscription(&subscription).await
}

fn new_service(order: &Order, account: &OpenedAccount) -> NewService {
    let customer = account.customer();
    NewService {
        order: order.id,
        owner: Owner { customer: customer.id, email: customer.email.clone(), name: order.buyer.name.clone() },
        plan: order.line.plan.clone(),
        plan_name: order.line.plan_name.clone(),
        kind: order.line.kind.as_str().to_owned(),
        provider: order.line.provider.clone(),
        settings: order.line.settings.clone(),
        delivery: order.delivery.clone(),
    }
}
