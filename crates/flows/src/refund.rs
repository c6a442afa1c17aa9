//! Sending money back: asked for by a person, sent by the worker, closed by what the gateway says of the charge.

use audit::{Act, Actor, AuditStore as _, Entry, Facts, Subject};
use cases::{CaseKind, NewCase};
use checkout::{GatewayError, PaymentGateway};
use kernel::{Env, Id, JobContext, JobFailure, JobQueue, Recorded, StoreError, Transact, entity};
use orders::{
    ChargeFact, EventStore as _, Order, OrderStore, Payment, Refund, RefundError, RefundFact, RefundRequest,
    RefundState, RefundStatus, SendRefund, Subscription, SubscriptionStatus,
};
use outbound::Purpose;

use crate::{
    Shop, Stores,
    event::{Processing, outcome, payment_of},
    settle,
};

const BY_HAND: &str =
    "read why; then `cases retry` sends it again, or refund it in Stripe, and this case closes when the money is gone";

/// A person asks for money to go back.
///
/// # Errors
/// [`RefundError`]; nothing is sent then.
pub async fn ask_refund<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    (order, request): (Id<entity::Order>, RefundRequest),
    by: &Actor,
) -> Result<Refund, RefundError> {
    let work = async |tx: &mut D::Tx| {
        let refund = orders::ask_refund(tx, env, order, request.clone()).await?;
        let facts = Facts::none().text("refund", &refund.id.to_string()).text("amount", &refund.amount.to_string());
        let entry = Entry::new(env, by.clone(), Act::RefundAsked, Subject::new("order", order));
        tx.append(&entry.after(facts.text("reason", &refund.reason))).await?;
        Ok(refund)
    };
    db.transaction(work).await
}

/// What there is to send.
struct Sending {
    refund: Refund,
    payment: Payment,
    /// What goes on charging for the order, and must not.
    subscription: Option<String>,
    /// It may have been sent before, so it is looked for first.
    look: bool,
}

/// What came of asking.
enum Answer {
    Sent(Option<String>, ChargeFact),
    Refused(String),
}

/// Handles [`SendRefund`]: notes the intent, ends the subscription where everything goes back, asks the gateway (or finds
/// what an earlier try did), and records what the gateway then says of the charge.
///
/// # Errors
/// A classified failure; the job is tried again or becomes a case.
pub async fn send_refund<W: Shop>(world: &W, job: SendRefund, context: JobContext) -> Result<Recorded, JobFailure> {
    let Some(sending) = prepare(world, &job).await? else {
        return settle::end(world, context).await;
    };
    let answer = match send(world, &sending).await {
        Ok(answer) => answer,
        Err(error @ GatewayError::Failed { .. }) => {
            // The gateway would answer the same under this key for a day.
            another_attempt(world, &job).await?;
            return Err(error.into());
        }
        Err(GatewayError::Refused { code, message, .. }) => Answer::Refused(format!("{message} ({code})")),
        Err(GatewayError::NotFound) => Answer::Refused("Stripe does not know the payment".to_owned()),
        Err(error @ (GatewayError::Unavailable { .. } | GatewayError::Unknown { .. })) => return Err(error.into()),
    };
    record(world, &sending, context, answer).await
}

async fn locked<S: Stores>(tx: &mut S, job: &SendRefund) -> Result<Option<(Order, Payment, Refund)>, StoreError> {
    let Some(order) = tx.lock_order(job.order).await? else { return Ok(None) };
    let refund = tx.refund(job.refund).await?.filter(|refund| refund.state == RefundState::Asked);
    let payment = tx.latest_payment(order.id).await?;
    Ok(refund.zip(payment).filter(|(refund, payment)| refund.payment == payment.id).map(|(r, p)| (order, p, r)))
}

/// The intent, committed before the gateway is asked. `None` when nothing is left to do.
async fn prepare<W: Shop>(world: &W, job: &SendRefund) -> Result<Option<Sending>, JobFailure> {
    let env = &world.env();
    let work = async |tx: &mut W::Tx| {
        let Some((order, payment, refund)) = locked(tx, job).await? else { return Ok(None) };
        let key = refund.idempotency_key();
        let call = outbound::about_to_call(tx, env, (Purpose::Refund, &key), Some(order.id)).await?;
        let look = call.calls > 1 || refund.attempt > 1;
        let subscription = tx.subscription_of(order.id).await?.filter(|_| refund.whole).and_then(charging);
        Ok::<_, StoreError>(Some(Sending { refund, payment, subscription, look }))
    };
    Ok(world.db().transaction(work).await?)
}

/// The gateway's id of a subscription that has not ended.
fn charging(subscription: Subscription) -> Option<String> {
    subscription.gateway_id.filter(|_| subscription.status != SubscriptionStatus::Canceled)
}

async fn send<W: Shop>(world: &W, sending: &Sending) -> Result<Answer, GatewayError> {
    let gateway = world.gateway();
    if let Some(subscription) = &sending.subscription {
        gateway.end_subscription(subscription).await?;
    }
    let Some(intent) = intent_of(gateway, &sending.payment).await? else {
        return Ok(Answer::Refused("Stripe names no payment behind the order's invoice".to_owned()));
    };
    let found = if sending.look { gateway.find_refund(&intent, &sending.refund).await? } else { None };
    let fact = match found {
        Some(fact) => Some(fact),
        None => match gateway.refund(&intent, &sending.refund).await {
            Ok(fact) => Some(fact),
            // Somebody was quicker in Stripe's dashboard: what is left to do is to say so.
            Err(GatewayError::Refused { code, .. }) if code == "charge_already_refunded" => None,
            Err(error) => return Err(error),
        },
    };
    if let Some(fact) = fact.as_ref().filter(|fact| fact.status == RefundStatus::Failed) {
        return Ok(Answer::Refused(why(fact)));
    }
    let charge = gateway.charge_of(&intent).await?.ok_or(GatewayError::NotFound)?;
    Ok(Answer::Sent(fact.map(|fact| fact.id), charge))
}

fn why(fact: &RefundFact) -> String {
    format!("refund {} failed: {}", fact.id, fact.reason.as_deref().unwrap_or("no reason given"))
}

async fn intent_of<G: PaymentGateway>(gateway: &G, payment: &Payment) -> Result<Option<String>, GatewayError> {
    match (&payment.intent, &payment.invoice) {
        (Some(intent), _) => Ok(Some(intent.clone())),
        (None, Some(invoice)) => gateway.intent_of_invoice(invoice).await,
        (None, None) => Ok(None),
    }
}

async fn record<W: Shop>(
    world: &W,
    sending: &Sending,
    context: JobContext,
    answer: Answer,
) -> Result<Recorded, JobFailure> {
    let env = &mut world.env();
    let job = SendRefund { refund: sending.refund.id, order: sending.refund.order };
    let key = sending.refund.idempotency_key();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.complete(context.lease).await?;
        let Some((mut order, mut payment, mut refund)) = locked(tx, &job).await? else { return Ok(recorded) };
        match &answer {
            Answer::Sent(gateway_id, charge) => {
                outbound::happened(tx, &key, gateway_id.as_deref().unwrap_or("sent before")).await?;
                payment.intent = payment.intent.take().or_else(|| charge.intent.clone());
                tx.save_payment(&payment).await?;
                let found = (&mut order, &mut payment, &mut refund);
                orders::record_refund(tx, env, world.links(), found, (gateway_id.as_deref(), charge)).await?;
            }
            Answer::Refused(why) => {
                outbound::did_not_happen(tx, &key, why).await?;
                orders::refund_failed(tx, env, &order, &mut refund, (why.clone(), BY_HAND)).await?;
            }
        }
        Ok::<_, StoreError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

async fn another_attempt<W: Shop>(world: &W, job: &SendRefund) -> Result<(), JobFailure> {
    let work = async |tx: &mut W::Tx| {
        if let Some((_, _, mut refund)) = locked(tx, job).await? {
            refund.attempt = refund.attempt.saturating_add(1);
            tx.save_refund(&refund).await?;
        }
        Ok::<_, StoreError>(())
    };
    Ok(world.db().transaction(work).await?)
}

/// Sending it is out of tries: a person must see to it.
///
/// # Errors
/// The store's.
pub async fn refund_is_dead<W: Shop>(world: &W, job: SendRefund, reason: &str) -> Result<(), StoreError> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let Some((order, _, mut refund)) = locked(tx, &job).await? else { return Ok(()) };
        let why = format!("sending it was given up: {reason}");
        orders::refund_failed(tx, env, &order, &mut refund, (why, BY_HAND)).await
    };
    world.db().transaction(work).await
}

/// Money that was on its way back came back to us, days later: the customer does not have it.
pub(crate) async fn refund_failed_event<W: Shop>(
    world: &W,
    processing: Processing<'_>,
    fact: RefundFact,
) -> Result<Recorded, JobFailure> {
    if fact.status != RefundStatus::Failed {
        return processing.end(world, outcome("ignored", format!("refund {} goes on", fact.id), None)).await;
    }
    let payment = payment_of(world, fact.intent.as_deref()).await?;
    let Some(payment) = payment else {
        let detail = format!("{}, of no payment of ours", why(&fact));
        return processing.end(world, outcome("unmatched", detail, None)).await;
    };
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.complete(processing.context.lease).await?;
        if let Some(order) = tx.lock_order(payment.order).await? {
            came_back(tx, env, &order, &fact).await?;
        }
        let outcome = outcome("processed", why(&fact), Some(payment.order));
        tx.set_event_outcome(processing.event, &outcome, env.now()).await?;
        Ok::<_, StoreError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

async fn came_back<S: Stores>(tx: &mut S, env: &mut Env, order: &Order, fact: &RefundFact) -> Result<(), StoreError> {
    let next_step = "ask the customer for another way to send the money, send it in Stripe, then close this case";
    let ours = match fact.refund {
        Some(id) => tx.refund(id).await?,
        None => tx.refund_by_gateway(&fact.id).await?,
    };
    match ours.filter(|refund| refund.order == order.id) {
        // A case that is closed stays so when the event comes again.
        Some(refund) if refund.state == RefundState::Failed => Ok(()),
        Some(mut refund) => orders::refund_failed(tx, env, order, &mut refund, (why(fact), next_step)).await,
        None => {
            let case = NewCase {
                subject: fact.id.clone(),
                ..NewCase::of_order(CaseKind::RefundFailed, order.id, why(fact), next_step)
            };
            cases::open(tx, env, case).await.map(|_| ())
        }
    }
}
