//! `/api/auth/passkeys…`: adding, renaming and removing passkeys, and signing in with one.

use accounts::PasskeyAnswer;
use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    web::{Data, Json, Path, Payload},
};
use flows::PasskeyQuestion;
use kernel::{Id, entity};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{
    account::{DONE, Done, SignedInBody, welcome},
    second_factor::CodesBody,
};
use crate::{auth::Caller, body::Fields, detached::detached, problem::Problem, state::ApiState};

/// What the browser is asked to do.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(super) struct QuestionBody {
    /// Sent back with the answer. It counts once, for five minutes.
    #[schema(example = "chl_0198c0ffee0070008000000000000001")]
    challenge: String,
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` or `parseRequestOptionsFromJSON`.
    #[schema(value_type = Object)]
    public_key: Value,
}

/// The answer to who asks for a question.
pub(super) fn question(question: &PasskeyQuestion) -> Result<HttpResponse, Problem> {
    let read =
        |text| serde_json::from_str::<Value>(text).ok().and_then(|mut value| Some(value.get_mut("publicKey")?.take()));
    let public_key = read(&question.options).ok_or_else(|| Problem::bug("a passkey's options cannot be read"))?;
    let body = QuestionBody { challenge: question.challenge.to_string(), public_key };
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(body))
}

/// What the browser answered.
#[derive(Debug, ToSchema)]
pub(super) struct PasskeyAnswerBody {
    /// From the question.
    #[schema(example = "chl_0198c0ffee0070008000000000000001", value_type = String)]
    challenge: Id<entity::PasskeyChallenge>,
    /// The credential's `toJSON()`.
    #[schema(value_type = Object)]
    credential: String,
}

impl PasskeyAnswerBody {
    /// The answer's members; `None` when something is wrong with them, which is noted.
    pub(super) fn take(fields: &mut Fields) -> Option<PasskeyAnswer> {
        let parse = |text: &str| text.parse().map_err(|_| "expected the challenge from the question");
        let challenge = fields.required_parsed(&["challenge"], "\"chl_…\"", parse);
        let credential = fields.object("credential", "{\"id\": …, \"response\": …}");
        let body = challenge.zip(credential).map(|(challenge, credential)| Self { challenge, credential })?;
        Some(PasskeyAnswer { challenge: body.challenge, answer: body.credential })
    }
}

/// A new passkey.
#[derive(Debug, ToSchema)]
pub(super) struct NewPasskeyBody {
    /// From the question.
    #[schema(example = "chl_0198c0ffee0070008000000000000001", value_type = String)]
    challenge: Id<entity::PasskeyChallenge>,
    /// The credential's `toJSON()`.
    #[schema(value_type = Object)]
    credential: String,
    /// What its owner calls it: up to 60 characters.
    #[schema(example = "My phone")]
    name: Option<String>,
}

impl NewPasskeyBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let name = fields.text(&["name"], "\"My phone\"");
        let answer = PasskeyAnswerBody::take(fields);
        let whole = answer.map(|answer| Self { challenge: answer.challenge, credential: answer.answer, name });
        fields.finish_with(whole)
    }
}

/// Another name.
#[derive(Debug, ToSchema)]
pub(super) struct NameBody {
    /// Up to 60 characters; without one it is «Passkey».
    #[schema(example = "My phone")]
    name: Option<String>,
}

impl NameBody {
    fn take(fields: &mut Fields) -> Result<Self, Problem> {
        let name = fields.text(&["name"], "\"My phone\"");
        fields.finish_with(Some(Self { name }))
    }
}

/// Asks the browser to make a passkey.
#[utoipa::path(
    post, path = "/api/auth/passkeys/options", tag = "second factor",
    responses(
        (status = 200, body = QuestionBody),
        (status = 403, description = "The last proof is older than ten minutes: POST /api/auth/prove"),
        (status = 409, description = "There are 20 already, or the shop's address has no passkeys (PUBLIC_SITE_URL)"),
    ),
)]
pub(crate) async fn options(state: Data<ApiState>, who: Caller) -> Result<HttpResponse, Problem> {
    question(&flows::ask_new_passkey(&*state.world, &who).await?)
}

/// Adds the passkey that the browser made. Every other sign-in ends. With the first factor come recovery codes.
#[utoipa::path(
    post, path = "/api/auth/passkeys", tag = "second factor", request_body = NewPasskeyBody,
    responses(
        (status = 200, body = CodesBody),
        (status = 400, description = "It was not accepted"),
        (status = 403, description = "The last proof is older than ten minutes: POST /api/auth/prove"),
    ),
)]
pub(crate) async fn add(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    payload: Payload,
) -> Result<Json<CodesBody>, Problem> {
    let NewPasskeyBody { challenge, credential, name } =
        NewPasskeyBody::take(&mut Fields::read(&request, payload).await?)?;
    let answer = PasskeyAnswer { challenge, answer: credential };
    let (world, origin) = (state.world.clone(), web::origin(&request));
    let name = name.unwrap_or_default();
    let work = async move { flows::add_passkey(&*world, &who, (&answer, &name), &origin).await };
    Ok(Json(detached(work).await??.into()))
}

fn id(path: &str) -> Result<Id<entity::Passkey>, Problem> {
    path.parse().map_err(|_| accounts::FactorError::NoSuchFactor.into())
}

/// Calls a passkey something else.
#[utoipa::path(
    post, path = "/api/auth/passkeys/{passkeyId}/rename", tag = "second factor", request_body = NameBody,
    params(("passkeyId" = String, Path, description = "From the list")),
    responses(
        (status = 200, body = Done),
        (status = 400, description = "The name is too long"),
        (status = 404, description = "The caller has no such passkey"),
    ),
)]
pub(crate) async fn rename(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    (path, payload): (Path<String>, Payload),
) -> Result<Json<Done>, Problem> {
    let NameBody { name } = NameBody::take(&mut Fields::read(&request, payload).await?)?;
    flows::rename_passkey(&*state.world, &who, id(&path)?, &name.unwrap_or_default()).await?;
    Ok(Json(DONE))
}

/// Removes a passkey. Every other sign-in ends.
#[utoipa::path(
    post, path = "/api/auth/passkeys/{passkeyId}/remove", tag = "second factor",
    params(("passkeyId" = String, Path, description = "From the list")),
    responses(
        (status = 200, body = Done),
        (status = 403, description = "The last proof is older than ten minutes: POST /api/auth/prove"),
        (status = 404, description = "The caller has no such passkey"),
    ),
)]
pub(crate) async fn remove(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    path: Path<String>,
) -> Result<Json<Done>, Problem> {
    flows::remove_passkey(&*state.world, &who, id(&path)?, &web::origin(&request)).await?;
    Ok(Json(DONE))
}

/// Asks for any passkey of this shop, for signing in.
#[utoipa::path(
    post, path = "/api/auth/passkeys/sign-in/options", tag = "second factor",
    responses(
        (status = 200, body = QuestionBody),
        (status = 409, description = "The shop's address has no passkeys (PUBLIC_SITE_URL)"),
        (status = 429, description = "Tried too often; see Retry-After"),
    ),
)]
pub(crate) async fn sign_in_options(state: Data<ApiState>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    question(&flows::ask_sign_in(&*state.world, &web::origin(&request)).await?)
}

/// Signs in with a passkey and nothing else.
#[utoipa::path(
    post, path = "/api/auth/passkeys/sign-in", tag = "second factor", request_body = PasskeyAnswerBody,
    responses((status = 200, body = SignedInBody), (status = 400, description = "It was not accepted")),
)]
pub(crate) async fn sign_in(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let mut fields = Fields::read(&request, payload).await?;
    let answer = PasskeyAnswerBody::take(&mut fields);
    let answer = fields.finish_with(answer)?;
    let entry = flows::sign_in_with_passkey(&*state.world, &answer, &web::origin(&request)).await?;
    welcome(&state, StatusCode::OK, &entry)
}
