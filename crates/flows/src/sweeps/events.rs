//! Events: those that no webhook brought, and those that came in and wait.

use cases::{Case, CaseKind, CaseStore, NewCase};
use checkout::{EventInbox, IncomingEvent, PaymentGateway, Taken, Window};
use chrono::Duration;
use kernel::{
    Enqueued, Id, JobContext, JobFailure, JobQueue, Page, Recorded, StoreError, Timestamp, Transact, entity, planted,
};
use orders::{EventStore, GatewayFact, OrderStore, ProcessEvent, StoredEvent};

use super::{BATCH, SweepMissedEvents, SweepWaitingEvents, Tally, finish};
use crate::{Shop, event::GIVEN_UP};

/// Looked at again in every run: events become visible in the gateway's list a little out of order.
const OVERLAP: Duration = Duration::minutes(10);
/// Younger events are left to their webhooks.
const WEBHOOKS_FIRST: Duration = Duration::seconds(30);
/// How far the first run of an installation looks back: as long as the gateway itself would go on delivering.
const FIRST_LOOK: Duration = Duration::days(3);
/// An event that waits for longer is a case. Together with the sweep's own pace it is one within a minute.
const PATIENCE: Duration = Duration::seconds(40);

/// Handles [`SweepMissedEvents`].
///
/// # Errors
/// A classified failure; it comes again.
pub async fn sweep_missed_events<W: Shop>(
    world: &W,
    _: SweepMissedEvents,
    context: JobContext,
) -> Result<Recorded, JobFailure> {
    use cases::SweepStore as _;
    use kernel::Job as _;
    if planted("no-sweep-of-missed") {
        return crate::settle::end(world, context).await;
    }
    let mut tally = Tally::default();
    let until = world.env().now() - WEBHOOKS_FIRST;
    let looked = world.db().transaction(async |tx| tx.sweep_cursor(SweepMissedEvents::KIND).await).await?;
    let from = looked.map_or(until - FIRST_LOOK, |cursor| cursor - OVERLAP);
    let mut after = None;
    loop {
        let Page { items, next } =
            world.gateway().events(Window { from, until: Some(until) }, after.as_deref()).await?;
        // By the gateway's clock: a worker whose own is ahead must not move the next look past what is still to come.
        let newest = items.iter().filter_map(|event| event.created).max();
        take_missing(world, items, &mut tally).await?;
        tally.cursor = tally.cursor.max(newest);
        after = next;
        if after.is_none() {
            break;
        }
    }
    tally.cursor = tally.cursor.max(looked);
    finish::<SweepMissedEvents, _>(world, context, tally).await
}

async fn take_missing<W: Shop>(world: &W, page: Vec<IncomingEvent>, tally: &mut Tally) -> Result<(), StoreError> {
    let ids: Vec<String> = page.iter().map(|event| event.id.clone()).collect();
    let known = world.db().transaction(async |tx| tx.known_events(&ids).await).await?;
    for event in page {
        tally.seen += 1;
        if known.contains(&event.id) {
            continue;
        }
        let event = IncomingEvent { received_at: world.env().now(), ..event };
        if world.db().take(&event).await? == Taken::New {
            tally.find::<SweepMissedEvents>("an event that no webhook brought", &event.id);
        }
    }
    Ok(())
}

/// Handles [`SweepWaitingEvents`].
///
/// # Errors
/// A classified failure; it comes again.
pub async fn sweep_waiting_events<W: Shop>(
    world: &W,
    _: SweepWaitingEvents,
    context: JobContext,
) -> Result<Recorded, JobFailure> {
    if planted("no-sweep-of-waiting") {
        return crate::settle::end(world, context).await;
    }
    let mut tally = Tally::default();
    let now = super::now(world).await?;
    let before = now - PATIENCE;
    let waiting = world.db().transaction(async |tx| tx.waiting_events(before, BATCH).await).await?;
    for event in waiting {
        tally.seen += 1;
        if look_after(world, &event, now).await? == Enqueued::Added {
            tally.find::<SweepWaitingEvents>("an event whose job was gone", &event.id);
        }
    }
    for kind in [CaseKind::EventDelayed, CaseKind::JobDead] {
        let open = world.db().transaction(async |tx| tx.open_cases_of_kind(kind, BATCH).await).await?;
        for case in open {
            close_if_processed(world, &case).await?;
        }
    }
    finish::<SweepWaitingEvents, _>(world, context, tally).await
}

/// Makes sure that it has a job, and that people see that it waits.
async fn look_after<W: Shop>(world: &W, event: &StoredEvent, now: Timestamp) -> Result<Enqueued, StoreError> {
    let env = &mut world.env();
    let named = order_of(world, event);
    let work = async |tx: &mut W::Tx| {
        let still = tx.event(&event.id).await?;
        if still.is_none_or(|event| event.outcome.is_some()) {
            return Ok(Enqueued::AlreadyThere);
        }
        let enqueued = tx.enqueue(&ProcessEvent { event: event.id.clone() }).await?;
        let order = match named {
            Some(order) => tx.order(order).await?.map(|order| order.id),
            None => None,
        };
        cases::open(tx, env, delayed(now, event, order)).await?;
        Ok::<_, StoreError>(enqueued)
    };
    world.db().transaction(work).await
}

fn delayed(now: Timestamp, event: &StoredEvent, order: Option<Id<entity::Order>>) -> NewCase {
    let waited: Duration = now - event.received_at;
    NewCase {
        kind: CaseKind::EventDelayed,
        subject: event.id.clone(),
        order,
        reason: format!("the event {} has waited for {} s to be processed", event.id, waited.num_seconds()),
        next_step: "see `hostwright jobs list` for why its job fails; it is tried again by itself".to_owned(),
    }
}

fn order_of<W: Shop>(world: &W, event: &StoredEvent) -> Option<Id<entity::Order>> {
    match world.gateway().decode(&event.raw).ok()?.fact {
        GatewayFact::Session(_, session) => session.order,
        GatewayFact::Subscription(subscription) => subscription.order,
        GatewayFact::Invoice(_, invoice) => invoice.order,
        GatewayFact::Refund(_) | GatewayFact::RefundFailed(_) | GatewayFact::Dispute(..) | GatewayFact::Other => None,
    }
}

async fn close_if_processed<W: Shop>(world: &W, case: &Case) -> Result<(), StoreError> {
    let env = world.env();
    let work = async |tx: &mut W::Tx| {
        let outcome = tx.event(&case.subject).await?.and_then(|event| event.outcome);
        let processed = outcome.is_some_and(|word| case.kind == CaseKind::EventDelayed || word != GIVEN_UP);
        if processed {
            cases::cause_gone(tx, &env, (case.kind, &case.subject), "the event is processed").await?;
        }
        Ok::<_, StoreError>(())
    };
    world.db().transaction(work).await
}
