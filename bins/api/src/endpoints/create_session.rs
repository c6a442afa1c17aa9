//! `POST /api/checkout/create-session`: from a plan to a payment page, for guests and for those who are signed in.

mod key;
mod request;

use actix_web::{
    HttpRequest,
    web::{Data, Json, Payload},
};
use flows::{CreateSessionError, SignedIn};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::Guest,
    body::Fields,
    detached::detached,
    problem::{Problem, SeedError},
    state::ApiState,
};
use request::CheckoutBody;

/// Where to pay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub(crate) struct SessionCreated {
    /// Always true.
    success: bool,
    /// The payment page.
    url: String,
    /// Stripe's session, or an id of our own where nothing is to be paid.
    session_id: String,
    /// The order.
    #[schema(example = "ord_0198c0ffee0070008000000000000001")]
    order_id: String,
}

/// Makes an order and its payment page.
///
/// Guests send `customer`; whoever is signed in orders for their account. Both spellings of a member are taken:
/// `planId` or `plan_id`, `billingCycle` or `term`. With an `Idempotency-Key` the same request makes one order, however
/// often it is sent.
#[utoipa::path(
    post, path = "/api/checkout/create-session", tag = "shop", request_body = CheckoutBody,
    params(("Idempotency-Key" = Option<String>, Header, description = "1 to 255 visible ASCII characters")),
    responses(
        (status = 200, body = SessionCreated),
        (status = 400, description = "Something is wrong with the request; `error` says what"),
        (status = 401, description = "The token does not count, or a guest sent no `customer`"),
        (status = 409, description = "The plan is sold out, the key was used for another request, or its order is closed; `code` says which"),
        (status = 429, description = "Tried too often; see Retry-After"),
        (status = 502, description = "The payment provider refused; `orderId` is kept and says why"),
        (status = 503, description = "The payment provider or the database is away; see Retry-After"),
    ),
)]
pub(crate) async fn create(
    state: Data<ApiState>,
    request: HttpRequest,
    who: Guest,
    payload: Payload,
) -> Result<Json<SessionCreated>, SeedError> {
    let mut fields = Fields::read(&request, payload).await?;
    let who = who.0;
    let asked = CheckoutBody::take(&mut fields, who.is_none())?;
    let scope = who.as_ref().map(|who: &SignedIn| who.user.id);
    let mut checkout = asked.into_checkout(who.as_ref())?;
    checkout.client_key = key::client_key(&request, scope, &checkout)?;
    let (world, origin) = (state.world.clone(), web::origin(&request));
    let started = detached(async move { flows::check_out(&*world, checkout, who.as_ref(), &origin).await }).await?;
    let started = started.map_err(refusal)?;
    Ok(Json(SessionCreated {
        success: true,
        url: started.url,
        session_id: started.session,
        order_id: started.order.to_string(),
    }))
}

/// A gateway's failure names the order that is kept; the flow has logged it and noted it there.
fn refusal(error: CreateSessionError) -> Problem {
    if let CreateSessionError::Gateway { order, .. } = &error {
        let text = format!("{error}. Nothing was charged; send the request again to try again.");
        return Problem::shown(&error, text).with("orderId", order.to_string());
    }
    error.into()
}

#[cfg(test)]
pub(super) fn read_guest(fields: &mut Fields) -> Result<checkout::CheckoutRequest, Problem> {
    CheckoutBody::take(fields, true)?.into_checkout(None)
}
