//! `GET /api/orders/{orderId}`: how an order stands, honestly.
//!
//! The order's id is the capability: 74 random bits. So that it can be passed on, nothing personal is shown; how to reach
//! the service is for its owner alone, signed in. Operators' reasons and next steps are not shown to anybody here.

use accounts::{Access, Permission};
use actix_web::web::{Data, Json, Path};
use cases::CaseStore;
use flows::{Shop, SignedIn};
use infra::world::ShopWorld;
use kernel::{Id, StoreError, Transact, entity};
use orders::{Order, OrderStore, TimelineEntry};
use provisioning::{AccessField, Service, ServiceStore};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::Guest, problem::Problem, state::ApiState};

/// An order.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OrderAnswer {
    order: OrderBody,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct OrderBody {
    #[schema(example = "ord_0198c0ffee0070008000000000000001")]
    id: String,
    /// pending, paid, provisioning, provisioned, expired, cancelled, needs_attention, refund_pending or refunded.
    #[schema(example = "provisioned")]
    status: &'static str,
    plan: String,
    plan_name: String,
    billing_cycle: &'static str,
    /// What is charged at once, in minor units.
    amount: i64,
    /// The price without a coupon.
    list_amount: i64,
    /// What the coupon takes off.
    discount_amount: i64,
    /// What each later period costs; absent when nothing renews.
    renewal_amount: Option<i64>,
    currency: String,
    coupon: Option<String>,
    trial_days: u16,
    /// RFC 3339, UTC.
    created_at: String,
    /// What happened so far, oldest first.
    timeline: Vec<Happened>,
    /// What of it needs one of us, in words for the customer; usually empty.
    notices: Vec<&'static str>,
    /// What was made of it, once it is paid.
    service: Option<OrderedService>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
struct Happened {
    /// RFC 3339, UTC, to the millisecond.
    at: String,
    /// A stable word.
    #[schema(example = "paid")]
    event: String,
    /// customer, gateway, worker or operator.
    actor: &'static str,
    /// In words for the customer.
    detail: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct OrderedService {
    id: String,
    /// pending, provisioning, uncertain, installing, active or failed_setup.
    status: &'static str,
    name: String,
    /// How to reach it; for its owner, signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    access: Option<Vec<AccessBody>>,
}

/// A line of how to reach a service.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessBody {
    label: String,
    value: String,
}

impl From<&AccessField> for AccessBody {
    fn from(field: &AccessField) -> Self {
        Self { label: field.label.clone(), value: field.value.clone() }
    }
}

struct Facts {
    order: Order,
    timeline: Vec<TimelineEntry>,
    service: Option<Service>,
    notices: Vec<&'static str>,
}

/// Shows an order to whoever has its id.
#[utoipa::path(
    get, path = "/api/orders/{orderId}", tag = "shop",
    params(("orderId" = String, Path, description = "From create-session")),
    responses((status = 200, body = OrderAnswer), (status = 404, description = "There is no such order")),
)]
pub(crate) async fn show(state: Data<ApiState>, who: Guest, id: Path<String>) -> Result<Json<OrderAnswer>, Problem> {
    let unknown = || Problem::not_found("There is no such order.");
    let id = id.parse().map_err(|_| unknown())?;
    let facts = read(&state.world, id).await?.ok_or_else(unknown)?;
    let now = state.world.env().now();
    let who = who.0.filter(|who| SignedIn::admit(Some(who), Access::May(Permission::SeeOwnServices), now).is_ok());
    let owner = who.as_ref().is_some_and(|who| facts.order.buyer.customer == Some(who.customer.id));
    // Whoever is signed in reaches what is theirs, and who works for the shop what their role lets them see.
    let anothers = facts.order.buyer.customer.is_some() && !owner;
    let foreign = who.is_some_and(|who| anothers && !who.user.role.may(Permission::SeeOrders));
    if foreign {
        return Err(unknown());
    }
    Ok(Json(OrderAnswer { order: body(facts, owner) }))
}

async fn read(world: &ShopWorld, id: Id<entity::Order>) -> Result<Option<Facts>, StoreError> {
    let work = async |tx: &mut <ShopWorld as Shop>::Tx| {
        let Some(order) = tx.order(id).await? else { return Ok(None) };
        let (timeline, service) = (tx.timeline(id).await?, tx.service_of(id).await?);
        let cases = tx.open_cases_of(id).await?;
        let mut notices: Vec<_> = cases.iter().filter_map(|case| case.kind.customer_view()).collect();
        notices.dedup();
        Ok::<_, StoreError>(Some(Facts { order, timeline, service, notices }))
    };
    world.db().transaction(work).await
}

fn body(facts: Facts, owner: bool) -> OrderBody {
    let Facts { order, timeline, service, notices } = facts;
    let line = order.line;
    OrderBody {
        id: order.id.to_string(),
        status: order.state.as_str(),
        plan: line.plan.to_string(),
        plan_name: line.plan_name,
        billing_cycle: line.cycle.as_str(),
        amount: line.due_now.minor(),
        list_amount: line.list.minor(),
        discount_amount: line.discount.as_ref().map_or(0, |discount| discount.amount.minor()),
        renewal_amount: line.renewal.map(kernel::Money::minor),
        currency: line.total.currency().to_string(),
        coupon: line.discount.map(|discount| discount.code.to_string()),
        trial_days: line.trial_days,
        created_at: rfc3339(order.created_at),
        timeline: timeline.into_iter().filter_map(happened).collect(),
        notices,
        service: service.map(|service| service_body(&service, owner)),
    }
}

/// Entries that are our own affair are left out.
fn happened(entry: TimelineEntry) -> Option<Happened> {
    let detail = web::history_words(&entry.event)?;
    Some(Happened { at: rfc3339(entry.at), actor: entry.actor.as_str(), event: entry.event, detail })
}

fn service_body(service: &Service, owner: bool) -> OrderedService {
    OrderedService {
        id: service.id.to_string(),
        status: service.state.as_str(),
        name: service.label.clone(),
        access: owner.then(|| service.access.iter().map(AccessBody::from).collect()),
    }
}

pub(super) fn rfc3339(at: kernel::Timestamp) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
