//! Acting in a customer's place: `POST /api/staff/customers/{customerId}/act` and `POST /api/auth/stop-acting`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Json, Path},
};

use super::super::account::{DONE, Done, SignedInBody, welcome};
use crate::{auth::Caller, detached::detached, problem::Problem, state::ApiState};

/// Begins to act in a customer's place. The answer's token, and the browser's cookie, are the customer's for an hour at
/// most; every page says so, the audit trail has it, and what changes the account is left to the customer.
#[utoipa::path(
    post, path = "/api/staff/customers/{customerId}/act", tag = "staff",
    params(("customerId" = String, Path, description = "From the search")),
    responses(
        (status = 200, body = SignedInBody),
        (status = 404, description = "There is no such customer"),
        (status = 409, description = "The account works for the shop"),
    ),
)]
pub(crate) async fn begin(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let customer = id.parse().map_err(|_| Problem::not_found("There is no such customer."))?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    let acting = detached(async move { flows::act_for(&*world, &who, customer, &origin).await }).await??;
    welcome(&state, StatusCode::OK, &acting)
}

/// Ends acting in a customer's place. Whoever did signs in again as themselves.
#[utoipa::path(
    post, path = "/api/auth/stop-acting", tag = "account",
    responses((status = 200, body = Done), (status = 409, description = "This sign-in is its owner's")),
)]
pub(crate) async fn stop(state: Data<ApiState>, request: HttpRequest, who: Caller) -> Result<HttpResponse, Problem> {
    flows::stop_acting(&*state.world, &who, &web::origin(&request)).await?;
    Ok(HttpResponse::Ok().insert_header(state.cookie().clear()).json(Json(DONE)))
}
