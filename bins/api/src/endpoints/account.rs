//! What the sign-in endpoints have in common: the answer, with its token and cookie.

use actix_web::{HttpResponse, http::StatusCode};
use flows::{Shop, SignedIn};
use infra::tokens::TOKEN_HOURS;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{cookie, problem::Problem, state::ApiState};

/// Who is signed in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(super) struct UserBody {
    #[schema(example = "usr_0198c0ffee0070008000000000000001")]
    id: String,
    email: String,
    name: String,
    /// Only `me`, `logout` and `change-password` work until it is changed.
    must_change_password: bool,
}

impl From<&SignedIn> for UserBody {
    fn from(who: &SignedIn) -> Self {
        Self {
            id: who.user.id.to_string(),
            email: who.user.email.to_string(),
            name: who.customer.name.clone(),
            must_change_password: who.user.must_change_password,
        }
    }
}

/// A sign-in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignedInBody {
    /// Always true.
    success: bool,
    /// For the header `Authorization: Bearer …`; browsers have it in a cookie too.
    token: String,
    user: UserBody,
}

/// The answer to somebody who has just signed in.
pub(super) fn welcome(state: &ApiState, status: StatusCode, who: &SignedIn) -> Result<HttpResponse, Problem> {
    let now = state.world.env().now();
    let token = state.tokens.issue(who.session, who.user.id, now)?;
    let max_age_s = TOKEN_HOURS * 3600;
    let cookie = cookie::set(&token, max_age_s, state.secure_cookies());
    let body = SignedInBody { success: true, token, user: UserBody::from(who) };
    Ok(HttpResponse::build(status).insert_header(cookie).json(body))
}
