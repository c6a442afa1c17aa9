//! `GET /api/checkout/session/{sessionId}`: what a payment session is for and how it stands.

use accounts::Permission;
use actix_web::web::{Data, Json, Path};
use flows::{Shop, SignedIn};
use infra::queries;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    auth::Guest,
    problem::{Problem, SeedError},
    state::ApiState,
};

/// A payment session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SessionAnswer {
    /// Always true.
    success: bool,
    session: SessionBody,
}

#[derive(Debug, Serialize, ToSchema)]
struct SessionBody {
    /// Of our record of it.
    id: String,
    /// Stripe's id.
    stripe_session_id: String,
    email: String,
    #[schema(example = "starter")]
    product_code: String,
    #[schema(example = "monthly")]
    billing_cycle: String,
    /// What is charged at once, in minor units.
    #[schema(example = 719)]
    amount: i64,
    #[schema(example = "USD")]
    currency: String,
    /// created, completed or expired.
    status: String,
    /// The order that it pays.
    order_id: String,
}

/// Shows a session to whoever has its id.
#[utoipa::path(
    get, path = "/api/checkout/session/{sessionId}", tag = "shop",
    params(("sessionId" = String, Path, description = "From create-session")),
    responses((status = 200, body = SessionAnswer), (status = 404, description = "There is no such session")),
)]
pub(crate) async fn show(
    state: Data<ApiState>,
    who: Guest,
    id: Path<String>,
) -> Result<Json<SessionAnswer>, SeedError> {
    let unknown = || Problem::not_found("There is no such checkout session.");
    // What can be no id is not asked for: the database refuses some texts (a NUL character).
    let plausible = id.len() <= 255 && id.bytes().all(|byte| byte.is_ascii_graphic());
    if !plausible {
        return Err(unknown().into());
    }
    let view = queries::checkout_session(state.world.db(), &id).await?.ok_or_else(unknown)?;
    // Whoever is signed in reaches what is theirs.
    let anothers = |who: &SignedIn| view.customer.is_some_and(|owner| owner != who.customer.id);
    let foreign = |who: SignedIn| anothers(&who) && !who.user.role.may(Permission::SeeOrders);
    if who.0.is_some_and(foreign) {
        return Err(unknown().into());
    }
    Ok(Json(SessionAnswer {
        success: true,
        session: SessionBody {
            id: view.id.to_string(),
            stripe_session_id: view.stripe_session_id,
            email: view.email,
            product_code: view.product_code,
            billing_cycle: view.billing_cycle,
            amount: view.amount,
            currency: view.currency,
            status: view.status,
            order_id: view.order_id.to_string(),
        },
    }))
}
