//! `GET /api/services`: everything the caller bought.

use actix_web::web::{Data, Json};
use flows::Shop;
use infra::queries::{self, ServiceView};
use serde::Serialize;
use utoipa::ToSchema;

use super::order::{AccessBody, rfc3339};
use crate::{auth::Caller, problem::Problem, state::ApiState};

/// The caller's services, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServiceList {
    services: Vec<ServiceBody>,
}

/// Something that was bought.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase", as = CustomerService)]
struct ServiceBody {
    #[schema(example = "svc_0198c0ffee0070008000000000000001")]
    id: String,
    /// The order that paid for it.
    order_id: String,
    name: String,
    /// pending, provisioning, uncertain, installing, active or failed_setup.
    #[schema(example = "active")]
    status: String,
    #[schema(example = "starter")]
    plan: String,
    plan_name: String,
    /// game, hosting, wordpress, email, vps, cloud or storage.
    #[schema(example = "hosting")]
    kind: String,
    /// How to reach it, once known.
    access: Vec<AccessBody>,
    /// RFC 3339, UTC.
    created_at: String,
}

impl From<ServiceView> for ServiceBody {
    fn from(view: ServiceView) -> Self {
        Self {
            id: view.id.to_string(),
            order_id: view.order.to_string(),
            name: view.label,
            status: view.status,
            plan: view.plan,
            plan_name: view.plan_name,
            kind: view.kind,
            access: view.access.iter().map(AccessBody::from).collect(),
            created_at: rfc3339(view.created_at),
        }
    }
}

/// Lists the caller's services.
#[utoipa::path(
    get, path = "/api/services", tag = "services",
    responses((status = 200, body = ServiceList), (status = 401, description = "Nobody is signed in")),
)]
pub(crate) async fn list(state: Data<ApiState>, who: Caller) -> Result<Json<ServiceList>, Problem> {
    let views = queries::services(state.world.db(), who.customer.id).await?;
    Ok(Json(ServiceList { services: views.into_iter().map(ServiceBody::from).collect() }))
}
