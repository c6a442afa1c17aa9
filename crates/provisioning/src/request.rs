//! The promise of a service.

use kernel::{Env, Id, JobQueue, Slug, StoreError, entity};

use crate::{DeliveryRequest, Owner, Service, ServiceState, ServiceStore, jobs::Deliver};

/// What an order that was paid asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct NewService {
    /// The order.
    pub order: Id<entity::Order>,
    /// Whose it will be.
    pub owner: Owner,
    /// The plan's code.
    pub plan: Slug,
    /// The plan's name, used where the buyer gave none.
    pub plan_name: String,
    /// The product's kind, a catalogue word.
    pub kind: String,
    /// Who delivers it.
    pub provider: Slug,
    /// The product's settings.
    pub settings: serde_json::Value,
    /// The buyer's choices.
    pub delivery: DeliveryRequest,
}

/// Promises the service and enqueues its delivery. An order that has a service keeps it.
pub async fn request<S: ServiceStore + JobQueue>(
    store: &mut S,
    env: &mut Env,
    new: NewService,
) -> Result<Id<entity::Service>, StoreError> {
    let label = match (&new.delivery.server_name, &new.delivery.domain) {
        (Some(name), _) => name.as_str().to_owned(),
        (None, Some(crate::DomainChoice::Own(domain))) => domain.to_string(),
        (None, Some(crate::DomainChoice::Subdomain(label))) => label.clone(),
        (None, None) => new.plan_name.clone(),
    };
    let service = Service {
        id: env.id(),
        order: new.order,
        owner: new.owner,
        plan: new.plan,
        kind: new.kind,
        label,
        provider: new.provider,
        settings: new.settings,
        delivery: new.delivery,
        state: ServiceState::Pending,
        access: Vec::new(),
        created_at: env.now(),
    };
    if !store.insert_service(&service).await? {
        let existing = store.service_of(new.order).await?;
        return Ok(existing.ok_or_else(|| StoreError::bug("an order's service vanished"))?.id);
    }
    store.enqueue(&Deliver { service: service.id, order: new.order }).await?;
    Ok(service.id)
}
