//! `POST /api/auth/register`: opens an account and signs in.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use kernel::EmailAddress;
use secrecy::SecretString;
use utoipa::ToSchema;

use super::account::{SignedInBody, welcome};
use crate::{
    body::Fields,
    csrf,
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

/// Opens an account.
#[utoipa::path(
    post, path = "/api/auth/register", tag = "account", request_body = RegisterBody,
    responses(
        (status = 201, body = SignedInBody),
        (status = 400, description = "Something is wrong with the request; `error` says what"),
        (status = 409, description = "The address has an account"),
    ),
)]
pub(crate) async fn register(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, SeedError> {
    csrf::same_site(&state, &request)?;
    let RegisterBody { email, password, name } = RegisterBody::take(&mut Fields::read(&request, payload).await?)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    let who = detached(async move { flows::register(&*world, email, name, &password, &origin).await }).await??;
    Ok(welcome(&state, StatusCode::CREATED, &who)?)
}
