//! `POST /api/webhooks/stripe`, and the game shop's older path: takes what Stripe sends.
//!
//! Verified on the raw body before anything else is looked at, and what its header rules out before there is a body; then
//! the event and its job are stored, together with those of others who came at the same time, and the
//! answer is 200. What it means is found out by the worker.

use actix_web::{
    HttpRequest, ResponseError,
    http::StatusCode,
    web::{Data, Json, Payload},
};
use checkout::Taken;
use flows::Shop;
use infra::stripe::SignatureError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    body,
    detached::detached,
    problem::{Problem, SeedError},
    secrets::WebhookSecrets,
    state::ApiState,
    webhooks::Refusal,
};

/// The largest event: 256 KiB.
const LIMIT: usize = 256 << 10;

/// The event is on record.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Received {
    /// Always true.
    received: bool,
}

/// Takes an event of Stripe's.
#[utoipa::path(
    post, path = "/api/webhooks/stripe", tag = "webhooks",
    request_body(content = serde_json::Value, description = "The event, to the byte as Stripe signed it"),
    params(("Stripe-Signature" = String, Header, description = "Made by Stripe with the webhook's secret")),
    responses(
        (status = 200, body = Received, description = "Stored, now or before"),
        (status = 400, description = "The signature is missing or wrong; nothing was stored"),
        (status = 413, description = "Larger than 256 KiB"),
        (status = 503, description = "The database is away; Stripe sends it again"),
    ),
)]
pub(crate) async fn receive(
    state: Data<ApiState>,
    request: HttpRequest,
    payload: Payload,
) -> Result<Json<Received>, SeedError> {
    let header = request.headers().get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let refuse = |error: SignatureError| {
        state.webhooks.refused(error.into());
        Problem::from(error)
    };
    let now = || state.world.env().now();
    // What no body could make right is refused before there is one.
    WebhookSecrets::verify_header(header, now()).map_err(refuse)?;
    let body = body::read(&request, payload, LIMIT).await.inspect_err(|problem| {
        if problem.status_code() == StatusCode::PAYLOAD_TOO_LARGE {
            state.webhooks.refused(Refusal::TooLarge);
        }
    })?;
    state.secrets.verify(header, &body, now()).map_err(refuse)?;
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
    request_body(content = serde_json::Value, description = "The event, to the byte as Stripe signed it"),
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
