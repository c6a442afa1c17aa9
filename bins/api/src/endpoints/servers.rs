//! `GET /api/servers`: the caller's game servers.

use actix_web::web::{Data, Json};
use flows::Shop;
use infra::queries::{self, GameServerView};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{auth::Caller, problem::SeedError, state::ApiState};

/// The caller's game servers, newest first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ServerList {
    /// Always true.
    success: bool,
    servers: Vec<ServerBody>,
}

/// A game server.
#[derive(Debug, Serialize, ToSchema)]
struct ServerBody {
    #[schema(example = "svc_0198c0ffee0070008000000000000001")]
    id: String,
    /// What its owner called it.
    name: String,
    /// pending, provisioning, uncertain, installing, active or failed_setup.
    status: String,
    #[schema(example = "paper-4gb")]
    plan: String,
    #[schema(example = "us-central")]
    region: Option<String>,
    /// Its number in the panel, once it is there.
    ptero_server_id: Option<i64>,
    /// Its short id in the panel's addresses.
    ptero_identifier: Option<String>,
    /// Where players connect to.
    address: Option<String>,
}

impl From<GameServerView> for ServerBody {
    fn from(view: GameServerView) -> Self {
        Self {
            id: view.id.to_string(),
            name: view.name,
            status: view.status,
            plan: view.plan,
            region: view.region,
            ptero_server_id: view.ptero_server_id,
            ptero_identifier: view.ptero_identifier,
            address: view.address,
        }
    }
}

/// Lists the caller's game servers.
#[utoipa::path(
    get, path = "/api/servers", tag = "services",
    responses((status = 200, body = ServerList), (status = 401, description = "Nobody is signed in")),
)]
pub(crate) async fn list(state: Data<ApiState>, who: Caller) -> Result<Json<ServerList>, SeedError> {
    let views = queries::game_servers(state.world.db(), who.customer.id).await?;
    Ok(Json(ServerList { success: true, servers: views.into_iter().map(ServerBody::from).collect() }))
}
