//! Who is calling, and whether they may: a bearer token or key from API clients, the cookie from pages.
//!
//! Every route is put behind [`guard`] with the access that it declares (`endpoints.rs`); handlers are given who was let in.

use std::{
    future::{Ready, ready},
    ops::Deref,
};

use accounts::{Access, AccessError, KEY_PREFIX, SessionClaim, SessionError, TokenHash};
use actix_web::{
    Error, FromRequest, HttpMessage as _, HttpRequest, ResponseError as _,
    body::BoxBody,
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web::Data,
};
use flows::{AccountError, Shop, SignedIn};
use secrecy::SecretString;

use crate::{
    csrf,
    problem::Problem,
    route::{CrossSite, On},
    state::ApiState,
};

/// Who was let in, for handlers.
#[derive(Clone)]
struct Admitted(Option<SignedIn>);

/// Refuses who may not do what a route does; whoever passes is remembered for its handler.
pub(crate) async fn guard(
    access: Access,
    on: &On,
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !on.takes(request.method()) {
        return next.call(request).await;
    }
    let state = request.app_data::<Data<ApiState>>().cloned();
    let state = state.ok_or_else(|| Problem::bug("a route without the state"))?;
    match admitted(&state, request.request(), (access, on.cross_site)).await {
        Ok(who) => {
            request.extensions_mut().insert(Admitted(who));
            next.call(request).await
        }
        Err(problem) => {
            // The older systems' clients look for `error`.
            let detail = problem.to_string();
            let answer = problem.with("error", detail).error_response();
            Ok(request.into_response(answer))
        }
    }
}

async fn admitted(
    state: &ApiState,
    request: &HttpRequest,
    (access, cross_site): (Access, CrossSite),
) -> Result<Option<SignedIn>, Problem> {
    if cross_site == CrossSite::Refused {
        csrf::same_site(state, request)?;
    }
    let who = if access.looks_up() { caller(state, request).await? } else { None };
    SignedIn::admit(who.as_ref(), access, state.world.env().now()).map_err(refusal)?;
    Ok(who)
}

fn refusal(error: AccessError) -> Problem {
    match error {
        AccessError::SignedOut => Problem::unauthenticated("Sign in to continue."),
        AccessError::ChangePassword => change_password(),
        AccessError::Hidden => {
            Problem::not_found("There is nothing at this address; GET /api/openapi.json lists what there is.")
        }
        AccessError::Forbidden
        | AccessError::OutOfScope(_)
        | AccessError::NoSession
        | AccessError::Acting
        | AccessError::AddFactor
        | AccessError::ProveAgain => error.into(),
    }
}

fn change_password() -> Problem {
    let text = "Choose a password of your own first: POST /api/auth/change-password.";
    Problem::new(StatusCode::FORBIDDEN, "password-change-required", text)
}

/// Who is calling; `None` is a guest. A bearer token that does not count is refused, for its sender means to be somebody;
/// a cookie that has outlived its sign-in makes a guest.
async fn caller(state: &ApiState, request: &HttpRequest) -> Result<Option<SignedIn>, Problem> {
    let (claim, from_cookie) = match bearer(request)? {
        Some(token) => (named(state, token), false),
        None => (state.cookie().claim(request), true),
    };
    let ended = || if from_cookie { Ok(None) } else { Err(Problem::unauthenticated("Sign in to continue.")) };
    let Some(claim) = claim else { return ended() };
    match flows::signed_in(&*state.world, claim).await {
        Ok(who) => Ok(Some(who)),
        Err(AccountError::Session(SessionError::SignedOut)) => ended(),
        // Half a sign-in is none; on its own step it is asked for by `claimed`.
        Err(AccountError::Session(SessionError::SecondFactorDue)) if from_cookie => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whoever calls, signed in or not, for routes that take both.
pub(crate) struct Guest(pub(crate) Option<SignedIn>);

impl FromRequest for Guest {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admitted = request.extensions().get::<Admitted>().cloned();
        ready(match admitted {
            Some(Admitted(who)) => Ok(Self(who)),
            None => Err(Problem::bug("a handler behind no guard")),
        })
    }
}

/// Somebody who was let in, on routes that ask for somebody.
pub(crate) struct Caller(SignedIn);

impl Deref for Caller {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let admitted = request.extensions().get::<Admitted>().cloned();
        ready(match admitted {
            Some(Admitted(Some(who))) => Ok(Self(who)),
            // The route declares less than its handler needs.
            Some(Admitted(None)) | None => {
                Err(Problem::bug("a handler that needs somebody behind a route that does not"))
            }
        })
    }
}

/// The sign-in that a request claims, whether it still counts or not.
pub(crate) fn claimed(state: &ApiState, request: &HttpRequest) -> Result<Option<SessionClaim>, Problem> {
    Ok(match bearer(request)? {
        Some(token) => named(state, token),
        None => state.cookie().claim(request),
    })
}

fn named(state: &ApiState, token: &str) -> Option<SessionClaim> {
    if token.starts_with(KEY_PREFIX) {
        return Some(SessionClaim::Key(TokenHash::of(&SecretString::from(token))));
    }
    state.tokens.read(token, state.world.env().now()).ok().map(SessionClaim::Named)
}

pub(crate) fn bearer(request: &HttpRequest) -> Result<Option<&str>, Problem> {
    let Some(value) = request.headers().get(header::AUTHORIZATION) else { return Ok(None) };
    let parts = value.to_str().ok().and_then(|text| text.trim().split_once(' '));
    let token = parts.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    token.map(Some).ok_or_else(|| Problem::unauthenticated("Authorization: expected Bearer and a token."))
}
