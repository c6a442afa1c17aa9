//! Who is calling: a bearer token from API clients, the cookie from pages.

use accounts::{SessionClaim, SessionError};
use actix_web::{
    HttpRequest,
    http::{StatusCode, header},
};
use flows::{AccountError, Shop, SignedIn};

use crate::{problem::Problem, state::ApiState};

/// Who is calling; `None` is a guest. A bearer token that does not count is refused, for its sender means to be somebody;
/// a cookie that has outlived its sign-in makes a guest.
pub(crate) async fn caller(state: &ApiState, request: &HttpRequest) -> Result<Option<SignedIn>, Problem> {
    let (claim, from_cookie) = match bearer(request)? {
        Some(token) => (named(state, token), false),
        None => (state.cookie().claim(request), true),
    };
    let ended = || if from_cookie { Ok(None) } else { Err(Problem::unauthenticated("Sign in to continue.")) };
    let Some(claim) = claim else { return ended() };
    match flows::signed_in(&*state.world, claim).await {
        Ok(who) => Ok(Some(who)),
        Err(AccountError::Session(SessionError::SignedOut)) => ended(),
        Err(error) => Err(error.into()),
    }
}

/// Somebody who is signed in, also with a temporary password.
pub(crate) async fn signed_in(state: &ApiState, request: &HttpRequest) -> Result<SignedIn, Problem> {
    let who = caller(state, request).await?;
    who.ok_or_else(|| Problem::unauthenticated("Sign in to continue."))
}

/// Somebody who is signed in and need not change their password first.
pub(crate) async fn customer(state: &ApiState, request: &HttpRequest) -> Result<SignedIn, Problem> {
    settled(signed_in(state, request).await?)
}

/// Refuses those who must change their password first.
pub(crate) fn settled(who: SignedIn) -> Result<SignedIn, Problem> {
    if who.user.must_change_password {
        let text = "Choose a password of your own first: POST /api/auth/change-password.";
        return Err(Problem::new(StatusCode::FORBIDDEN, "password-change-required", text));
    }
    Ok(who)
}

/// The sign-in that a request claims, whether it still counts or not.
pub(crate) fn claimed(state: &ApiState, request: &HttpRequest) -> Result<Option<SessionClaim>, Problem> {
    Ok(match bearer(request)? {
        Some(token) => named(state, token),
        None => state.cookie().claim(request),
    })
}

fn named(state: &ApiState, token: &str) -> Option<SessionClaim> {
    state.tokens.read(token, state.world.env().now()).ok().map(SessionClaim::Named)
}

fn bearer(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let parts = value.to_str().ok().and_then(|text| text.trim().split_once(' '));
    let token = parts.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    token.map(Some).ok_or_else(|| Problem::unauthenticated("Authorization: expected Bearer and a token."))
}
