//! Refunds that were asked for and are not sent.

use cases::{CaseKind, NewCase};
use chrono::Duration;
use kernel::{Enqueued, JobContext, JobFailure, JobQueue, Recorded, StoreError, Timestamp, Transact};
use orders::{OrderStore, Refund, RefundState, SendRefund};

use super::{BATCH, SweepRefunds, Tally, finish};
use crate::Shop;

/// A refund is usually sent within seconds.
const PATIENCE: Duration = Duration::minutes(1);
/// After this a person should know.
const LONG: Duration = Duration::minutes(10);

/// Handles [`SweepRefunds`].
///
/// # Errors
/// A classified failure; it comes again.
pub async fn sweep_refunds<W: Shop>(world: &W, _: SweepRefunds, context: JobContext) -> Result<Recorded, JobFailure> {
    let mut tally = Tally::default();
    let now = super::now(world).await?;
    let before = now - PATIENCE;
    let waiting = world.db().transaction(async |tx| tx.refunds_waiting(before, BATCH).await).await?;
    for refund in waiting {
        tally.seen += 1;
        if look_after(world, &refund, now).await? == Enqueued::Added {
            tally.find::<SweepRefunds>("a refund that nobody was sending", &refund.id.to_string());
        }
    }
    finish::<SweepRefunds, _>(world, context, tally).await
}

/// Makes sure that it has a job, and that people see when it waits for long.
async fn look_after<W: Shop>(world: &W, refund: &Refund, now: Timestamp) -> Result<Enqueued, StoreError> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        // The job comes before the order, as in the transaction of a worker that is just about to end it.
        let enqueued = tx.enqueue(&SendRefund { refund: refund.id, order: refund.order }).await?;
        tx.lock_order(refund.order).await?;
        let asked = tx.refund(refund.id).await?.filter(|refund| refund.state == RefundState::Asked);
        if let Some(refund) = asked.filter(|refund| now - refund.created_at > LONG) {
            cases::open(tx, env, late(now, &refund)).await?;
        }
        Ok(enqueued)
    };
    world.db().transaction(work).await
}

fn late(now: Timestamp, refund: &Refund) -> NewCase {
    let minutes = (now - refund.created_at).num_minutes();
    let reason = format!("{} has waited for {minutes} minutes to be sent back", refund.amount);
    let next_step = "see that Stripe answers (`hostwright doctor`); it is tried again by itself";
    NewCase {
        subject: refund.id.to_string(),
        ..NewCase::of_order(CaseKind::RefundFailed, refund.order, reason, next_step)
    }
}
