//! Bringing a service to life.

mod ask;

use std::time::Duration;

use cases::CaseKind;
use kernel::{Env, JobContext, JobFailure, JobQueue, Recorded, RetryClass, StoreError, Timestamp, Transact, planted};
use orders::{Attention, Order, OrderError, OrderState, OrderStore, delivery_begins, delivery_progressed};
use provisioning::{DeliveryProgress, ProviderError, Remote, Service, jobs::Deliver};

use self::ask::{Answer, ask};
use crate::{Shop, Stores, Workshop, settle};

/// An install that takes longer becomes a case; it is observed on all the same.
const INSTALL_LIMIT: chrono::Duration = chrono::Duration::minutes(30);

/// Handles [`Deliver`]: notes that the provider is about to be asked, looks for the service there, creates it if it is
/// proven absent, observes it while it installs, and records each answer on the service and its order together.
///
/// # Errors
/// A classified failure; the job is tried again or becomes a case.
pub async fn deliver<W: Workshop>(world: &W, job: Deliver, context: JobContext) -> Result<Recorded, JobFailure> {
    let Some(service) = prepare(world, &job).await? else {
        return settle::end(world, context).await;
    };
    if planted("done-before-work") {
        let _recorded = settle::end(world, context).await?;
    }
    match ask(world, &service, &job, context).await? {
        Answer::Exists(remote) => record(world, &job, context, Ok(remote)).await,
        Answer::Unwanted => settle::end(world, context).await,
        Answer::Settling(time) => wait(world, &job, context, time).await,
        Answer::Failed {
            error:
                error @ (ProviderError::Refused { .. }
                | ProviderError::NoCapacity { .. }
                | ProviderError::Gone { .. }
                | ProviderError::Unsupported { .. }),
            called,
        } => {
            tracing::error!(order.id = %job.order, service.id = %job.service, error = %error, "delivery is refused");
            record(world, &job, context, Err((error, called))).await
        }
        Answer::Failed { error: error @ ProviderError::Busy { after, .. }, called } => {
            turned_away(world, &job, context, (&error, after, called)).await
        }
        Answer::Failed {
            error: error @ (ProviderError::Unavailable { .. } | ProviderError::Unknown { .. }),
            called,
        } => {
            note(world, &job, &error, called).await?;
            Err(try_again(error))
        }
    }
}

pub(crate) fn try_again(error: ProviderError) -> JobFailure {
    let (class, code) = match &error {
        ProviderError::Unavailable { retry_after: Some(after), .. } => {
            (RetryClass::RetryAfter(*after), "provider-unavailable")
        }
        ProviderError::Unknown { .. } => (RetryClass::UnknownOutcome, "provider-outcome-unknown"),
        ProviderError::Busy { after, .. } => (RetryClass::RetryAfter(*after), "provider-busy"),
        ProviderError::Unavailable { .. }
        | ProviderError::Refused { .. }
        | ProviderError::NoCapacity { .. }
        | ProviderError::Gone { .. }
        | ProviderError::Unsupported { .. } => (RetryClass::Retry, "provider-unavailable"),
    };
    JobFailure::new(class, code, error)
}

/// Order and service, locked in this order by everybody.
async fn locked<S: Stores>(tx: &mut S, job: &Deliver) -> Result<Option<(Order, Service)>, StoreError> {
    let order = tx.lock_order(job.order).await?;
    let service = tx.lock_service(job.service).await?;
    Ok(order.zip(service))
}

/// The intent, committed before the provider is asked. `None` when nothing is left to do.
async fn prepare<W: Workshop>(world: &W, job: &Deliver) -> Result<Option<Service>, JobFailure> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let Some((mut order, mut service)) = locked(tx, job).await? else { return Ok(None) };
        let finished = service.state.delivery_is_over();
        let wanted =
            matches!(order.state, OrderState::Paid | OrderState::Provisioning | OrderState::NeedsAttention { .. });
        if finished || !wanted {
            return Ok(None);
        }
        if matches!(order.state, OrderState::Paid) {
            delivery_begins(tx, env, &mut order).await?;
        }
        provisioning::begin(tx, &mut service).await.map_err(OrderError::from)?;
        Ok::<_, OrderError>(Some(service))
    };
    Ok(world.db().transaction(work).await?)
}

/// Records a final answer, or goes on observing.
async fn record<W: Workshop>(
    world: &W,
    job: &Deliver,
    context: JobContext,
    answer: Result<Remote, (ProviderError, bool)>,
) -> Result<Recorded, JobFailure> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let installing = matches!(&answer, Ok(remote) if remote.state == provisioning::RemoteState::Installing);
        let Some((mut order, mut service)) = locked(tx, job).await? else {
            return Ok(tx.complete(context.lease).await?);
        };
        let recorded = if installing {
            let since = installing_since(tx, &service, env.now()).await?;
            tx.snooze(context.lease, poll_delay(env, since)).await?
        } else {
            tx.complete(context.lease).await?
        };
        let progress = match answer {
            Ok(remote) => {
                outbound::happened(tx, &job.service.to_string(), &remote.reference.id).await?;
                provisioning::record(tx, &mut service, remote).await?
            }
            Err((error, called)) => {
                if called {
                    outbound::did_not_happen(tx, &job.service.to_string(), &error.to_string()).await?;
                }
                provisioning::record_error(tx, &mut service, &error).await?
            }
        };
        delivery_progressed(tx, env, world.links(), (&mut order, &service), &progress).await?;
        if installing {
            raise_if_slow(tx, env, world, &mut order, &service).await?;
        }
        Ok::<_, OrderError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

/// An earlier call may still take effect: says so, and looks again when it must have settled.
async fn wait<W: Workshop>(
    world: &W,
    job: &Deliver,
    context: JobContext,
    time: Duration,
) -> Result<Recorded, JobFailure> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.snooze(context.lease, time).await?;
        let Some((mut order, service)) = locked(tx, job).await? else { return Ok(recorded) };
        let why =
            "whether the provider made it is not certain yet; it is looked for once more before it is asked again";
        let progress = DeliveryProgress::Waiting(why.to_owned());
        delivery_progressed(tx, env, world.links(), (&mut order, &service), &progress).await?;
        Ok::<_, OrderError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

/// Nothing was asked. That is no try: the job comes back when it was told to.
async fn turned_away<W: Workshop>(
    world: &W,
    job: &Deliver,
    context: JobContext,
    (error, after, called): (&ProviderError, Duration, bool),
) -> Result<Recorded, JobFailure> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let recorded = tx.snooze(context.lease, after).await?;
        let Some((mut order, mut service)) = locked(tx, job).await? else { return Ok(recorded) };
        if called {
            outbound::did_not_happen(tx, &job.service.to_string(), &error.to_string()).await?;
        }
        let progress = provisioning::record_error(tx, &mut service, error).await?;
        delivery_progressed(tx, env, world.links(), (&mut order, &service), &progress).await?;
        Ok::<_, OrderError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

/// When the panel began to install it: an order may have stood in line before for longer than an install takes. What a clock
/// that is wrong has written is not believed.
async fn installing_since<S: OrderStore>(
    tx: &mut S,
    service: &Service,
    now: Timestamp,
) -> Result<Timestamp, StoreError> {
    let entries = tx.timeline(service.order).await?;
    let began = entries.iter().rev().find(|entry| entry.event == "installing").map(|entry| entry.at);
    Ok(began.filter(|at| (service.created_at..=now).contains(at)).unwrap_or(service.created_at))
}

/// Two seconds at first, then a tenth of the time that passed, at most half a minute.
fn poll_delay(env: &Env, since: Timestamp) -> Duration {
    let waited = (env.now() - since).to_std().unwrap_or_default();
    (waited / 10).clamp(Duration::from_secs(2), Duration::from_secs(30))
}

async fn raise_if_slow<W: Workshop>(
    tx: &mut W::Tx,
    env: &mut Env,
    world: &W,
    order: &mut Order,
    service: &Service,
) -> Result<(), OrderError> {
    // By the database's clock: a customer is not to be told of a delay because a worker's clock is wrong.
    let now = tx.now().await?;
    let slow = now - installing_since(tx, service, now).await? > INSTALL_LIMIT;
    if slow && order.state == OrderState::Provisioning {
        let what = Attention {
            kind: CaseKind::SetupSlow,
            reason: "the install has been running for more than 30 minutes".to_owned(),
            next_step: "read the install log in the panel; the order goes on by itself when it ends".to_owned(),
        };
        orders::raise(tx, env, world.links(), order, what).await?;
    }
    Ok(())
}

/// Notes on service and order that the provider gave no answer to act on.
async fn note<W: Workshop>(world: &W, job: &Deliver, error: &ProviderError, called: bool) -> Result<(), JobFailure> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let Some((mut order, mut service)) = locked(tx, job).await? else { return Ok(()) };
        if called && matches!(error, ProviderError::Unavailable { .. }) {
            outbound::did_not_happen(tx, &job.service.to_string(), &error.to_string()).await?;
        }
        let progress = provisioning::record_error(tx, &mut service, error).await?;
        if matches!(progress, DeliveryProgress::Waiting(_)) {
            delivery_progressed(tx, env, world.links(), (&mut order, &service), &progress).await?;
        }
        Ok::<_, OrderError>(())
    };
    Ok(world.db().transaction(work).await?)
}

/// The delivery is out of tries: the order says so.
pub async fn delivery_is_dead<W: Shop>(world: &W, job: Deliver, reason: &str) -> Result<(), StoreError> {
    if planted("dead-delivery-is-silent") {
        return Ok(());
    }
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| settle::give_up(tx, env, world.links(), job.order, reason).await;
    world.db().transaction(work).await
}
