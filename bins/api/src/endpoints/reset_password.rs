//! `POST /api/auth/forgot-password` and `/reset-password`.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Json, Payload},
};
use kernel::EmailAddress;
use secrecy::SecretString;
use utoipa::ToSchema;

use super::account::{Asked, DONE, Done, asked};
use crate::{body::Fields, detached::detached, problem::Problem, state::ApiState};

/// Whose password.
#[derive(Debug, ToSchema)]
pub(super) struct ForgotPasswordBody {
    #[schema(example = "ada@example.com", value_type = String)]
    email: EmailAddress,
}

impl ForgotPasswordBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let email = fields.required_parsed(&["email"], "\"ada@example.com\"", str::parse);
        fields.finish_with(email.map(|email| Self { email }))
    }
}

/// Asks for a new password. A mail answers it, if the address has an account.
#[utoipa::path(
    post, path = "/api/auth/forgot-password", tag = "account", request_body = ForgotPasswordBody,
    responses(
        (status = 202, body = Asked),
        (status = 400, description = "This is no address"),
        (status = 429, description = "Tried too often; see Retry-After"),
    ),
)]
pub(crate) async fn forgot(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let ForgotPasswordBody { email } = ForgotPasswordBody::take(&mut Fields::read(&request, payload).await?)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    detached(async move { flows::ask_for_password(&*world, email, &origin).await }).await??;
    Ok(asked("If this address has an account, a mail with a link is on its way."))
}

/// A link's token and the new password.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct ResetPasswordBody {
    #[schema(value_type = String)]
    token: SecretString,
    /// 8 to 128 characters.
    #[schema(value_type = String)]
    new_password: SecretString,
}

impl ResetPasswordBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let both = fields.secret("token").zip(fields.secret("newPassword"));
        fields.finish_with(both.map(|(token, new_password)| Self { token, new_password }))
    }
}

/// Sets the new password. Every sign-in ends; sign in with it then.
#[utoipa::path(
    post, path = "/api/auth/reset-password", tag = "account", request_body = ResetPasswordBody,
    responses(
        (status = 200, body = Done),
        (status = 400, description = "The link does not count any more, or the password is not acceptable"),
        (status = 429, description = "Tried too often; see Retry-After"),
    ),
)]
pub(crate) async fn reset(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<Done>, Problem> {
    let ResetPasswordBody { token, new_password } =
        ResetPasswordBody::take(&mut Fields::read(&request, payload).await?)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    detached(async move { flows::reset_password(&*world, &token, &new_password, &origin).await }).await??;
    Ok(Json(DONE))
}
