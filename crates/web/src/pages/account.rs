//! `/account`: what the customer has, and where they are signed in.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};

use super::{State, mailed::read};
use crate::{
    answer::{Keep, PageError, see_other},
    head::Head,
    origin::origin,
    site::Site,
    views,
    visitor::{Parameters, Visitor, value},
};

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

async fn page<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let services = state.world.services(who.customer.id).await?;
    let orders = state.world.orders(who.customer.id).await?;
    let sessions = flows::sessions(&*state.world, &who).await?;
    let view = views::account::account(&who, &services, &orders, &sessions);
    let head = Head::new("Your account", &Visitor(Some(who)));
    state.page("account", &head, &view, (StatusCode::OK, Keep::Never))
}

/// Ends one of the customer's sign-ins. One that is not theirs is no other than one that there is not.
pub(crate) async fn end_session<W: Site>(
    state: State<W>,
    request: HttpRequest,
    form: Result<Form<Parameters>, actix_web::Error>,
) -> HttpResponse {
    let result = match read(form) {
        Ok(form) => ended(&state, &request, &form).await,
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}

async fn ended<W: Site>(state: &State<W>, request: &HttpRequest, form: &Parameters) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let session = value(form, "session").parse().map_err(|_| PageError::NotFound)?;
    match flows::end_session(&*state.world, &who, session, &origin(request)).await? {
        true if session == who.session => Ok(state.farewell("/")),
        true => Ok(see_other("/account")),
        false => Err(PageError::NotFound),
    }
}

/// Signs the customer out everywhere, here too.
pub(crate) async fn end_all<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = match state.customer(&request).await {
        Ok(who) => match flows::sign_out_everywhere(&*state.world, &who, &origin(&request)).await {
            Ok(()) => Ok(state.farewell("/login")),
            Err(error) => Err(error.into()),
        },
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}
