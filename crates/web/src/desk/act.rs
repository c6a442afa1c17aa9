//! What is done to an order from its page.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web::Path};
use kernel::{Failure as _, FailureKind, Id, entity};
use orders::OrderError;

use super::{Desk, order, words::Notice};
use crate::{
    answer::{PageError, see_other},
    pages::State,
    visitor::{Visitor, query, value},
};

/// Delivers an order again.
pub(crate) async fn retry_order<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = retried(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn retried<W: Desk>(state: &State<W>, request: &HttpRequest, path: &str) -> Result<HttpResponse, PageError> {
    let id: Id<entity::Order> = path.parse().map_err(|_| PageError::NotFound)?;
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    match flows::retry_order(state.world.db(), &mut state.world.env(), id, &who.actor()).await {
        Ok(()) => Ok(see_other(&format!("/desk/orders/{id}?done=retry"))),
        Err(OrderError::NotFound(_)) => Err(PageError::NotFound),
        Err(error) if error.kind() == FailureKind::Conflict => {
            let notice = Notice::refused(error.to_string());
            order::page(state, request, path, (StatusCode::CONFLICT, Some(notice))).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Has an event processed again and goes back to its order.
pub(crate) async fn replay_event<W: Desk>(state: State<W>, request: HttpRequest, path: Path<String>) -> HttpResponse {
    let result = replayed(&state, &request, &path).await;
    state.answer(&request, result)
}

async fn replayed<W: Desk>(state: &State<W>, request: &HttpRequest, event: &str) -> Result<HttpResponse, PageError> {
    let Visitor(Some(who)) = state.visitor(request).await? else { return Err(PageError::NotFound) };
    let order: Option<Id<entity::Order>> = value(&query(request), "order").parse().ok();
    if !flows::replay_event(state.world.db(), &mut state.world.env(), event, &who.actor()).await? {
        return Err(PageError::NotFound);
    }
    Ok(see_other(&order.map_or_else(|| "/desk".to_owned(), |order| format!("/desk/orders/{order}?done=replay"))))
}
