//! `GET /api/auth/me`.

use actix_web::web::Json;
use serde::Serialize;
use utoipa::ToSchema;

use super::account::UserBody;
use crate::{auth::Caller, problem::SeedError};

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
pub(crate) async fn show(who: Caller) -> Result<Json<Me>, SeedError> {
    Ok(Json(Me { success: true, user: UserBody::from(&*who) }))
}
