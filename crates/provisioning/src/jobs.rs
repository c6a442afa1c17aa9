//! The job that delivers.

use kernel::{Id, Job, Queue, entity};
use serde::{Deserialize, Serialize};

/// Bring a service to life: find or create it, then observe it until it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deliver {
    /// Which.
    pub service: Id<entity::Service>,
    /// For whose order.
    pub order: Id<entity::Order>,
}

impl Job for Deliver {
    const KIND: &'static str = "service.deliver";
    const QUEUE: Queue = Queue::Provisioning;
    const MAX_ATTEMPTS: i16 = 15;

    fn dedupe_key(&self) -> Option<String> {
        Some(self.service.to_string())
    }

    fn order(&self) -> Option<Id<entity::Order>> {
        Some(self.order)
    }
}
