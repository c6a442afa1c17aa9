//! What the pages need of the world besides selling: the lists of the account page.

use std::future::Future;

use catalog::ProductKind;
use chrono::Duration;
use flows::{Hosting, Shop as _};
use infra::{
    queries::{self, Billing, MailView, OrderFilter, OrderLineView, ServiceView},
    world::ShopWorld,
};
use kernel::{EmailAddress, Id, StoreError, entity};

/// Orders that the account page lists.
const ORDERS_SHOWN: i64 = 50;

/// A shop with what its pages read. The real one reads PostgreSQL; tests bring one in memory.
pub trait Site: Hosting + Send + Sync + 'static {
    /// The customer's services, newest first.
    fn services(&self, customer: Id<entity::Customer>) -> impl Future<Output = Result<Vec<ServiceView>, StoreError>>;

    /// The customer's latest orders, newest first.
    fn orders(&self, customer: Id<entity::Customer>) -> impl Future<Output = Result<Vec<OrderLineView>, StoreError>>;

    /// What the customer is charged and was charged.
    fn billing(&self, customer: Id<entity::Customer>) -> impl Future<Output = Result<Billing, StoreError>>;

    /// How long setting up a service of this kind usually takes; `None` where too few were.
    fn usual_delivery(&self, kind: ProductKind) -> impl Future<Output = Result<Option<Duration>, StoreError>>;

    /// The mails that went to an address, newest first.
    fn mails(&self, address: &EmailAddress) -> impl Future<Output = Result<Vec<MailView>, StoreError>>;
}

impl Site for ShopWorld {
    async fn services(&self, customer: Id<entity::Customer>) -> Result<Vec<ServiceView>, StoreError> {
        queries::services(self.db(), customer).await
    }

    async fn orders(&self, customer: Id<entity::Customer>) -> Result<Vec<OrderLineView>, StoreError> {
        let filter = OrderFilter { customer: Some(customer), ..OrderFilter::default() };
        queries::orders_list(self.db(), &filter, ORDERS_SHOWN).await
    }

    async fn billing(&self, customer: Id<entity::Customer>) -> Result<Billing, StoreError> {
        queries::billing(self.db(), customer).await
    }

    async fn usual_delivery(&self, kind: ProductKind) -> Result<Option<Duration>, StoreError> {
        queries::usual_delivery(self.db(), kind).await
    }

    async fn mails(&self, address: &EmailAddress) -> Result<Vec<MailView>, StoreError> {
        queries::mails_to(self.db(), address).await
    }
}
