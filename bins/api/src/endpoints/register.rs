//! `POST /api/auth/register` and `/register/confirm`: opening an account.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use kernel::EmailAddress;
use secrecy::SecretString;
use utoipa::ToSchema;
use web::Registration;

use super::account::{Asked, SignedInBody, asked, welcome};
use crate::{
    body::Fields,
    detached::detached,
    problem::{Problem, SeedError},
    state::ApiState,
};

/// A new account.
#[derive(Debug, ToSchema)]
pub(super) struct RegisterBody {
    #[schema(example = "ada@example.com", value_type = String)]
    email: EmailAddress,
    /// 8 to 128 characters.
    #[schema(value_type = String)]
    password: SecretString,
    #[schema(example = "Ada Lovelace")]
    name: String,
}

impl RegisterBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let email = fields.required_parsed(&["email"], "\"ada@example.com\"", str::parse);
        let password = fields.secret("password");
        let name = fields.required_parsed(&["name"], "\"Ada Lovelace\"", super::person_name);
        let body = email.zip(password).zip(name);
        fields.finish_with(body.map(|((email, password), name)| Self { email, password, name }))
    }
}

/// Asks for an account. A mail answers it, whether the address has one or not; the link in it leads to a page, and a program
/// sends the link's token with the password to `register/confirm`. Where the shop is set to `REGISTRATION=direct`, the
/// account is opened at once.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "account", request_body = RegisterBody,
    responses(
        (status = 202, body = Asked),
        (status = 201, body = SignedInBody, description = "REGISTRATION=direct alone"),
        (status = 400, description = "Something is wrong with the request; `error` says what"),
        (status = 409, description = "REGISTRATION=direct alone: the address has an account"),
        (status = 429, description = "Tried too often; see Retry-After"),
    ),
)]
pub(crate) async fn register(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, SeedError> {
    let RegisterBody { email, password, name } = RegisterBody::take(&mut Fields::read(&request, payload).await?)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    match state.registration {
        Registration::Confirmed => {
            detached(async move { flows::ask_to_register(&*world, (email, name), &password, &origin).await }).await??;
            Ok(asked("Look into your mail: the link in it opens your account."))
        }
        Registration::Direct => {
            let work = async move { flows::register(&*world, (email, name), &password, &origin).await };
            Ok(welcome(&state, StatusCode::CREATED, &detached(work).await??)?)
        }
    }
}

/// A link's token and the password that was chosen.
#[derive(Debug, ToSchema)]
pub(super) struct ConfirmBody {
    #[schema(value_type = String)]
    token: SecretString,
    #[schema(value_type = String)]
    password: SecretString,
}

impl ConfirmBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let both = fields.secret("token").zip(fields.secret("password"));
        fields.finish_with(both.map(|(token, password)| Self { token, password }))
    }
}

/// Opens the account that was asked for, and signs in.
#[utoipa::path(
    post, path = "/api/auth/register/confirm", tag = "account", request_body = ConfirmBody,
    responses(
        (status = 201, body = SignedInBody),
        (status = 400, description = "The link does not count any more, or the password is another one"),
        (status = 429, description = "Tried too often; see Retry-After"),
    ),
)]
pub(crate) async fn confirm(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let ConfirmBody { token, password } = ConfirmBody::take(&mut Fields::read(&request, payload).await?)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    let work = async move { flows::confirm_registration(&*world, &token, &password, &origin).await };
    welcome(&state, StatusCode::CREATED, &detached(work).await??)
}
