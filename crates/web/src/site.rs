//! What the pages need of the world besides selling: the lists of the account page.

use std::future::Future;

use flows::Shop;
use infra::{
    queries::{self, OrderFilter, OrderLineView, ServiceView},
    world::ShopWorld,
};
use kernel::{Id, StoreError, entity};

/// Orders that the account page lists.
const ORDERS_SHOWN: i64 = 50;

/// A shop with what its pages read. The real one reads PostgreSQL; tests bring one in memory.
pub trait Site: Shop + Send + Sync + 'static {
    /// The customer's services, newest first.
    fn services(&self, customer: Id<entity::Customer>) -> impl Future<Output = Result<Vec<ServiceView>, StoreError>>;

    /// The customer's latest orders, newest first.
    fn orders(&self, customer: Id<entity::Customer>) -> impl Future<Output = Result<Vec<OrderLineView>, StoreError>>;
}

impl Site for ShopWorld {
    async fn services(&self, customer: Id<entity::Customer>) -> Result<Vec<ServiceView>, StoreError> {
        queries::services(self.db(), customer).await
    }

    async fn orders(&self, customer: Id<entity::Customer>) -> Result<Vec<OrderLineView>, StoreError> {
        let filter = OrderFilter { customer: Some(customer), ..OrderFilter::default() };
        queries::orders_list(self.db(), &filter, ORDERS_SHOWN).await
    }
}
