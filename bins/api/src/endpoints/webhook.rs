//! `POST /api/webhooks/stripe`, and the game shop's older path: takes what Stripe sends.
//!
//! Verified on the raw body before anything else is looked at; then one statement stores the event and its job, and the
//! answer is 200. What it means is found out by the worker.

use actix_web::{
    HttpRequest,
    web::{Data, Json, Payload},
};
use checkout::Taken;
use flows::Shop;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    body,
    detached::detached,
    problem::{Problem, SeedError},
    state::ApiState,
};

/// The largest event: 1 MiB. Stripe's own stay below 256 KB.
const LIMIT: usize = 1 << 20;

/// The event is on record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Received {
    /// Always true.
    received: bool,
}

/// Takes an event of Stripe's.
#[utoipa::path(
    post, path = "/api/webhooks/stripe", tag = "webhooks",
    params(("Stripe-Signature" = String, Header, description = "Made by Stripe with the webhook's secret")),
    responses(
        (status = 200, body = Received, description = "Stored, now or before"),
        (status = 400, description = "The signature is missing or wrong; nothing was stored"),
        (status = 413, description = "Larger than 1 MiB"),
        (status = 503, description = "The database is away; Stripe sends it again"),
    ),
)]
pub(crate) async fn receive(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<Received>, SeedError> {
    let body = body::read(payload, LIMIT).await?;
    verify(&state, &request, &body)?;
    let world = state.world.clone();
    let (event, taken) = detached(async move { flows::take_event(&*world, &body).await }).await??;
    match taken {
        Taken::New => state.webhooks.received(),
        Taken::Duplicate => state.webhooks.duplicate(),
    }
    tracing::debug!(event.id = event, duplicate = taken == Taken::Duplicate, "took an event");
    Ok(Json(Received { received: true }))
}

/// The same, at the game shop's path.
#[utoipa::path(
    post, path = "/api/stripe/webhook", tag = "webhooks",
    params(("Stripe-Signature" = String, Header, description = "Made by Stripe with the webhook's secret")),
    responses((status = 200, body = Received, description = "As POST /api/webhooks/stripe")),
)]
pub(crate) async fn receive_at_older_path(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<Received>, SeedError> {
    receive(state, request, payload).await
}

fn verify(state: &ApiState, request: &HttpRequest, body: &[u8]) -> Result<(), Problem> {
    let header = request.headers().get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    state.secrets.verify(header, body, state.world.env().now()).map_err(|error| {
        state.webhooks.rejected();
        // Neither the body nor the header: a forger must not be able to write into the log.
        tracing::warn!(reason = %error, body.bytes = body.len(), "refused a webhook");
        error.into()
    })
}
