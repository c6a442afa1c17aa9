//! Requests that another site's page makes with our cookie are refused.
//!
//! The cookie is `SameSite=Lax` and every POST must be JSON, which a form cannot send; this is the third fence, for
//! browsers and proxies that weaken the first two. A bearer token is never sent by itself, so it needs none of this.

use actix_web::{
    HttpRequest,
    http::{
        StatusCode,
        header::{self, HeaderName},
    },
};

use crate::{problem::Problem, state::ApiState};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Checks a request that changes something.
pub(crate) fn same_site(state: &ApiState, request: &HttpRequest) -> Result<(), Problem> {
    let bearer = request.headers().contains_key(header::AUTHORIZATION);
    if bearer || state.cookie().claim(request).is_none() {
        return Ok(());
    }
    let text = |name: HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let trusted = match (text(header::ORIGIN), text(FETCH_SITE)) {
        (_, Some("same-origin" | "none")) | (None, None) => true,
        (Some(origin), _) => state.own_origin(origin, text(header::HOST)) || state.origins.allow(origin),
        (None, Some(_)) => false,
    };
    if trusted {
        return Ok(());
    }
    let text = "This request comes from another site's page. If that site is yours, add it to CORS_ALLOWED_ORIGINS.";
    Err(Problem::new(StatusCode::FORBIDDEN, "cross-origin", text))
}
