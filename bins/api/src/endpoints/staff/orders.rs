//! `GET /api/staff/orders/{orderId}`: everything about an order.

use actix_web::web::{Data, Json, Path};
use flows::Shop;
use infra::queries::{self, OrderPage};
use serde::Serialize;
use utoipa::ToSchema;

use super::{super::order::rfc3339, cases::CaseBody};
use crate::{problem::Problem, state::ApiState};

/// An order, for people of the shop.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(crate) struct StaffOrder {
    id: String,
    status: &'static str,
    email: String,
    name: String,
    customer_id: Option<String>,
    plan: String,
    billing_cycle: &'static str,
    /// What is charged at once, in minor units.
    amount: i64,
    currency: String,
    created_at: String,
    timeline: Vec<StaffHappened>,
    payments: Vec<StaffPayment>,
    service: Option<StaffService>,
    mails: Vec<StaffMail>,
    /// Open ones.
    cases: Vec<CaseBody>,
}

/// Something that happened.
#[derive(Debug, Serialize, ToSchema)]
struct StaffHappened {
    at: String,
    event: String,
    actor: &'static str,
    detail: String,
}

/// An attempt to collect the amount.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct StaffPayment {
    id: String,
    status: &'static str,
    amount: i64,
    currency: String,
}

/// What was made of it.
#[derive(Debug, Serialize, ToSchema)]
struct StaffService {
    id: String,
    status: &'static str,
    name: String,
}

/// A mail about it.
#[derive(Debug, Serialize, ToSchema)]
struct StaffMail {
    id: String,
    template: String,
    status: &'static str,
}

impl From<OrderPage> for StaffOrder {
    fn from(page: OrderPage) -> Self {
        let OrderPage { order, timeline, payments, service, mails, cases, .. } = page;
        let happened = timeline.into_iter().map(|entry| StaffHappened {
            at: rfc3339(entry.at),
            actor: entry.actor.as_str(),
            event: entry.event,
            detail: entry.detail,
        });
        let paid = payments.into_iter().map(|payment| StaffPayment {
            id: payment.id.to_string(),
            status: payment.state.as_str(),
            amount: payment.amount.minor(),
            currency: payment.amount.currency().to_string(),
        });
        let mailed = mails.into_iter().map(|mail| StaffMail {
            id: mail.id.to_string(),
            template: mail.template,
            status: mail.status.as_str(),
        });
        Self {
            id: order.id.to_string(),
            status: order.state.as_str(),
            email: order.buyer.email.to_string(),
            name: order.buyer.name,
            customer_id: order.buyer.customer.map(|customer| customer.to_string()),
            plan: order.line.plan.to_string(),
            billing_cycle: order.line.cycle.as_str(),
            amount: order.line.due_now.minor(),
            currency: order.line.due_now.currency().to_string(),
            created_at: rfc3339(order.created_at),
            timeline: happened.collect(),
            payments: paid.collect(),
            service: service.map(|service| StaffService {
                id: service.id.to_string(),
                status: service.state.as_str(),
                name: service.label,
            }),
            mails: mailed.collect(),
            cases: cases.into_iter().map(CaseBody::from).collect(),
        }
    }
}

/// Shows everything about an order.
#[utoipa::path(
    get, path = "/api/staff/orders/{orderId}", tag = "staff",
    params(("orderId" = String, Path, description = "ord_… or its UUID")),
    responses((status = 200, body = StaffOrder), (status = 404, description = "There is no such order")),
)]
pub(crate) async fn show(state: Data<ApiState>, id: Path<String>) -> Result<Json<StaffOrder>, Problem> {
    let unknown = || Problem::not_found("There is no such order.");
    let id = id.parse().map_err(|_| unknown())?;
    let page = queries::order_page(state.world.db(), id).await?.ok_or_else(unknown)?;
    Ok(Json(page.into()))
}
