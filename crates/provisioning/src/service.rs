//! The service.

use kernel::{EmailAddress, Id, Slug, Timestamp, entity};

use crate::{AccessField, DeliveryRequest, ServiceOrder, ServiceState};

/// Who a service belongs to, as a provider needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owner {
    /// The buyer.
    pub customer: Id<entity::Customer>,
    /// For panels that want an address.
    pub email: EmailAddress,
    /// For panels that want a name.
    pub name: String,
}

/// What was bought, from the promise to its end. Exactly one exists per paid order.
#[derive(Debug, Clone, PartialEq)]
pub struct Service {
    /// Its id, also its key at the provider.
    pub id: Id<entity::Service>,
    /// The order that paid for it.
    pub order: Id<entity::Order>,
    /// Whose it is.
    pub owner: Owner,
    /// The plan's code.
    pub plan: Slug,
    /// The product's kind, a catalogue word.
    pub kind: String,
    /// What it is called.
    pub label: String,
    /// Who delivers it.
    pub provider: Slug,
    /// The product's settings for the provider, frozen at the order.
    pub settings: serde_json::Value,
    /// The buyer's choices.
    pub delivery: DeliveryRequest,
    /// Where it stands.
    pub state: ServiceState,
    /// How to reach it, once known.
    pub access: Vec<AccessField>,
    /// When it was promised.
    pub created_at: Timestamp,
}

impl Service {
    /// What the provider is asked for.
    pub fn to_order(&self) -> ServiceOrder {
        ServiceOrder {
            service: self.id,
            order: self.order,
            owner: self.owner.clone(),
            label: self.label.clone(),
            kind: self.kind.clone(),
            settings: self.settings.clone(),
            delivery: self.delivery.clone(),
        }
    }
}
