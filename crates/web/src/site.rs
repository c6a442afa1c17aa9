//! What the pages need of the world besides selling: the lists of the account page, and tokens for the cookie.

use std::future::Future;

use flows::Shop;
use kernel::{BillingCycle, Id, Money, StoreError, Timestamp, entity};
use provisioning::AccessField;

/// A line of the customer's services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceRow {
    /// Its id.
    pub id: Id<entity::Service>,
    /// The order that paid for it.
    pub order: Id<entity::Order>,
    /// What it is called.
    pub label: String,
    /// The plan's name.
    pub plan_name: String,
    /// The product's kind, a catalogue word.
    pub kind: String,
    /// Its state, the stable word.
    pub status: String,
    /// How to reach it, once known.
    pub access: Vec<AccessField>,
}

/// A line of the customer's orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderRow {
    /// Its id.
    pub id: Id<entity::Order>,
    /// The plan's name.
    pub plan_name: String,
    /// The period.
    pub cycle: BillingCycle,
    /// The first period's price.
    pub total: Money,
    /// Its state, the stable word.
    pub status: String,
    /// When it was placed.
    pub created_at: Timestamp,
}

/// A shop with what its pages read.
pub trait Site: Shop + Send + Sync + 'static {
    /// The customer's services, newest first.
    fn services(&self, customer: Id<entity::Customer>) -> impl Future<Output = Result<Vec<ServiceRow>, StoreError>>;

    /// The customer's orders, newest first, the latest fifty.
    fn orders(&self, customer: Id<entity::Customer>) -> impl Future<Output = Result<Vec<OrderRow>, StoreError>>;
}

/// What the session cookie holds: the same signed token that API clients send.
pub trait SessionTokens: Send + Sync {
    /// A token for a sign-in; `None` when it cannot be made, which is a mistake of ours.
    fn issue(&self, session: Id<entity::Session>, user: Id<entity::User>, now: Timestamp) -> Option<String>;

    /// The sign-in that a token names; `None` for a token that does not count.
    fn read(&self, token: &str, now: Timestamp) -> Option<Id<entity::Session>>;
}
