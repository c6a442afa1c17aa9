//! A memory store and a provider that can be told to fail, for tests here and in crates that build on this one.

use kernel::{Id, Slug, StoreError, Timestamp, entity, testing::Table};

use crate::{Operation, OperationStore, Service, ServiceStore};

mod conformance;
mod fake;
mod kit;
mod world;

pub use conformance::{operations_conform, sample_order, sample_service, store_conforms};
pub use fake::{FakeProvider, FakeProviders};
pub use kit::{SLOW_ANSWER, Stage, Trouble, provider_conforms, provider_waits};
pub use world::{FakeStage, Fault};

/// Services in memory. Clone it to take a snapshot.
#[derive(Debug, Clone, Default)]
pub struct MemoryServices {
    /// By id.
    pub services: Table<Id<entity::Service>, Service>,
    /// Operations on them, by id.
    pub operations: Table<Id<entity::ServiceOperation>, Operation>,
}

impl ServiceStore for MemoryServices {
    async fn insert_service(&mut self, service: &Service) -> Result<bool, StoreError> {
        if self.services.values().any(|other| other.order == service.order) {
            return Ok(false);
        }
        self.services.insert(service.id, service.clone());
        Ok(true)
    }
    async fn service(&mut self, id: Id<entity::Service>) -> Result<Option<Service>, StoreError> {
        Ok(self.services.get(&id).cloned())
    }
    async fn lock_service(&mut self, id: Id<entity::Service>) -> Result<Option<Service>, StoreError> {
        Ok(self.services.get(&id).cloned())
    }
    async fn service_of(&mut self, order: Id<entity::Order>) -> Result<Option<Service>, StoreError> {
        Ok(self.services.values().find(|service| service.order == order).cloned())
    }
    async fn services_at(
        &mut self,
        provider: &Slug,
        after: Option<Id<entity::Service>>,
        limit: i64,
    ) -> Result<Vec<Service>, StoreError> {
        let there = self.services.values().filter(|service| service.provider == *provider);
        let there = there.filter(|service| service.state.remote().is_some() && after.is_none_or(|id| service.id > id));
        Ok(there.take(usize::try_from(limit).unwrap_or(0)).cloned().collect())
    }
    async fn save_service(&mut self, service: &Service) -> Result<(), StoreError> {
        self.services.insert(service.id, service.clone());
        Ok(())
    }
}

impl OperationStore for MemoryServices {
    async fn insert_operation(&mut self, operation: &Operation) -> Result<bool, StoreError> {
        if self.open_operation(operation.service).await?.is_some() {
            return Ok(false);
        }
        self.operations.insert(operation.id, operation.clone());
        Ok(true)
    }
    async fn lock_operation(&mut self, id: Id<entity::ServiceOperation>) -> Result<Option<Operation>, StoreError> {
        Ok(self.operations.get(&id).cloned())
    }
    async fn open_operation(&mut self, service: Id<entity::Service>) -> Result<Option<Operation>, StoreError> {
        let open = |operation: &&Operation| operation.service == service && !operation.state.is_over();
        Ok(self.operations.values().find(open).cloned())
    }
    async fn operations_of(&mut self, service: Id<entity::Service>, limit: i64) -> Result<Vec<Operation>, StoreError> {
        let theirs = self.operations.values().filter(|operation| operation.service == service);
        let mut theirs: Vec<Operation> = theirs.cloned().collect();
        theirs.sort_by_key(|operation| std::cmp::Reverse((operation.started_at, operation.id)));
        theirs.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(theirs)
    }
    async fn operations_under_way(&mut self, before: Timestamp, limit: i64) -> Result<Vec<Operation>, StoreError> {
        let waits = |operation: &&Operation| operation.state.is_under_way() && operation.started_at < before;
        let mut waiting: Vec<Operation> = self.operations.values().filter(waits).cloned().collect();
        waiting.sort_by_key(|operation| (operation.started_at, operation.id));
        waiting.truncate(usize::try_from(limit).unwrap_or(0));
        Ok(waiting)
    }
    async fn save_operation(&mut self, operation: &Operation) -> Result<(), StoreError> {
        self.operations.insert(operation.id, operation.clone());
        Ok(())
    }
}
