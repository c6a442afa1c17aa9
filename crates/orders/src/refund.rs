//! Money that shall go back: asked for by a person, sent by the worker, on record with its outcome.

use cases::{CaseKind, NewCase};
use kernel::{Env, Failure, FailureKind, Id, Job, Money, Queue, StoreError, Timestamp, entity};
use serde::{Deserialize, Serialize};

use crate::{
    Actor, ChargeFact, Links, Order, OrderState, OrderTx, Payment, PaymentState, WrongState, place::note, settle,
};

/// How far a refund is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    /// On record; the gateway has it, or is about to be asked.
    Asked,
    /// The gateway sent the money.
    Succeeded,
    /// The gateway will not send it, or the bank sent it back.
    Failed,
}

impl RefundState {
    /// The stable word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
        }
    }

    /// Reads the stable word.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Asked, Self::Succeeded, Self::Failed].into_iter().find(|state| state.as_str() == text)
    }
}

/// Money of a payment that shall go back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refund {
    /// Its id; part of the idempotency key.
    pub id: Id<entity::Refund>,
    /// The order.
    pub order: Id<entity::Order>,
    /// The payment of which it is a part.
    pub payment: Id<entity::Payment>,
    /// How much.
    pub amount: Money,
    /// It is everything that is left of the payment, so the order ends with it.
    pub whole: bool,
    /// Why, in the words of whoever asked for it.
    pub reason: String,
    /// Who asked for it.
    pub asked_by: String,
    /// How far it is.
    pub state: RefundState,
    /// 1 for the first; a new one only after the gateway answered with a failure that it would replay.
    pub attempt: i32,
    /// The gateway's id.
    pub gateway_id: Option<String>,
    /// Why it failed.
    pub detail: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
}

impl Refund {
    /// The key under which the gateway is asked; its intent is on record before.
    pub fn idempotency_key(&self) -> String {
        format!("order-{}-refund-{}-a{}", self.order, self.id, self.attempt)
    }
}

/// What a person asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRequest {
    /// How much; everything that is left where it is not said.
    pub amount: Option<Money>,
    /// Why.
    pub reason: String,
    /// Who asks.
    pub asked_by: String,
}

/// Why no money is sent back.
#[derive(Debug, thiserror::Error)]
pub enum RefundError {
    /// There is no such order.
    #[error("there is no order {0}")]
    NotFound(Id<entity::Order>),
    /// No reason was given.
    #[error("reason: say in a few words why the money goes back")]
    NoReason,
    /// Nothing was paid for it.
    #[error("nothing was paid for this order, so nothing can go back")]
    NothingPaid,
    /// Everything has gone back.
    #[error("everything that was paid has gone back already")]
    NothingLeft,
    /// One is on its way: how much is left is known when it is there.
    #[error("another refund of this order is on its way; wait until it is sent")]
    UnderWay,
    /// More than there is.
    #[error("amount: at most {left} is left of this payment, and more than nothing")]
    Amount {
        /// What is left.
        left: Money,
    },
    /// A provider is at work on it.
    #[error("the service is being set up right now; wait until it runs or needs attention, then refund")]
    BeingDelivered,
    /// The order's state does not allow it.
    #[error(transparent)]
    State(#[from] WrongState),
    /// The store's own.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Failure for RefundError {
    fn kind(&self) -> FailureKind {
        match self {
            Self::NotFound(_) => FailureKind::NotFound,
            Self::NoReason | Self::Amount { .. } => FailureKind::Invalid,
            Self::NothingPaid | Self::NothingLeft | Self::UnderWay | Self::BeingDelivered => FailureKind::Conflict,
            Self::State(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }
    fn code(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "order-not-found",
            Self::NoReason => "refund-reason-missing",
            Self::NothingPaid => "nothing-paid",
            Self::NothingLeft => "nothing-left-to-refund",
            Self::UnderWay => "refund-under-way",
            Self::Amount { .. } => "refund-amount",
            Self::BeingDelivered => "being-delivered",
            Self::State(error) => error.code(),
            Self::Store(error) => error.code(),
        }
    }
}

/// Send money back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRefund {
    /// The refund.
    pub refund: Id<entity::Refund>,
    /// Its order.
    pub order: Id<entity::Order>,
}

impl Job for SendRefund {
    const KIND: &'static str = "payments.send_refund";
    const QUEUE: Queue = Queue::Payments;
    const MAX_ATTEMPTS: i16 = 20;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.refund.to_string())
    }
    fn order(&self) -> Option<Id<entity::Order>> {
        Some(self.order)
    }
}

/// What of a payment is left. Of a refund on its way nobody knows whether the gateway has reported it yet, so it would be
/// counted twice or not at all: then nothing is said.
fn left_of(payment: &Payment, refunds: &[Refund]) -> Result<Money, RefundError> {
    if refunds.iter().any(|refund| refund.payment == payment.id && refund.state == RefundState::Asked) {
        return Err(RefundError::UnderWay);
    }
    let left = payment.amount.minor().saturating_sub(payment.refunded.minor());
    if left > 0 { Ok(Money::new(left, payment.amount.currency())) } else { Err(RefundError::NothingLeft) }
}

/// What could go back of an order's payment now; `None` where nothing can.
///
/// # Errors
/// The store's.
pub async fn refundable<S: OrderTx>(store: &mut S, order: Id<entity::Order>) -> Result<Option<Money>, StoreError> {
    let Some(payment) = store.latest_payment(order).await?.filter(is_here) else { return Ok(None) };
    let refunds = store.refunds_of(order).await?;
    Ok(left_of(&payment, &refunds).ok())
}

const fn is_here(payment: &Payment) -> bool {
    matches!(payment.state, PaymentState::Succeeded | PaymentState::PartiallyRefunded)
}

/// Puts a refund on record and has it sent. With everything that is left, the order waits for the money to be gone and
/// ends with it.
///
/// # Errors
/// [`RefundError`].
pub async fn ask_refund<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: Id<entity::Order>,
    request: RefundRequest,
) -> Result<Refund, RefundError> {
    let mut order = store.lock_order(order).await?.ok_or(RefundError::NotFound(order))?;
    let reason = request.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(RefundError::NoReason);
    }
    let payment = store.latest_payment(order.id).await?.filter(is_here).ok_or(RefundError::NothingPaid)?;
    let refunds = store.refunds_of(order.id).await?;
    let left = left_of(&payment, &refunds)?;
    let amount = request.amount.unwrap_or(left);
    if amount.currency() != left.currency() || amount.minor() <= 0 || amount.minor() > left.minor() {
        return Err(RefundError::Amount { left });
    }
    let whole = amount == left;
    if whole {
        if order.state == OrderState::Provisioning {
            return Err(RefundError::BeingDelivered);
        }
        order.state = order.state.clone().begin_refund()?;
        store.save_order(&order).await?;
    }
    let refund = Refund {
        id: env.id(),
        order: order.id,
        payment: payment.id,
        amount,
        whole,
        reason,
        asked_by: request.asked_by,
        state: RefundState::Asked,
        attempt: 1,
        gateway_id: None,
        detail: None,
        created_at: env.now(),
    };
    store.insert_refund(&refund).await?;
    let (event, all) = if whole { ("refund_of_all_asked", ", all that is left") } else { ("refund_asked", "") };
    let detail = format!("{amount} shall go back{all}: {}", refund.reason);
    note(store, env, &order, (Actor::Operator, event, detail)).await?;
    store.enqueue(&SendRefund { refund: refund.id, order: order.id }).await?;
    Ok(refund)
}

/// The gateway sent the money. `charge` is what the gateway now says of the whole payment.
///
/// # Errors
/// The store's.
pub async fn record_refund<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    links: &Links,
    (order, payment, refund): (&mut Order, &mut Payment, &mut Refund),
    (gateway_id, charge): (Option<&str>, &ChargeFact),
) -> Result<(), StoreError> {
    refund.state = RefundState::Succeeded;
    refund.gateway_id = gateway_id.map(str::to_owned).or_else(|| refund.gateway_id.take());
    refund.detail = None;
    store.save_refund(refund).await?;
    cases::cause_gone(store, env, (CaseKind::RefundFailed, &refund.id.to_string()), "the money went back").await?;
    settle::record_charge(store, env, links, (&mut *order, payment, charge)).await?;
    if refund.whole && order.state == OrderState::RefundPending {
        not_all(store, env, order, (refund, charge)).await?;
    }
    Ok(())
}

/// Everything was to go back and not everything did, as the gateway has it: the order would wait for ever.
async fn not_all<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &Order,
    (refund, charge): (&Refund, &ChargeFact),
) -> Result<(), StoreError> {
    let gone = charge.refunded.map_or_else(|| "not all".to_owned(), |sum| sum.to_string());
    let reason = format!("{} was sent back, and the gateway says that {gone} of the payment did in all", refund.amount);
    let next_step =
        "compare the payment with Stripe and send the rest back there; this case closes when all of it is gone";
    let case = NewCase {
        subject: refund.id.to_string(),
        ..NewCase::of_order(CaseKind::RefundFailed, order.id, reason, next_step)
    };
    cases::open(store, env, case).await.map(|_| ())
}

/// The gateway will not send it, or the bank sent it back: a person must see to it.
///
/// # Errors
/// The store's.
pub async fn refund_failed<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    order: &Order,
    refund: &mut Refund,
    (reason, next_step): (String, &str),
) -> Result<(), StoreError> {
    refund.state = RefundState::Failed;
    refund.detail = Some(reason.clone());
    store.save_refund(refund).await?;
    let what = format!("{} did not go back: {reason}", refund.amount);
    let case = NewCase {
        subject: refund.id.to_string(),
        ..NewCase::of_order(CaseKind::RefundFailed, order.id, what.clone(), next_step)
    };
    cases::open(store, env, case).await?;
    note(store, env, order, (Actor::Gateway, "refund_failed", what)).await
}

/// Has a refund that failed sent once more, under a new key. `false` where there is nothing to send again.
///
/// # Errors
/// The store's.
pub async fn retry_refund<S: OrderTx>(
    store: &mut S,
    env: &mut Env,
    id: Id<entity::Refund>,
) -> Result<bool, StoreError> {
    let Some(known) = store.refund(id).await? else { return Ok(false) };
    // The job comes before the order, as in the transaction of a worker that is just about to end it.
    store.enqueue(&SendRefund { refund: known.id, order: known.order }).await?;
    let Some(order) = store.lock_order(known.order).await? else { return Ok(false) };
    let Some(mut refund) = store.refund(id).await?.filter(|refund| refund.state == RefundState::Failed) else {
        return Ok(false);
    };
    refund.state = RefundState::Asked;
    refund.attempt = refund.attempt.saturating_add(1);
    store.save_refund(&refund).await?;
    let detail = format!("{} is being sent back once more", refund.amount);
    note(store, env, &order, (Actor::Operator, "refund_retried", detail)).await?;
    Ok(true)
}
