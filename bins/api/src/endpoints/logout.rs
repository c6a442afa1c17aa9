//! `POST /api/auth/logout`.

use actix_web::{HttpRequest, HttpResponse, web::Data};

use super::account::{DONE, Done};
use crate::{
    auth::{self, Caller},
    problem::{Problem, SeedError},
    state::ApiState,
};

/// Signs out: every token of this sign-in stops to count. Signing out twice is fine.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "account", security((), ("bearer" = []), ("cookie" = [])),
    responses((status = 200, body = Done), (status = 401, description = "What is sent is no bearer token")),
)]
pub(crate) async fn logout(state: Data<ApiState>, request: HttpRequest) -> Result<HttpResponse, SeedError> {
    if let Some(claim) = auth::claimed(&state, &request)? {
        flows::sign_out(&*state.world, claim, &web::origin(&request)).await?;
    }
    Ok(HttpResponse::Ok().insert_header(state.cookie().clear()).json(DONE))
}

/// Signs out everywhere: every sign-in of the caller ends, this one too.
#[utoipa::path(
    post, path = "/api/auth/logout-everywhere", tag = "account",
    responses((status = 200, body = Done), (status = 401, description = "Nobody is signed in")),
)]
pub(crate) async fn everywhere(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
) -> Result<HttpResponse, Problem> {
    flows::sign_out_everywhere(&*state.world, &who, &web::origin(&request)).await?;
    Ok(HttpResponse::Ok().insert_header(state.cookie().clear()).json(DONE))
}
