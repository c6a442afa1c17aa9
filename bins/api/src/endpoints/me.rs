//! `GET /api/auth/me`.

use actix_web::{
    HttpRequest,
    web::{Data, Json},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::account::UserBody;
use crate::{auth, problem::SeedError, state::ApiState};

/// Who is calling.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Me {
    /// Always true.
    success: bool,
    user: UserBody,
}

/// Says who is calling.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "account",
    responses((status = 200, body = Me), (status = 401, description = "Nobody is signed in")),
)]
pub(crate) async fn show(state: Data<ApiState>, request: HttpRequest) -> Result<Json<Me>, SeedError> {
    let who = auth::signed_in(&state, &request).await?;
    Ok(Json(Me { success: true, user: UserBody::from(&who) }))
}
