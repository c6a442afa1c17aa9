//! What the endpoints of accounts have in common: their answers, with token and cookie.

use accounts::FACTOR_DUE;
use actix_web::{HttpResponse, http::StatusCode};
use flows::{NewSession, Shop, SignedIn};
use infra::tokens::TOKEN_MINUTES;
use kernel::{Id, entity};
use secrecy::SecretString;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{problem::Problem, state::ApiState};

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(super) struct UserBody {
    #[schema(example = "usr_0198c0ffee0070008000000000000001")]
    id: String,
    email: String,
    name: String,
    /// customer, support, billing or admin.
    role: &'static str,
    /// Whether somebody of the shop acts in the customer's place.
    acted_for: bool,
    /// Only `me`, `logout` and `change-password` work until it is changed.
    must_change_password: bool,
}

impl From<&SignedIn> for UserBody {
    fn from(who: &SignedIn) -> Self {
        Self {
            id: who.user.id.to_string(),
            email: who.user.email.to_string(),
            name: who.customer.name.clone(),
            role: who.user.role.as_str(),
            acted_for: who.means.acted_by().is_some(),
            must_change_password: who.user.must_change_password,
        }
    }
}

/// A sign-in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(super) struct SignedInBody {
    /// Always true.
    success: bool,
    /// For the header `Authorization: Bearer …`. Browsers have a cookie instead.
    token: String,
    /// Seconds until the token ends; `POST /api/auth/token` gives the next one before.
    expires_in: i64,
    user: UserBody,
}

/// It is done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Done {
    /// Always true.
    success: bool,
}

/// It is done.
pub(super) const DONE: Done = Done { success: true };

/// It was asked for, and a mail answers it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Asked {
    /// Always true.
    success: bool,
    /// A sentence for people.
    #[schema(example = "Look into your mail.")]
    message: &'static str,
}

/// The answer to what a mail answers: the same whatever comes of it.
pub(super) fn asked(message: &'static str) -> HttpResponse {
    HttpResponse::Accepted().json(Asked { success: true, message })
}

/// The answer to somebody who is signed in: their next bearer token.
pub(super) fn token_for(state: &ApiState, who: &SignedIn) -> Result<SignedInBody, Problem> {
    let token = state.tokens.issue(who.session()?, who.user.id, state.world.env().now())?;
    Ok(SignedInBody { success: true, token, expires_in: TOKEN_MINUTES * 60, user: UserBody::from(who) })
}

/// The answer to somebody who has just signed in.
pub(super) fn welcome(state: &ApiState, status: StatusCode, session: &NewSession) -> Result<HttpResponse, Problem> {
    let body = token_for(state, &session.who)?;
    Ok(HttpResponse::build(status).insert_header(state.cookie().set(session)).json(body))
}

/// Half a sign-in: the password was right.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(super) struct HalfBody {
    /// Always true.
    success: bool,
    /// Always true: `POST /api/auth/second-factor/verify` comes next.
    second_factor_required: bool,
    /// For the header `Authorization: Bearer …` of that call. Browsers have a cookie instead.
    token: String,
    /// Seconds until it ends.
    expires_in: i64,
}

/// The answer to somebody whose second factor is still to come.
pub(super) fn half(
    state: &ApiState,
    (user, session): (Id<entity::User>, Id<entity::Session>),
    token: &SecretString,
) -> Result<HttpResponse, Problem> {
    let bearer = state.tokens.issue(session, user, state.world.env().now())?;
    let expires_in = FACTOR_DUE.num_seconds();
    let body = HalfBody { success: true, second_factor_required: true, token: bearer, expires_in };
    Ok(HttpResponse::Ok().insert_header(state.cookie().set_half(token)).json(body))
}
