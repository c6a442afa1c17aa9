//! `/account`: what the customer has, and where they are signed in.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Form};
use flows::StaffError;

use super::{State, mailed::read};
use crate::{
    answer::{Keep, PageError, see_other},
    head::Head,
    origin::origin,
    say::say,
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
    // Where a customer is signed in is nobody else's affair.
    let own = who.means.acted_by().is_none();
    let sessions = if own { flows::sessions(&*state.world, &who).await? } else { Vec::new() };
    let view = views::account::account(&who, &services, &orders, &sessions);
    let head = Head::account(say("account-title"), &Visitor(Some(who)), "services");
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
        true if who.session().is_ok_and(|own| own == session) => Ok(state.farewell("/")),
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

/// Ends acting in a customer's place; whoever did signs in as themselves again.
pub(crate) async fn stop_acting<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = match state.visitor(&request).await {
        Ok(Visitor(Some(who))) => match flows::stop_acting(&*state.world, &who, &origin(&request)).await {
            Ok(()) => Ok(state.farewell("/login")),
            Err(StaffError::NotActing) => Ok(see_other("/account")),
            Err(error) => Err(error.into()),
        },
        Ok(Visitor(None)) => Ok(see_other("/login")),
        Err(error) => Err(error),
    };
    state.answer(&request, result)
}
