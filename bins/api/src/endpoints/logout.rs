//! `POST /api/auth/logout`.

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde_json::json;

use crate::{auth, cookie, csrf, problem::SeedError, state::ApiState};

/// Signs out: every token of this sign-in stops to count. Signing out twice is fine.
#[utoipa::path(
    post, path = "/api/auth/logout", tag = "account",
    responses((status = 200, description = "`{\"success\": true}`")),
)]
pub(crate) async fn logout(state: Data<ApiState>, request: HttpRequest) -> Result<HttpResponse, SeedError> {
    csrf::same_site(&state, &request)?;
    if let Some(session) = auth::named_session(&state, &request)? {
        flows::sign_out(&*state.world, session, &web::origin(&request)).await?;
    }
    let cookie = cookie::clear(state.secure_cookies());
    Ok(HttpResponse::Ok().insert_header(cookie).json(json!({ "success": true })))
}
