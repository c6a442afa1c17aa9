//! Orders that are paid and whose service does not run as soon as it should.

use cases::{Case, CaseKind, CaseStore, NewCase};
use chrono::Duration;
use kernel::{Enqueued, JobContext, JobFailure, JobQueue, Recorded, StoreError, Timestamp, Transact, planted};
use orders::{Order, OrderState, OrderStore, Undelivered};
use provisioning::{Service, ServiceState, ServiceStore, jobs::Deliver};

use super::{BATCH, SweepUndelivered, Tally, finish};
use crate::Shop;

/// A delivery that has not begun to install after this time is a case; together with the sweep's own pace within a
/// minute.
const PATIENCE: Duration = Duration::seconds(40);
/// An outcome that is unknown for longer needs a person.
const DOUBT: Duration = Duration::minutes(10);

/// Handles [`SweepUndelivered`].
///
/// # Errors
/// A classified failure; it comes again.
pub async fn sweep_undelivered<W: Shop>(
    world: &W,
    _: SweepUndelivered,
    context: JobContext,
) -> Result<Recorded, JobFailure> {
    if planted("no-sweep-of-undelivered") {
        return crate::settle::end(world, context).await;
    }
    let mut tally = Tally::default();
    let now = super::now(world).await?;
    let before = now - PATIENCE;
    let mut after = None;
    loop {
        let found = world.db().transaction(async |tx| tx.undelivered(before, after, BATCH).await).await?;
        let Some(last) = found.last() else { break };
        after = Some(last.service);
        for waiting in found {
            tally.seen += 1;
            if look_after(world, waiting, now).await? == Enqueued::Added {
                tally.find::<SweepUndelivered>("a paid order that nobody was delivering", &waiting.order.to_string());
            }
        }
    }
    finish::<SweepUndelivered, _>(world, context, tally).await
}

/// Makes sure that its delivery has a job, and that people see that it waits.
async fn look_after<W: Shop>(world: &W, waiting: Undelivered, now: Timestamp) -> Result<Enqueued, StoreError> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let order = tx.lock_order(waiting.order).await?;
        let service = tx.lock_service(waiting.service).await?;
        let Some((order, service)) = order.zip(service) else { return Ok(Enqueued::AlreadyThere) };
        let open = matches!(order.state, OrderState::Paid | OrderState::Provisioning);
        if !open || service.state.delivery_is_over() {
            return Ok(Enqueued::AlreadyThere);
        }
        let known = tx.open_cases_of(order.id).await?;
        if let Some(new) = due_case(tx, now, (&order, &service), &known).await? {
            cases::open(tx, env, new).await?;
        }
        tx.enqueue(&Deliver { service: service.id, order: order.id }).await
    };
    world.db().transaction(work).await
}

/// The case that should be open for it and is not yet, or not yet with these words.
async fn due_case<S: OrderStore>(
    tx: &mut S,
    now: Timestamp,
    (order, service): (&Order, &Service),
    known: &[Case],
) -> Result<Option<NewCase>, StoreError> {
    let waited = now - service.created_at;
    let (kind, next_step) = match service.state {
        // It is being set up; when that takes too long, the delivery itself says so.
        ServiceState::Installing(_)
        | ServiceState::Active(_)
        | ServiceState::FailedSetup { .. }
        | ServiceState::Suspended { .. }
        | ServiceState::Terminating(_)
        | ServiceState::Terminated(_) => return Ok(None),
        ServiceState::Uncertain if waited > DOUBT => {
            (CaseKind::OutcomeUnknown, "look in the panel whether it is there; it is looked for again by itself")
        }
        ServiceState::Pending | ServiceState::Provisioning | ServiceState::Uncertain => {
            (CaseKind::DeliveryDelayed, "it is tried again by itself; if it stays, see `hostwright jobs list`")
        }
    };
    let reason = why(tx, order).await?;
    let told = known.iter().any(|case| case.kind == kind && case.reason == reason);
    Ok((!told).then(|| NewCase::of_order(kind, order.id, reason, next_step)))
}

/// What the delivery said last, if it said anything since it was asked for.
async fn why<S: OrderStore>(tx: &mut S, order: &Order) -> Result<String, StoreError> {
    let last = tx.timeline(order.id).await?.into_iter().rev().find(|entry| entry.event == "delivery_waits");
    Ok(last.map_or_else(
        || "paid and not running yet; the delivery has not said why".to_owned(),
        |entry| format!("paid and not running yet: {}", entry.detail),
    ))
}
