//! The job that delivers, and those of the years after.

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

/// Which operation on which service.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operate {
    /// The operation.
    pub operation: Id<entity::ServiceOperation>,
    /// The service.
    pub service: Id<entity::Service>,
    /// Whose order.
    pub order: Id<entity::Order>,
}

macro_rules! operations {
    ($($(#[$doc:meta])* $name:ident = $kind:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub struct $name(pub Operate);

        impl Job for $name {
            const KIND: &'static str = $kind;
            const QUEUE: Queue = Queue::Provisioning;
            const MAX_ATTEMPTS: i16 = 15;

            fn dedupe_key(&self) -> Option<String> {
                Some(self.0.operation.to_string())
            }

            fn order(&self) -> Option<Id<entity::Order>> {
                Some(self.0.order)
            }
        }
    )*};
}

operations! {
    /// Stop a service, keeping everything.
    Suspend = "provisioning.suspend";
    /// Let a service go on.
    Resume = "provisioning.resume";
    /// End a service for good.
    Terminate = "provisioning.terminate";
}
