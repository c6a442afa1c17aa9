//! Asking a provider: reads first, and an intent on record before anything is made.

use std::time::Duration;

use chrono::TimeDelta;
use kernel::{JobContext, JobFailure, JobQueue, StoreError, Transact, planted};
use orders::{OrderState, OrderStore};
use outbound::{Absence, CallState, OutboundStore, Purpose};
use provisioning::{Lookup, ProviderError, Providers, Remote, Service, ServiceStore, jobs::Deliver};

use crate::Workshop;

/// How often one service is asked for while no answer says what came of it. Then a person decides.
const MOST_CALLS: i32 = 5;

/// What came of asking.
pub(super) enum Answer {
    /// It exists.
    Exists(Remote),
    /// No result; `called` says whether something was asked to be made just now.
    Failed { error: ProviderError, called: bool },
    /// An earlier call may still take effect: look again after this time.
    Settling(Duration),
    /// Nobody wants it any more.
    Unwanted,
}

fn failed(error: ProviderError) -> Answer {
    Answer::Failed { error, called: false }
}

/// What is known to exist is observed; everything else is looked for before it is made.
pub(super) async fn ask<W: Workshop>(
    world: &W,
    service: &Service,
    job: &Deliver,
    context: JobContext,
) -> Result<Answer, JobFailure> {
    let Some(provider) = world.providers().provider(&service.provider) else {
        let detail = format!("there is no provider '{}'", service.provider);
        return Ok(failed(ProviderError::Refused { detail }));
    };
    if let Some(remote) = service.state.remote() {
        return Ok(provider.observe(remote).await.map_or_else(failed, Answer::Exists));
    }
    let wanted = service.to_order();
    match provider.find(&wanted).await {
        Ok(_) if planted("no-lookup") => Ok(match provider.create(&wanted).await {
            Ok(remote) => Answer::Exists(remote),
            Err(error) => Answer::Failed { error, called: true },
        }),
        Ok(Lookup::Ours(remote)) => {
            tracing::info!(order.id = %service.order, service.id = %service.id, remote.id = remote.reference.id, "adopted");
            Ok(Answer::Exists(remote))
        }
        Ok(Lookup::Foreign(detail)) => Ok(failed(ProviderError::Refused { detail })),
        Ok(Lookup::Absent) => match clear_to_make(world, job, context, provider.capabilities().settle).await? {
            Clearance::Make => Ok(match provider.create(&wanted).await {
                Ok(remote) => Answer::Exists(remote),
                Err(error) => Answer::Failed { error, called: true },
            }),
            Clearance::Wait(time) => Ok(Answer::Settling(time)),
            Clearance::TooOften => {
                let detail = format!("it was asked for {MOST_CALLS} times and no answer ever said what came of it");
                Ok(failed(ProviderError::Refused { detail }))
            }
            Clearance::Unwanted => Ok(Answer::Unwanted),
        },
        Err(error) => Ok(failed(error)),
    }
}

enum Clearance {
    Make,
    Wait(Duration),
    TooOften,
    Unwanted,
}

/// Commits the intent, under the lease: a worker that was taken for dead gets no clearance. Whatever may have been asked
/// for before must be proven absent first.
async fn clear_to_make<W: Workshop>(
    world: &W,
    job: &Deliver,
    context: JobContext,
    settle: Duration,
) -> Result<Clearance, JobFailure> {
    let env = world.env();
    let key = job.service.to_string();
    let settle = TimeDelta::from_std(settle).unwrap_or(TimeDelta::MAX);
    let work = async |tx: &mut W::Tx| {
        tx.still_held(context.lease).await?;
        let order = tx.lock_order(job.order).await?;
        let service = tx.lock_service(job.service).await?;
        let open = |state: &OrderState| matches!(state, OrderState::Provisioning | OrderState::NeedsAttention { .. });
        let wanted = order.is_some_and(|order| open(&order.state));
        if !wanted || service.is_none_or(|service| service.state.remote().is_some()) {
            return Ok(Clearance::Unwanted);
        }
        let now = tx.now().await?;
        if let Absence::NotYet(left) = outbound::seen_absent(tx, now, &key, settle).await?
            && !planted("absence-seen-once")
        {
            return Ok(Clearance::Wait(left.to_std().unwrap_or_default()));
        }
        let known = tx.lock_call(&key).await?;
        if known.is_some_and(|call| call.state == CallState::Open && call.calls >= MOST_CALLS) {
            return Ok(Clearance::TooOften);
        }
        outbound::about_to_call(tx, &env, (Purpose::CreateService, &key), Some(job.order)).await?;
        Ok::<_, StoreError>(Clearance::Make)
    };
    Ok(world.db().transaction(work).await?)
}
