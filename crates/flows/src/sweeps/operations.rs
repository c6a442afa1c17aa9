//! Operations on services that were asked for and are not over.

use cases::{CaseKind, NewCase};
use chrono::Duration;
use kernel::{Enqueued, JobContext, JobFailure, Recorded, StoreError, Timestamp, Transact};
use provisioning::{Operation, OperationStore as _, ServiceStore as _};

use super::{BATCH, SweepOperations, Tally, finish};
use crate::{Shop, operate::locked};

/// An operation is usually over within seconds.
const PATIENCE: Duration = Duration::minutes(1);
/// After this a person should know.
const LONG: Duration = Duration::minutes(30);

/// Handles [`SweepOperations`].
///
/// # Errors
/// A classified failure; it comes again.
pub async fn sweep_operations<W: Shop>(
    world: &W,
    _: SweepOperations,
    context: JobContext,
) -> Result<Recorded, JobFailure> {
    let mut tally = Tally::default();
    let now = super::now(world).await?;
    let before = now - PATIENCE;
    let waiting = world.db().transaction(async |tx| tx.operations_under_way(before, BATCH).await).await?;
    for operation in waiting {
        tally.seen += 1;
        if look_after(world, &operation, now).await? == Enqueued::Added {
            tally.find::<SweepOperations>("an operation that nobody was doing", &operation.id.to_string());
        }
    }
    finish::<SweepOperations, _>(world, context, tally).await
}

/// Makes sure that it has a job, and that people see when it takes long.
async fn look_after<W: Shop>(world: &W, operation: &Operation, now: Timestamp) -> Result<Enqueued, StoreError> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let Some(service) = tx.service(operation.service).await? else { return Ok(Enqueued::AlreadyThere) };
        let enqueued = provisioning::drive(tx, operation, service.order).await?;
        locked(tx, operation.service).await?;
        let open = tx.lock_operation(operation.id).await?.filter(|open| open.state.is_under_way());
        if let Some(open) = open.filter(|open| now - open.started_at > LONG) {
            cases::open(tx, env, late(now, &open, &service)).await?;
        }
        Ok(enqueued)
    };
    world.db().transaction(work).await
}

fn late(now: Timestamp, operation: &Operation, service: &provisioning::Service) -> NewCase {
    let (minutes, verb) = ((now - operation.started_at).num_minutes(), operation.verb.as_str());
    let why = if operation.detail.is_empty() { "no answer yet" } else { &operation.detail };
    NewCase {
        kind: CaseKind::ServiceOperation,
        subject: service.id.to_string(),
        order: Some(service.order),
        reason: format!(
            "to {verb} {} at {} has taken {minutes} minutes so far: {why}",
            service.label, service.provider
        ),
        next_step: "see that the provider answers; it is tried again by itself".to_owned(),
    }
}
