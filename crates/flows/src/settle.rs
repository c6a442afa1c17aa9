//! What a checkout session means for its order, whichever door it came through.
//!
//! The session is read again at the gateway; the event is a hint. One transaction then links the session, judges it and
//! records everything that follows.

use accounts::AccountStore;
use cases::{CaseKind, NewCase};
use checkout::{GatewayError, PaymentGateway};
use kernel::{Env, Id, JobContext, JobFailure, JobQueue, Recorded, StoreError, Transact, entity, planted};
use orders::{
    EventOutcome, EventStore, Links, Order, OrderError, OrderSession, OrderStore, OrderTx, Payment, PaymentStatus,
    Receipt, SessionFact, SessionState, SessionStatus, SessionTrigger, Verdict, judge,
};

use crate::{
    Shop, Stores,
    checkout::locked,
    event::{Processing, outcome},
    password,
};

/// A session event, from the webhook.
pub(crate) async fn session_event<W: Shop>(
    world: &W,
    processing: Processing<'_>,
    trigger: SessionTrigger,
    hint: SessionFact,
) -> Result<Recorded, JobFailure> {
    let session = read_again(world, hint).await?;
    let Some(order) = order_of(world, &session).await? else {
        let text = session.order_text.clone().unwrap_or_else(|| "none".to_owned());
        tracing::error!(event.id = processing.event, session.id = session.id, order = text, "a session of no order");
        let detail = format!("session {} names no order of ours (order_id: {text})", session.id);
        let case = session.is_paid().then(|| unmatched(&session, &detail));
        return processing.end_with(world, outcome("unmatched", detail, None), case).await;
    };
    let mut env = world.env();
    let receipt = prepare_receipt(world, &mut env, order, &session).await?;
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.complete(processing.context.lease).await?;
        let result = settle(tx, &mut env, world.links(), order, (trigger, &session, &receipt)).await?;
        tx.set_event_outcome(processing.event, &result, env.now()).await?;
        Ok::<_, OrderError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

/// Money without an order: somebody may wait for what they paid.
pub(crate) fn unmatched(session: &SessionFact, detail: &str) -> NewCase {
    NewCase {
        kind: CaseKind::PaymentUnmatched,
        subject: session.id.clone(),
        order: None,
        reason: format!("a payment arrived and {detail}"),
        next_step: "look at the session in Stripe; refund it there, or deliver by hand what was bought".to_owned(),
    }
}

/// A session that we ask for ourselves: the success page and sweeps come through here, and end where the webhook ends.
///
/// # Errors
/// A classified failure; nothing is recorded then.
pub async fn sync_session<W: Shop>(world: &W, session: &str) -> Result<(), JobFailure> {
    let session = world.gateway().session(session).await?;
    settle_read(world, &session).await.map(|_| ())
}

/// Settles a session that was just read. Returns its order, if it is one of ours.
pub(crate) async fn settle_read<W: Shop>(
    world: &W,
    session: &SessionFact,
) -> Result<Option<Id<entity::Order>>, JobFailure> {
    let Some(order) = order_of(world, session).await? else { return Ok(None) };
    let mut env = world.env();
    let receipt = prepare_receipt(world, &mut env, order, session).await?;
    let work = async |tx: &mut W::Tx| {
        settle(tx, &mut env, world.links(), order, (SessionTrigger::Read, session, &receipt)).await?;
        Ok::<_, OrderError>(())
    };
    world.db().transaction(work).await?;
    Ok(Some(order))
}

/// What the gateway has now. Where it does not show the object (another key, another version), the signed event's own
/// facts count.
pub(crate) async fn read_again<W: Shop>(world: &W, hint: SessionFact) -> Result<SessionFact, JobFailure> {
    match world.gateway().session(&hint.id).await {
        Ok(_) if planted("event-is-trusted") => Ok(hint),
        Ok(mut current) => {
            current.order = current.order.or(hint.order);
            Ok(current)
        }
        Err(GatewayError::NotFound | GatewayError::Refused { .. }) => Ok(hint),
        Err(error) => Err(error.into()),
    }
}

/// The order of a session: by its metadata, else by our own link.
pub(crate) async fn order_of<W: Shop>(
    world: &W,
    session: &SessionFact,
) -> Result<Option<Id<entity::Order>>, StoreError> {
    let work = async |tx: &mut W::Tx| {
        if let Some(order) = session.order
            && let Some(order) = tx.order(order).await?
        {
            return Ok(Some(order.id));
        }
        Ok::<_, StoreError>(tx.session_link(&session.id).await?.map(|link| link.order))
    };
    world.db().transaction(work).await
}

/// Reads the subscription and prepares a way into the account where paying will need them.
async fn prepare_receipt<W: Shop>(
    world: &W,
    env: &mut Env,
    order: Id<entity::Order>,
    session: &SessionFact,
) -> Result<Receipt, JobFailure> {
    let mut receipt = Receipt {
        session: Some(session.id.clone()),
        intent: session.intent.clone(),
        invoice: session.invoice.clone(),
        gateway_customer: session.customer.clone(),
        gateway_subscription: session.subscription.clone(),
        subscription: None,
        received: session.amount,
        access: None,
    };
    if !session.is_paid() {
        return Ok(receipt);
    }
    let needs_account = world
        .db()
        .transaction(async |tx| {
            let Some(order) = tx.order(order).await? else { return Ok(false) };
            let unpaid = order.buyer.customer.is_none();
            Ok::<_, StoreError>(unpaid && tx.user_by_email(&order.buyer.email).await?.is_none())
        })
        .await?;
    if needs_account {
        receipt.access = Some(password::prepare(world, env).await?);
    }
    if let Some(id) = &session.subscription {
        // Its period is good to have, not needed: its own events bring it as well.
        receipt.subscription = world.gateway().subscription(id).await.ok();
    }
    Ok(receipt)
}

/// Links, judges and records, in the caller's transaction.
async fn settle<S: Stores>(
    tx: &mut S,
    env: &mut Env,
    links: &Links,
    order: Id<entity::Order>,
    (trigger, session, receipt): (SessionTrigger, &SessionFact, &Receipt),
) -> Result<EventOutcome, OrderError> {
    let (mut order, mut payment) = locked(tx, order).await?;
    link(tx, env, &order, &payment, session).await?;
    let verdict = judge(&order, &payment, trigger, session);
    let id = Some(order.id);
    Ok(match verdict {
        Verdict::Pay => {
            orders::pay(tx, env, links, (&mut order, &mut payment), receipt).await?;
            outcome("processed", "the order is paid", id)
        }
        Verdict::Processing => {
            orders::record_processing(tx, env, &order, &mut payment).await?;
            outcome("processed", "the payment is on its way", id)
        }
        Verdict::Fail => {
            orders::record_failure(tx, env, links, &mut order, &mut payment).await?;
            outcome("processed", "the payment failed", id)
        }
        Verdict::Expire => {
            orders::record_expiry(tx, env, &mut order, &mut payment).await?;
            outcome("processed", "the payment page expired", id)
        }
        Verdict::Mismatch { reason, next_step } => {
            tracing::error!(order.id = %order.id, reason, "a payment does not fit its order");
            let parts = (receipt, reason.clone(), next_step);
            orders::record_mismatch(tx, env, links, (&mut order, &mut payment), parts).await?;
            outcome("needs_attention", reason, id)
        }
        Verdict::PaidTwice => paid_twice(tx, env, links, &mut order, session).await?,
        Verdict::Nothing(why) => outcome("processed", why, id),
    })
}

async fn paid_twice<S: OrderTx>(
    tx: &mut S,
    env: &mut Env,
    links: &Links,
    order: &mut Order,
    session: &SessionFact,
) -> Result<EventOutcome, OrderError> {
    tracing::error!(order.id = %order.id, session.id = session.id, "an order was paid twice");
    orders::record_second_payment(tx, env, links, order, &session.id).await?;
    let detail = format!("session {} paid an order that was paid before", session.id);
    Ok(outcome("needs_attention", detail, Some(order.id)))
}

async fn link<S: OrderStore>(
    tx: &mut S,
    env: &Env,
    order: &Order,
    payment: &Payment,
    session: &SessionFact,
) -> Result<(), StoreError> {
    let state = match (session.status, session.payment_status) {
        (SessionStatus::Complete, PaymentStatus::Paid | PaymentStatus::NotRequired) => SessionState::Completed,
        (SessionStatus::Expired, _) => SessionState::Expired,
        (SessionStatus::Open | SessionStatus::Complete | SessionStatus::Other, _) => SessionState::Created,
    };
    let known = tx.session_link(&session.id).await?;
    if known.as_ref().is_some_and(|known| known.state == SessionState::Completed) {
        return Ok(());
    }
    let link = OrderSession {
        session: session.id.clone(),
        order: order.id,
        payment: payment.id,
        state,
        url: session.url.clone(),
        created_at: known.map_or_else(|| env.now(), |known| known.created_at),
    };
    tx.save_session(&link).await
}

/// Makes a job's end visible on its order. An order that is gone or past that is no reason to fail.
pub(crate) async fn give_up<S: OrderTx>(
    tx: &mut S,
    env: &mut Env,
    links: &Links,
    order: Id<entity::Order>,
    reason: &str,
) -> Result<(), StoreError> {
    tolerated(orders::give_up(tx, env, links, order, reason).await)
}

/// Makes it visible that a payment could not be recorded.
pub(crate) async fn payment_is_stuck<S: OrderTx>(
    tx: &mut S,
    env: &mut Env,
    links: &Links,
    order: Id<entity::Order>,
    reason: &str,
) -> Result<(), StoreError> {
    tolerated(orders::payment_is_stuck(tx, env, links, order, reason).await)
}

fn tolerated(result: Result<(), OrderError>) -> Result<(), StoreError> {
    match result {
        Ok(()) | Err(OrderError::NotFound(_)) => Ok(()),
        Err(OrderError::Store(error)) => Err(error),
        Err(error @ (OrderError::State(_) | OrderError::Service(_))) => Err(StoreError::bug(error.to_string())),
    }
}

/// Ends a job without any effect.
pub(crate) async fn end<W: Shop>(world: &W, context: JobContext) -> Result<Recorded, JobFailure> {
    Ok(world.db().transaction(async |tx| tx.complete(context.lease).await).await?)
}
