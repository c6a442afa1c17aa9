//! Where services are kept.

use std::future::Future;

use kernel::{Id, Slug, StoreError, Timestamp, entity};

use crate::{Operation, Service};

/// Services inside a transaction.
pub trait ServiceStore {
    /// Adds a service; `false` when its order has one already.
    fn insert_service(&mut self, service: &Service) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Reads a service.
    fn service(&mut self, id: Id<entity::Service>) -> impl Future<Output = Result<Option<Service>, StoreError>> + Send;

    /// Reads a service and keeps others from changing it until the transaction ends.
    fn lock_service(
        &mut self,
        id: Id<entity::Service>,
    ) -> impl Future<Output = Result<Option<Service>, StoreError>> + Send;

    /// The service of an order.
    fn service_of(
        &mut self,
        order: Id<entity::Order>,
    ) -> impl Future<Output = Result<Option<Service>, StoreError>> + Send;

    /// Up to `limit` services of a provider that exist there as far as we know, by id, those after `after`. For sweeps.
    fn services_at(
        &mut self,
        provider: &Slug,
        after: Option<Id<entity::Service>>,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Service>, StoreError>> + Send;

    /// Writes state and access back.
    fn save_service(&mut self, service: &Service) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// Operations on services inside a transaction.
pub trait OperationStore {
    /// Adds an operation; `false` when one is open on its service already.
    fn insert_operation(&mut self, operation: &Operation) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Reads an operation and keeps others from changing it until the transaction ends.
    fn lock_operation(
        &mut self,
        id: Id<entity::ServiceOperation>,
    ) -> impl Future<Output = Result<Option<Operation>, StoreError>> + Send;

    /// The operation on a service that is not over, if there is one; kept from others until the transaction ends.
    fn open_operation(
        &mut self,
        service: Id<entity::Service>,
    ) -> impl Future<Output = Result<Option<Operation>, StoreError>> + Send;

    /// Up to `limit` operations on a service, the newest first.
    fn operations_of(
        &mut self,
        service: Id<entity::Service>,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Operation>, StoreError>> + Send;

    /// Up to `limit` operations that were asked for before `before`, are not over and wait for no person, the oldest first.
    fn operations_under_way(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> impl Future<Output = Result<Vec<Operation>, StoreError>> + Send;

    /// Writes back how far it is.
    fn save_operation(&mut self, operation: &Operation) -> impl Future<Output = Result<(), StoreError>> + Send;
}
