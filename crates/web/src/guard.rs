//! What stands before every page: where its form came from, who looks, and whether they may.

use accounts::{Access, AccessError};
use actix_web::{
    Error, HttpMessage as _, HttpRequest,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web::Data,
};
use flows::SignedIn;

use crate::{answer::PageError, same_origin, site::Site, state::WebState, visitor::Visitor};

/// Refuses who may not have a page; whoever passes is remembered for its handler.
pub(crate) async fn admitted<W: Site>(
    (access, methods): (Access, &'static str),
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !methods.split(", ").any(|method| method == request.method().as_str()) {
        return next.call(request).await;
    }
    let Some(state) = request.app_data::<Data<WebState<W>>>().cloned() else {
        return Err(actix_web::error::ErrorInternalServerError("a page without the state"));
    };
    match visitor(&state, request.request(), access).await {
        Ok(visitor) => {
            request.extensions_mut().insert(visitor);
            next.call(request).await
        }
        Err(error) => {
            let answer = state.answer(request.request(), Err(error));
            Ok(request.into_response(answer))
        }
    }
}

async fn visitor<W: Site>(state: &WebState<W>, request: &HttpRequest, access: Access) -> Result<Visitor, PageError> {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    if !safe && !same_origin::is_own(request, &state.world.links().site) {
        tracing::warn!(http.route = request.match_pattern().unwrap_or_default(), "a form of another site was refused");
        return Err(PageError::ForeignForm);
    }
    let visitor = if access.looks_up() { state.look_up(request).await? } else { Visitor(None) };
    match SignedIn::admit(visitor.0.as_ref(), access, state.world.env().now()) {
        Ok(()) => Ok(visitor),
        Err(error) => Err(refusal(error, request)),
    }
}

fn refusal(error: AccessError, request: &HttpRequest) -> PageError {
    // Where they come back to: what they looked at, with what its link carried. A form that was sent is gone.
    let uri = request.uri();
    let back = match uri.path_and_query().filter(|_| *request.method() != Method::POST) {
        Some(whole) => whole.as_str().to_owned(),
        None => uri.path().to_owned(),
    };
    match error {
        AccessError::SignedOut => PageError::SignIn(back),
        AccessError::ChangePassword => PageError::ChangePassword,
        AccessError::AddFactor => PageError::AddFactor,
        AccessError::ProveAgain => PageError::Prove(back),
        AccessError::Acting => PageError::Acting,
        AccessError::Hidden => PageError::NotFound,
        AccessError::Forbidden | AccessError::OutOfScope(_) | AccessError::NoSession => PageError::Forbidden,
    }
}
