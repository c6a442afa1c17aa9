//! While the shop is closed for maintenance: what is not needed by those who have paid or who work for it is answered 503.

use actix_web::{
    Error, ResponseError as _,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::Next,
    web::Data,
};
use infra::world::ShopWorld;
use web::WebState;

use crate::problem::{Problem, SeedError};

/// What the older systems' clients call, who know errors as `{"error": …}`.
const SEED: [&str; 5] =
    ["/api/plans", "/api/checkout/create-session", "/api/servers", "/api/auth/register", "/api/auth/login"];

/// Answers for what is closed; lets everything else through.
pub(crate) async fn closed(request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    if web::stays_open(request.path()) {
        return next.call(request).await;
    }
    let Some(pages) = request.app_data::<Data<WebState<ShopWorld>>>().cloned() else { return next.call(request).await };
    let Some(closed) = pages.closed().await else { return next.call(request).await };
    if !request.path().starts_with("/api/") {
        let page = pages.closed_page(request.request(), &closed);
        return Ok(request.into_response(page));
    }
    let text = closed
        .message
        .clone()
        .unwrap_or_else(|| "The shop is closed for maintenance; please come back later.".to_owned());
    let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "maintenance", text)
        .header(header::RETRY_AFTER, pages.reopens_in(&closed).to_string());
    let seed = SEED.contains(&request.path());
    let answer = if seed { SeedError::from(problem).error_response() } else { problem.error_response() };
    Ok(request.into_response(answer))
}
