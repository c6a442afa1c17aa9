//! A service that a provider's list did not show: believed to be gone only when two looks, some time apart, prove it.

use cases::NewCase;
use kernel::{Id, Job, JobContext, JobFailure, Queue, Recorded, RetryClass, StoreError, Transact, entity};
use orders::OrderStore;
use provisioning::{Lookup, ProviderError, Providers, Service, ServiceStore};
use serde::{Deserialize, Serialize};

use crate::{
    Shop, Workshop,
    drift::{missing, stands},
    settle,
};

/// Look once more for a service that was absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfirmMissing {
    /// Which.
    pub service: Id<entity::Service>,
    /// Whose order.
    pub order: Id<entity::Order>,
}

impl Job for ConfirmMissing {
    const KIND: &'static str = "service.confirm_missing";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: i16 = 6;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.service.to_string())
    }

    fn order(&self) -> Option<Id<entity::Order>> {
        Some(self.order)
    }
}

/// Handles [`ConfirmMissing`].
///
/// # Errors
/// A classified failure; it is tried again.
pub async fn confirm_missing<W: Workshop>(
    world: &W,
    job: ConfirmMissing,
    context: JobContext,
) -> Result<Recorded, JobFailure> {
    let work = async |tx: &mut W::Tx| tx.lock_service(job.service).await;
    let service = world.db().transaction(work).await?;
    if let Some(service) = service.filter(|service| stands(&service.state))
        && is_absent(world, &service).await?
    {
        report(world, &service).await?;
    }
    settle::end(world, context).await
}

/// Whether the provider itself proves that there is nothing.
pub(super) async fn is_absent<W: Workshop>(world: &W, service: &Service) -> Result<bool, JobFailure> {
    let Some(provider) = world.providers().provider(&service.provider) else { return Ok(false) };
    match provider.find(&service.to_order()).await {
        Ok(Lookup::Absent) => Ok(true),
        // Something stands under its key: drift, which the sweep reports.
        Ok(Lookup::Ours(_) | Lookup::Foreign(_)) | Err(ProviderError::Refused { .. }) => Ok(false),
        Err(error) => Err(JobFailure::new(RetryClass::Retry, "provider-unavailable", error)),
    }
}

async fn report<W: Shop>(world: &W, service: &Service) -> Result<(), JobFailure> {
    tracing::error!(order.id = %service.order, service.id = %service.id, "a service is gone at its provider");
    let env = &mut world.env();
    let work = async |tx: &mut W::Tx| {
        let known = tx.order(service.order).await?.map(|order| order.id);
        cases::open(tx, env, NewCase { order: known, ..missing(service) }).await.map(|_| ())
    };
    Ok(world.db().transaction::<(), StoreError>(work).await?)
}
