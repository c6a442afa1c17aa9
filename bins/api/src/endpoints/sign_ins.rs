//! `GET /api/auth/sessions`, ending one of them, and `POST /api/auth/token`.

use accounts::AccountSession;
use actix_web::{
    HttpRequest,
    web::{Data, Json, Path},
};
use flows::SignedIn;
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    account::{DONE, Done, SignedInBody, token_for},
    order::rfc3339,
};
use crate::{auth::Caller, problem::Problem, state::ApiState};

/// Where somebody is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
struct SignInBody {
    #[schema(example = "ses_0198c0ffee0070008000000000000001")]
    id: String,
    created_at: String,
    /// To the minute.
    last_seen_at: String,
    expires_at: String,
    ip: Option<String>,
    user_agent: Option<String>,
    /// The one that asks.
    current: bool,
}

/// Sign-ins.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Sessions {
    /// Always true.
    success: bool,
    sessions: Vec<SignInBody>,
}

fn body(session: AccountSession, who: &SignedIn) -> SignInBody {
    SignInBody {
        id: session.id.to_string(),
        created_at: rfc3339(session.created_at),
        last_seen_at: rfc3339(session.last_seen_at),
        expires_at: rfc3339(session.expires_at),
        ip: session.device.ip,
        user_agent: session.device.user_agent,
        current: who.session().is_ok_and(|own| own == session.id),
    }
}

/// Lists where the caller is signed in, the one that was used last first.
#[utoipa::path(
    get, path = "/api/auth/sessions", tag = "account",
    responses((status = 200, body = Sessions), (status = 401, description = "Nobody is signed in")),
)]
pub(crate) async fn list(state: Data<ApiState>, who: Caller) -> Result<Json<Sessions>, Problem> {
    let sessions = flows::sessions(&*state.world, &who).await?;
    let sessions = sessions.into_iter().map(|session| body(session, &who)).collect();
    Ok(Json(Sessions { success: true, sessions }))
}

/// Ends one of the caller's sign-ins.
#[utoipa::path(
    post, path = "/api/auth/sessions/{sessionId}/end", tag = "account",
    params(("sessionId" = String, Path, description = "From the list")),
    responses(
        (status = 200, body = Done),
        (status = 401, description = "Nobody is signed in"),
        (status = 404, description = "The caller has no such sign-in"),
    ),
)]
pub(crate) async fn end(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Caller,
    id: Path<String>,
) -> Result<Json<Done>, Problem> {
    let unknown = || Problem::not_found("There is no such sign-in.");
    let session = id.parse().map_err(|_| unknown())?;
    if flows::end_session(&*state.world, &who, session, &web::origin(&request)).await? {
        Ok(Json(DONE))
    } else {
        Err(unknown())
    }
}

/// The next bearer token of the same sign-in, for programs that work for longer than one lasts.
#[utoipa::path(
    post, path = "/api/auth/token", tag = "account",
    responses((status = 200, body = SignedInBody), (status = 401, description = "Nobody is signed in")),
)]
pub(crate) async fn token(state: Data<ApiState>, who: Caller) -> Result<Json<SignedInBody>, Problem> {
    Ok(Json(token_for(&state, &who)?))
}
