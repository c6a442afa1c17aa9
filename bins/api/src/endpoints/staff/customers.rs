//! `GET /api/staff/customers?email=…` and `/api/staff/customers/{customerId}`.

use accounts::{AccountStore as _, Customer, User};
use actix_web::web::{Data, Json, Path, Query};
use flows::Shop;
use infra::{
    db::PgTx,
    queries::{self, OrderFilter, OrderLineView},
};
use kernel::{EmailAddress, StoreError, Transact as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::order::rfc3339;
use crate::{problem::Problem, state::ApiState};

/// The newest orders of a customer that are shown.
const ORDERS: i64 = 100;

/// A customer, for people of the shop.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(crate) struct FoundCustomer {
    #[schema(example = "cus_0198c0ffee0070008000000000000001")]
    id: String,
    user_id: String,
    name: String,
    email: String,
    /// customer, support, billing or admin.
    role: &'static str,
    /// Stripe's id.
    gateway_id: Option<String>,
    must_change_password: bool,
    created_at: String,
    /// The newest 100, the newest first.
    orders: Vec<OrderLine>,
}

/// One of their orders.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase", as = StaffOrderLine)]
struct OrderLine {
    id: String,
    status: String,
    plan: String,
    billing_cycle: String,
    /// In minor units.
    total: i64,
    currency: String,
    created_at: String,
}

impl From<OrderLineView> for OrderLine {
    fn from(view: OrderLineView) -> Self {
        Self {
            id: view.id.to_string(),
            status: view.status,
            plan: view.plan,
            billing_cycle: view.cycle,
            total: view.total.minor(),
            currency: view.total.currency().to_string(),
            created_at: rfc3339(view.created_at),
        }
    }
}

/// Whom to find.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    email: Option<String>,
}

/// Finds a customer by the whole address.
#[utoipa::path(
    get, path = "/api/staff/customers", tag = "staff",
    params(("email" = String, Query, description = "The whole address")),
    responses(
        (status = 200, body = FoundCustomer),
        (status = 400, description = "This is no address"),
        (status = 404, description = "Nobody has this address"),
    ),
)]
pub(crate) async fn find(state: Data<ApiState>, wanted: Query<Wanted>) -> Result<Json<FoundCustomer>, Problem> {
    let email = wanted.into_inner().email.unwrap_or_default();
    let email: EmailAddress =
        email.parse().map_err(|error| Problem::invalid("invalid-request", format!("email: {error}")))?;
    let work = async |tx: &mut PgTx| {
        let Some(user) = tx.user_by_email(&email).await? else { return Ok(None) };
        Ok::<_, StoreError>(tx.customer_of(user.id).await?.map(|customer| (user, customer)))
    };
    let found = state.world.db().transaction(work).await?;
    shown(&state, found).await
}

/// Shows a customer.
#[utoipa::path(
    get, path = "/api/staff/customers/{customerId}", tag = "staff",
    params(("customerId" = String, Path, description = "From the search")),
    responses((status = 200, body = FoundCustomer), (status = 404, description = "There is no such customer")),
)]
pub(crate) async fn show(state: Data<ApiState>, id: Path<String>) -> Result<Json<FoundCustomer>, Problem> {
    let id = id.parse().map_err(|_| unknown())?;
    let work = async |tx: &mut PgTx| {
        let Some(customer) = tx.customer(id).await? else { return Ok(None) };
        Ok::<_, StoreError>(tx.user(customer.user).await?.map(|user| (user, customer)))
    };
    let found = state.world.db().transaction(work).await?;
    shown(&state, found).await
}

fn unknown() -> Problem {
    Problem::not_found("There is no such customer.")
}

async fn shown(state: &ApiState, found: Option<(User, Customer)>) -> Result<Json<FoundCustomer>, Problem> {
    let (user, customer) = found.ok_or_else(unknown)?;
    let theirs = OrderFilter { customer: Some(customer.id), ..OrderFilter::default() };
    let orders = queries::orders_list(state.world.db(), &theirs, ORDERS).await?;
    Ok(Json(FoundCustomer {
        id: customer.id.to_string(),
        user_id: user.id.to_string(),
        name: customer.name,
        email: user.email.to_string(),
        role: user.role.as_str(),
        gateway_id: customer.gateway_id,
        must_change_password: user.must_change_password,
        created_at: rfc3339(user.created_at),
        orders: orders.into_iter().map(OrderLine::from).collect(),
    }))
}
