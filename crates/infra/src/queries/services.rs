//! A customer's services, and the game servers among them.

use diesel::prelude::*;
use kernel::{Id, StoreError, Timestamp, Transact, entity};
use provisioning::{AccessField, DeliveryRequest};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    db::{Db, PgTx},
    schema::{orders, services as table},
    store::Place,
};

/// A service in its owner's list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceView {
    /// Its id.
    pub id: Id<entity::Service>,
    /// The order that paid for it.
    pub order: Id<entity::Order>,
    /// What it is called.
    pub label: String,
    /// The product's kind.
    pub kind: String,
    /// The plan's code.
    pub plan: String,
    /// The plan's name.
    pub plan_name: String,
    /// The service's state.
    pub status: String,
    /// The order's state: says more while the service is on its way.
    pub order_status: String,
    /// How to reach it.
    pub access: Vec<AccessField>,
    /// When it was promised.
    pub created_at: Timestamp,
}

/// A game server, as the game shop's clients know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GameServerView {
    /// The service's id.
    pub id: Id<entity::Service>,
    /// What it is called.
    pub name: String,
    /// The service's state.
    pub status: String,
    /// The plan's code.
    pub plan: String,
    /// Where it runs.
    pub region: Option<String>,
    /// The panel's id, once it exists there.
    pub ptero_server_id: Option<i64>,
    /// The panel's short name.
    pub ptero_identifier: Option<String>,
    /// Host and port, once known.
    pub address: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = crate::schema::services, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    order_id: Uuid,
    label: String,
    kind: String,
    plan_code: String,
    status: String,
    delivery: Value,
    access: Value,
    created_at: Timestamp,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = orders, check_for_backend(diesel::pg::Pg))]
struct OrderColumns {
    status: String,
    plan_name: String,
    ptero_server_id: Option<i64>,
    ptero_identifier: Option<String>,
}

type Both = (Row, OrderColumns);

async fn rows_of(tx: &mut PgTx, customer: Id<entity::Customer>) -> Result<Vec<Both>, StoreError> {
    let joined = table::table.inner_join(orders::table.on(orders::id.eq(table::order_id)));
    let theirs = joined.filter(table::customer_id.eq(customer.uuid())).order(table::id.desc());
    tx.load("a customer's services", theirs.select((Row::as_select(), OrderColumns::as_select()))).await
}

fn view((row, order): Both) -> Result<ServiceView, StoreError> {
    Ok(ServiceView {
        access: Place::new("services", row.id).json("access", row.access)?,
        id: Id::from_uuid(row.id),
        order: Id::from_uuid(row.order_id),
        label: row.label,
        kind: row.kind,
        plan: row.plan_code,
        plan_name: order.plan_name,
        status: row.status,
        order_status: order.status,
        created_at: row.created_at,
    })
}

fn game_server((row, order): Both) -> Result<GameServerView, StoreError> {
    let place = Place::new("services", row.id);
    let delivery: DeliveryRequest = place.json("delivery", row.delivery)?;
    let access: Vec<AccessField> = place.json("access", row.access)?;
    Ok(GameServerView {
        id: Id::from_uuid(row.id),
        name: row.label,
        status: row.status,
        plan: row.plan_code,
        region: delivery.region.map(|region| region.to_string()),
        ptero_server_id: order.ptero_server_id,
        ptero_identifier: order.ptero_identifier,
        address: access.into_iter().find(|field| field.label == "Address").map(|field| field.value),
    })
}

/// What a customer has, newest first.
pub async fn services(db: &Db, customer: Id<entity::Customer>) -> Result<Vec<ServiceView>, StoreError> {
    let rows = db.transaction(async |tx| rows_of(tx, customer).await).await?;
    rows.into_iter().map(view).collect()
}

/// The game servers among them.
pub async fn game_servers(db: &Db, customer: Id<entity::Customer>) -> Result<Vec<GameServerView>, StoreError> {
    let rows = db.transaction(async |tx| rows_of(tx, customer).await).await?;
    rows.into_iter().filter(|(row, _)| row.kind == catalog::ProductKind::Game.as_str()).map(game_server).collect()
}
