//! `POST /api/auth/login`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use flows::Entrance;
use kernel::EmailAddress;
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

use super::account::{HalfBody, SignedInBody, half, welcome};
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

/// A whole sign-in, or half of one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "it says in the document what the two answers are")]
pub(super) enum LoginAnswer {
    /// Signed in.
    Whole(SignedInBody),
    /// The second factor is still to come.
    Half(HalfBody),
}

/// Signs in. For somebody with a second factor it is half a sign-in: the token then opens
/// `POST /api/auth/second-factor/verify`, which completes it, and nothing else.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "account", request_body = LoginBody,
    responses(
        (status = 200, body = LoginAnswer),
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
    match flows::sign_in(&*state.world, &email, &password, &web::origin(&request)).await? {
        Entrance::Whole(entry) => Ok(welcome(&state, StatusCode::OK, &entry)?),
        Entrance::Half { user, session, token } => Ok(half(&state, (user.id, session), &token)?),
    }
}
