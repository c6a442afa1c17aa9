//! `POST /api/auth/change-address` and `/change-address/confirm`.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Json, Payload},
};
use kernel::EmailAddress;
use secrecy::SecretString;
use utoipa::ToSchema;

use super::account::{Asked, DONE, Done, asked};
use crate::{auth::Caller, body::Fields, detached::detached, problem::Problem, state::ApiState};

/// The new address, and the password of the account.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
pub(super) struct ChangeAddressBody {
    #[schema(example = "ada@example.org", value_type = String)]
    new_email: EmailAddress,
    #[schema(value_type = String)]
    password: SecretString,
}

impl ChangeAddressBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let email = fields.required_parsed(&["newEmail"], "\"ada@example.org\"", str::parse);
        let both = email.zip(fields.secret("password"));
        fields.finish_with(both.map(|(new_email, password)| Self { new_email, password }))
    }
}

/// Asks for another address. A mail to it answers, whether somebody has it or not.
#[utoipa::path(
    post, path = "/api/auth/change-address", tag = "account", request_body = ChangeAddressBody,
    responses(
        (status = 202, body = Asked),
        (status = 400, description = "This is no address, or the password is wrong"),
        (status = 401, description = "Nobody is signed in"),
        (status = 429, description = "Tried too often; see Retry-After"),
    ),
)]
pub(crate) async fn ask(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let mut fields = Fields::read(&request, payload).await?;
    let ChangeAddressBody { new_email, password } = ChangeAddressBody::take(&mut fields)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    detached(async move { flows::ask_for_address(&*world, &who, (new_email, &password), &origin).await }).await??;
    Ok(asked("A mail to the new address is on its way."))
}

/// A link's token.
#[derive(Debug, ToSchema)]
pub(super) struct TokenBody {
    #[schema(value_type = String)]
    token: SecretString,
}

impl TokenBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let token = fields.secret("token");
        fields.finish_with(token.map(|token| Self { token }))
    }
}

/// Gives the account the address that was asked for.
#[utoipa::path(
    post, path = "/api/auth/change-address/confirm", tag = "account", request_body = TokenBody,
    responses(
        (status = 200, body = Done),
        (status = 400, description = "The link does not count any more, or is another account's"),
        (status = 401, description = "Nobody is signed in"),
        (status = 429, description = "Tried too often; see Retry-After"),
    ),
)]
pub(crate) async fn confirm(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    payload: Payload,
) -> Result<Json<Done>, Problem> {
    let TokenBody { token } = TokenBody::take(&mut Fields::read(&request, payload).await?)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    detached(async move { flows::confirm_address(&*world, &who, &token, &origin).await }).await??;
    Ok(Json(DONE))
}
