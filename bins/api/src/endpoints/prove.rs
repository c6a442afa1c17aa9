//! `POST /api/auth/prove`: a fresh proof of who is there, before something dangerous.

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Payload},
};
use flows::Proof;
use secrecy::SecretString;
use utoipa::ToSchema;

use super::{
    account::{SignedInBody, welcome},
    passkeys::{PasskeyAnswerBody, QuestionBody, question},
    verify::take_factor,
};
use crate::{auth::Caller, body::Fields, detached::detached, problem::Problem, state::ApiState};

/// The password with the second factor of who has one, or a passkey's answer.
#[derive(Debug, ToSchema)]
#[allow(dead_code, reason = "it says in the document what the body may hold")]
pub(super) struct ProofBody {
    password: Option<String>,
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

impl ProofBody {
    fn take(fields: &mut Fields) -> Result<Proof, Problem> {
        if !fields.has(&["password"]) && fields.has(&["challenge", "credential"]) {
            let answer = PasskeyAnswerBody::take(fields);
            return fields.finish_with(answer.map(Proof::Passkey));
        }
        let password: Option<SecretString> = fields.secret("password");
        let factor = if fields.has(&["code"]) { take_factor(fields) } else { None };
        fields.finish_with(password.map(|password| Proof::Password { password, factor }))
    }
}

/// Proves anew who is there. For ten minutes dangerous acts are open to this sign-in; its browser is given a new cookie.
#[utoipa::path(
    post, path = "/api/auth/prove", tag = "account", request_body = ProofBody,
    responses(
        (status = 200, body = SignedInBody),
        (status = 400, description = "The password or the second factor is wrong"),
        (status = 401, description = "Nobody is signed in"),
    ),
)]
pub(crate) async fn prove(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let proof = ProofBody::take(&mut Fields::read(&request, payload).await?)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    let work = async move { flows::prove(&*world, &who, &proof, &origin).await };
    let entry = detached(work).await??;
    welcome(&state, StatusCode::OK, &entry)
}

/// Asks a passkey of who is signed in.
#[utoipa::path(
    post, path = "/api/auth/prove/options", tag = "account",
    responses(
        (status = 200, body = QuestionBody),
        (status = 401, description = "Nobody is signed in"),
        (status = 404, description = "They have no passkey"),
    ),
)]
pub(crate) async fn options(state: Data<ApiState>, who: Caller) -> Result<HttpResponse, Problem> {
    question(&flows::ask_proof(&*state.world, &who).await?)
}
