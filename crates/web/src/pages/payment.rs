//! `GET /orders/{order}/pay`: leads on to the payment page.
//!
//! A page of our own in between, because a browser applies the checkout page's `form-action` to where its form is
//! redirected, and the payment page may be on any host. It works without JavaScript, and the way back from the payment
//! page leads to the checkout form, not into a circle.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use orders::OrderState;
use serde::Serialize;

use super::{State, order::order_link};
use crate::{
    answer::{Keep, PageError, see_other},
    head::Head,
    reads,
    say::{Fill, say},
    site::Site,
};

#[derive(Debug, Serialize)]
pub(crate) struct ToPayment {
    pub(crate) url: String,
    pub(crate) plan_name: String,
    pub(crate) due: Fill,
}

pub(crate) async fn lead_on<W: Site>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = page(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn page<W: Site>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let named = order_link(state, path)?;
    let facts = reads::order_facts(&*state.world, named.order).await?.ok_or(PageError::NotFound)?;
    let visitor = state.visitor(request).await?;
    if visitor.is_stranger_to(facts.order.buyer.customer) {
        return Err(PageError::NotFound);
    }
    let owner = visitor.customer().is_some() && visitor.customer() == facts.order.buyer.customer;
    if !named.signed && !owner {
        return Ok(see_other(&format!("/orders/{}", named.order)));
    }
    let open = facts.session.and_then(|session| session.url).filter(|_| facts.order.state == OrderState::Pending);
    let Some(url) = open.filter(|url| url.starts_with("https://") || url.starts_with("http://")) else {
        return Ok(see_other(&state.world.links().order_path(named.order)));
    };
    let line = &facts.order.line;
    let view = ToPayment { url: url.clone(), plan_name: line.plan_name.clone(), due: line.due_now.into() };
    let head = Head { go_to: Some(url), ..Head::narrow(say("payment-title"), &visitor) };
    state.page("to_payment", &head, &view, (StatusCode::OK, Keep::Never))
}
