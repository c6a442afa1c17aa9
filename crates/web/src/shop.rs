//! The pages' needs met by the real shop on PostgreSQL.

use infra::{
    queries::{self, OrderFilter, OrderLineView, ServiceView},
    tokens::Tokens,
    world::ShopWorld,
};
use flows::Shop;
use kernel::{Id, StoreError, Timestamp, entity};

use crate::site::{OrderRow, ServiceRow, SessionTokens, Site};

/// How many orders the account page shows.
const ORDERS: i64 = 50;

impl Site for ShopWorld {
    async fn services(&self, customer: Id<entity::Customer>) -> Result<Vec<ServiceRow>, StoreError> {
        let views = queries::services(self.db(), customer).await?;
        let row = |view: ServiceView| ServiceRow {
            id: view.id,
            order: view.order,
            label: view.label,
            plan_name: view.plan_name,
            kind: view.kind,
            status: view.status,
            access: view.access,
        };
        Ok(views.into_iter().map(row).collect())
    }

    async fn orders(&self, customer: Id<entity::Customer>) -> Result<Vec<OrderRow>, StoreError> {
        let filter = OrderFilter { customer: Some(customer), ..OrderFilter::default() };
        let views = queries::orders_list(self.db(), &filter, ORDERS).await?;
        views.into_iter().map(order_row).collect()
    }
}

fn order_row(view: OrderLineView) -> Result<OrderRow, StoreError> {
    let unknown = |_| StoreError::bug(format!("{} has an unknown billing cycle", view.id));
    Ok(OrderRow {
        id: view.id,
        cycle: view.cycle.parse().map_err(unknown)?,
        plan_name: view.plan_name,
        total: view.total,
        status: view.status,
        created_at: view.created_at,
    })
}

impl SessionTokens for Tokens {
    fn issue(&self, session: Id<entity::Session>, user: Id<entity::User>, now: Timestamp) -> Option<String> {
        self.issue(session, user, now).ok()
    }

    fn read(&self, token: &str, now: Timestamp) -> Option<Id<entity::Session>> {
        self.read(token, now).ok()
    }
}
