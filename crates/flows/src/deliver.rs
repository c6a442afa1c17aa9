//! Bringing a service to life.

use std::time::Duration;

use kernel::{Env, JobContext, JobFailure, JobQueue, Recorded, RetryClass, StoreError, Transact, planted};
use orders::{Order, OrderError, OrderState, delivery_begins, delivery_progressed};
use provisioning::{
    DeliveryProgress, Lookup, Provider, ProviderError, Providers, Remote, Service, ServiceState, jobs::Deliver,
};

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
    match perform(world, &service).await {
        Ok(remote) => record(world, &job, context, Ok(remote)).await,
        Err(error @ (ProviderError::Refused { .. } | ProviderError::NoCapacity { .. })) => {
            tracing::error!(order.id = %job.order, service.id = %job.service, error = %error, "delivery is refused");
            record(world, &job, context, Err(error)).await
        }
        Err(error @ (ProviderError::Unavailable { .. } | ProviderError::Unknown { .. })) => {
            note(world, &job, &error).await?;
            Err(try_again(error))
        }
    }
}

fn try_again(error: ProviderError) -> JobFailure {
    let (class, code) = match &error {
        ProviderError::Unavailable { retry_after: Some(after), .. } => {
            (RetryClass::RetryAfter(*after), "provider-unavailable")
        }
        ProviderError::Unknown { .. } => (RetryClass::UnknownOutcome, "provider-outcome-unknown"),
        ProviderError::Unavailable { .. } | ProviderError::Refused { .. } | ProviderError::NoCapacity { .. } => {
            (RetryClass::Retry, "provider-unavailable")
        }
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
        let finished = matches!(service.state, ServiceState::Active(_) | ServiceState::FailedSetup { .. });
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

/// Asks the provider. What is known to exist is observed; everything else is looked for before it is created.
async fn perform<W: Workshop>(world: &W, service: &Service) -> Result<Remote, ProviderError> {
    let Some(provider) = world.providers().provider(&service.provider) else {
        return Err(ProviderError::Refused { detail: format!("there is no provider '{}'", service.provider) });
    };
    if let Some(remote) = service.state.remote() {
        return provider.observe(remote).await;
    }
    let wanted = service.to_order();
    match provider.find(&wanted).await? {
        Lookup::Ours(remote) => {
            tracing::info!(order.id = %service.order, service.id = %service.id, remote.id = remote.reference.id, "adopted");
            Ok(remote)
        }
        Lookup::Foreign(detail) => Err(ProviderError::Refused { detail }),
        Lookup::Absent => create(provider, &wanted).await,
    }
}

async fn create(provider: &dyn Provider, wanted: &provisioning::ServiceOrder) -> Result<Remote, ProviderError> {
    provider.create(wanted).await
}

/// Records a final answer, or goes on observing.
async fn record<W: Workshop>(
    world: &W,
    job: &Deliver,
    context: JobContext,
    answer: Result<Remote, ProviderError>,
) -> Result<Recorded, JobFailure> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let installing = matches!(&answer, Ok(remote) if remote.state == provisioning::RemoteState::Installing);
        let Some((mut order, mut service)) = locked(tx, job).await? else {
            return Ok(tx.complete(context.lease).await?);
        };
        let recorded = if installing {
            tx.snooze(context.lease, poll_delay(env, &service)).await?
        } else {
            tx.complete(context.lease).await?
        };
        let progress = match answer {
            Ok(remote) => provisioning::record(tx, &mut service, remote).await?,
            Err(error) => provisioning::record_error(tx, &mut service, &error).await?,
        };
        delivery_progressed(tx, env, world.links(), (&mut order, &service), &progress).await?;
        if installing {
            raise_if_slow(tx, env, world, &mut order, &service).await?;
        }
        Ok::<_, OrderError>(recorded)
    };
    Ok(world.db().transaction(work).await?)
}

/// Two seconds at first, then a tenth of the time that passed, at most half a minute.
fn poll_delay(env: &Env, service: &Service) -> Duration {
    let waited = (env.now() - service.created_at).to_std().unwrap_or_default();
    (waited / 10).clamp(Duration::from_secs(2), Duration::from_secs(30))
}

async fn raise_if_slow<W: Workshop>(
    tx: &mut W::Tx,
    env: &mut Env,
    world: &W,
    order: &mut Order,
    service: &Service,
) -> Result<(), OrderError> {
    let slow = env.now() - service.created_at > INSTALL_LIMIT;
    if slow && order.state == OrderState::Provisioning {
        let reason = "the install has been running for more than 30 minutes".to_owned();
        let next_step = "read the install log in the panel; the order goes on by itself when it ends".to_owned();
        orders::raise(tx, env, world.links(), order, (reason, next_step)).await?;
    }
    Ok(())
}

/// Notes on service and order that the provider gave no answer to act on.
async fn note<W: Workshop>(world: &W, job: &Deliver, error: &ProviderError) -> Result<(), JobFailure> {
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let Some((mut order, mut service)) = locked(tx, job).await? else { return Ok(()) };
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
    let work = async |tx: &mut W::Tx| {
        settle::give_up(tx, env, world.links(), job.order, ("setting up the service", reason)).await
    };
    world.db().transaction(work).await
}
