//! `POST /api/auth/change-password`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use secrecy::SecretString;
use utoipa::ToSchema;

use super::account::{SignedInBody, welcome};
use crate::{auth::Caller, body::Fields, detached::detached, problem::Problem, state::ApiState};

/// The present and the new password.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct ChangePasswordBody {
    #[schema(value_type = String)]
    current_password: SecretString,
    /// 8 to 128 characters.
    #[schema(value_type = String)]
    new_password: SecretString,
}

impl ChangePasswordBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let both = fields.secret("currentPassword").zip(fields.secret("newPassword"));
        fields.finish_with(both.map(|(current_password, new_password)| Self { current_password, new_password }))
    }
}

/// Changes the password. Every other sign-in ends; this one goes on, and its browser is given a new cookie.
#[utoipa::path(
    post, path = "/api/auth/change-password", tag = "account", request_body = ChangePasswordBody,
    responses(
        (status = 200, body = SignedInBody),
        (status = 400, description = "The present password is wrong, or the new one is not acceptable"),
        (status = 401, description = "Nobody is signed in"),
        (status = 429, description = "Tried too often; see Retry-After"),
    ),
)]
pub(crate) async fn change(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let mut fields = Fields::read(&request, payload).await?;
    let ChangePasswordBody { current_password, new_password } = ChangePasswordBody::take(&mut fields)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    let both = async move { flows::change_password(&*world, &who, (&current_password, &new_password), &origin).await };
    let entry = detached(both).await??;
    welcome(&state, StatusCode::OK, &entry)
}
