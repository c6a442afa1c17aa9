//! `GET /account`: what the customer has.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};

use super::State;
use crate::{
    answer::{Keep, PageError},
    head::Head,
    site::Site,
    views,
    visitor::Visitor,
};

pub(crate) async fn show<W: Site>(state: State<W>, request: HttpRequest) -> HttpResponse {
    let result = page(&state, &request).await;
    state.answer(&request, result)
}

async fn page<W: Site>(state: &State<W>, request: &HttpRequest) -> Result<HttpResponse, PageError> {
    let who = state.customer(request).await?;
    let services = state.world.services(who.customer.id).await?;
    let orders = state.world.orders(who.customer.id).await?;
    let view = views::account::account(&who, &services, &orders);
    let head = Head::new("Your account", &Visitor(Some(who)));
    state.page("account", &head, &view, (StatusCode::OK, Keep::Never))
}
