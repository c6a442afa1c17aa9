//! `POST /api/auth/second-factor/verify`: the step after the password.

use accounts::{SecondFactor, SessionClaim};
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use secrecy::SecretString;
use utoipa::ToSchema;

use super::{
    account::{SignedInBody, welcome},
    passkeys::{PasskeyAnswerBody, QuestionBody, question},
};
use crate::{auth, body::Fields, problem::Problem, state::ApiState};

/// A code, or a passkey's answer.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "it says in the document what the body may hold")]
pub(super) struct SecondFactorBody {
    /// Six digits of the app, or a recovery code.
    #[schema(example = "123456")]
    code: Option<String>,
    /// From the question to the passkey.
    #[schema(example = "chl_0198c0ffee0070008000000000000001")]
    challenge: Option<String>,
    /// The passkey's `toJSON()`.
    #[schema(value_type = Option<Object>)]
    credential: Option<String>,
}

/// What is given as the second factor; `None` when something is wrong with it, which is noted.
pub(super) fn take_factor(fields: &mut Fields) -> Option<SecondFactor> {
    if fields.has(&["challenge", "credential"]) {
        return PasskeyAnswerBody::take(fields).map(SecondFactor::Passkey);
    }
    let code = fields.required(&["code"], "\"123456\"").map(SecretString::from)?;
    Some(SecondFactor::entered(&code))
}

fn claim(state: &ApiState, request: &HttpRequest) -> Result<SessionClaim, Problem> {
    auth::claimed(state, request)?.ok_or_else(|| Problem::unauthenticated("Sign in with your password first."))
}

/// Completes a sign-in, with the token or cookie that the password gave. Both stop to count.
#[utoipa::path(
    post, path = "/api/auth/second-factor/verify", tag = "second factor", request_body = SecondFactorBody,
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = SignedInBody),
        (status = 400, description = "It does not count"),
        (status = 401, description = "Nobody is in the midst of signing in"),
    ),
)]
pub(crate) async fn verify(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let claim = claim(&state, &request)?;
    let mut fields = Fields::read(&request, payload).await?;
    let factor = take_factor(&mut fields);
    let factor = fields.finish_with(factor)?;
    let entry = flows::finish_sign_in(&*state.world, claim, &factor, &web::origin(&request)).await?;
    welcome(&state, StatusCode::OK, &entry)
}

/// Asks a passkey of who is in the midst of signing in.
#[utoipa::path(
    post, path = "/api/auth/second-factor/options", tag = "second factor",
    security(("bearer" = []), ("cookie" = [])),
    responses(
        (status = 200, body = QuestionBody),
        (status = 401, description = "Nobody is in the midst of signing in"),
        (status = 404, description = "They have no passkey"),
    ),
)]
pub(crate) async fn options(state: Data<ApiState>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let claim = claim(&state, &request)?;
    question(&flows::ask_second_factor(&*state.world, claim).await?)
}
