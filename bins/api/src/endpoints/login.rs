//! `POST /api/auth/login`.

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
    problem::{Problem, SeedError},
    state::ApiState,
};

/// Credentials.
#[derive(Debug, ToSchema)]
pub(super) struct LoginBody {
    #[schema(example = "ada@example.com", value_type = String)]
    email: EmailAddress,
    #[schema(value_type = String)]
    password: SecretString,
}

impl LoginBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let email = fields.required_parsed(&["email"], "\"ada@example.com\"", str::parse);
        let password = fields.secret("password");
        fields.finish_with(email.zip(password).map(|(email, password)| Self { email, password }))
    }
}

/// Signs in.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "account", request_body = LoginBody,
    responses(
        (status = 200, body = SignedInBody),
        (status = 401, description = "The address or the password is wrong"),
        (status = 429, description = "Tried too often; see Retry-After"),
    ),
)]
pub(crate) async fn login(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, SeedError> {
    let LoginBody { email, password } = LoginBody::take(&mut Fields::read(&request, payload).await?)?;
    let entry = flows::sign_in(&*state.world, &email, &password, &web::origin(&request)).await?;
    Ok(welcome(&state, StatusCode::OK, &entry)?)
}
