//! `POST /api/staff/events/{eventId}/replay`.

use actix_web::web::{Data, Json, Path};
use flows::Shop;

use super::super::account::{DONE, Done};
use crate::{auth::Caller, detached::detached, problem::Problem, state::ApiState};

/// Has a stored event processed once more. Safe at any time: what it means is monotonic.
#[utoipa::path(
    post, path = "/api/staff/events/{eventId}/replay", tag = "staff",
    params(("eventId" = String, Path, description = "Stripe's id, evt_…")),
    responses((status = 200, body = Done), (status = 404, description = "No such event came")),
)]
pub(crate) async fn replay(state: Data<ApiState>, who: Caller, id: Path<String>) -> Result<Json<Done>, Problem> {
    let unknown = || Problem::not_found("No such event came.");
    let event = id.into_inner();
    // What can be no id is not asked for: the database refuses some texts (a NUL character).
    if event.len() > 255 || !event.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(unknown());
    }
    let (world, actor) = (state.world.clone(), who.actor());
    let work = async move { flows::replay_event(world.db(), &mut world.env(), &event, &actor).await };
    if detached(work).await?? { Ok(Json(DONE)) } else { Err(unknown()) }
}
