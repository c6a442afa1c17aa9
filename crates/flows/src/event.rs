//! What a stored gateway event means, found out and recorded.

use audit::{Act, Actor, AuditStore, Entry, Subject};
use cases::{CaseKind, NewCase};
use checkout::PaymentGateway;
use kernel::{Env, Id, JobContext, JobFailure, JobQueue, Recorded, StoreError, Transact, entity, planted};
use orders::{
    ChargeFact, DisputeFact, EventOutcome, EventStore, GatewayEvent, GatewayFact, OrderStore, Payment, ProcessEvent,
    SubscriptionFact,
};

use crate::{Shop, Stores, refund::refund_failed_event, settle};

/// The outcome of an event whose job is out of tries.
pub(crate) const GIVEN_UP: &str = "failed";

/// An event's id and the right to record what became of it.
#[derive(Clone, Copy)]
pub(crate) struct Processing<'a> {
    pub(crate) event: &'a str,
    pub(crate) context: JobContext,
}

pub(crate) fn outcome(word: &'static str, detail: impl Into<String>, order: Option<Id<entity::Order>>) -> EventOutcome {
    EventOutcome { word, detail: detail.into(), order }
}

impl Processing<'_> {
    /// Ends the job with nothing but a note on the event.
    pub(crate) async fn end<W: Shop>(self, world: &W, outcome: EventOutcome) -> Result<Recorded, JobFailure> {
        self.end_with(world, outcome, None).await
    }

    /// Ends the job with a note on the event and perhaps a case.
    pub(crate) async fn end_with<W: Shop>(
        self,
        world: &W,
        outcome: EventOutcome,
        case: Option<NewCase>,
    ) -> Result<Recorded, JobFailure> {
        let env = &mut world.env();
        let work = async |tx: &mut W::Tx| {
            let recorded = tx.complete(self.context.lease).await?;
            tx.set_event_outcome(self.event, &outcome, env.now()).await?;
            if let Some(case) = case {
                cases::open(tx, env, case).await?;
            }
            Ok::<_, StoreError>(recorded)
        };
        Ok(world.db().transaction(work).await?)
    }
}

/// Handles [`ProcessEvent`].
///
/// # Errors
/// A classified failure; the job is tried again or becomes a case.
pub async fn process_event<W: Shop>(world: &W, job: ProcessEvent, context: JobContext) -> Result<Recorded, JobFailure> {
    let stored = world.db().transaction(async |tx| Ok::<_, StoreError>(tx.event(&job.event).await?)).await?;
    let processing = Processing { event: &job.event, context };
    // An event that was given up has a job again only when an operator wants it processed after all.
    let open = |outcome: Option<&str>| outcome.is_none_or(|word| word == GIVEN_UP);
    let Some(stored) = stored.filter(|stored| open(stored.outcome.as_deref())) else {
        // Processed before, by a try whose COMMIT we did not hear of, or replayed and quicker than this one.
        let work = async |tx: &mut W::Tx| tx.complete(context.lease).await;
        return Ok(world.db().transaction(work).await?);
    };
    let event = match world.gateway().decode(&stored.raw) {
        Ok(event) => event,
        Err(error) => {
            tracing::error!(event.id = job.event, error = %error, "a signed event cannot be read");
            let case = unreadable(&job.event, &error.to_string());
            return processing.end_with(world, outcome("unreadable", error.to_string(), None), Some(case)).await;
        }
    };
    let ours = event.livemode == world.gateway().livemode() && !event.foreign_account;
    if !ours && !planted("mode-not-checked") {
        tracing::error!(event.id = job.event, "an event of another mode or account");
        let case = foreign(&event, world.gateway().livemode());
        let outcome = outcome("ignored", "it belongs to another mode or account", None);
        return processing.end_with(world, outcome, Some(case)).await;
    }
    dispatch(world, processing, event).await
}

fn unreadable(event: &str, why: &str) -> NewCase {
    NewCase {
        kind: CaseKind::EventUnreadable,
        subject: event.to_owned(),
        order: None,
        reason: format!("the signed event {event} cannot be read: {why}"),
        next_step: "look at the event in Stripe and do by hand what it asks for; then close this case".to_owned(),
    }
}

/// One case for all of them: a wrong setting brings many.
fn foreign(event: &GatewayEvent, livemode: bool) -> NewCase {
    let (subject, what) = if event.foreign_account {
        ("account", "a connected account".to_owned())
    } else {
        ("livemode", format!("{} mode, while the key is for {}", mode(event.livemode), mode(livemode)))
    };
    NewCase {
        kind: CaseKind::EventForeign,
        subject: subject.to_owned(),
        order: None,
        reason: format!("events arrive from {what}; the latest is {}", event.id),
        next_step: "compare the webhook's mode and account in Stripe with STRIPE_SECRET_KEY, then close this case"
            .to_owned(),
    }
}

const fn mode(live: bool) -> &'static str {
    if live { "live" } else { "test" }
}

async fn dispatch<W: Shop>(world: &W, processing: Processing<'_>, event: GatewayEvent) -> Result<Recorded, JobFailure> {
    match event.fact {
        GatewayFact::Session(trigger, session) => settle::session_event(world, processing, trigger, session).await,
        GatewayFact::Subscription(fact) => subscription_event(world, processing, fact).await,
        GatewayFact::Invoice(paid, invoice) => {
            let what = if paid { "paid" } else { "not paid" };
            let reason = invoice.reason.unwrap_or_default();
            let detail = format!("invoice {} is {what} ({reason}); renewals are recorded at the gateway", invoice.id);
            processing.end(world, outcome("stored", detail, known_order(world, invoice.order).await?)).await
        }
        GatewayFact::Refund(charge) => charge_event(world, processing, charge).await,
        GatewayFact::RefundFailed(refund) => refund_failed_event(world, processing, refund).await,
        GatewayFact::Dispute(opened, dispute) => dispute_event(world, processing, opened, dispute).await,
        GatewayFact::Other => {
            processing.end(world, outcome("ignored", format!("nothing follows from {}", event.kind), None)).await
        }
    }
}

/// The order, if it is one of ours.
async fn known_order<W: Shop>(
    world: &W,
    order: Option<Id<entity::Order>>,
) -> Result<Option<Id<entity::Order>>, StoreError> {
    let Some(id) = order else { return Ok(None) };
    world.db().transaction(async |tx| Ok(tx.order(id).await?.map(|order| order.id))).await
}

async fn subscription_event<W: Shop>(
    world: &W,
    processing: Processing<'_>,
    fact: SubscriptionFact,
) -> Result<Recorded, JobFailure> {
    // The event is a hint: what counts is what the gateway has now. What it no longer shows is taken from the event.
    let fact = match world.gateway().subscription(&fact.id).await {
        Ok(current) => current,
        Err(checkout::GatewayError::NotFound | checkout::GatewayError::Refused { .. }) => fact,
        Err(error) => return Err(error.into()),
    };
    let at = world.env().now();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.complete(processing.context.lease).await?;
        let outcome = match tx.subscription_by_gateway(&fact.id).await? {
            Some(subscription) => {
                let order = subscription.order;
                orders::record_subscription(tx, subscription, &fact).await?;
                outcome("processed", format!("subscription {} is {}", fact.id, fact.status), Some(order))
            }
            // Paying the order reads the subscription itself, so nothing is lost by coming first.
            None => outcome("ignored", format!("subscription {} belongs to no paid order yet", fact.id), None),
        };
        tx.set_event_outcome(processing.event, &outcome, at).await?;
        Ok::<_, StoreError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

/// The payment behind a gateway's payment intent: by the intent, or by the invoice that it paid, since the gateway does
/// not name the intent where a subscription is bought.
pub(crate) async fn payment_of<W: Shop>(world: &W, intent: Option<&str>) -> Result<Option<Payment>, JobFailure> {
    let Some(intent) = intent else { return Ok(None) };
    let by =
        async |id: &str| world.db().transaction(async |tx| Ok::<_, StoreError>(tx.payment_by_gateway(id).await?)).await;
    if let Some(payment) = by(intent).await? {
        return Ok(Some(payment));
    }
    match world.gateway().invoice_of_intent(intent).await {
        Ok(Some(invoice)) => Ok(by(&invoice).await?),
        Ok(None) | Err(checkout::GatewayError::NotFound | checkout::GatewayError::Refused { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn charge_event<W: Shop>(
    world: &W,
    processing: Processing<'_>,
    fact: ChargeFact,
) -> Result<Recorded, JobFailure> {
    let Some(payment) = payment_of(world, fact.intent.as_deref()).await? else {
        return processing.end(world, outcome("unmatched", format!("no payment for charge {}", fact.id), None)).await;
    };
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.complete(processing.context.lease).await?;
        let order = tx.lock_order(payment.order).await?;
        // Read again under the order's lock, so that two refunds at once do not overwrite each other.
        let current =
            tx.payment_by_gateway(payment.intent.as_deref().or(payment.invoice.as_deref()).unwrap_or_default());
        let mut payment = current.await?.unwrap_or(payment);
        if let Some(mut order) = order {
            orders::record_charge(tx, env, world.links(), (&mut order, &mut payment, &fact)).await?;
        }
        let outcome = outcome("processed", format!("refund on charge {}", fact.id), Some(payment.order));
        tx.set_event_outcome(processing.event, &outcome, env.now()).await?;
        Ok::<_, StoreError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

async fn dispute_event<W: Shop>(
    world: &W,
    processing: Processing<'_>,
    opened: bool,
    fact: DisputeFact,
) -> Result<Recorded, JobFailure> {
    let Some(payment) = payment_of(world, fact.intent.as_deref()).await? else {
        return processing.end(world, outcome("unmatched", format!("no payment for dispute {}", fact.id), None)).await;
    };
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.complete(processing.context.lease).await?;
        if let Some(mut order) = tx.lock_order(payment.order).await? {
            orders::record_dispute(tx, env, &mut order, opened, &fact).await?;
        }
        let outcome = outcome("processed", format!("dispute {} is {}", fact.id, fact.status), Some(payment.order));
        tx.set_event_outcome(processing.event, &outcome, env.now()).await?;
        Ok::<_, StoreError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

/// The job of an event is out of tries: the event says so, and its order too when it names one.
pub async fn event_is_dead<W: Shop>(world: &W, job: ProcessEvent, reason: &str) -> Result<(), StoreError> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let stored = tx.event(&job.event).await?;
        let fact = stored.and_then(|stored| world.gateway().decode(&stored.raw).ok()).map(|event| event.fact);
        let (order, paid) = match fact {
            Some(GatewayFact::Session(_, session)) => (session.order, session.is_paid()),
            Some(GatewayFact::Subscription(subscription)) => (subscription.order, false),
            Some(GatewayFact::Invoice(_, invoice)) => (invoice.order, false),
            Some(
                GatewayFact::Refund(_) | GatewayFact::RefundFailed(_) | GatewayFact::Dispute(..) | GatewayFact::Other,
            )
            | None => (None, false),
        };
        tx.set_event_outcome(&job.event, &outcome(GIVEN_UP, reason, order), env.now()).await?;
        let known = match order {
            Some(order) => tx.order(order).await?.map(|order| order.id),
            None => None,
        };
        match known {
            Some(_) if planted("dead-event-is-silent") => Ok(()),
            Some(order) if paid => settle::payment_is_stuck(tx, env, world.links(), order, reason).await,
            _ => cases::open(tx, env, given_up(&job.event, known, (paid, reason))).await.map(|_| ()),
        }
    };
    world.db().transaction(work).await
}

fn given_up(event: &str, order: Option<Id<entity::Order>>, (paid, reason): (bool, &str)) -> NewCase {
    let what = if paid { "a payment was reported, and " } else { "" };
    NewCase {
        kind: CaseKind::JobDead,
        subject: event.to_owned(),
        order,
        reason: format!("{what}processing the event {event} failed for good: {reason}"),
        next_step: format!("mend the cause, then `hostwright events replay {event}`"),
    }
}

/// Processes a stored event once more, as if it had just come in. Safe at any time: what it means is monotonic.
///
/// # Errors
/// The store's. `Ok(false)` when there is no such event.
pub async fn replay_event<D: Transact<Tx: Stores>>(
    db: &D,
    env: &mut Env,
    event: &str,
    by: &Actor,
) -> Result<bool, StoreError> {
    let work = async |tx: &mut D::Tx| {
        if tx.event(event).await?.is_none() {
            return Ok(false);
        }
        replay(tx, event).await?;
        tx.append(&Entry::new(env, by.clone(), Act::EventReplayed, Subject::new("event", event))).await?;
        Ok(true)
    };
    db.transaction(work).await
}

/// Has an event processed once more. The job comes before the event, as in the transaction of a worker that is just about to
/// end it: the other way round each would wait for the other.
pub(crate) async fn replay<S: Stores>(tx: &mut S, event: &str) -> Result<(), StoreError> {
    tx.enqueue(&ProcessEvent { event: event.to_owned() }).await?;
    tx.reopen_event(event).await
}
